"""Everything a story plays with: logins, telephones, the location server, the record, the clock's speed."""

import asyncio
import contextlib
from contextlib import AsyncExitStack
from urllib.parse import urlsplit

from tenfour.play.api import CentreCard, CentreSaidNo, Door, ThirdPartyOfCentre
from tenfour.play.caller import PlacedCall, put_away
from tenfour.play.ear import tone
from tenfour.play.headset import Headset
from tenfour.play.held import LocationServer
from tenfour.play.outside import Outside
from tenfour.play.record import Record
from tenfour.play.seen import SeenFact
from tenfour.play.sound import SILENCE
from tenfour.play.story import Script
from tenfour.play.timeline import Timeline
from tenfour.play.wire import Address
from tenfour.vocabulary.errors import BadInput, Refused, TenfourError, Unavailable

NAMED_WITHIN_S = 20.0
"""How long a call or incident may take to be in the record after it began on the wire."""

LINE_WITHIN_S = 15.0
"""How long the line process of a centre that has just started may take to be there."""

ANSWERED_WITHIN_S = 10.0
PATIENT_S = 300.0
"""How long a caller lets it ring: in a story that plays everybody, and where people answer as they like."""

OUTSIDE = "127.0.0.1:5070"
"""Where the parties of a story answer, unless told otherwise."""

SUPERVISOR = "supervisor"
UNAUTHORISED = 401


class Stage:
    """One story being played against one centre, or its callers alone: then nobody is logged in but who watches."""

    def __init__(
        self,
        script: Script,
        url: str,
        *,
        bind: str,
        timeline: Timeline,
        outside: str = "",
        only_callers: bool = False,
    ) -> None:
        self.script, self.url, self.bind, self.timeline = script, url, bind, timeline
        self.outside, self._outside_at = Outside(script.story.parties, self.voice_of), outside
        self.only_callers = only_callers
        self.answered_within_s = PATIENT_S if only_callers else ANSWERED_WITHIN_S
        self.observer = Door(url)
        self.record = Record(self.observer, _unheard if only_callers else timeline.facts)
        self.doors: dict[str, Door] = {}
        self.held = LocationServer()
        self.location_uris: dict[str, str] = {}
        self.placed: dict[str, PlacedCall] = {}
        self.in_call: dict[str, PlacedCall] = {}
        self.headsets: dict[str, Headset] = {}
        self.opened: dict[str, str] = {}
        self.speed = self.speed_before = 1.0
        self.third_parties: tuple[ThirdPartyOfCentre, ...] = ()
        self.sip: Address = ("127.0.0.1", 5060)

    async def set_up(self, sip: str | None) -> None:
        """Look whether the centre can play this story, log everybody in, begin to follow the record.

        Raises `Refused` for a live centre, `BadInput` for one that lacks somebody, `Unavailable`.
        """
        card = await self._card()
        refuse_mode(card, self.script)
        refuse_misfit(card, self.script, only_callers=self.only_callers)
        self.sip, self.third_parties = sip_address(sip or card.sip), card.third_parties
        await self._log_in(card)
        clock = await self.observer.get("/api/clock")
        self.speed = self.speed_before = float(clock["speed"])
        await self._set_out_locations()
        if self.script.story.parties and not self.only_callers:
            await self.outside.listen(sip_address(self._outside_at or OUTSIDE))
        await self.record.start()
        if not await self.record.wait_until(lambda: self.record.line_connected, LINE_WITHIN_S):
            raise Unavailable(f"The line of {card.name} is away: no call can be placed there now.")

    async def clear_away(self) -> None:
        """Hang up what is still on the line, give every socket back, let the clock run as it ran before."""
        async with AsyncExitStack() as away:
            for door in (self.observer, *self.doors.values()):
                away.push_async_callback(door.close)
            away.push_async_callback(self.held.close)
            away.push_async_callback(self.outside.close)
            away.push_async_callback(self.record.stop)
            if self.speed != self.speed_before:
                away.push_async_callback(self.set_clock, speed=self.speed_before)
            for who, headset in self.headsets.items():
                away.push_async_callback(self._put_headset_away, who, headset)
            for call in self.placed.values():
                away.push_async_callback(put_away, call)

    async def set_clock(self, *, speed: float | None = None, jump_s: float = 0.0) -> None:
        """Let the centre's clock run at `speed`, or jump."""
        clock = await self.observer.post("/api/clock", {"speed": speed or self.speed, "jump_s": jump_s})
        self.speed = float(clock["speed"])

    async def pause(self, seconds: float, *, of_clock: bool) -> None:
        """Let `seconds` pass: of the centre's clock, or real ones (callers live in real time)."""
        if seconds > 0:
            await asyncio.sleep(seconds / self.speed if of_clock else seconds)

    # ---- voices ----

    @property
    def voices(self) -> dict[str, int]:
        """Whose voice is which tone, in Hz."""
        return self.script.story.voices

    def voice_of(self, who: str) -> tuple[bytes, ...]:
        """What this one says wherever nothing else is said: the tone that the voice is, or silence.

        Where people are at the desks nobody's ear is asked, and theirs are spared.
        """
        hertz = 0 if self.only_callers else self.voices.get(who)
        return tone(hertz) if hertz else (SILENCE,)

    def known_as(self, party: str) -> str:
        """What the centre's settings call this party."""
        found = self.script.party(party)
        return found.known_as if found is not None else party

    def by_key(self, key: str) -> str:
        """Whom the centre's settings call by this key; raises `Refused` where nobody."""
        found = next((one.name for one in self.third_parties if one.key == key), None)
        if found is None:
            raise Refused(f"The centre calls nobody by key {key}.")
        return found

    async def _put_headset_away(self, who: str, headset: Headset) -> None:
        with contextlib.suppress(TenfourError):  # it says so by itself within seconds
            await self.doors[who].post("/api/voice/put-away")
        await headset.close()

    def position_of(self, who: str) -> str:
        """Where this person sits; empty where nowhere."""
        person = self.script.person(who)
        return (person.position if person is not None else None) or ""

    # ---- names ----

    def refer(self, reference: str) -> str | None:
        """What `call NAME` or `incident NAME` is in this centre's record; None while it is not there."""
        kind, _, label = reference.partition(" ")
        if kind == "incident":
            return self.opened.get(label) or self._incident_of(self._call(label))
        return self._call(label) if kind == "call" else None

    async def call_id(self, label: str) -> str:
        """The call of this name, as soon as the record has it."""
        return await self._named("call", label)

    async def incident_id(self, label: str) -> str:
        """The incident that the call of this name belongs to, as soon as the record has it."""
        return await self._named("incident", label)

    async def _named(self, kind: str, label: str) -> str:
        await self.record.wait_until(lambda: self.refer(f"{kind} {label}") is not None, NAMED_WITHIN_S)
        name = self.refer(f"{kind} {label}")
        if name is None:
            raise Refused(f"The {kind} {label!r} did not come into the record within {NAMED_WITHIN_S:g} s.")
        return name

    def _call(self, label: str) -> str | None:
        placed = self.placed.get(label)
        if placed is None:
            return None
        received = self._last("CallReceived", sip_call_id=placed.sip_call_id)
        return str(_payload(received)["call_id"]) if received else None

    def _incident_of(self, call_id: str | None) -> str | None:
        """The incident it came to first: the name means the same thing all through a story."""
        if call_id is None:
            return None
        joined = next((fact for fact in self.record.facts if _joins(fact, call_id)), None)
        return str(_payload(joined)["incident_id"]) if joined else None

    def _last(self, kind: str, **fields: str) -> SeenFact | None:
        facts = (fact for fact in reversed(self.record.facts) if fact.type == kind)
        return next((f for f in facts if all(_payload(f).get(k) == v for k, v in fields.items())), None)

    # ---- setting up ----

    async def _card(self) -> CentreCard:
        try:
            return await self.observer.centre()
        except CentreSaidNo as no:
            if no.status != UNAUTHORISED:
                raise
            raise Refused(
                f"The centre at {self.url} says nothing without a login, as a live centre does: "
                "no story is ever played there."
            ) from no

    async def _log_in(self, card: CentreCard) -> None:
        watcher = next(person.id for person in card.people if SUPERVISOR in person.roles)
        await self.observer.log_in(role=SUPERVISOR, person=watcher)
        if self.only_callers:
            return
        for person in self.script.story.people:
            door = self.doors[person.name] = Door(self.url)
            await door.log_in(role=person.role, person=person.person, position=person.position)
        for crew in self.script.story.units:
            door = self.doors[crew.unit] = Door(self.url)
            await door.log_in(role="unit", person=crew.person, unit=crew.unit)

    async def _set_out_locations(self) -> None:
        await self.held.start(self.bind)
        for caller in self.script.story.callers:
            if caller.rebids:
                self.location_uris[caller.name] = self.held.register(caller.name, caller.rebids)


def refuse_mode(card: CentreCard, script: Script) -> None:
    """Raises `Refused` where stories have no business: a live centre, by name."""
    if card.mode == "live":
        raise Refused(f"{card.name} is a live centre: no story is ever played there.")
    if card.mode not in script.story.centre.modes:
        modes = ", ".join(script.story.centre.modes)
        raise Refused(f"{card.name} is a {card.mode} centre; the story {script.name} plays in: {modes}.")


def refuse_misfit(card: CentreCard, script: Script, *, only_callers: bool = False) -> None:
    """Raises `BadInput` with everything that the story needs and the centre has not; callers need its places only."""
    story, lacks = script.story, []
    if story.centre.id and story.centre.id != card.centre_id:
        lacks.append(f"it is {card.centre_id}, not {story.centre.id}")
    roles = {person.id: person.roles for person in card.people}
    people, crews = ((), ()) if only_callers else (story.people, story.units)
    parties = () if only_callers else story.parties
    wanted = [(p.person, p.role) for p in people] + [(c.person, "unit") for c in crews]
    lacks += [f"{who} does not work there as {role}" for who, role in wanted if role not in roles.get(who, ())]
    units = {unit.unit_id for unit in card.units}
    positions = {person.position for person in people if person.position} - set(card.positions)
    lacks += [f"there is no position {position}" for position in sorted(positions)]
    known = {*card.transfers, *(one.name for one in card.third_parties)}
    lacks += [f"its settings name nobody {party.known_as!r}" for party in parties if party.known_as not in known]
    lacks += [f"there is no unit {crew.unit}" for crew in crews if crew.unit not in units]
    if not any(SUPERVISOR in held for held in roles.values()):
        lacks.append("nobody works there as supervisor, and one is needed to watch")
    if lacks:
        raise BadInput(f"{card.name} cannot play the story {script.name}: {'; '.join(lacks)}.")


def sip_address(text: str) -> Address:
    """`host:port` or `[v6]:port` as an address; raises `BadInput`."""
    parts = urlsplit(f"//{text}")
    try:
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise BadInput(f"{text!r} is no SIP address; expected HOST:PORT.") from error
    if not host or port is None:
        raise BadInput(f"{text!r} is no SIP address; expected HOST:PORT.")
    return host, port


def _unheard(_: list[SeenFact]) -> None:
    """Facts that nobody is told."""


def _joins(fact: SeenFact, call_id: str) -> bool:
    if fact.type == "CallJoinedIncident":
        return fact.stream == f"call/{call_id}"
    return fact.type == "IncidentOpened" and _payload(fact).get("call_id") == call_id


def _payload(fact: SeenFact) -> dict[str, object]:
    return fact.payload or {}
