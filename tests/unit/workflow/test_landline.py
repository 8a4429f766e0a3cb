"""From the facts of the wire to the advice: a landline is recognised, and a landline always gets a unit."""

import pytest

from tenfour.calltaking.event import BodyPartKept, Handset, HandsetRecognised, KindAdvised, LocationConveyed
from tenfour.play import pidf
from tenfour.play.fix import AddressGiven, CircleGiven
from tenfour.play.service_info import CONTENT_TYPE, document
from tenfour.vocabulary.ids import call_stream

CALLABLE = "614-555-0162"
LANDLINE = "Landline: can be called back, not texted at 614-555-0162."
BY_ADDRESS = "Landline, by its address: can be called back, not texted at 614-555-0162."


def serve(centre, call_id, code="RES", content=None):
    """A ServiceInfo block came with the call, as the line keeps it."""
    text = document(code, provider="carrier.invalid") if content is None else content
    return centre.tell(call_stream(call_id), BodyPartKept(CONTENT_TYPE.lower(), text, "service@carrier.invalid"))


def locate(centre, call_id, fix):
    """A location came with the call."""
    return centre.tell(call_stream(call_id), LocationConveyed(pidf.document(fix, entity="tel:1", now=centre.now)))


def address(method="Manual"):
    return AddressGiven(house_number="4402", street="Oak Street", method=method)


def measured(method="A-GPS", radius_m=38):
    return CircleGiven(lat=39.9573, lon=-82.9401, radius_m=radius_m, method=method)


def recognised(centre, facts):
    return [one.reason for one in centre.events(facts, HandsetRecognised)]


def test_landline_that_drops_is_advised_a_unit_from_the_wire_s_facts_alone(centre):
    call_id = centre.ring("a", CALLABLE)
    assert centre.world.call(call_id).handset is Handset.UNKNOWN
    assert recognised(centre, serve(centre, call_id)) == [LANDLINE]
    centre.answer(call_id)
    [advice] = centre.events(centre.drop(call_id), KindAdvised)
    assert (advice.rule, advice.kind, advice.priority) == ("hangup.landline", "911H", 2)
    assert advice.next_step == "call back once, and send a unit whatever is said"


@pytest.mark.parametrize(
    ("code", "handset", "rule"),
    [
        ("BUS", Handset.LANDLINE, "hangup.landline"),
        ("VOIP", Handset.VOIP, "silent.answered"),
        ("WPH1", Handset.WIRELESS, "silent.answered"),
    ],
)
def test_other_classes_of_service_get_their_own_advice(centre, code, handset, rule):
    call_id = centre.ring("a", CALLABLE)
    serve(centre, call_id, code)
    centre.answer(call_id)
    [advice] = centre.events(centre.drop(call_id), KindAdvised)
    assert (centre.world.call(call_id).handset, advice.rule) == (handset, rule)


def test_phone_without_service_stays_one_whatever_comes_with_the_call(centre):
    call_id = centre.ring("a")
    assert recognised(centre, serve(centre, call_id)) == []
    assert recognised(centre, locate(centre, call_id, address())) == []
    assert centre.world.call(call_id).handset is Handset.NSI


def test_handset_is_recognised_anew_only_when_something_changed(centre):
    call_id = centre.ring("a", CALLABLE)
    assert len(recognised(centre, serve(centre, call_id))) == 1
    assert recognised(centre, serve(centre, call_id)) == []
    assert len(recognised(centre, serve(centre, call_id, "VOIP"))) == 1


@pytest.mark.parametrize("content", ["<broken", "", "<a/>"])
def test_broken_block_is_ignored_and_stays_in_the_record(centre, content):
    call_id = centre.ring("a", CALLABLE)
    facts = serve(centre, call_id, content=content)
    assert centre.said(facts) == ["BodyPartKept"]
    assert centre.world.call(call_id).handset is Handset.UNKNOWN


def test_other_body_part_tells_nothing(centre):
    call_id = centre.ring("a", CALLABLE)
    part = BodyPartKept("application/emergencycalldata.subscriberinfo+xml", document("RES", provider="a.invalid"))
    assert centre.said(centre.tell(call_stream(call_id), part)) == ["BodyPartKept"]


@pytest.mark.parametrize("method", ["Manual", "DHCP", "manual"])
def test_address_that_was_written_down_tells_a_fixed_line(centre, method):
    call_id = centre.ring("a", CALLABLE)
    assert recognised(centre, locate(centre, call_id, address(method))) == [BY_ADDRESS]
    assert centre.world.call(call_id).class_of_service == "FIXED"
    assert [a.rule for a in centre.events(centre.drop(call_id), KindAdvised)] == ["hangup.landline"]


def test_address_made_from_a_measured_place_tells_no_fixed_line(centre):
    call_id = centre.ring("a", CALLABLE)
    assert recognised(centre, locate(centre, call_id, address("Derived"))) == []


def test_class_of_service_goes_before_what_the_address_told(centre):
    call_id = centre.ring("a", CALLABLE)
    locate(centre, call_id, address())
    serve(centre, call_id, "VOIP")
    assert recognised(centre, locate(centre, call_id, address())) == []
    assert centre.world.call(call_id).handset is Handset.VOIP


@pytest.mark.parametrize(
    ("fix", "handset"),
    [(measured(), Handset.UNKNOWN), (measured("Cell", 900), Handset.WIRELESS)],
)
def test_measured_place_takes_back_what_the_address_told(centre, fix, handset):
    call_id = centre.ring("a", CALLABLE)
    locate(centre, call_id, address())
    assert len(recognised(centre, locate(centre, call_id, fix))) == 1
    assert centre.world.call(call_id).handset is handset
    assert recognised(centre, locate(centre, call_id, address())) == []


def test_measured_place_does_not_change_a_class_of_service_that_was_delivered(centre):
    call_id = centre.ring("a", CALLABLE)
    serve(centre, call_id)
    assert recognised(centre, locate(centre, call_id, measured("Cell", 900))) == []


def test_what_is_told_after_the_call_ended_changes_the_advice(centre):
    call_id = centre.ring("a", CALLABLE)
    centre.answer(call_id)
    assert [a.rule for a in centre.events(centre.drop(call_id), KindAdvised)] == ["silent.answered"]
    assert [a.rule for a in centre.events(serve(centre, call_id), KindAdvised)] == ["hangup.landline"]
