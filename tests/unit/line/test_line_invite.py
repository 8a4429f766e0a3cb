"""What an INVITE says about a call."""

import msgspec
import pytest

from tenfour.adapters.line_invite import (
    HEADER_LIMIT,
    PROBLEMS_LIMIT,
    ani_of,
    can_be_dialled,
    conveyed,
    displayed,
    from_tag,
    kept_headers,
    read_invite,
    service_of,
)
from tenfour.calltaking.event import BodyPartKept, LocationConveyed, LocationReferenced
from tenfour.telephony.dialog import DialogKey
from tenfour.telephony.flow import Flow
from tenfour.telephony.message import Request
from tenfour.telephony.multipart import Part
from tenfour.telephony.sip_event import InviteReceived

CALL_INFO = (
    "<urn:emergency:uid:callid:abcdef012345:esrp.example.org>;purpose=emergency-CallId, "
    "<urn:emergency:uid:incidentid:fedcba543210:esrp.example.org>;purpose=emergency-IncidentId"
)


def request(*headers: tuple[str, str], uri: str = "urn:service:sos") -> Request:
    return Request(method="INVITE", uri=uri, headers=headers)


def invited(*headers: tuple[str, str], uri: str = "urn:service:sos") -> InviteReceived:
    return InviteReceived(
        call=DialogKey("c@example.org", "us", "them"),
        request=request(("Call-ID", "c@example.org"), *headers, uri=uri),
        flow=Flow("UDP", "192.0.2.7", 5061),
        sdp=None,
    )


def read(invite: InviteReceived, taken: bool = False):
    minted = iter(("minted000001", "minted000002"))
    return read_invite(invite, new_i3_id=lambda: next(minted), taken=lambda _: taken, part_limit=1000).received


@pytest.mark.parametrize(
    ("headers", "ani"),
    [
        ([("From", "<sip:+16145550137@example.org>;tag=1")], "614-555-0137"),
        ([("From", "<sip:9114427186@tower>;tag=1")], "911-442-7186"),
        ([("From", "<sip:x@y>"), ("P-Asserted-Identity", "<tel:+1-614-555-0137>")], "614-555-0137"),
        ([("P-Asserted-Identity", '"A" <sip:alice@x>, <tel:+16145550137>'), ("From", "<sip:1@y>")], "614-555-0137"),
        ([("From", "<sip:1234567890@tower>")], "123-456-7890"),
        ([("From", "<tel:+442079460123>")], "+442079460123"),
        ([("From", "<sip:alice@example.org>")], "alice"),
        ([("From", "sip:anonymous@anonymous.invalid")], "anonymous"),
        ([("From", "nonsense")], ""),
        ([], ""),
    ],
)
def test_the_number_delivered_is_the_asserted_one_as_people_read_it(headers, ani) -> None:
    assert ani_of(request(*headers)) == ani


@pytest.mark.parametrize(
    ("ani", "dialled"),
    [
        ("614-555-0137", True),
        ("+442079460123", True),
        ("911-442-7186", False),
        ("123-456-7890", False),
        ("alice", False),
        ("", False),
        ("911", False),
    ],
)
def test_a_deactivated_phone_has_no_callback_number(ani, dialled) -> None:
    assert can_be_dialled(ani) is dialled


def test_a_number_with_odd_digits_is_shown_as_it_came() -> None:
    assert displayed("٦١٤٥٥٥٠١٣٧") == "٦١٤٥٥٥٠١٣٧"


def test_identifiers_that_came_with_the_call_are_taken() -> None:
    received = read(invited(("Call-Info", CALL_INFO)))
    assert (received.call_id, received.incident_id, received.ids_minted) == ("abcdef012345", "fedcba543210", False)


def test_missing_identifiers_are_minted() -> None:
    received = read(invited())
    assert (received.call_id, received.incident_id, received.ids_minted) == ("minted000001", "minted000002", True)


def test_an_identifier_that_another_call_carries_is_minted_anew() -> None:
    received = read(invited(("Call-Info", CALL_INFO)), taken=True)
    assert (received.call_id, received.incident_id, received.ids_minted) == ("minted000001", "fedcba543210", True)


def test_the_service_stands_in_the_request_uri_or_in_to() -> None:
    assert service_of(request(uri="urn:service:sos.police")) == "urn:service:sos.police"
    assert service_of(request(("To", "<urn:service:sos.fire>"), uri="sip:psap@x")) == "urn:service:sos.fire"
    assert service_of(request(uri="sip:911@psap")) == "urn:service:sos"


def test_a_test_call_is_known_by_its_service() -> None:
    assert read(invited(uri="urn:service:test.sos")).test
    assert not read(invited()).test


def test_source_and_transport_are_where_it_came_from() -> None:
    received = read(invited())
    assert (received.transport, received.source, received.sip_call_id) == ("UDP", "192.0.2.7:5061", "c@example.org")


def test_the_record_keeps_the_headers_that_matter_and_no_more_than_fits() -> None:
    kept = kept_headers(request(("Via", "v"), ("From", "<sip:1@x>"), ("Subject", "x" * 5000), ("Contact", "c")))
    assert kept == (("From", "<sip:1@x>"), ("Subject", "x" * HEADER_LIMIT))


def test_locations_and_strange_parts_become_facts_and_the_description_does_not() -> None:
    parts = [
        Part("application/sdp", b"v=0"),
        Part("application/pidf+xml", b"<presence/>", "loc@x"),
        Part("text/plain", "Grüße".encode(), "t@x"),
        Part("image/png", b"\x89PNG", ""),
    ]
    message = request(("Geolocation", "<cid:loc@x>, <https://lis.example.org/a>, <sip:lis@example.org>, <ftp:odd>"))
    assert conveyed(message, parts, 1000) == [
        LocationConveyed("<presence/>", "loc@x"),
        LocationReferenced("https://lis.example.org/a"),
        LocationReferenced("sip:lis@example.org"),
        BodyPartKept("text/plain", "Grüße", "t@x"),
        BodyPartKept("image/png;encoding=base64", "iVBORw==", ""),
    ]


def test_what_is_odd_in_an_invite_is_told_in_the_first_fact() -> None:
    odd = msgspec.structs.replace(
        invited(("Geolocation", "<cid:nowhere@example.org>")), sdp=b"hello", problems=("The line 'x' is no header.",)
    )
    assert read(odd).problems == (
        "The line 'x' is no header.",
        "A session description does not begin with v=0. It was taken for none.",
        "Geolocation names <cid:nowhere@example.org>, and no body part is called so.",
    )


def test_an_invite_in_order_has_no_problems() -> None:
    assert read(invited(("From", "<tel:+16145550137>;tag=1"))).problems == ()


def test_the_problems_of_an_invite_are_cut_to_bounds() -> None:
    endless = msgspec.structs.replace(invited(), problems=("x" * 5000,) * 100)
    assert {len(problem) for problem in read(endless).problems} == {HEADER_LIMIT}
    assert len(read(endless).problems) == PROBLEMS_LIMIT


def test_a_part_is_cut_to_its_limit() -> None:
    (kept,) = conveyed(request(), [Part("text/plain", b"x" * 5000)], 100)
    assert kept == BodyPartKept("text/plain", "x" * 100)


def test_a_from_without_a_tag_is_no_error() -> None:
    assert from_tag(request(("From", "<sip:1@x>"))) == ""
    assert from_tag(request(("From", "nonsense"))) == ""
    assert from_tag(request(("From", "<sip:1@x>;tag=abc"))) == "abc"


LINES = {"6145550100": "front desk"}


def admin_line(*headers: tuple[str, str], uri: str) -> str:
    minted = iter(("minted000001", "minted000002"))
    read = read_invite(
        invited(*headers, uri=uri),
        new_i3_id=lambda: next(minted),
        taken=lambda _: False,
        part_limit=1000,
        admin_lines=LINES,
    )
    assert (read.received.service == "") is bool(read.received.admin_line)
    return read.received.admin_line


@pytest.mark.parametrize(
    "uri",
    [
        "sip:6145550100@psap.example.org",
        "sips:+1-614-555-0100@psap.example.org;user=phone",
        "tel:+16145550100",
        "tel:614-555-0100;phone-context=+1",
    ],
)
def test_a_call_to_an_administrative_number_is_known_by_its_request_uri(uri) -> None:
    assert admin_line(uri=uri) == "front desk"


@pytest.mark.parametrize(
    "uri",
    [
        "urn:service:sos",
        "sip:911@psap.example.org",
        "sip:6145550101@psap.example.org",
        "sip:psap.example.org",
        "sip:front@psap.example.org",
        "tel:",
        "6145550100",
        "nonsense",
    ],
)
def test_whatever_else_is_called_is_an_emergency(uri) -> None:
    assert admin_line(uri=uri) == ""


@pytest.mark.parametrize("uri", ["sip:psap@psap.example.org", "sip:6145550100@psap.example.org"])
def test_a_call_whose_to_names_the_line_is_administrative_also_within_an_esinet(uri) -> None:
    headers = (("To", "<sip:614-555-0100@carrier.example.net>"), ("Call-Info", CALL_INFO))
    assert admin_line(*headers, uri=uri) == "front desk"


@pytest.mark.parametrize("uri", ["sip:911@psap.example.org", "sip:6145550199@psap.example.org", "urn:service:sos"])
def test_a_call_that_was_diverted_from_an_administrative_number_is_an_emergency(uri) -> None:
    assert admin_line(("To", "<tel:+16145550100>"), uri=uri) == ""


@pytest.mark.parametrize(
    "header",
    [
        ("To", "<urn:service:sos>"),
        ("Call-Info", CALL_INFO),
        ("Resource-Priority", "esnet.1"),
    ],
)
def test_an_emergency_call_to_an_administrative_number_stays_one(header) -> None:
    assert admin_line(header, uri="sip:6145550100@psap.example.org") == ""
