"""The server side of the desk: what all routes share."""

import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tenfour.calltaking.line_status import LineStatus
from tenfour.calltaking.third_party import Listed
from tenfour.desk.answer import CentreView
from tenfour.desk.asked import ASKED
from tenfour.desk.call_row import call_row
from tenfour.desk.chronicle import Chronicle
from tenfour.desk.crew import was_on
from tenfour.desk.device_time import true_time
from tenfour.desk.earlier import earlier_call
from tenfour.desk.incident_row import incident_row
from tenfour.desk.layout import DeskLayouts
from tenfour.desk.ledger import Command, Decide, Done, Ledger
from tenfour.desk.live_captions import LiveCaptions, not_captioned
from tenfour.desk.permission import Permission, Role
from tenfour.desk.port import AskLocation, Clock, LineControl, MapTiles, Places, ReadSide, RoadTimes, Sight, StoryCalls
from tenfour.desk.position_row import position_row
from tenfour.desk.position_view import PositionView
from tenfour.desk.principal import Principal
from tenfour.desk.scene import Scene
from tenfour.desk.session import Sessions
from tenfour.desk.story import casework_streams
from tenfour.desk.unit_row import unit_row
from tenfour.desk.uploads import Uploads
from tenfour.desk.view import CallView, IncidentView, LineView, UnitView
from tenfour.incident.incident import Incident
from tenfour.location.door import EarlierCall
from tenfour.vocabulary.envelope import Access
from tenfour.vocabulary.errors import BadInput, Conflict, NotFound
from tenfour.vocabulary.ids import AgencyId, CallId, CommandId, IncidentId, PersonId, StreamName, UnitId
from tenfour.vocabulary.place import Point

LONGEST_KEY = 128


@dataclass
class Desk:
    """Everything that the routes and the live feed work with."""

    ledger: Ledger
    uploads: Uploads
    clock: Clock
    sessions: Sessions
    card: CentreView
    zone: ZoneInfo
    people: Mapping[PersonId, str]
    agencies: Mapping[AgencyId, str]
    places: Places
    beat_of: Callable[[Point], str | None]
    read_side: ReadSide
    chronicle: Chronicle
    line: LineControl
    transfers: Mapping[str, str]
    """URIs of other centres by their names."""
    outside: Mapping[str, Listed]
    """Everybody whom the settings list as third parties, other centres too, by name."""
    roads: RoadTimes
    location_server: AskLocation
    sight: Sight
    new_i3_id: Callable[[], str]
    recordings: Path
    signalling: Path
    map_tiles: MapTiles | None
    layouts: DeskLayouts
    story_calls: StoryCalls
    captions: Callable[[CallId], LiveCaptions | None] = not_captioned
    line_since: datetime | None = field(default=None)
    line_status: LineStatus | None = field(default=None)

    # ---- commands ----

    async def do(
        self,
        principal: Principal,
        key: str | None,
        stream: StreamName | None,
        decide: Decide,
        at: datetime | None = None,
    ) -> Done:
        """Carry a command out once. `stream`: what it is about, so that a key is not used for two things."""
        command = Command(principal.actor, command_id(key), key is not None, at, asked=ASKED.get())
        done = await self.ledger.record(decide, command)
        if done.again and stream is not None and all(header.stream != stream for header in done.headers):
            raise Conflict("This idempotency key belongs to another command; nothing was done.")
        return done

    def true_time(self, at: datetime | None) -> datetime | None:
        """A time that a device said; raises `BadInput` for one that cannot be true."""
        return true_time(at, self.clock.now())

    # ---- what may be seen ----

    def scene(self, reads: frozenset[Access]) -> Scene:
        """What rows for such a reader are made from, now."""
        return Scene(
            world=self.ledger.shown,
            policy=self.ledger.policy,
            now=self.clock.now(),
            zone=self.zone,
            people=self.people,
            agencies=self.agencies,
            places=self.places,
            beat_of=self.beat_of,
            earlier=lambda address_id, but: self._earlier(address_id, but, reads),
            chronicle=self.chronicle,
            captions=self.captions,
            line_connected=self.line.connected,
            places_calls=self.card.places_calls,
            reads=reads,
            outside=self.outside,
        )

    def _earlier(self, address_id: str, but: IncidentId, reads: frozenset[Access]) -> tuple[EarlierCall, ...]:
        found = self.read_side.earlier_at(address_id, reads)
        others = (self.ledger.shown.incidents.get(one.incident_id) for one in found if one.incident_id != but)
        return tuple(earlier_call(incident, self.ledger.policy, self.zone) for incident in others if incident)

    def own_incident(self, principal: Principal) -> Incident | None:
        """The incident that a crew is on."""
        world = self.ledger.shown
        unit = world.units.get(principal.unit) if principal.unit else None
        return world.incidents.get(unit.incident_id) if unit and unit.incident_id else None

    def require_call(self, principal: Principal, call_id: str) -> None:
        """A crew sees the calls of its own incident only; others are not there for it. Raises `NotFound`."""
        self.ledger.shown.call(call_id)
        own = self.own_incident(principal)
        if principal.role is Role.UNIT and (own is None or call_id not in own.call_ids):
            raise NotFound("call", call_id)

    def require_incident(self, principal: Principal, incident_id: str) -> None:
        """A crew sees its own incident only; others are not there for it. Raises `NotFound`."""
        self.ledger.shown.incident(incident_id)
        own = self.own_incident(principal)
        if principal.role is Role.UNIT and (own is None or own.incident_id != incident_id):
            raise NotFound("incident", incident_id)

    def require_told_incident(self, principal: Principal, incident_id: str) -> None:
        """A crew speaks of the incident it is on, or was on until a day ago. Raises `NotFound`."""
        world = self.ledger.shown
        incident = world.incident(incident_id)
        if principal.role is Role.UNIT and (
            principal.unit is None or not was_on(principal.unit, incident.incident_id, world, self.clock.now())
        ):
            self.require_incident(principal, incident_id)

    def require_unit(self, principal: Principal, unit_id: str) -> None:
        """A crew sees its own unit only. Raises `NotFound`."""
        self.ledger.shown.unit(unit_id)
        if principal.role is Role.UNIT and principal.unit != unit_id:
            raise NotFound("unit", unit_id)

    def streams_of(self, principal: Principal) -> Collection[str] | None:
        """The streams that this person may read facts of; None: all."""
        if principal.may(Permission.READ_BOARD):
            return None
        own = self.own_incident(principal)
        incident = [f"incident/{own.incident_id}", *(f"call/{call}" for call in own.call_ids)] if own else []
        kept = casework_streams(self.ledger.shown, own.incident_id) if own else []
        return frozenset([f"unit/{principal.unit}", *incident, *kept])

    # ---- rows ----

    def call(self, reads: frozenset[Access], call_id: str) -> CallView:
        """The row of a call."""
        return call_row(self.ledger.shown.calls[CallId(call_id)], self.scene(reads))

    def incident(self, reads: frozenset[Access], incident_id: str) -> IncidentView:
        """The row of an incident."""
        return incident_row(self.ledger.shown.incidents[IncidentId(incident_id)], self.scene(reads))

    def unit(self, reads: frozenset[Access], unit_id: str) -> UnitView:
        """The row of a unit."""
        return unit_row(self.ledger.shown.units[UnitId(unit_id)], self.scene(reads))

    def positions(self) -> tuple[PositionView, ...]:
        """The rows of all positions."""
        world, skills = self.ledger.shown, self.ledger.policy.calltaking.skills
        return tuple(
            position_row(one, self.people.get(one.person, one.person) if one.person else None, world, skills)
            for one in sorted(world.positions.values(), key=lambda one: one.position_id)
        )

    def line_row(self) -> LineView:
        """Whether the line process is there."""
        if self.line.connected:
            return LineView(True, self.line_since, self.card.sip, self.card.line_words)
        since = f" since {self.line_since.astimezone(self.zone):%H:%M:%S}" if self.line_since else ""
        words = f"The line process is away{since}: calls in progress go on there and are told when it is back."
        return LineView(False, self.line_since, self.card.sip, words)


def command_id(key: str | None) -> CommandId:
    """The idempotency key of a command, minted when absent; raises `BadInput` for one that is none."""
    if key is None:
        return CommandId(str(uuid.uuid4()))
    if not 0 < len(key) <= LONGEST_KEY or not key.isprintable() or not key.isascii():
        raise BadInput(f"Idempotency-Key must be 1 to {LONGEST_KEY} printable ASCII characters.")
    return CommandId(key)
