"""An incident as folded from its facts, and what may be done with it: above all, what closes it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.incident import decision
from tenfour.incident import event as e
from tenfour.incident.code import CHECKLIST, Codes
from tenfour.incident.event import IncidentStatus
from tenfour.incident.incident import PERSON_SEEN, apply
from tenfour.vocabulary.code import CAUSES, DISPOSITIONS
from tenfour.vocabulary.envelope import Actor, ActorKind
from tenfour.vocabulary.errors import BadInput, IllegalTransition, Refused
from tenfour.vocabulary.ids import CallId, IncidentId
from tenfour.vocabulary.place import Place, Point

T0 = datetime(2026, 11, 14, 21, 40, 42, tzinfo=UTC)
BRANDT = Actor(ActorKind.PERSON, "brandt", "unit", "12A3")
CODES = Codes()
DOORS = tuple(
    Place(f"{number} Kendall Place", Point(39.9573, -82.9401), f"a-{number}") for number in (9417, 9421, 9414)
)
SEEN = e.ChecklistMarked("child_seen", True)


def at(seconds):
    return T0 + timedelta(seconds=seconds)


def fold(*events, start=None):
    """Incident 417, then these events, one second apart."""
    opened = e.IncidentOpened(IncidentId("i417"), 417, CallId("c1"), "answered call")
    incident = start or apply(None, opened, at=T0, actor=BRANDT)
    for index, event in enumerate(events, start=1):
        incident = apply(incident, event, at=at(index), actor=BRANDT, seq=100 + index)
    return incident


def close(incident, dispositions=("18", "02"), cause="unknown", **more):
    return decision.close(incident, "Just wanted a hug", dispositions, cause, codes=CODES, **more)


CLOSED = (SEEN, e.IncidentClosed("all well", ("18",), "unknown", ("child_seen",)))


def test_opened_incident_has_the_call_it_began_with():
    incident = fold()
    assert (incident.number, incident.name, incident.call_ids, incident.is_open) == (417, "Incident 417", ("c1",), True)


def test_facts_before_it_was_opened_are_nothing_to_fold():
    assert apply(None, SEEN, at=T0, actor=BRANDT) is None


def test_person_opens_an_incident_of_a_known_kind():
    events = decision.open_incident(IncidentId("i1"), 5, "WELFARE", why="neighbour at the desk", codes=CODES)
    assert [type(event).__name__ for event in events] == ["IncidentOpened", "KindSet"]
    with pytest.raises(BadInput, match="no incident type 'PRANK'"):
        decision.open_incident(IncidentId("i1"), 5, "PRANK", why="", codes=CODES)
    assert len(decision.open_incident(IncidentId("i1"), 5, why="", codes=CODES)) == 1


def test_link_that_is_possible_becomes_certain_without_being_doubled():
    incident = fold(e.CallLinked(CallId("c2"), False, "same number"), e.CallLinked(CallId("c2"), True, "said so"))
    assert [(call.call_id, call.certain) for call in incident.calls] == [("c1", True), ("c2", True)]
    with pytest.raises(Refused, match="belongs to Incident 417 already"):
        decision.link_call(incident, CallId("c2"), certain=True, why="")


def test_places_are_kept_and_a_new_one_is_neither_verified_nor_read_back():
    incident = fold(e.PlaceSet(DOORS[0], 1), e.PlaceReadBack("9417 Kendall Place"), e.PlaceVerified("12A3"))
    assert (incident.place.verified, incident.verified_by, incident.read_back_at) == (True, "12A3", at(2))
    moved = fold(e.PlaceSet(DOORS[1], 2, "fix improved"), start=incident)
    assert (moved.place, moved.verified_by, moved.read_back_at) == (DOORS[1], "", None)
    assert [row.place.label for row in moved.places] == ["9417 Kendall Place", "9421 Kendall Place"]


def test_place_needs_words_and_reading_back_needs_a_place():
    with pytest.raises(BadInput, match="words that can be read back"):
        decision.set_place(fold(), Place("  ", Point(1, 1)))
    for decide in (decision.read_back, lambda incident: decision.verify_place(incident, "12A3")):
        with pytest.raises(Refused, match="Incident 417 has no place yet"):
            decide(fold())
    assert decision.read_back(fold(e.PlaceSet(DOORS[0]))) == e.PlaceReadBack("9417 Kendall Place")


def test_wrong_house_is_ruled_out_and_the_next_door_set():
    incident = fold(e.PlaceSet(DOORS[0], 1))
    ruled, placed = decision.next_door(incident, DOORS, "elderly couple, no child")
    assert ruled == e.DoorRuledOut("a-9417", "9417 Kendall Place", "elderly couple, no child")
    assert (placed.place, placed.door_rank) == (DOORS[1], 2)


def test_doors_ruled_out_do_not_come_again_and_when_none_is_left_nothing_is_set():
    incident = fold(e.PlaceSet(DOORS[0], 1))
    for expected in (DOORS[1], DOORS[2]):
        events = decision.next_door(incident, DOORS, "")
        incident = fold(*events, start=incident)
        assert incident.place == expected
    assert len(decision.next_door(incident, DOORS, "")) == 1
    assert [out.address_id for out in incident.ruled_out] == ["a-9417", "a-9421"]


def test_priority_is_raised_freely_and_lowered_only_with_a_reason():
    incident = fold(e.PrioritySet(2))
    assert decision.set_priority(incident, 1) == e.PrioritySet(1)
    with pytest.raises(Refused, match="lowering it to 3 needs a reason"):
        decision.set_priority(incident, 3)
    assert decision.set_priority(incident, 3, " adult on the line ").reason == "adult on the line"
    with pytest.raises(BadInput, match=r"1 .most urgent. to 5, not 6"):
        decision.set_priority(incident, 6)


def test_narrative_is_added_to_even_after_closing_and_keeps_who_and_when():
    incident = fold(e.NarrativeAdded("Television in background."))
    assert (incident.narrative[0].actor, incident.narrative[0].at, incident.narrative[0].seq) == (BRANDT, at(1), 101)
    assert decision.note(fold(*CLOSED), " It was the neighbour's. ") == e.NarrativeAdded("It was the neighbour's.")
    with pytest.raises(BadInput):
        decision.note(incident, " ")


def test_checklist_item_can_be_cleared_again_but_the_contact_has_been():
    incident = fold(SEEN, e.ChecklistMarked("child_seen", False))
    assert (incident.done_items, incident.contact_at) == ((), at(1))
    with pytest.raises(BadInput, match="no checklist item 'cat_seen'"):
        decision.mark(incident, "cat_seen", True)
    assert fold(e.ChecklistMarked("home_confirmed", True)).contact_at is None


# ---- closing ----


def test_nothing_closes_when_nobody_was_seen():
    with pytest.raises(Refused) as refused:
        close(fold())
    assert str(refused.value) == (
        "Incident 417 cannot be closed: nobody was seen. "
        "Tick who was seen, or give disposition 14 (unable to locate) with what was tried."
    )


@pytest.mark.parametrize("item", PERSON_SEEN)
def test_incident_closes_when_a_person_was_seen_by_checklist_or_by_word(item):
    ticked = close(fold(e.ChecklistMarked(item, True)))
    said = close(fold(), seen=(item,))
    assert ticked.seen == said.seen == (item,)
    assert fold(ticked).status is IncidentStatus.CLOSED


def test_other_checklist_items_are_no_contact():
    with pytest.raises(Refused, match="nobody was seen"):
        close(fold(e.ChecklistMarked("home_confirmed", True)))
    with pytest.raises(BadInput, match="lesson_given does not say that a person was seen"):
        close(fold(), seen=("lesson_given",))


def test_cleared_tick_is_no_contact():
    with pytest.raises(Refused):
        close(fold(SEEN, e.ChecklistMarked("child_seen", False)))


def test_unable_to_locate_closes_only_with_what_was_tried():
    for tried in ((), ("", "  ")):
        with pytest.raises(Refused, match="say what was tried"):
            close(fold(), ("14",), tried=tried)
    closed = close(fold(), ("14",), tried=("four doors", "area check Kendall Place"))
    assert (closed.seen, closed.tried) == ((), ("four doors", "area check Kendall Place"))
    with pytest.raises(Refused):
        close(fold(), ("18",), tried=("four doors",))


def test_incident_whose_call_another_centre_has_closes_as_referred_and_as_nothing_else():
    closed = close(fold(), ("15",), passed_on=("Franklin",))
    assert (closed.seen, closed.tried, closed.passed_on) == ((), (), ("Franklin",))
    with pytest.raises(Refused, match=r"Or give 15 \(referred\): Franklin has the call"):
        close(fold(), ("18",), passed_on=("Franklin",))
    with pytest.raises(Refused, match="nobody was seen"):
        close(fold(), ("15",))
    assert close(fold(SEEN), ("18",), passed_on=("Franklin",)).passed_on == ()


@pytest.mark.parametrize("code", list(DISPOSITIONS))
def test_every_disposition_of_the_field_is_known(code):
    assert close(fold(SEEN), (code,)).dispositions == (code,)


@pytest.mark.parametrize(
    ("dispositions", "cause", "problem"),
    [
        ((), "unknown", "at least one disposition"),
        (("99",), "unknown", "no disposition '99'"),
        (("18",), "brat", "no cause"),
    ],
)
def test_unknown_codes_are_named(dispositions, cause, problem):
    with pytest.raises(BadInput, match=problem):
        close(fold(SEEN), dispositions, cause)


@given(
    st.sets(st.sampled_from(sorted(DISPOSITIONS)), min_size=1),
    st.sampled_from(sorted(CAUSES)),
    st.sets(st.sampled_from(sorted(CHECKLIST))),
    st.lists(st.text(max_size=3), max_size=2),
)
def test_no_closing_without_contact_or_unable_to_locate_with_what_was_tried(codes, cause, ticked, tried):
    incident = fold(*(e.ChecklistMarked(item, True) for item in sorted(ticked)))
    entitled = bool(ticked & set(PERSON_SEEN)) or ("14" in codes and any(line.strip() for line in tried))
    if entitled:
        closed = close(incident, sorted(codes), cause, tried=tried)
        assert closed.seen or closed.tried
    else:
        with pytest.raises(Refused):
            close(incident, sorted(codes), cause, tried=tried)


@pytest.mark.parametrize(
    "decide",
    [
        close,
        lambda i: decision.set_kind(i, "911H", codes=CODES),
        lambda i: decision.set_priority(i, 1),
        lambda i: decision.set_place(i, DOORS[0]),
        lambda i: decision.mark(i, "adult_seen", True),
        lambda i: decision.link_call(i, CallId("c9"), certain=True, why=""),
        lambda i: decision.next_door(i, DOORS, ""),
    ],
)
def test_closed_incident_is_opened_again_before_anything_else(decide):
    with pytest.raises(IllegalTransition, match=r"Incident 417 is Closed; expected an open incident .reopen it first"):
        decide(fold(*CLOSED))


def test_reopened_incident_is_open_and_keeps_its_earlier_closing():
    incident = fold(*CLOSED, e.IncidentReopened("the mother rang back"))
    assert (incident.status, incident.is_open, incident.closing) == (IncidentStatus.REOPENED, True, None)
    assert incident.earlier_closings[0].words == "all well"


def test_reopening_needs_a_closed_incident_and_a_reason():
    with pytest.raises(IllegalTransition):
        decision.reopen(fold(), "x")
    with pytest.raises(Refused, match="needs a reason"):
        decision.reopen(fold(*CLOSED), " ")
    assert decision.reopen(fold(*CLOSED), "rang back") == e.IncidentReopened("rang back")


def test_centre_adds_its_own_codes_to_those_of_the_field():
    more = CODES.with_more(Codes(kinds={"BOAT": "Boat"}, dispositions={}, causes={}))
    assert more.kind("BOAT") == "Boat"
    assert more.kind("911H") == "Hang-up"
    assert more.dispositions == CODES.dispositions
