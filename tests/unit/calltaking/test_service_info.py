"""The ServiceInfo block tells the class of service; a broken one tells nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.calltaking.additional_data import LARGEST_BLOCK
from tenfour.calltaking.event import Handset
from tenfour.calltaking.handset import recognise
from tenfour.calltaking.service_info import class_of_service, is_service_info
from tenfour.play.service_info import SERVICES, document

NAMESPACE = "urn:ietf:params:xml:ns:EmergencyCallData:ServiceInfo"


def block(*said, namespace=NAMESPACE):
    """A block of (element, text) pairs."""
    inside = "".join(f"<{name}>{text}</{name}>" for name, text in said)
    return f'<EmergencyCallData.ServiceInfo xmlns="{namespace}">{inside}</EmergencyCallData.ServiceInfo>'


@pytest.mark.parametrize(
    ("environment", "kind", "mobility", "told"),
    [
        ("Residence", "POTS", "Fixed", "RES"), ("Business", "POTS", "Fixed", "BUS"),
        ("unknown", "coin", "Fixed", "RES"),
        ("Business", "MLTS-local", "Fixed", "BUS"), ("unknown", "MLTS-hosted", "unknown", "BUS"),
        ("Residence", "VOIP", "Nomadic", "VOIP"), ("Residence", "VOIP", "Fixed", "VOIP"),
        ("unknown", "wireless", "Mobile", "WRLS"), ("unknown", "mobile", "unknown", "WRLS"),
        ("unknown", "relay", "unknown", ""), ("unknown", "sensors", "Mobile", "WRLS"), ("Residence", "", "Fixed", ""),
        (" residence ", " pots ", "", "RES"),
    ],
)  # fmt: skip
def test_class_of_service_follows_from_what_the_provider_says(environment, kind, mobility, told):
    said = block(("ServiceEnvironment", environment), ("ServiceType", kind), ("ServiceMobility", mobility))
    assert class_of_service(said) == told


def test_line_with_several_types_is_wireless_before_all_else_and_voip_before_wire():
    assert class_of_service(block(("ServiceType", "POTS"), ("ServiceType", "VOIP"))) == "VOIP"
    assert class_of_service(block(("ServiceType", "VOIP"), ("ServiceType", "wireless"))) == "WRLS"


def test_namespace_that_somebody_mixed_up_is_forgiven():
    assert class_of_service(block(("ServiceType", "POTS"), namespace="urn:example:other")) == "RES"


@pytest.mark.parametrize(
    "broken",
    [
        "", "no XML", "<a>", "<a/>", block(), '<!DOCTYPE a [<!ENTITY x "POTS">]><a><ServiceType>&x;</ServiceType></a>',
        block(("ServiceType", "POTS")) + "x", "<a>\ud800</a>", block(("ServiceType", "POTS")) + " " * LARGEST_BLOCK,
        '<?xml version="1.0" encoding="nonsense"?><a/>',
    ],
)  # fmt: skip
def test_broken_or_unsafe_block_tells_nothing(broken):
    assert class_of_service(broken) == ""


@given(st.text(max_size=200))
def test_any_text_is_taken(text):
    assert class_of_service(text) in {"", "RES", "BUS", "VOIP", "WRLS"}


@pytest.mark.parametrize(
    ("content_type", "so"),
    [
        ("application/EmergencyCallData.ServiceInfo+xml", True),
        ("application/emergencycalldata.serviceinfo+xml", True),
        ("application/emergencycalldata.serviceinfo+xml; charset=utf-8", True),
        ("application/emergencycalldata.subscriberinfo+xml", False),
        ("", False),
    ],
)
def test_block_is_known_by_its_media_type_in_any_case(content_type, so):
    assert is_service_info(content_type) == so


@pytest.mark.parametrize("code", SERVICES)
def test_block_that_a_story_sends_is_understood(code):
    kinds = {"RES": Handset.LANDLINE, "BUS": Handset.LANDLINE, "VOIP": Handset.VOIP}
    told = class_of_service(document(code, provider="carrier.invalid"))
    card = recognise("614-555-0162", "614-555-0162", told)
    assert card.handset is kinds.get(code, Handset.WIRELESS)
    assert card.class_of_service == told
