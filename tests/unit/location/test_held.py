"""HELD as bytes: the request we send, the answers we understand."""

from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.location.held import (
    LARGEST_ANSWER,
    NAMESPACE,
    HeldLocation,
    HeldRefusal,
    HeldUnreadable,
    location_request,
    read_answer,
)
from tenfour.location.pidf import read_pidf_lo

PRESENCE = """<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="pres:a@example.com"><tuple id="a"><status>
<gp:geopriv xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10"><gp:location-info>
<gs:Circle xmlns:gs="http://www.opengis.net/pidflo/1.0" srsName="urn:ogc:def:crs:EPSG::4326">
<gml:pos xmlns:gml="http://www.opengis.net/gml">39.9573 -82.9401</gml:pos><gs:radius>38</gs:radius></gs:Circle>
</gp:location-info><gp:usage-rules/><gp:method>A-GPS</gp:method></gp:geopriv></status></tuple></presence>"""


def answer(inner):
    return f'<?xml version="1.0"?><locationResponse xmlns="{NAMESPACE}">{inner}</locationResponse>'.encode()


def test_request_asks_for_the_best_place_in_time_for_dispatch():
    root = fromstring(location_request())
    assert root.tag == f"{{{NAMESPACE}}}locationRequest"
    assert root.get("responseTime") == "emergencyDispatch"
    kind = root.find(f"{{{NAMESPACE}}}locationType")
    assert (kind.text, kind.get("exact")) == ("geodetic civic", "false")


def test_location_in_the_answer_is_a_document_that_can_be_read_as_fixes():
    given = read_answer(answer(PRESENCE))
    assert isinstance(given, HeldLocation)
    (fix,) = read_pidf_lo(given.pidf_lo, source="rebid", tower_radius_m=1000)
    assert (fix.uncertainty_m, fix.method, fix.source) == (38.0, "A-GPS", "rebid")


def test_further_uris_are_kept():
    uris = "<locationUriSet><locationURI> https://lis.example/x </locationURI></locationUriSet>"
    assert read_answer(answer(uris + PRESENCE)).uris == ("https://lis.example/x",)


def test_bare_presence_document_is_taken_too():
    assert isinstance(read_answer(PRESENCE.encode()), HeldLocation)


def test_refusal_of_the_server_keeps_its_code_and_words():
    body = (
        f'<error xmlns="{NAMESPACE}" code="locationUnknown"><message xml:lang="en">Unable to\n find</message></error>'
    )
    assert read_answer(body.encode()) == HeldRefusal("locationUnknown", "Unable to find")
    assert read_answer(b"<error/>") == HeldRefusal("unspecified", "")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "is no XML"),
        (b"<html><body>404</body></html>", "answered with 'html'"),
        (answer(""), "holds no location"),
        (b"<?xml version='1.0' encoding='nothing-known'?><a/>", "unsafe"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "unsafe"),
        (b"<a>" + b" " * LARGEST_ANSWER, "too long"),
    ],
)
def test_answer_that_cannot_be_used_is_told_in_a_sentence(body, problem):
    with pytest.raises(HeldUnreadable, match=problem):
        read_answer(body)


@given(st.binary(max_size=300))
def test_any_bytes_are_an_answer_or_a_sentence(body):
    try:
        read_answer(body)
    except HeldUnreadable as error:
        assert str(error).endswith(".")
