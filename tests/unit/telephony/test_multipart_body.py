"""Bodies of several parts: SDP, PIDF-LO and whatever else an emergency call brings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.telephony.geolocation import LocationScheme, geolocations, location_parts
from tenfour.telephony.message import Request
from tenfour.telephony.multipart import MAX_DEPTH, MAX_PARTS, Part, bare_cid, read_parts, write_parts

SDP = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"
PIDF = b"<presence>here</presence>"
parts = st.lists(
    st.builds(
        Part,
        content_type=st.sampled_from(["application/sdp", "application/pidf+xml", "text/plain"]),
        content=st.binary(max_size=80).filter(lambda data: b"=-edge" not in data),
        content_id=st.sampled_from(["", "a@b.example", "loc1"]),
        disposition=st.sampled_from(["", "render"]),
    ),
    min_size=1,
    max_size=6,
)


@given(parts)
def test_parts_survive_writing_and_reading(written):
    read = read_parts(*write_parts(written, "=-edge"))
    assert read.problems == ()
    assert [
        (part.content_type, part.content, part.content_id, part.disposition) for part in read.parts
    ] == [(part.content_type, part.content, part.content_id, part.disposition) for part in written]  # fmt: skip


@given(st.text(max_size=40), st.binary(max_size=300))
def test_no_body_raises(content_type, body):
    read_parts(content_type, body)
    read_parts("multipart/mixed;boundary=ab", b"--ab\r\n" + body)


def body(*pieces: bytes, edge: bytes = b"edge") -> bytes:
    return b"".join(b"--" + edge + b"\r\n" + piece + b"\r\n" for piece in pieces) + b"--" + edge + b"--\r\n"


def test_sdp_and_location_side_by_side():
    read = read_parts(
        'multipart/mixed; boundary="edge"',
        body(b"Content-Type: application/sdp\r\n\r\n" + SDP,
             b"Content-Type: application/pidf+xml\r\nContent-ID: <loc@a.example>\r\n\r\n" + PIDF),
    )  # fmt: skip
    assert read.sdp == SDP
    assert read.named("cid:loc@a.example").content == PIDF


def test_sdp_is_found_however_deep_it_stands():
    inner = body(b"Content-Type: application/SDP; x=y\r\n\r\n" + SDP, edge=b"in")
    outer = body(
        b"Content-Type: text/plain\r\n\r\nhello", b"Content-Type: multipart/alternative;boundary=in\r\n\r\n" + inner
    )
    read = read_parts("Multipart/Mixed;boundary=edge", outer)
    assert [part.content_type for part in read.parts] == ["text/plain", "application/sdp"]
    assert read.sdp == SDP


@pytest.mark.parametrize(
    "data",
    [
        body(b"Content-Type: application/sdp\r\n\r\n" + SDP).removesuffix(b"--edge--\r\n"),
        b"preamble\r\n" + body(b"Content-Type: application/sdp\r\n\r\n" + SDP) + b"epilogue",
        body(b"Content-Type: application/sdp\r\n\r\n" + SDP).replace(b"\r\n", b"\n"),
        body(b"Content-Type: application/sdp\r\n\r\n" + SDP).replace(b"--edge\r\n", b"--edge  \r\n"),
        body(b"Content-Type:\r\n application/sdp\r\n\r\n" + SDP),
    ],
)
def test_odd_multipart_bodies_still_give_their_sdp(data):
    sdp = read_parts("multipart/mixed;boundary=edge", data).sdp
    assert sdp.strip().replace(b"\r\n", b"\n") == SDP.strip().replace(b"\r\n", b"\n")


def test_missing_boundary_is_guessed_from_the_body():
    assert read_parts("multipart/mixed", body(b"Content-Type: application/sdp\r\n\r\n" + SDP)).sdp == SDP


def test_boundary_that_begins_another_is_not_taken_for_it():
    inner = body(b"Content-Type: application/sdp\r\n\r\n" + SDP, edge=b"edge2")
    outer = body(b"Content-Type: multipart/mixed;boundary=edge2\r\n\r\n" + inner)
    assert read_parts("multipart/mixed;boundary=edge", outer).sdp == SDP


def test_sdp_with_the_wrong_content_type_is_recognised_by_its_look():
    assert read_parts("application/octet-stream", SDP).sdp == SDP
    assert read_parts("", SDP).sdp == SDP
    assert read_parts("text/plain", b"no").sdp is None


@pytest.mark.parametrize("said", ["multipart/mixed;boundary=other", "multipart/mixed", "nonsense"])
def test_parts_are_found_by_their_own_lines_where_the_boundary_is_wrong_or_missing(said):
    read = read_parts(said, body(b"Content-Type: application/sdp\r\n\r\n" + SDP))
    assert read.sdp == SDP
    assert "nothing between its boundaries" in read.problems[0]


def test_multipart_body_without_any_boundary_is_one_part():
    read = read_parts("multipart/mixed;boundary=edge", SDP)
    assert [part.content for part in read.parts] == [SDP]
    assert read.sdp == SDP
    assert "'edge'" in read.problems[0]


def test_encoded_parts_are_decoded():
    read = read_parts(
        "multipart/mixed;boundary=edge",
        body(b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\naGVsbG8=",
             b"Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\na=3Db",
             b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n!"),
    )  # fmt: skip
    assert [part.content for part in read.parts[:2]] == [b"hello", b"a=b"]


def test_parts_without_headers_and_without_type_are_text():
    assert [part.content_type for part in read_parts("multipart/mixed;boundary=edge", body(b"\r\nhi")).parts] == [
        "text/plain"
    ]


def test_depth_and_number_of_parts_are_bounded():
    nested = SDP
    for level in range(MAX_DEPTH + 2):
        nested = body(b"Content-Type: multipart/mixed;boundary=e%d\r\n\r\n" % (level - 1) + nested, edge=b"e%d" % level)
    read = read_parts(f"multipart/mixed;boundary=e{MAX_DEPTH + 1}", nested)
    assert "deeper" in read.problems[0]
    many = read_parts("multipart/mixed;boundary=edge", body(*[b"\r\nx"] * (MAX_PARTS + 9)))
    assert len(many.parts) == MAX_PARTS
    assert "more than" in many.problems[0]


@pytest.mark.parametrize("text", ["<cid:a@b>", "cid:a@b", "<a@b>", "a@b", "cid:<a@b>", "CID:a%40b", " a@b "])
def test_cid_names_with_and_without_brackets(text):
    assert bare_cid(text) == "a@b"


def request(*values: str) -> Request:
    return Request(method="INVITE", uri="sip:a", headers=tuple(("Geolocation", value) for value in values))


def test_geolocation_values_in_their_order():
    found = geolocations(
        request(
            '<cid:x@y>;inserted-by="a", <https://lis.example/held?a=1,2>',
            "sip:loc@lis.example;x=1",
            "nonsense",
            "<pres:a@b>",
            "<ftp://x>",
        )
    )
    assert [(place.uri, place.scheme) for place in found] == [
        ("cid:x@y", LocationScheme.BY_VALUE),
        ("https://lis.example/held?a=1,2", LocationScheme.HELD),
        ("sip:loc@lis.example", LocationScheme.PRESENCE),
        ("pres:a@b", LocationScheme.PRESENCE),
        ("ftp://x", LocationScheme.OTHER),
    ]
    assert found[0].inserted_by == "a"


def test_location_parts_are_those_named_first_then_the_others():
    first = Part("application/pidf+xml", b"1", "one@x")
    second = Part("application/pidf+xml", b"2", "two@x")
    read = read_parts(*write_parts([first, Part("application/sdp", SDP), second], "edge"))
    found = location_parts(request("<cid:two@x>, <cid:two@x>, <cid:missing@x>"), read)
    assert [part.content for part in found] == [b"2", b"1"]
