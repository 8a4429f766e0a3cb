"""Facts such as a centre records, made from a counter: the same in every run, different from each other."""

from datetime import UTC, datetime
from itertools import count

from tenfour.calltaking.event import CallReceived
from tenfour.incident.event import NarrativeAdded
from tenfour.vocabulary.envelope import Access, Actor, ActorKind, Event, Fact
from tenfour.vocabulary.ids import AgencyId, CallId, CommandId, EventId, IncidentId, StreamName

BEGAN = datetime(2026, 11, 14, 21, 41, 9, 120000, tzinfo=UTC)
CALL_TAKER = Actor(ActorKind.PERSON, "adeyemi", "call_taker", "04")
LINE = Actor(ActorKind.DEVICE, "line-1")


class SampleFacts:
    """Makes facts with ids of their own. `run` (a number) keeps the ids of two makers apart."""

    def __init__(self, run: int = 0) -> None:
        self._run = run
        self._numbers = count(1)

    def note(self, stream: str = "incident/a", text: str = "Child laughing.") -> Fact:
        """A line of narrative by a call taker, on any stream."""
        return self.of(NarrativeAdded(text), stream)

    def of(
        self,
        event: Event,
        stream: str = "incident/a",
        *,
        access: Access = Access.CALL,
        actor: Actor = CALL_TAKER,
        at: datetime = BEGAN,
        command_id: str | None = None,
        cause: EventId | None = None,
    ) -> Fact:
        """A fact that says `event`."""
        return Fact(
            id=self._next_id(),
            stream=StreamName(stream),
            event=event,
            at=at,
            actor=actor,
            agency=AgencyId("sheriff"),
            access=access,
            cause=cause,
            command_id=None if command_id is None else CommandId(command_id),
        )

    def call(self) -> Fact:
        """A call that has just come in, with the headers of a real INVITE: some 700 bytes of payload."""
        number = next(self._numbers)
        call_id = CallId(f"call{self._run:08d}{number:012d}")
        return self.of(_call_received(call_id, number), f"call/{call_id}", actor=LINE)

    def _next_id(self) -> EventId:
        number = next(self._numbers)
        return EventId(f"019a0000-{self._run & 0xFFFF:04x}-7000-8000-{number:012x}")


def _call_received(call_id: CallId, number: int) -> CallReceived:
    return CallReceived(
        call_id=call_id,
        incident_id=IncidentId(f"incident{number:016d}"),
        ids_minted=True,
        ani="911-442-7186",
        callback_number=None,
        service="urn:service:sos",
        sip_call_id=f"{number:08d}-2b1f@198.51.100.17",
        transport="UDP",
        source="198.51.100.17:5060",
        headers=(
            ("From", '"911-442-7186" <sip:9114427186@carrier.example.net>;tag=1c2f6a'),
            ("P-Asserted-Identity", "<tel:9114427186;phone-context=+1>"),
            ("Call-Info", f"<urn:emergency:uid:callid:{call_id}:esrp.example.net>;purpose=emergency-CallId"),
            ("Resource-Priority", "esnet.1"),
        ),
    )
