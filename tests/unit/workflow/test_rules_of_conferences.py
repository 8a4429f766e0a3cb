"""Rules about third parties: who is in a call, to whom a caller may be left, and what follows when one goes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tenfour.calltaking import conference_decision as conferences
from tenfour.calltaking import placing
from tenfour.calltaking import voice_decision as voices
from tenfour.calltaking.call import CallState
from tenfour.calltaking.call_words import caller_hears, end_words
from tenfour.calltaking.conference import ThirdState
from tenfour.calltaking.conference_decision import Target
from tenfour.calltaking.conference_event import CallCameBack, CallHandedOver, ThirdPartyCalled, ThirdPartyJoined
from tenfour.calltaking.distribution_event import WrapUpBegun
from tenfour.calltaking.event import (
    AudioNotAgreed,
    CallAnswered,
    CallConnected,
    CallerAudioResumed,
    CallerAudioStarted,
    CallerAudioStopped,
    CallerDisconnected,
    CallReleased,
    CallReleaseOrdered,
    PositionSet,
)
from tenfour.calltaking.outgoing import Reach, reach_of
from tenfour.calltaking.outgoing_event import CalleeRinging, CallNotTaken, CallPlaced, NumberRefused
from tenfour.calltaking.policy import CalltakingPolicy
from tenfour.calltaking.queue import CallQueue
from tenfour.calltaking.third_party import Listed, interpreter_for
from tenfour.calltaking.transfer_event import CallTransferred, TransferFailed, TransferOrdered
from tenfour.calltaking.voice_event import (
    CallHeld,
    CallRangBack,
    CallRangForAll,
    HeadsetConnected,
    HeadsetLost,
    PartyJoined,
    PartyLeft,
)
from tenfour.telephony.party import Role
from tenfour.vocabulary.envelope import Actor, ActorKind
from tenfour.vocabulary.errors import BadInput, IllegalTransition, NotFound, Refused
from tenfour.vocabulary.ids import CallId, PersonId, PositionId, call_stream, position_stream
from tenfour.workflow import joining
from tenfour.workflow.passed_on import passed_on
from tenfour.workflow.policy import Policy

LINE = Actor(ActorKind.DEVICE, "line-1")
TAKER, ADEYEMI = PositionId("04"), PersonId("adeyemi")
SUPERVISOR, WHITFIELD = PositionId("01"), PersonId("whitfield")
INTERPRETER = Target("Interpreter", "interpreter", "sip:es@192.0.2.7")
FRANKLIN = Target("Franklin", "psap", "sip:911@franklin.example")


def third_of(name: str) -> CallId:
    return CallId(name.ljust(20, "0"))


def call_in(centre, call_id, target=INTERPRETER, *, third="third", **more):
    called = conferences.call_in(
        centre.world.call(call_id), target, TAKER, ADEYEMI, new_id=third_of(third), host="larkspur.demo", **more
    )
    assert not isinstance(called, NumberRefused)
    for event in called.of_call:
        centre.tell(call_stream(call_id), event)
    centre.tell(call_stream(third_of(third)), called.placed)
    return third_of(third)


def joined(centre, call_id, target=INTERPRETER, *, third="third", **more):
    called = call_in(centre, call_id, target, third=third, **more)
    centre.tell(call_stream(called), CalleeRinging(), actor=LINE)
    centre.tell(call_stream(called), CallConnected("PCMU/8000", "x"), actor=LINE)
    return called


def hand_over(centre, call_id):
    left = conferences.hand_over(centre.world.call(call_id), None, TAKER, was_heard=lambda _: True)
    return [fact for event in left for fact in centre.tell(call_stream(call_id), event)]


def take_back(centre, call_id, position=TAKER, person=ADEYEMI):
    at = centre.world.positions.get(position)
    taken = conferences.take_back(centre.world.call(call_id), at, position, person)
    return [fact for event in taken for fact in centre.tell(call_stream(call_id), event)]


def state(centre, call_id, third):
    party = centre.world.call(call_id).conference.party(third)
    assert party is not None
    return party.state


def headset(centre):
    return centre.tell(position_stream(TAKER), HeadsetConnected(TAKER, ADEYEMI), actor=LINE)


@pytest.fixture
def call_id(centre):
    answered = centre.ring("a")
    centre.answer(answered)
    return answered


def test_third_party_is_called_rings_and_is_in_the_call_and_in_nobodys_hand(centre, call_id):
    third = call_in(centre, call_id)
    assert state(centre, call_id, third) is ThirdState.CALLED
    centre.tell(call_stream(third), CalleeRinging(), actor=LINE)
    assert state(centre, call_id, third) is ThirdState.RINGING
    told = centre.tell(call_stream(third), CallConnected("PCMU/8000", "x"), actor=LINE)
    assert centre.events(told, ThirdPartyJoined) == [ThirdPartyJoined(third)]
    assert centre.world.call(third).position is None
    assert caller_hears(centre.world.call(call_id)) == "Interpreter"
    assert caller_hears(centre.world.call(third)) == "the call that it was called into"


def test_identifiers_of_call_and_incident_go_along_and_it_belongs_to_the_incident(centre, call_id):
    third = call_in(centre, call_id, FRANKLIN)
    call, other = centre.world.call(call_id), centre.world.call(third)
    assert (other.incident_id, other.i3_incident_id) == (call.incident_id, call.i3_incident_id)
    placed = conferences.place(call, FRANKLIN, TAKER, ADEYEMI, new_id=third, host="larkspur.demo")
    assert [call_id in value for name, value in placed.headers if name == "Call-Info"] == [True, False]


def test_third_party_that_is_busy_leaves_the_call_as_it_was(centre, call_id):
    third = call_in(centre, call_id)
    centre.tell(call_stream(third), CallNotTaken(486, "busy (486 Busy Here)"), actor=LINE)
    party = centre.world.call(call_id).conference.party(third)
    assert (party.state, party.why) == (ThirdState.NOT_REACHED, "Not taken: busy (486 Busy Here)")
    assert centre.world.call(call_id).state is CallState.TALKING
    assert joined(centre, call_id, third="again") == third_of("again")


def test_one_who_speaks_alone_with_a_third_party_lets_the_caller_wait(centre, call_id):
    headset(centre)
    joined(centre, call_id, FRANKLIN, hold=True)
    call = centre.world.call(call_id)
    assert caller_hears(call) == "the hold sound"
    centre.tell(call_stream(call_id), voices.take_up(call, centre.world.positions[TAKER], TAKER, ADEYEMI))
    assert caller_hears(centre.world.call(call_id)) == "position 04 and Franklin"


def test_one_without_a_headset_lets_a_caller_wait_no_longer(centre, call_id):
    third = call_in(centre, call_id, hold=True)
    centre.tell(call_stream(third), CallNotTaken(486, "busy (486 Busy Here)"), actor=LINE)
    assert centre.world.call(call_id).voice.held_at is not None
    position = centre.world.positions.get(TAKER)
    centre.tell(call_stream(call_id), voices.take_up(centre.world.call(call_id), position, TAKER, ADEYEMI))
    assert centre.world.call(call_id).voice.held_at is None


def test_caller_who_was_left_to_another_centre_frees_the_position(centre, call_id):
    centre.policy = Policy(calltaking=CalltakingPolicy(wrap_up_s=20))
    centre.tell(position_stream(TAKER), PositionSet(TAKER, False, ADEYEMI))
    headset(centre)
    third = joined(centre, call_id, FRANKLIN, hold=True)
    told = hand_over(centre, call_id)
    call = centre.world.call(call_id)
    assert (call.position, call.voice.members, call.conference.handed_over_to) == (None, (), third)
    assert call.in_progress
    assert caller_hears(call) == "Franklin"
    assert [one.call_id for one in centre.events(told, WrapUpBegun)] == [call_id]
    assert not list(centre.world.calls_at(TAKER))


def test_caller_whose_other_centre_is_gone_rings_everywhere_and_is_answered_again(centre, call_id):
    third = joined(centre, call_id, FRANKLIN)
    hand_over(centre, call_id)
    told = centre.tell(call_stream(third), CallerDisconnected(), actor=LINE)
    assert [one.third for one in centre.events(told, CallCameBack)] == [third]
    call = centre.world.call(call_id)
    assert (call.state, call.rings_at) == (CallState.RINGING, None)
    centre.answer(call_id)
    assert (centre.world.call(call_id).state, centre.world.call(call_id).position) == (CallState.TALKING, TAKER)


def test_caller_who_was_handed_over_is_taken_back_by_anybody_and_the_third_party_stays(centre, call_id):
    headset(centre)
    third = joined(centre, call_id, FRANKLIN)
    hand_over(centre, call_id)
    other = PositionId("05")
    centre.tell(position_stream(other), HeadsetConnected(other, WHITFIELD), actor=LINE)
    take_back(centre, call_id, other, WHITFIELD)
    call = centre.world.call(call_id)
    assert (call.position, call.person, call.conference.handed_over_to) == (other, WHITFIELD, None)
    assert [(one.position, one.role) for one in call.voice.members] == [(other, Role.CALL_TAKER)]
    assert state(centre, call_id, third) is ThirdState.IN_CALL
    told = centre.tell(call_stream(third), CallerDisconnected(), actor=LINE)
    assert centre.events(told, CallCameBack) == []
    assert centre.world.call(call_id).position == other


def test_taking_a_caller_back_holds_the_call_that_one_has_and_leaves_it_again_by_hand(centre, call_id):
    headset(centre)
    joined(centre, call_id, FRANKLIN)
    hand_over(centre, call_id)
    second = centre.ring("b", "614-555-0137")
    centre.answer(second)
    take_back(centre, call_id)
    assert centre.world.call(second).voice.held_at is not None
    hand_over(centre, call_id)
    assert centre.world.call(call_id).position is None


def test_only_a_caller_who_was_left_to_somebody_is_taken_back_and_only_by_headset(centre, call_id):
    joined(centre, call_id, FRANKLIN)
    with pytest.raises(IllegalTransition, match="left to a third party"):
        take_back(centre, call_id)
    hand_over(centre, call_id)
    with pytest.raises(Refused, match="position 04 has no headset"):
        take_back(centre, call_id)
    centre.tell(call_stream(call_id), CallerDisconnected(), actor=LINE)
    with pytest.raises(IllegalTransition, match="left to a third party"):
        take_back(centre, call_id)


def test_caller_is_left_to_one_of_whom_nothing_was_heard_only_for_a_reason_that_is_kept(centre, call_id):
    third = joined(centre, call_id, FRANKLIN)
    asked = []

    def was_heard(party):
        asked.append(party)
        return False

    for reason in ("", "  "):
        with pytest.raises(Refused, match="nothing was heard of Franklin yet"):
            conferences.hand_over(centre.world.call(call_id), None, TAKER, was_heard=was_heard, reason=reason)
    *_, left = conferences.hand_over(centre.world.call(call_id), None, TAKER, was_heard=was_heard, reason=" They nod. ")
    assert left == CallHandedOver(third, "Franklin", TAKER, "They nod.")
    assert set(asked) == {third}


def incident_of(centre, call_id):
    return centre.world.incidents[centre.world.call(call_id).incident_id]


def test_other_centre_has_an_incident_while_and_after_it_has_its_caller_and_not_when_the_caller_came_back(
    centre, call_id
):
    third = joined(centre, call_id, FRANKLIN)
    assert passed_on(centre.world, incident_of(centre, call_id)) == ()
    hand_over(centre, call_id)
    assert passed_on(centre.world, incident_of(centre, call_id)) == ("Franklin",)
    second = centre.ring("b", "614-555-0137")
    centre.answer(second)
    join = (second, incident_of(centre, call_id).incident_id)
    for draft in joining.join(centre.world, *join):
        centre.tell(draft.stream, draft.event)
    assert passed_on(centre.world, incident_of(centre, call_id)) == ()
    centre.tell(call_stream(second), CallerDisconnected(), actor=LINE)
    assert passed_on(centre.world, incident_of(centre, call_id)) == ("Franklin",)
    centre.tell(call_stream(third), CallerDisconnected(), actor=LINE)
    assert passed_on(centre.world, incident_of(centre, call_id)) == ()


def test_interpreter_has_no_incident_and_who_was_transferred_by_the_callers_side_has(centre, call_id):
    joined(centre, call_id)
    hand_over(centre, call_id)
    assert passed_on(centre.world, incident_of(centre, call_id)) == ()
    other = centre.ring("c", "614-555-0138")
    centre.answer(other)
    ordered = TransferOrdered("Delaware", "sip:911@delaware.example", TAKER)
    centre.tell(call_stream(other), ordered)
    centre.tell(call_stream(other), CallTransferred(), CallReleased(), actor=LINE)
    assert passed_on(centre.world, incident_of(centre, other)) == ("Delaware",)


def test_caller_who_hangs_up_ends_the_call_to_the_other_centre(centre, call_id):
    third = joined(centre, call_id, FRANKLIN)
    hand_over(centre, call_id)
    told = centre.tell(call_stream(call_id), CallerDisconnected(), actor=LINE)
    assert [fact.stream for fact in told if isinstance(fact.event, CallReleaseOrdered)] == [call_stream(third)]
    assert end_words(centre.world.call(call_id)).startswith("Disconnected by the caller's side")


def test_call_taker_speaks_on_with_the_third_party_when_the_caller_hangs_up(centre, call_id):
    headset(centre)
    first, second = joined(centre, call_id), joined(centre, call_id, FRANKLIN, third="second")
    told = centre.tell(call_stream(call_id), CallerDisconnected(), actor=LINE)
    assert [fact.stream for fact in told if isinstance(fact.event, PartyJoined)] == [call_stream(first)]
    assert [fact.stream for fact in told if isinstance(fact.event, CallReleaseOrdered)] == [call_stream(second)]
    assert [one.call_id for one in centre.world.calls_at(TAKER)] == [first]
    assert caller_hears(centre.world.call(first)) == "position 04"


def test_call_that_the_centre_ends_takes_its_third_parties_along(centre, call_id):
    headset(centre)
    third = joined(centre, call_id)
    told = centre.tell(call_stream(call_id), CallReleased(), actor=LINE)
    assert [fact.stream for fact in told if isinstance(fact.event, CallReleaseOrdered)] == [call_stream(third)]


def test_third_party_that_answers_when_the_caller_is_gone_is_let_go(centre, call_id):
    third = call_in(centre, call_id)
    ordered = centre.tell(call_stream(call_id), CallReleased(), actor=LINE)
    assert centre.events(ordered, CallReleaseOrdered)
    assert centre.events(centre.tell(call_stream(third), CallConnected("", ""), actor=LINE), CallReleaseOrdered) == []


def test_nobody_is_called_into_a_call_that_is_not_in_ones_hand(centre, call_id):
    call, rings = centre.world.call(call_id), centre.world.call(centre.ring("b", "614-555-0137"))
    with pytest.raises(Refused, match="position 05 is not in this call"):
        conferences.call_in(call, INTERPRETER, PositionId("05"), ADEYEMI, new_id=third_of("x"), host="h")
    with pytest.raises(IllegalTransition, match="on the line"):
        conferences.call_in(rings, INTERPRETER, TAKER, ADEYEMI, new_id=CallId("x"), host="h")
    with pytest.raises(BadInput, match="no telephone number"):
        conferences.call_in(call, Target("", number="hello"), TAKER, ADEYEMI, new_id=CallId("x"), host="h")
    with pytest.raises(NotFound, match="third party"):
        conferences.drop(call, CallId("nobody"), TAKER)
    with pytest.raises(Refused, match="left to nobody"):
        conferences.hand_over(call, None, TAKER, was_heard=lambda _: True)


def test_no_more_than_four_third_parties_are_in_a_call(centre, call_id):
    for index in range(conferences.MOST_AT_ONCE):
        call_in(centre, call_id, Target(f"number {index}", uri="sip:a@192.0.2.7"), third=f"t{index}")
    with pytest.raises(Refused, match="has 4 third parties"):
        call_in(centre, call_id, third="more")


def test_interpreter_of_the_language_that_is_asked_for_first_is_offered():
    listed = [
        Listed("Language line", "interpreter", number="800", languages=("es", "so")),
        Listed("Somali", "interpreter", number="801", languages=("so",)),
        Listed("Poison", "poison_control", number="802"),
    ]
    assert interpreter_for(("fr", "es-MX"), listed) == listed[0]
    assert interpreter_for(("so",), listed) == listed[0]
    assert interpreter_for(("fr",), listed) is None


def pass_on(centre, call_id, *, bridge=True):
    call = centre.world.call(call_id)
    ordered = placing.pass_on(call, "Franklin", "sip:911@franklin.example", TAKER, host="larkspur.demo", bridge=bridge)
    centre.tell(call_stream(call_id), ordered)


def not_passed_on(centre, call_id, *, by_other=False):
    failed = TransferFailed("the caller's side does not pass calls on (405)", by_other)
    return centre.tell(call_stream(call_id), failed, actor=LINE)


def test_centre_to_which_the_callers_side_passes_no_call_on_is_called_by_us_and_has_it_when_it_answers(centre, call_id):
    pass_on(centre, call_id)
    told = not_passed_on(centre, call_id)
    (placed,), (called,) = centre.events(told, CallPlaced), centre.events(told, ThirdPartyCalled)
    assert (placed.target, placed.in_call, called.then_leave) == ("sip:911@franklin.example", call_id, True)
    assert "(405)" in called.why
    centre.tell(call_stream(placed.call_id), CallConnected("PCMU/8000", "x"), actor=LINE)
    assert centre.world.call(call_id).conference.handed_over_to == placed.call_id


@pytest.mark.parametrize(("bridge", "by_other"), [(False, False), (True, True)])
def test_centre_that_said_no_itself_is_not_called_again(centre, call_id, bridge, by_other):
    pass_on(centre, call_id, bridge=bridge)
    assert centre.events(not_passed_on(centre, call_id, by_other=by_other), CallPlaced) == []
    assert centre.world.call(call_id).position == TAKER


def test_whom_the_call_taker_spoke_with_is_connected_at_once_where_no_refer_is_taken(centre, call_id):
    third = joined(centre, call_id, FRANKLIN, hold=True)
    centre.tell(call_stream(call_id), placing.connect(
        centre.world.call(call_id), centre.world.call(third), TAKER, host="larkspur.demo"
    ))  # fmt: skip
    told = not_passed_on(centre, call_id)
    assert [one.third for one in centre.events(told, CallHandedOver)] == [third]
    assert centre.events(told, CallPlaced) == []


def test_call_of_ours_that_stood_for_itself_stays_with_the_caller_and_in_nobodys_hand(centre, call_id):
    headset(centre)
    other = third_of("other")
    placed = placing.dial(
        "614-555-0137", TAKER, ADEYEMI, new_id=other, i3_incident_id=centre.world.call(call_id).i3_incident_id, host="h"
    )
    centre.tell(call_stream(other), placed)
    centre.tell(call_stream(other), CallConnected("PCMU/8000", "x"), actor=LINE)
    call = centre.world.call(call_id)
    centre.tell(call_stream(call_id), placing.connect(call, centre.world.call(other), TAKER, host="larkspur.demo"))
    not_passed_on(centre, call_id)
    assert not list(centre.world.calls_at(TAKER))
    assert caller_hears(centre.world.call(call_id)) == "614-555-0137"
    told = centre.tell(call_stream(other), CallerDisconnected(), actor=LINE)
    assert centre.events(told, CallCameBack)
    assert centre.world.call(call_id).state is CallState.RINGING


def test_caller_is_connected_with_nobody_elses_call_and_by_nobody_who_is_not_in_it(centre, call_id):
    another = centre.ring("b", "614-555-0137")
    centre.answer(another, "05")
    mine, theirs = joined(centre, call_id), third_of("theirs")
    call, other = centre.world.call(call_id), centre.world.call(another)
    with pytest.raises(Refused, match="neither at position 05 nor in this call"):
        placing.connect(other, centre.world.call(mine), PositionId("05"), host="h")
    with pytest.raises(Refused, match="position 05 is not in this call"):
        placing.connect(call, centre.world.call(mine), PositionId("05"), host="h")
    with pytest.raises(Refused, match="position 05 is not in this call"):
        placing.pass_on(call, "Franklin", FRANKLIN.uri, PositionId("05"), host="h")
    ids = {"new_id": theirs, "i3_incident_id": call.i3_incident_id, "host": "h"}
    centre.tell(call_stream(theirs), placing.dial("614-555-0138", PositionId("05"), ADEYEMI, **ids))
    centre.tell(call_stream(theirs), CallConnected("PCMU/8000", "x"), actor=LINE)
    with pytest.raises(Refused, match="neither at position 04 nor in this call"):
        placing.connect(call, centre.world.call(theirs), TAKER, host="h")
    assert placing.connect(call, centre.world.call(mine), TAKER, host="h").to_call == mine


def test_call_of_a_third_party_is_in_no_supervisors_hand(centre, call_id):
    third = joined(centre, call_id)
    with pytest.raises(Refused, match="in another call as a third party"):
        barge_in(centre, third)
    centre.tell(call_stream(third), PartyJoined(SUPERVISOR, WHITFIELD, Role.LISTENING))
    assert centre.world.call(third).position is None


def test_location_and_additional_data_by_reference_go_along_to_a_centre_and_to_nobody_else(centre, call_id):
    uri, data = "https://lis.example/a", "<https://adr.example/b>;purpose=EmergencyCallData.SubscriberInfo"
    reach = Reach(data=(data,))
    call = replace(centre.world.call(call_id), location_uri=uri, reach=reach)
    assert placing.goes_along(call) == (
        ("Resource-Priority", "esnet.1"),
        ("Geolocation", f"<{uri}>"),
        ("Call-Info", data),
    )
    headers = [
        conferences.place(call, one, TAKER, ADEYEMI, new_id=third_of("x"), host="h").headers
        for one in (FRANKLIN, INTERPRETER)
    ]
    assert [("Geolocation", f"<{uri}>") in each for each in headers] == [True, False]
    inlined = ("Call-Info", "<cid:a@b>;purpose=EmergencyCallData.Comment")
    assert reach_of([("Call-Info", data), inlined]).data == (data,)


def overflowing(centre):
    """A call that waits in a queue that overflows to Franklin after 30 s; gives it and the other centre's call."""
    queue = CallQueue("all", overflow_to="Franklin", overflow_after_s=30)
    centre.policy = Policy(calltaking=CalltakingPolicy(queue=(queue,)), centres={"Franklin": FRANKLIN.uri})
    call_id = centre.ring("w")
    told = centre.wait(31)
    (placed,) = centre.events(told, CallPlaced)
    return call_id, placed.call_id


def test_call_that_waits_long_is_offered_to_another_centre_and_rings_on(centre):
    call_id, third = overflowing(centre)
    call = centre.world.call(call_id)
    assert call.waiting.everywhere_why == "waited 30 s; Franklin is called, too"
    assert (call.state, call.rings_at) == (CallState.RINGING, None)
    assert centre.events(centre.wait(60), CallPlaced) == []
    centre.tell(call_stream(third), CallConnected("PCMU/8000", "x"), actor=LINE)
    call = centre.world.call(call_id)
    assert (call.state, call.position, call.conference.handed_over_to) == (CallState.CONNECTING, None, third)
    centre.tell(call_stream(call_id), CallConnected("PCMU/8000", "y"), actor=LINE)
    assert caller_hears(centre.world.call(call_id)) == "Franklin"
    told = centre.tell(call_stream(third), CallerDisconnected(), actor=LINE)
    assert centre.events(told, CallCameBack)
    assert centre.world.call(call_id).state is CallState.RINGING


def test_somebody_here_who_answers_first_has_the_call_and_the_other_centre_is_called_no_longer(centre):
    call_id, third = overflowing(centre)
    told = centre.answer(call_id)
    assert [one.stream for one in told if isinstance(one.event, CallReleaseOrdered)] == [call_stream(third)]
    centre.tell(call_stream(third), CallConnected("PCMU/8000", "x"), actor=LINE)
    assert centre.world.call(call_id).conference.joined == ()
    assert centre.world.call(call_id).position == TAKER


def test_other_centre_that_does_not_answer_leaves_the_call_ringing_here(centre):
    call_id, third = overflowing(centre)
    centre.tell(call_stream(third), CallNotTaken(0, "nobody answered in 60 s"), actor=LINE)
    assert centre.world.call(call_id).state is CallState.RINGING
    assert state(centre, call_id, third) is ThirdState.NOT_REACHED


def test_caller_whose_other_centre_falls_silent_without_a_word_rings_here_again(centre, call_id):
    third = joined(centre, call_id, FRANKLIN)
    centre.tell(call_stream(third), CallerAudioStarted(), actor=LINE)
    hand_over(centre, call_id)
    centre.wait(600)
    assert centre.world.call(call_id).state is CallState.TALKING
    centre.tell(call_stream(third), CallerAudioStopped(3), actor=LINE)
    assert centre.events(centre.wait(20), CallCameBack) == []
    centre.tell(call_stream(third), CallerAudioResumed(23), actor=LINE)
    assert centre.events(centre.wait(600), CallCameBack) == []
    centre.tell(call_stream(third), CallerAudioStopped(3), actor=LINE)
    told = centre.events(centre.wait(28), CallCameBack)
    assert told == [CallCameBack(third, "Nothing is heard from Franklin for 30 s.")]
    assert centre.world.call(call_id).state is CallState.RINGING
    assert state(centre, call_id, third) is ThirdState.IN_CALL
    assert centre.events(centre.wait(600), CallCameBack) == []
    centre.answer(call_id)
    told = centre.tell(call_stream(third), CallerDisconnected(), actor=LINE)
    assert centre.events(told, CallCameBack) == []
    assert centre.world.call(call_id).position == TAKER


def test_caller_whose_other_centre_was_never_heard_rings_here_again(centre, call_id):
    third = joined(centre, call_id, FRANKLIN)
    centre.wait(600)
    hand_over(centre, call_id)
    assert centre.events(centre.wait(29), CallCameBack) == []
    assert [one.third for one in centre.events(centre.wait(2), CallCameBack)] == [third]


def test_silence_of_the_other_centre_is_nobodys_matter_where_the_policy_says_so(centre, call_id):
    joined(centre, call_id, FRANKLIN)
    hand_over(centre, call_id)
    centre.policy = Policy(calltaking=CalltakingPolicy(handed_over_silent_s=0))
    assert centre.events(centre.wait(600), CallCameBack) == []


NO_CODEC = (CallConnected("", ""), AudioNotAgreed("no codec in common"))


def test_caller_is_not_left_to_a_third_party_without_audio(centre, call_id):
    third = call_in(centre, call_id, FRANKLIN, then_leave=True)
    told = centre.tell(call_stream(third), *NO_CODEC, actor=LINE)
    assert centre.events(told, CallHandedOver) == []
    assert centre.world.call(call_id).position == TAKER


def test_other_centre_without_audio_is_let_go_and_the_call_rings_on(centre):
    call_id, third = overflowing(centre)
    told = centre.tell(call_stream(third), *NO_CODEC, actor=LINE)
    assert [fact.stream for fact in told if isinstance(fact.event, CallReleaseOrdered)] == [call_stream(third)]
    centre.tell(call_stream(third), CallReleased(), actor=LINE)
    assert centre.world.call(call_id).state is CallState.RINGING
    assert state(centre, call_id, third) is ThirdState.NOT_REACHED


def test_other_centre_that_goes_before_the_caller_is_connected_leaves_the_call_ringing(centre):
    call_id, third = overflowing(centre)
    centre.tell(call_stream(third), CallConnected("PCMU/8000", "x"), actor=LINE)
    centre.tell(call_stream(third), CallerDisconnected(), actor=LINE)
    assert centre.world.call(call_id).state is CallState.RINGING
    centre.tell(call_stream(call_id), CallConnected("PCMU/8000", "y"), actor=LINE)
    assert centre.world.call(call_id).state is CallState.RINGING
    centre.answer(call_id)
    assert (centre.world.call(call_id).state, centre.world.call(call_id).position) == (CallState.TALKING, TAKER)


def test_third_party_that_another_call_taker_called_joins_and_nobody_who_speaks_is_thrown_out(centre, call_id):
    headset(centre)
    third = call_in(centre, call_id, FRANKLIN, then_leave=True)
    centre.tell(position_stream(TAKER), HeadsetLost(TAKER, "the browser is gone"), actor=LINE)
    centre.wait(600)
    centre.answer(call_id, SUPERVISOR)
    told = centre.tell(call_stream(third), CallConnected("PCMU/8000", "x"), actor=LINE)
    assert centre.events(told, ThirdPartyJoined) == [ThirdPartyJoined(third)]
    assert centre.events(told, CallHandedOver) == []
    assert centre.world.call(call_id).position == SUPERVISOR


def test_caller_who_was_handed_over_meanwhile_is_not_bridged_to_yet_another_centre(centre, call_id):
    joined(centre, call_id)
    pass_on(centre, call_id)
    hand_over(centre, call_id)
    assert centre.events(not_passed_on(centre, call_id), CallPlaced) == []


def test_caller_whom_another_call_taker_has_by_now_is_not_connected_past_them(centre, call_id):
    headset(centre)
    third = joined(centre, call_id, FRANKLIN)
    call, other = centre.world.call(call_id), centre.world.call(third)
    centre.tell(call_stream(call_id), placing.connect(call, other, TAKER, host="larkspur.demo"))
    centre.tell(position_stream(TAKER), HeadsetLost(TAKER, "the browser is gone"), actor=LINE)
    centre.wait(600)
    centre.answer(call_id, SUPERVISOR)
    assert centre.events(not_passed_on(centre, call_id), CallHandedOver) == []
    assert centre.world.call(call_id).position == SUPERVISOR


def test_call_that_the_callers_side_did_not_pass_on_is_bridged_by_the_position_that_ordered_it(centre, call_id):
    barge_in(centre, call_id)
    call = centre.world.call(call_id)
    ordered = placing.pass_on(call, "Franklin", FRANKLIN.uri, SUPERVISOR, host="larkspur.demo", bridge=True)
    centre.tell(call_stream(call_id), ordered)
    told = not_passed_on(centre, call_id)
    assert [one.position for one in centre.events(told, ThirdPartyCalled)] == [SUPERVISOR]
    assert [one.position for one in centre.events(told, CallPlaced)] == [SUPERVISOR]


def barge_in(centre, call_id):
    centre.tell(position_stream(SUPERVISOR), HeadsetConnected(SUPERVISOR, WHITFIELD), actor=LINE)
    position = centre.world.positions.get(SUPERVISOR)
    joins = voices.supervise(centre.world.call(call_id), position, SUPERVISOR, WHITFIELD, Role.BARGED_IN)
    centre.tell(call_stream(call_id), joins)


def test_supervisor_who_goes_on_in_another_call_leaves_a_caller_who_was_handed_over_to_speak_on(centre, call_id):
    joined(centre, call_id, FRANKLIN)
    hand_over(centre, call_id)
    barge_in(centre, call_id)
    other = centre.ring("b", "614-555-0137")
    told = centre.answer(other, SUPERVISOR)
    assert centre.events(told, CallHeld) == []
    assert [(fact.stream, fact.event.position) for fact in told if isinstance(fact.event, PartyLeft)] == [
        (call_stream(call_id), SUPERVISOR)
    ]
    assert caller_hears(centre.world.call(call_id)) == "Franklin"


def test_supervisor_whose_headset_is_lost_leaves_a_caller_who_was_handed_over_to_speak_on(centre, call_id):
    joined(centre, call_id, FRANKLIN)
    hand_over(centre, call_id)
    barge_in(centre, call_id)
    told = centre.tell(position_stream(SUPERVISOR), HeadsetLost(SUPERVISOR, "the browser is gone"), actor=LINE)
    assert centre.events(told, CallRangBack) == []
    assert caller_hears(centre.world.call(call_id)) == "Franklin"
    assert centre.events(centre.wait(600), CallRangForAll) == []


def test_caller_whom_somebody_of_ours_picked_up_again_stays_when_the_other_centre_goes(centre, call_id):
    third = joined(centre, call_id, FRANKLIN)
    hand_over(centre, call_id)
    centre.tell(call_stream(call_id), CallRangForAll(30))
    centre.answer(call_id)
    assert centre.world.call(call_id).conference.handed_over_to is None
    told = centre.tell(call_stream(third), CallerDisconnected(), actor=LINE)
    assert centre.events(told, CallCameBack) == []
    assert (centre.world.call(call_id).state, centre.world.call(call_id).position) == (CallState.TALKING, TAKER)


def test_one_who_picks_up_too_late_does_not_take_the_caller_from_the_other_centre(centre):
    call_id, third = overflowing(centre)
    centre.tell(call_stream(third), CallConnected("PCMU/8000", "x"), actor=LINE)
    centre.tell(call_stream(call_id), CallAnswered(TAKER, ADEYEMI))
    assert centre.world.call(call_id).conference.handed_over_to == third


def test_call_that_comes_back_from_the_centre_it_overflowed_to_goes_no_further(centre):
    call_id, _third = overflowing(centre)
    back = centre.ring("back", i3=centre.world.call(call_id).i3_incident_id)
    told = centre.wait(31)
    assert centre.world.call(back).waiting.everywhere_why
    assert centre.events(told, CallPlaced) == []
    other = centre.ring("other", "614-555-0137")
    assert [one.in_call for one in centre.events(centre.wait(31), CallPlaced)] == [other]


STEPS = ("first", "second", "leave", "hang up first", "hang up second", "caller")


@given(steps=st.lists(st.sampled_from(STEPS), max_size=8))
def test_caller_in_progress_has_somebody_or_rings(new_centre, steps):
    """Whatever happens in whatever order: a caller who is on the line is in a hand, with a third party, or rings."""

    centre = new_centre()
    call_id = centre.ring("a")
    centre.answer(call_id)
    for step in steps:
        call = centre.world.call(call_id)
        try:
            if step in ("first", "second"):
                joined(centre, call_id, Target(step, "psap", f"sip:{step}@192.0.2.7"), third=step)
            elif step == "leave":
                hand_over(centre, call_id)
            elif step == "caller" and call.in_progress:
                centre.tell(call_stream(call_id), CallerDisconnected(), actor=LINE)
            elif third_of(step.split()[-1]) in centre.world.calls_in_progress:
                centre.tell(call_stream(third_of(step.split()[-1])), CallerDisconnected(), actor=LINE)
        except (Refused, IllegalTransition):
            continue
        call = centre.world.call(call_id)
        with_somebody = call.position is not None or call.conference.joined or call.state is CallState.RINGING
        assert with_somebody or not call.in_progress
        if not call.in_progress:
            break
