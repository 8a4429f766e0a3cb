"""A centre of facts alone: the world, the policy and a clock that the test turns."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest

from tenfour.calltaking import decision as calls
from tenfour.calltaking.event import (
    CallConnected,
    CallerDisconnected,
    CallReceived,
    CallRinging,
    LocationConveyed,
    LoopbackStarted,
    PositionSet,
)
from tenfour.dispatch.event import RecommendationMade
from tenfour.incident.event import KindSet, PrioritySet
from tenfour.incident.incident import Incident
from tenfour.journal.event import Agency, CentreFounded
from tenfour.units import decision as units
from tenfour.units.event import UnitListed, UnitStatus
from tenfour.vocabulary.code import Service
from tenfour.vocabulary.envelope import Actor, ActorKind, Event, Fact
from tenfour.vocabulary.ids import (
    AgencyId,
    CallId,
    CentreId,
    EventId,
    IncidentId,
    PersonId,
    PositionId,
    StreamName,
    UnitId,
    call_stream,
    centre_stream,
    incident_stream,
    position_stream,
    unit_stream,
)
from tenfour.vocabulary.place import Point
from tenfour.workflow import sending, timer
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Draft
from tenfour.workflow.settle import settle
from tenfour.workflow.world import World

E = TypeVar("E", bound=Event)

ADEYEMI = Actor(ActorKind.PERSON, "adeyemi", "call_taker", "04")
LINE = Actor(ActorKind.DEVICE, "line-1")
HANDSET = "911-442-7186"
POST = Point(39.96, -82.95)

PIDF = """<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10"
 xmlns:gml="http://www.opengis.net/gml" xmlns:gs="http://www.opengis.net/pidflo/1.0" entity="pres:a@example.com">
<tuple id="a"><status><gp:geopriv><gp:location-info><gs:Circle srsName="urn:ogc:def:crs:EPSG::4326">
<gml:pos>39.9573 -82.9401</gml:pos><gs:radius uom="urn:ogc:def:uom:EPSG::9001">{radius}</gs:radius></gs:Circle>
</gp:location-info><gp:usage-rules/><gp:method>{method}</gp:method></gp:geopriv></status>
<timestamp>2026-11-14T21:41:12Z</timestamp></tuple></presence>"""


@dataclass
class Centre:
    """Facts go in at the time of a clock that only the test moves; every fact ever folded is kept."""

    policy: Policy = field(default_factory=Policy)
    world: World = field(default_factory=World)
    now: datetime = datetime(2026, 11, 14, 21, 40, 45, tzinfo=UTC)
    facts: list[Fact] = field(default_factory=list)
    told: int = 0

    def tell(self, stream: StreamName, *events: Event, actor: Actor = ADEYEMI, agency: str = "larkspur") -> list[Fact]:
        """Settle facts on one stream; gives the whole batch."""
        return self.settle([self.fact(stream, event, actor=actor, agency=agency) for event in events])

    @staticmethod
    def said(facts: list[Fact]) -> list[str]:
        """The types of facts, in order."""
        return [type(fact.event).__name__ for fact in facts]

    @staticmethod
    def events(facts: list[Fact], kind: type[E]) -> list[E]:
        """The events of one kind among facts."""
        return [fact.event for fact in facts if isinstance(fact.event, kind)]

    def fact(self, stream: StreamName, event: Event, *, actor: Actor = ADEYEMI, agency: str = "larkspur") -> Fact:
        """A fact now, with a fresh id."""
        self.told += 1
        fact_id = EventId(f"00000000-0000-7000-8000-{self.told:012}")
        return Fact(fact_id, stream, event, self.now, actor, AgencyId(agency))

    def settle(self, facts: list[Fact]) -> list[Fact]:
        """Settle given facts."""
        batch = settle(facts, self.world, self.policy, now=self.now)
        self.facts += batch
        return batch

    def draft(self, *drafts: Draft) -> list[Fact]:
        """Settle drafts as a person's facts."""
        return self.settle([self.fact(draft.stream, draft.event) for draft in drafts])

    def wait(self, seconds: float) -> list[Fact]:
        """Let time pass; gives what the clocks say at its end."""
        self.now += timedelta(seconds=seconds)
        return self.settle(timer.due(self.world, self.policy, self.now))

    def pass_time(self, seconds: float) -> None:
        """Let time pass without asking the clocks."""
        self.now += timedelta(seconds=seconds)

    # ---- what people and the line do ----

    def found(self) -> None:
        """The centre with one agency, four units and no position that answers by itself."""
        agencies = (Agency(AgencyId("sheriff"), "Sheriff", Service.POLICE),)
        founded = CentreFounded(CentreId("larkspur"), "Larkspur County 911", "demo", "America/New_York", agencies)
        self.tell(centre_stream(CentreId("larkspur")), founded)
        for unit_id, service, capabilities in (
            ("12A3", Service.POLICE, ()),
            ("14B2", Service.POLICE, ()),
            ("12A1", Service.POLICE, ()),
            ("M7", Service.EMS, ("medic",)),
        ):
            listed = UnitListed(UnitId(unit_id), service, "12A", ("L. Brandt",), capabilities, POST, "Station 1")
            self.tell(unit_stream(UnitId(unit_id)), listed, agency="sheriff")

    def ring(
        self,
        name: str,
        ani: str = HANDSET,
        *,
        test: bool = False,
        i3: str | None = None,
        admin_line: str = "",
        media: tuple[str, ...] = (),
    ) -> CallId:
        """A call comes in and rings."""
        call_id = CallId(name.ljust(20, "0"))
        callback = None if ani.startswith("911") else ani
        received = CallReceived(
            call_id, IncidentId(i3 or f"i{name}".ljust(20, "0")), True, ani, callback, "urn:service:sos",
            f"{name}@line", "udp", "127.0.0.1:5070", test=test, admin_line=admin_line, media=media,
        )  # fmt: skip
        self.tell(call_stream(call_id), received, CallRinging(), actor=LINE)
        return call_id

    def looped(self, name: str, end: Event) -> CallId:
        """A test call comes in, is answered by the line, and ends so."""
        call_id = CallId(name.ljust(20, "0"))
        received = CallReceived(
            call_id, IncidentId(f"i{name}".ljust(20, "0")), True, "614-555-0199", "614-555-0199",
            "urn:service:test.sos", f"{name}@line", "udp", "127.0.0.1:5070", test=True,
        )  # fmt: skip
        mirrored = LoopbackStarted("rtp-media-loopback", "PCMU/8000")
        self.tell(call_stream(call_id), received, mirrored, end, actor=LINE)
        return call_id

    def answer(self, call_id: CallId, position: str = "04") -> list[Fact]:
        """A person picks up, and the line connects."""
        event = calls.answer(self.world.call(call_id), PositionId(position), PersonId("adeyemi"))
        batch = self.tell(call_stream(call_id), event)
        return batch + self.tell(call_stream(call_id), CallConnected("PCMU", "127.0.0.1:4000"), actor=LINE)

    def drop(self, call_id: CallId) -> list[Fact]:
        """The caller's side ends the call."""
        return self.tell(call_stream(call_id), CallerDisconnected(), actor=LINE)

    def locate(self, call_id: CallId, radius: float = 38, method: str = "A-GPS", how: str = "by value") -> list[Fact]:
        """A location document comes with the call."""
        document = LocationConveyed(PIDF.format(radius=radius, method=method), how=how)
        return self.tell(call_stream(call_id), document, actor=LINE)

    def auto_answer(self, position: str, on: bool = True) -> list[Fact]:
        """A position is set to answer by itself."""
        return self.tell(position_stream(PositionId(position)), PositionSet(PositionId(position), on))

    def incident_of(self, call_id: CallId) -> Incident:
        """The incident a call belongs to."""
        incident_id = self.world.call(call_id).incident_id
        assert incident_id is not None
        return self.world.incident(incident_id)

    def opened(self) -> Incident:
        """A hang-up incident of the golden handset, ready to be sent to."""
        call_id = self.ring("a")
        self.answer(call_id)
        self.drop(call_id)
        incident = self.incident_of(call_id)
        self.tell(incident_stream(incident.incident_id), KindSet("911H", "hangup.nsi.voice"), PrioritySet(2))
        return self.world.incident(incident.incident_id)

    def recommend(self, incident_id: IncidentId, **seconds: float) -> RecommendationMade:
        """A recommendation by these travel times, journalled."""
        travels = {UnitId(unit.lstrip("_")): sending.Travel(time) for unit, time in seconds.items()}
        made = sending.recommend_units(
            self.world, self.world.incident(incident_id), travels, self.policy.dispatch,
            recommendation_id=f"r{self.told}", now=self.now,
        )  # fmt: skip
        self.tell(incident_stream(incident_id), made)
        return made

    def send(self, incident_id: IncidentId, *unit_ids: str, reason: str = "") -> list[Fact]:
        """A person sends units."""
        incident = self.world.incident(incident_id)
        sent = sending.dispatch(self.world, incident, unit_ids, override_reason=reason)
        return self.tell(incident_stream(incident_id), sent)

    def status(self, unit_id: str, status: UnitStatus) -> list[Fact]:
        """A unit sets its status."""
        event = units.change_status(self.world.unit(unit_id), status)
        return self.tell(unit_stream(UnitId(unit_id)), event, agency="sheriff")


def _new_centre() -> Centre:
    made = Centre()
    made.found()
    return made


@pytest.fixture(scope="session")
def new_centre() -> Callable[[], Centre]:
    """Makes founded centres with four units: for tests that need one for each example."""
    return _new_centre


@pytest.fixture
def centre() -> Centre:
    """A founded centre with four units."""
    return _new_centre()
