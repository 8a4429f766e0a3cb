"""Rows made of facts: what a desk shows of a call, an incident and a unit, in words."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from tenfour.calltaking import event as c
from tenfour.calltaking.caption import Caption
from tenfour.calltaking.comment import CONTENT_TYPE, document
from tenfour.calltaking.policy import CalltakingPolicy
from tenfour.calltaking.speech_event import CallCaptioned, CaptionedLine
from tenfour.calltaking.text_event import Party
from tenfour.desk.board import OnBoard, Shown, Viewer, touched, visible
from tenfour.desk.call_row import call_row
from tenfour.desk.captions_view import SHOWN
from tenfour.desk.chronicle import Chronicle
from tenfour.desk.incident_row import incident_row, proposal_row
from tenfour.desk.live_captions import LiveCaptions, LiveLine
from tenfour.desk.permission import READS, Role
from tenfour.desk.request import Propose
from tenfour.desk.scene import Scene
from tenfour.desk.unit_row import unit_row
from tenfour.dispatch.event import UnitsDispatched
from tenfour.incident import event as i
from tenfour.location.door import EarlierCall
from tenfour.location.event import FixClass, FixRecorded
from tenfour.testing.stopped_clock import StoppedClock
from tenfour.units import event as u
from tenfour.vocabulary.code import Service
from tenfour.vocabulary.envelope import Access, Actor, ActorKind, Event, Header, Recorded
from tenfour.vocabulary.errors import BadInput, NotFound
from tenfour.vocabulary.ids import (
    AgencyId,
    CallId,
    EventId,
    IncidentId,
    NodeId,
    PersonId,
    PositionId,
    StreamName,
    UnitId,
)
from tenfour.vocabulary.place import Circle, CivicAddress, Place, Point, Shape
from tenfour.workflow.policy import Policy
from tenfour.workflow.world import World

CALL, INCIDENT, UNIT = CallId("call000001"), IncidentId("incident0001"), UnitId("12A3")
HERE = Point(39.95862, -82.96446)
LINE = Actor(ActorKind.DEVICE, "line-1")
ADEYEMI = Actor(ActorKind.PERSON, "adeyemi", "dispatcher", "04")
RULE = Actor(ActorKind.RULE, "ended_call_gets_advice")


class Door(msgspec.Struct, frozen=True):
    address_id: str
    label: str
    point: Point
    synthetic: bool = False


MADE_UP = Door("9417", "9417 Kendall Place", HERE, synthetic=True)
OTHER = Door("9421", "9421 Kendall Place", Point(39.9588, -82.96446))


class TwoHouses:
    """A street of two houses."""

    def inside(self, shape: Shape, spot_radius_m: float) -> list[Door]:
        return [MADE_UP, OTHER]

    def find(self, text: str, limit: int = 12) -> list[Door]:
        return []

    def exactly(self, civic: CivicAddress) -> list[Door]:
        return [door for door in (MADE_UP, OTHER) if door.label == civic.line()]

    def get(self, address_id: str) -> Door:
        if address_id == MADE_UP.address_id:
            return MADE_UP
        raise NotFound("address", address_id)

    def street(self, point: Point) -> str:
        return "Kendall Place"

    def between(self, point: Point) -> str:
        return "Between Main Street and Carrie Avenue"


class Story:
    """Facts told one after the other, and the rows at any moment."""

    def __init__(self) -> None:
        self.clock, self.world, self._seq = StoppedClock(), World(), count(1)
        self.chronicle = Chronicle(lambda who: {"adeyemi": "R. Adeyemi"}.get(who, who), self._label)
        self.policy = Policy()
        self.live: LiveCaptions | None = None
        self.now = self.clock.now()

    def _label(self, kind: str, code: str) -> str:
        labels = {"heard": self.policy.calltaking.heard, "kind": self.policy.incident.codes.kinds}
        return labels.get(kind, {}).get(code, code)

    def tell(self, stream: str, event: Event, actor: Actor = LINE, access: Access = Access.CALL) -> None:
        seq = next(self._seq)
        version = 1 if isinstance(event, c.CallReceived | i.IncidentOpened | u.UnitListed) else 2
        header = Header(
            seq=seq,
            id=EventId(f"id-{seq}"),
            stream=StreamName(stream),
            version=version,
            type=type(event).__name__,
            schema=1,
            agency=AgencyId("sheriff"),
            access=access,
            at=self.now,
            recorded_at=self.now,
            actor=actor,
            command_id=None,
            cause=None,
            node=NodeId("n"),
            payload_digest="",
            digest="",
        )
        record = Recorded(header, event)
        self.world.apply(record)
        self.chronicle.add([record], self.world)

    def later(self, seconds: float) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now

    def scene(self, role: Role = Role.DISPATCHER) -> Scene:
        return Scene(
            world=self.world,
            policy=self.policy,
            now=self.now,
            zone=ZoneInfo("America/New_York"),
            people={PersonId("adeyemi"): "R. Adeyemi"},
            agencies={AgencyId("sheriff"): "Sheriff"},
            places=TwoHouses(),
            beat_of=lambda _: "12A",
            earlier=lambda address, _: (EarlierCall("2 Nov hang-up", likely=True),) if address == "9417" else (),
            chronicle=self.chronicle,
            captions=lambda _: self.live,
            line_connected=True,
            places_calls=False,
            reads=READS[role],
        )

    def incident(self, role: Role = Role.DISPATCHER) -> Any:
        return incident_row(self.world.incident(INCIDENT), self.scene(role))

    def call(self) -> Any:
        return call_row(self.world.call(CALL), self.scene())

    def unit(self) -> Any:
        return unit_row(self.world.unit(UNIT), self.scene())


@pytest.fixture
def story() -> Iterator[Story]:
    told = Story()
    listed = u.UnitListed(UNIT, Service.POLICE, "12A", ("L. Brandt",), (), Point(39.96, -82.97), "Washington Avenue")
    told.tell(f"unit/{UNIT}", listed)
    received = c.CallReceived(CALL, INCIDENT, True, "911-442-7186", None, "urn:service:sos", "x", "UDP", "h")
    told.tell(f"call/{CALL}", received)
    told.tell(f"call/{CALL}", c.CallRinging())
    told.tell(f"call/{CALL}", c.HandsetRecognised(c.Handset.NSI, False, False, "No service plan."), RULE)
    yield told


def answered(story: Story) -> Story:
    story.later(3)
    story.tell(f"call/{CALL}", c.CallAnswered(PositionId("04"), PersonId("adeyemi")), ADEYEMI)
    story.tell(f"incident/{INCIDENT}", i.IncidentOpened(INCIDENT, 417, CALL, "answered"), RULE)
    story.tell(f"call/{CALL}", c.CallJoinedIncident(INCIDENT, True, "answered"), RULE)
    story.tell(f"call/{CALL}", c.CallConnected("PCMU", "127.0.0.1:40000"))
    story.tell(f"call/{CALL}", c.CallerAudioStarted())
    return story


def dropped(story: Story) -> Story:
    answered(story)
    fix = FixRecorded(FixClass.PHASE_II, Circle(HERE, 38.0), 38.0, 90.0, "A-GPS", "by value")
    story.tell(f"call/{CALL}", fix)
    story.tell(f"call/{CALL}", c.HeardOnCall(("child_voice", "laughter")), ADEYEMI)
    story.later(52)
    story.tell(f"call/{CALL}", c.CallerDisconnected())
    return story


def test_ringing_call_has_its_ring_clock_and_what_may_be_done(story: Story) -> None:
    call = story.call()
    assert (call.state, call.handset, call.may_call_back) == ("ringing", "NSI", False)
    assert [(clock.name, clock.due_at - clock.started_at) for clock in call.clocks] == [("ring", timedelta(seconds=10))]
    assert call.caller_audio == "none yet"
    assert call.rebid_words == "No location server came with this call"


def test_silence_is_told_in_the_time_of_the_centre(story: Story) -> None:
    answered(story)
    story.now = story.now.replace(hour=21, minute=41, second=40)
    story.tell(f"call/{CALL}", c.CallerAudioStopped(3.0))
    local = story.now.astimezone(ZoneInfo("America/New_York")) - timedelta(seconds=3)
    assert story.call().caller_audio == f"silent since {local:%H:%M:%S}"


def test_person_is_shown_by_name(story: Story) -> None:
    call = answered(story).call()
    assert (call.person, call.position, call.incident_number) == ("R. Adeyemi", "04", 417)


def test_ladder_goes_from_facts_and_names_what_is_next(story: Story) -> None:
    steps = dropped(story).incident().steps
    assert [(step.state, step.label) for step in steps] == [
        ("done", "Listened to the end"),
        ("done", "Located"),
        ("refused", "Call back, text"),
        ("next", "Send a unit"),
        ("later", "Speak to a person at the door"),
        ("later", "Close"),
    ]
    assert steps[0].words == "R. Adeyemi, Child's voice, Laughter"
    assert steps[1].words == "38 m, two likely doors"


def test_send_clock_runs_from_the_drop_and_is_overdue_after_it(story: Story) -> None:
    answered(story)
    assert [clock.name for clock in story.incident().clocks] == []
    dropped_story = dropped(story)
    row = dropped_story.incident()
    assert [clock.name for clock in row.clocks] == ["send_unit"]
    assert row.overdue is False
    dropped_story.later(61)
    assert dropped_story.incident().overdue is True


def test_doors_are_ranked_with_what_happened_there_and_ruled_out_ones_stay(story: Story) -> None:
    dropped(story)
    first, second = story.incident().doors
    assert (first.label, first.earlier_calls) == ("9417 Kendall Place", 1)
    assert "2 Nov hang-up" in first.why
    assert second.why.endswith("No earlier calls")
    story.tell(f"incident/{INCIDENT}", i.PlaceSet(Place("9417 Kendall Place", HERE, "9417"), 1), ADEYEMI)
    assert story.incident().place_words == "door 1 of 2, not verified"
    story.tell(f"incident/{INCIDENT}", i.DoorRuledOut("9417", "9417 Kendall Place", "nobody of that name"), ADEYEMI)
    assert [door.ruled_out for door in story.incident().doors] == [True, False]
    story.tell(f"incident/{INCIDENT}", i.PlaceVerified("12A3"), ADEYEMI)
    assert story.incident().place_words == "verified by 12A3"
    assert story.incident().beat == "12A"


def addressed(story: Story, house_number: str) -> Any:
    """The incident of a call that came with an address in Kendall Place."""
    answered(story)
    civic = CivicAddress(house_number=house_number, street="Kendall Place")
    story.tell(f"call/{CALL}", FixRecorded(FixClass.CIVIC, None, None, None, "Manual", "by value", civic))
    return story.incident()


def test_address_that_came_with_the_call_is_door_1_until_a_person_takes_it(story: Story) -> None:
    row = addressed(story, "9417")
    assert [(door.rank, door.label) for door in row.doors] == [(1, "9417 Kendall Place")]
    assert row.doors[0].why == "The address that came with the call, not verified. 2 Nov hang-up"
    assert row.doors[0].synthetic
    assert row.place == ""
    located = row.steps[1]
    words = "one likely door, 9417 Kendall Place came with the call, not verified"
    assert (located.state, located.words) == ("done", words)


def test_address_that_the_index_does_not_have_is_said_in_words(story: Story) -> None:
    row = addressed(story, "94170")
    assert row.doors == ()
    located = row.steps[1]
    assert located.state != "done"
    words = "94170 Kendall Place came with the call and is not in the address index: type it, or area check"
    assert located.words == words


def test_address_and_circle_give_each_door_once(story: Story) -> None:
    addressed(story, "9421")
    fix = FixRecorded(FixClass.PHASE_II, Circle(HERE, 38.0), 38.0, 90.0, "A-GPS", "rebid")
    story.tell(f"call/{CALL}", fix)
    row = story.incident()
    assert [door.label for door in row.doors] == ["9421 Kendall Place", "9417 Kendall Place"]
    assert row.steps[1].words == "38 m, two likely doors, 9421 Kendall Place came with the call, not verified"


def test_narrative_has_line_rule_and_people_in_order_and_machines_dim(story: Story) -> None:
    dropped(story)
    story.tell(f"incident/{INCIDENT}", i.NarrativeAdded("Says it is Daddy's old phone."), ADEYEMI)
    lines = story.incident().narrative
    assert [line.by for line in lines][:2] == ["Line", "Rule"]
    assert lines[-1].text == "Says it is Daddy's old phone."
    assert [line.machine for line in lines if line.by == "R. Adeyemi"] == [False, False, False]
    assert "Heard: Child's voice, Laughter" in [line.text for line in lines]
    assert [line.at for line in lines] == sorted(line.at for line in lines)


def test_words_that_another_centre_sent_along_stand_in_the_story(story: Story) -> None:
    answered(story)
    story.tell(f"call/{CALL}", c.BodyPartKept(CONTENT_TYPE, document("Incident 7. Heard: <Calm>.", provider="x")))
    story.tell(f"call/{CALL}", c.BodyPartKept(CONTENT_TYPE, "no block"))
    texts = [line.text for line in story.incident().narrative]
    assert [text for text in texts if text.startswith("Told along")] == ["Told along: Incident 7. Heard: <Calm>."]


def test_narrative_shows_only_what_the_viewer_may_read(story: Story) -> None:
    dropped(story)
    story.tell(f"incident/{INCIDENT}", i.NarrativeAdded("warrant at this door"), ADEYEMI, Access.POLICE)
    texts = {role: [line.text for line in story.incident(role).narrative] for role in Role}
    assert "warrant at this door" in texts[Role.DISPATCHER]
    assert "warrant at this door" not in texts[Role.CALL_TAKER]


def test_dispatched_unit_has_its_clock_and_stands_in_the_story_of_its_incident(story: Story) -> None:
    dropped(story)
    story.tell(f"incident/{INCIDENT}", UnitsDispatched((UNIT,), None), ADEYEMI)
    story.tell(f"unit/{UNIT}", u.UnitStatusChanged(u.UnitStatus.DISPATCHED, INCIDENT), RULE)
    unit = story.unit()
    assert (unit.letter, unit.incident_number, unit.near) == ("D", 417, "Washington Avenue")
    assert [clock.name for clock in unit.clocks] == ["acknowledge"]
    assert story.incident().clocks == ()
    assert story.incident().units == (UNIT,)
    assert "12A3 dispatched" in [line.text for line in story.incident().narrative]
    story.tell(f"unit/{UNIT}", u.UnitStatusChanged(u.UnitStatus.ON_SCENE, INCIDENT), ADEYEMI)
    assert [clock.name for clock in story.unit().clocks] == ["safety"]
    story.tell(f"unit/{UNIT}", u.EmergencyRaised(), ADEYEMI)
    assert (story.unit().letter, story.unit().emergency) == ("X", True)
    assert story.unit().emergency_since == story.now


def test_measured_unit_is_where_it_was_measured(story: Story) -> None:
    assert story.unit().point_at is None
    story.world.sight(UNIT, HERE, story.now)
    assert (story.unit().point, story.unit().point_at, story.unit().near) == (HERE, story.now, "Kendall Place")


def test_closing_words_are_proposed_with_their_codes(story: Story) -> None:
    dropped(story)
    asked = Propose("Just wanted a hug")
    refused = proposal_row(story.world.incident(INCIDENT), asked, story.scene())
    assert (refused.may_close, "nobody was seen" in refused.why) == (False, True)
    story.tell(f"incident/{INCIDENT}", i.ChecklistMarked("child_seen", True), ADEYEMI)
    proposal = proposal_row(story.world.incident(INCIDENT), asked, story.scene())
    assert proposal.may_close
    assert proposal.dispositions == (("18", "Settled by contact"), ("02", "No report"))
    assert proposal.cause == "child_deactivated_phone"
    hint = next(item.hint for item in story.incident().checklist if item.item == "call_log_matches")
    assert hint == "our call: 911-442-7186"


def test_proposal_follows_what_the_person_changed(story: Story) -> None:
    dropped(story)
    incident, scene = story.world.incident(INCIDENT), story.scene()
    tried = proposal_row(incident, Propose("Nobody home", ("14",), "misdial", tried=("knocked",)), scene)
    assert (tried.may_close, tried.dispositions[0][0], tried.cause) == (True, "14", "misdial")
    assert tried.will_be_written.startswith('"Nobody home" 14 ')
    assert tried.will_be_written.endswith(f"cause: {tried.cause_label}.")
    none_left = proposal_row(incident, Propose("A hug", (), seen=("adult_seen",)), scene)
    assert (none_left.may_close, none_left.why) == (False, "Incident 417 needs at least one disposition to be closed.")
    for wrong in (Propose("A hug", ("99",)), Propose("A hug", cause="because")):
        with pytest.raises(BadInput):
            proposal_row(incident, wrong, scene)


def test_place_says_its_cross_streets_and_whether_its_number_is_made_up(story: Story) -> None:
    dropped(story)
    assert (story.incident().between, story.incident().place_synthetic) == ("", False)
    assert [door.synthetic for door in story.incident().doors] == [True, False]
    story.tell(f"incident/{INCIDENT}", i.PlaceSet(Place("9417 Kendall Place", HERE, "9417"), 1), ADEYEMI)
    assert story.incident().between == "Between Main Street and Carrie Avenue"
    assert story.incident().place_synthetic
    story.tell(f"incident/{INCIDENT}", i.PlaceSet(Place("1 Gone Street", HERE, "gone"), None), ADEYEMI)
    assert not story.incident().place_synthetic


def test_changed_call_touches_its_incident_and_a_crew_sees_its_own_only(story: Story) -> None:
    dropped(story)
    story.world.changed()
    story.tell(f"call/{CALL}", c.HeardOnCall((), "a dog"), ADEYEMI)
    shown = touched(story.world.changed(), story.world)
    assert (shown.calls, shown.incidents) == (frozenset({CALL}), frozenset({INCIDENT}))
    crew = Viewer(READS[Role.UNIT], UNIT)
    assert not visible(shown, crew, story.world)
    story.tell(f"unit/{UNIT}", u.UnitStatusChanged(u.UnitStatus.DISPATCHED, INCIDENT), RULE)
    moved = touched(story.world.changed(), story.world)
    assert visible(moved, crew, story.world).incidents == frozenset({INCIDENT})
    assert visible(Shown(units=frozenset({UnitId("14B2")})), crew, story.world).units == frozenset()


def test_call_to_an_administrative_line_says_so_and_has_no_ring_clock_of_emergencies() -> None:
    story, admin = Story(), CallId("call000008")
    received = c.CallReceived(
        admin, IncidentId("incident0008"), True, "614-555-0137", None, "", "1", "udp", "-", admin_line="front desk"
    )
    story.tell(f"call/{admin}", received)
    story.tell(f"call/{admin}", c.CallRinging())
    row = call_row(story.world.calls[admin], story.scene())
    assert (row.admin_line, row.state, row.clocks) == ("front desk", "ringing", ())
    story.policy = Policy(calltaking=CalltakingPolicy(admin_ring_overdue_s=30))
    (clock,) = call_row(story.world.calls[admin], story.scene()).clocks
    assert clock.due_at == clock.started_at + timedelta(seconds=30)


def test_test_call_is_on_no_board(story: Story) -> None:
    test = CallId("call000009")
    received = c.CallReceived(
        test, IncidentId("incident0009"), True, "614-555-0199", None, "urn:service:test.sos", "1", "udp", "-", test=True
    )
    story.tell(f"call/{test}", received)
    story.tell(f"call/{test}", c.LoopbackStarted("rtp-media-loopback", "PCMU/8000"))
    assert test not in touched(story.world.changed(), story.world).calls
    on_board = OnBoard(timedelta(minutes=60))
    on_board.look(story.world, story.now)
    assert test in story.world.calls_in_progress
    assert test not in on_board.calls


def test_what_is_finished_leaves_the_board_after_a_while(story: Story) -> None:
    dropped(story)
    on_board = OnBoard(timedelta(minutes=60))
    on_board.look(story.world, story.now)
    assert (on_board.calls, on_board.incidents) == ({CALL}, {INCIDENT})
    gone, open_ones = on_board.tidy(story.world, story.later(3601))
    assert (gone, open_ones) == (frozenset({CALL}), frozenset())
    assert on_board.incidents == {INCIDENT}


def test_captions_are_marked_and_a_line_keeps_its_number_when_it_is_recorded(story: Story) -> None:
    assert story.call().captions is None
    at = story.now
    said = Caption(1, Party.CALLER, at, at + timedelta(seconds=2), "He took a nice")
    story.live = LiveCaptions("moonshine-tiny-en", "The captions are 4 s behind.", (LiveLine(said, final=False),))
    shown = story.call().captions
    assert [(line.number, line.side, line.at, line.text, line.final) for line in shown.lines] == [
        (1, "caller", at, "He took a nice", False)
    ]
    assert shown.problem == "The captions are 4 s behind."
    assert "unverified" in shown.words
    final = Caption(1, Party.CALLER, at, at + timedelta(seconds=2), "He took a knife.")
    story.live = LiveCaptions("moonshine-tiny-en", "", (LiveLine(final, final=True),))
    story.later(5)
    line = CaptionedLine(1, Party.CALLER, "He took a knife.", began_ago_ms=5000, ended_ago_ms=3000)
    story.tell(f"call/{CALL}", CallCaptioned("moonshine-tiny-en", "en", (line,)))
    both = story.call().captions
    story.live = None
    assert story.call().captions == both, "what is on disk and still waits to be forgotten is shown once"
    assert [(line.number, line.at, line.text, line.final) for line in both.lines] == [(1, at, "He took a knife.", True)]


def test_long_call_shows_its_newest_captions_and_says_how_many_are_in_the_record(story: Story) -> None:
    for batch in range(0, 300, 10):
        lines = tuple(
            CaptionedLine(number, Party.CENTRE, f"line {number}", 1000 - number, 0)
            for number in range(batch + 1, batch + 11)
        )
        story.tell(f"call/{CALL}", CallCaptioned("m", "en", lines))
        story.later(4)
    shown = story.call().captions
    assert shown.lines[-1].text == "line 300"
    assert len(shown.lines) == SHOWN
    assert shown.more == 300 - SHOWN
