"""What another centre is told in words of a call: what is known, within bounds, and no notes."""

import pytest

from tenfour.calltaking.event import HeardOnCall
from tenfour.incident.event import KindSet, NarrativeAdded, PlaceSet, PrioritySet
from tenfour.vocabulary.ids import call_stream, incident_stream
from tenfour.vocabulary.place import Place
from tenfour.workflow.told_along import LONGEST, told_along


@pytest.fixture
def call_id(centre):
    answered = centre.ring("a")
    centre.answer(answered)
    return answered


def told(centre, call_id):
    return told_along(centre.world, centre.world.call(call_id))


def test_what_is_known_is_told_and_nothing_else(centre, call_id):
    bare = told(centre, call_id)
    assert "Kind" not in bare
    assert "Heard" not in bare
    assert bare.endswith("Nobody was sent yet.")
    incident = incident_stream(centre.world.call(call_id).incident_id)
    centre.tell(incident, KindSet("911H"))
    centre.tell(incident, PrioritySet(2))
    centre.tell(call_stream(call_id), HeardOnCall(("child_voice",)))
    centre.tell(incident, NarrativeAdded("The boy laughed."))
    words = told(centre, call_id)
    for each in ("Kind 911H.", "Priority 2.", "Heard: Child's voice."):
        assert each in words
    assert "laughed" not in words


def test_much_that_is_known_is_cut_to_bounds(centre, call_id):
    incident = incident_stream(centre.world.call(call_id).incident_id)
    centre.tell(incident, PlaceSet(Place("9417 Kendall Place " * 100)))
    assert len(told(centre, call_id)) == LONGEST
