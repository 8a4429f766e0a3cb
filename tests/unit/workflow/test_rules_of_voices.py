"""Rules about voices: one headset speaks in one call, and a caller whose call taker is lost is kept and rings back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.calltaking import decision as calls
from tenfour.calltaking import voice_decision as voices
from tenfour.calltaking.call import CallState
from tenfour.calltaking.call_words import caller_hears
from tenfour.calltaking.event import AnnouncementStarted, CallConnected, CallReleaseOrdered
from tenfour.calltaking.outgoing_event import CallPlaced
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
from tenfour.vocabulary.errors import IllegalTransition, Refused
from tenfour.vocabulary.ids import CallId, IncidentId, PersonId, PositionId, call_stream, position_stream

LINE = Actor(ActorKind.DEVICE, "line-1")
TAKER, OTHER, SUPERVISOR = PositionId("04"), PositionId("05"), PositionId("01")
ADEYEMI, NOVAK, WHITFIELD = PersonId("adeyemi"), PersonId("novak"), PersonId("whitfield")


def connect(centre, position=TAKER, person=ADEYEMI):
    return centre.tell(position_stream(position), HeadsetConnected(position, person), actor=LINE)


def lose(centre, position=TAKER, why="Nothing came from the browser for 3 s."):
    return centre.tell(position_stream(position), HeadsetLost(position, why), actor=LINE)


def supervise(centre, call_id, role):
    position = centre.world.positions.get(SUPERVISOR)
    joined = voices.supervise(centre.world.call(call_id), position, SUPERVISOR, WHITFIELD, role)
    return centre.tell(call_stream(call_id), joined)


def take_up(centre, call_id):
    position = centre.world.positions[TAKER]
    return centre.tell(call_stream(call_id), voices.take_up(centre.world.call(call_id), position, TAKER, ADEYEMI))


def voice(centre, call_id):
    return centre.world.call(call_id).voice


def test_call_answered_with_a_headset_is_two_way_at_once(centre):
    connect(centre)
    call_id = centre.ring("a")
    assert centre.events(centre.answer(call_id), PartyJoined) == [PartyJoined(TAKER, ADEYEMI, Role.CALL_TAKER)]
    assert voice(centre, call_id).is_two_way
    assert caller_hears(centre.world.call(call_id)) == "position 04"


def test_text_without_a_call_takes_no_headset_and_holds_nobody(centre):
    connect(centre)
    spoken = centre.ring("a")
    centre.answer(spoken)
    written = centre.ring("b", "614-555-0137", media=("text", "page"))
    assert centre.events(centre.answer(written), PartyJoined) == []
    assert voice(centre, spoken).is_two_way
    lose(centre)
    assert centre.events(connect(centre), PartyJoined) == [PartyJoined(TAKER, ADEYEMI, Role.CALL_TAKER)]
    assert (voice(centre, spoken).is_two_way, voice(centre, written).members) == (True, ())


def test_call_answered_without_a_headset_gets_its_voice_when_one_is_connected(centre):
    call_id = centre.ring("a")
    assert centre.events(centre.answer(call_id), PartyJoined) == []
    centre.tell(call_stream(call_id), AnnouncementStarted("we hear you", "no headset"), actor=LINE)
    assert caller_hears(centre.world.call(call_id)) == 'announcement "we hear you" (no headset at the position)'
    connect(centre, OTHER, NOVAK)
    assert not voice(centre, call_id).is_two_way
    connect(centre)
    assert voice(centre, call_id).is_two_way


def test_call_that_a_position_with_a_headset_placed_is_two_way_when_it_is_taken(centre):
    connect(centre)
    call_id = CallId("placed".ljust(20, "0"))
    placed = CallPlaced(call_id, IncidentId("iplaced".ljust(20, "0")), "614-555-0137", TAKER, ADEYEMI)
    centre.tell(call_stream(call_id), placed)
    assert not voice(centre, call_id).is_two_way
    centre.tell(call_stream(call_id), CallConnected("PCMU", "127.0.0.1:4000"), actor=LINE)
    assert voice(centre, call_id).is_two_way


def test_second_call_in_hand_holds_the_first_and_the_first_taken_up_holds_the_second(centre):
    connect(centre)
    first, second = centre.ring("a"), centre.ring("b", "614-555-0137")
    centre.answer(first)
    assert centre.events(centre.answer(second), CallHeld)
    assert (voice(centre, first).is_two_way, voice(centre, second).is_two_way) == (False, True)
    assert caller_hears(centre.world.call(first)) == "the hold sound"
    take_up(centre, first)
    assert (voice(centre, first).is_two_way, voice(centre, second).is_two_way) == (True, False)


def test_call_that_a_supervisor_speaks_in_is_left_and_not_held_by_who_goes_on(centre):
    connect(centre)
    connect(centre, SUPERVISOR, WHITFIELD)
    first, second = centre.ring("a"), centre.ring("b", "614-555-0137")
    centre.answer(first)
    supervise(centre, first, Role.BARGED_IN)
    said = centre.answer(second)
    assert centre.events(said, CallHeld) == []
    assert [left.position for left in centre.events(said, PartyLeft)] == [TAKER]
    assert caller_hears(centre.world.call(first)) == "position 01"


def test_supervisor_listens_coaches_and_barges_in_but_only_with_a_headset(centre):
    connect(centre)
    call_id = centre.ring("a")
    with pytest.raises(IllegalTransition):
        supervise(centre, call_id, Role.LISTENING)
    centre.answer(call_id)
    with pytest.raises(Refused, match="position 01 has no headset"):
        supervise(centre, call_id, Role.LISTENING)
    connect(centre, SUPERVISOR, WHITFIELD)
    for role in (Role.LISTENING, Role.COACHING, Role.BARGED_IN):
        supervise(centre, call_id, role)
        member = voice(centre, call_id).member(SUPERVISOR)
        assert member is not None
        assert member.role is role
    assert caller_hears(centre.world.call(call_id)) == "position 04 and position 01"


def test_whoever_alone_speaks_with_the_caller_cannot_just_leave(centre):
    connect(centre)
    connect(centre, SUPERVISOR, WHITFIELD)
    call_id = centre.ring("a")
    centre.answer(call_id)
    supervise(centre, call_id, Role.LISTENING)
    with pytest.raises(Refused, match="nobody else speaks with the caller"):
        voices.leave(centre.world.call(call_id), TAKER)
    centre.tell(call_stream(call_id), voices.leave(centre.world.call(call_id), SUPERVISOR))
    assert [one.position for one in voice(centre, call_id).members] == [TAKER]


def test_lost_headset_rings_back_and_talks_again_when_it_comes_back(centre):
    connect(centre)
    call_id = centre.ring("a")
    centre.answer(call_id)
    assert [said.position for said in centre.events(lose(centre), CallRangBack)] == [TAKER]
    call = centre.world.call(call_id)
    assert (call.state, call.voice.is_two_way) == (CallState.TALKING, False)
    connect(centre)
    assert voice(centre, call_id).is_two_way
    assert centre.wait(60) == []


def test_call_that_rang_back_in_vain_rings_for_all_and_whoever_answers_has_it(centre):
    connect(centre)
    connect(centre, OTHER, NOVAK)
    call_id = centre.ring("a")
    centre.answer(call_id)
    incident_id = centre.world.call(call_id).incident_id
    lose(centre)
    assert centre.events(centre.wait(14), CallRangForAll) == []
    assert centre.events(centre.wait(2), CallRangForAll)
    assert centre.world.call(call_id).state is CallState.RINGING
    centre.tell(call_stream(call_id), calls.answer(centre.world.call(call_id), OTHER, NOVAK))
    call = centre.world.call(call_id)
    assert (call.state, call.position, call.person, call.incident_id) == (CallState.TALKING, OTHER, NOVAK, incident_id)
    assert [one.position for one in call.voice.members] == [OTHER]
    assert call.voice.is_two_way
    with pytest.raises(IllegalTransition):
        calls.answer(call, TAKER, ADEYEMI)


def test_lost_headset_of_a_held_caller_rings_back_too_and_a_listening_one_only_leaves(centre):
    connect(centre)
    connect(centre, SUPERVISOR, WHITFIELD)
    call_id = centre.ring("a")
    centre.answer(call_id)
    supervise(centre, call_id, Role.LISTENING)
    centre.tell(call_stream(call_id), voices.hold(centre.world.call(call_id), TAKER))
    assert centre.events(lose(centre, SUPERVISOR), PartyLeft)
    assert centre.events(lose(centre), CallRangBack)


def test_call_that_is_over_rings_back_to_nobody(centre):
    connect(centre)
    call_id = centre.ring("a")
    centre.answer(call_id)
    centre.drop(call_id)
    assert centre.events(lose(centre), CallRangBack) == []
    with pytest.raises(IllegalTransition):
        voices.hold(centre.world.call(call_id), TAKER)


def test_mute_is_of_one_party_and_kept_over_a_hold(centre):
    connect(centre)
    call_id = centre.ring("a")
    centre.answer(call_id)
    centre.tell(call_stream(call_id), voices.mute(centre.world.call(call_id), TAKER, True))
    assert caller_hears(centre.world.call(call_id)) == "nothing: muted"
    with pytest.raises(IllegalTransition):
        voices.mute(centre.world.call(call_id), TAKER, True)
    centre.tell(call_stream(call_id), voices.hold(centre.world.call(call_id), TAKER))
    take_up(centre, call_id)
    member = voice(centre, call_id).member(TAKER)
    assert member is not None
    assert member.muted


ACTS = st.lists(
    st.tuples(st.sampled_from(["answer", "hold", "take_up", "lose", "connect", "drop", "wait"]), st.integers(0, 2)),
    max_size=25,
)


@given(ACTS)
def test_a_headset_speaks_in_one_call_at_a_time_whatever_is_done(new_centre, acts):
    centre = new_centre()
    connect(centre)
    ringing = [centre.ring(name, f"614-555-010{at}") for at, name in enumerate("abc")]
    for act, which in acts:
        call_id, position = ringing[which], centre.world.positions[TAKER]
        try:
            match act:
                case "answer":
                    centre.answer(call_id)
                case "hold":
                    centre.tell(call_stream(call_id), voices.hold(centre.world.call(call_id), TAKER))
                case "take_up":
                    take_up(centre, call_id)
                case "drop":
                    centre.tell(call_stream(call_id), CallReleaseOrdered(TAKER))
                    centre.drop(call_id)
                case "wait":
                    centre.wait(20)
                case "lose":
                    lose(centre)
                case "connect":
                    connect(centre)
        except Refused:
            continue
        in_hand = [centre.world.call(one) for one in ringing if centre.world.call(one).in_progress]
        assert sum(call.voice.is_two_way for call in in_hand) <= 1
        if not centre.world.positions[TAKER].headset:
            assert not any(call.voice.is_two_way for call in in_hand)
        assert position is not None
