"""What a network does to a line: bodies, datagrams and audio packets that are broken, by accident or on purpose.

Each is a case with a name. `tests/integration/line/test_bad_input_beside_a_call.py` throws every one at a real line,
beside a call whose audio must not notice.
"""

import struct
from collections.abc import Callable

import msgspec

from tenfour.telephony.rtp import RtpPacket, serialise_rtp

Description = bytes


class BrokenInvite(msgspec.Struct, frozen=True):
    """An emergency INVITE with a broken part, which is taken all the same.

    `body(sdp)` gives its body; `said` are words of `CallReceived.problems` or of `LocationUnreadable` ("" where nothing
    need be said); `has_audio` says whether the description in it can still be used; `offerless`: the ACK brings one.
    """

    content_type: str
    body: Callable[[Description], bytes]
    said: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    has_audio: bool = True
    offerless: bool = False
    unreadable_location: bool = False


def _multipart(sdp: Description, *parts: bytes, boundary: bytes = b"b1", closed: bool = True) -> bytes:
    whole = (b"Content-Type: application/sdp\r\n\r\n" + sdp, *parts)
    end = b"--" + boundary + b"--\r\n" if closed else b""
    return b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in whole) + end


def _pidf(inner: str, declaration: str = "") -> bytes:
    document = (
        f'<?xml version="1.0" encoding="UTF-8"?>{declaration}<presence xmlns="urn:ietf:params:xml:ns:pidf" '
        'xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10" xmlns:gml="http://www.opengis.net/gml" entity="pres:a@b">'
        f'<tuple id="a"><status><gp:geopriv><gp:location-info>{inner}</gp:location-info></gp:geopriv></status></tuple>'
        "</presence>"
    )
    return b"Content-Type: application/pidf+xml\r\nContent-ID: <loc@example.org>\r\n\r\n" + document.encode()


def _with_location(inner: str, declaration: str = "") -> BrokenInvite:
    def body(sdp: Description) -> bytes:
        return _multipart(sdp, _pidf(inner, declaration))

    return BrokenInvite(
        "multipart/mixed;boundary=b1",
        body,
        headers=(("Geolocation", "<cid:loc@example.org>"),),
        unreadable_location=True,
    )


def _nested(sdp: Description, levels: int) -> bytes:
    body = b"Content-Type: text/plain\r\n\r\nhello"
    for level in range(levels):
        edge = f"e{level}".encode()
        body = (
            b"Content-Type: multipart/mixed;boundary="
            + edge
            + b"\r\n\r\n--"
            + edge
            + b"\r\n"
            + body
            + b"\r\n--"
            + edge
            + b"--"
        )
    return _multipart(sdp, body)


BILLION_LAUGHS = (
    '<!DOCTYPE presence [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)
OUTSIDE_FILE = '<!DOCTYPE presence [<!ENTITY f SYSTEM "file:///etc/hostname">]>'

BROKEN_INVITES: dict[str, BrokenInvite] = {
    "description that is none": BrokenInvite("application/sdp", lambda _: b"v=0\r\nm=audio nonsense\r\n", "m=audio"),
    "description of bytes": BrokenInvite("application/sdp", lambda _: bytes(range(256)), "v=0"),
    "description without our codecs": BrokenInvite(
        "application/sdp",
        lambda sdp: sdp.replace(b"AVP 0 101", b"AVP 18").replace(b"0 PCMU/8000", b"18 G729/8000"),
        has_audio=False,
    ),
    "description without media": BrokenInvite("application/sdp", lambda sdp: sdp.partition(b"m=")[0], has_audio=False),
    "description with port 0": BrokenInvite(
        "application/sdp", lambda sdp: b"m=audio 0 ".join(_around_port(sdp)), has_audio=False
    ),
    "description of 33 media": BrokenInvite(
        "application/sdp", lambda sdp: sdp + b"m=audio 9 RTP/AVP 0\r\n" * 33, "32 media"
    ),
    "no description": BrokenInvite("application/sdp", lambda _: b"", offerless=True),
    "boundary that is not there": BrokenInvite("multipart/mixed;boundary=other", _multipart, "boundaries 'other'"),
    "boundary that is not named": BrokenInvite("multipart/mixed", _multipart, "boundaries ''"),
    "multipart that is not closed": BrokenInvite(
        "multipart/mixed;boundary=b1", lambda sdp: _multipart(sdp, closed=False)
    ),
    "type that is nonsense": BrokenInvite("nonsense", _multipart, "boundaries ''"),
    "base64 that is none": BrokenInvite(
        "multipart/mixed;boundary=b1",
        lambda sdp: _multipart(sdp, b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nabcde"),
        "base64",
    ),
    "100 parts": BrokenInvite(
        "multipart/mixed;boundary=b1",
        lambda sdp: _multipart(sdp, *(b"Content-Type: text/plain\r\n\r\nhi" for _ in range(100))),
        "64 parts",
    ),
    "20 levels": BrokenInvite("multipart/mixed;boundary=b1", lambda sdp: _nested(sdp, 20), "nested deeper"),
    "part of 40,000 bytes": BrokenInvite(
        "multipart/mixed;boundary=b1", lambda sdp: _multipart(sdp, b"Content-Type: x/y\r\n\r\n" + b"\xff" * 40_000)
    ),
    "location that is no XML": _with_location("<gml:Point>"),
    "location of another planet": _with_location('<gml:Point srsName="urn:mars"><gml:pos>1 2</gml:pos></gml:Point>'),
    "location beyond the pole": _with_location("<gml:Point><gml:pos>91 0</gml:pos></gml:Point>"),
    "location of words": _with_location("<gml:Point><gml:pos>here there</gml:pos></gml:Point>"),
    "location without a shape": _with_location(""),
    "location that grows": _with_location("&c;", BILLION_LAUGHS),
    "location that reads a file": _with_location("&f;", OUTSIDE_FILE),
    "location by a name that no part has": BrokenInvite(
        "application/sdp", lambda sdp: sdp, "no body part", headers=(("Geolocation", "<cid:nobody@example.org>"),)
    ),
    "identifier that is none": BrokenInvite(
        "application/sdp",
        lambda sdp: sdp,
        "callid",
        headers=(("Call-Info", "<urn:emergency:uid:callid:short:x>;purpose=emergency-CallId"),),
    ),
    "extension that nobody knows": BrokenInvite(
        "application/sdp", lambda sdp: sdp, "telepathy", headers=(("Require", "telepathy"),)
    ),
    "name with markup": BrokenInvite(
        "application/sdp", lambda sdp: sdp, headers=(("Subject", '<script>alert("1")</script>\u202e\u0301'),)
    ),
    "300 headers of 100 letters": BrokenInvite(
        "application/sdp", lambda sdp: sdp, headers=tuple((f"X-Odd-{n}", "x" * 100) for n in range(300))
    ),
}
"""By name. What of each is in the record stands in its case."""


def _around_port(sdp: Description) -> tuple[bytes, bytes]:
    before, _, after = sdp.partition(b"m=audio ")
    return before, after.partition(b" ")[2]


# ---- audio ----


class Stray(msgspec.Struct, frozen=True):
    """Packets at the audio port of a call. `forged`: they come from an address that is not the caller's.

    `counted` names the field of `AudioMeasured` in which they are found again, "" where the caller's own are not wrong.
    """

    packets: tuple[bytes, ...]
    counted: str = ""
    forged: bool = True


def _voice(sequence: int, timestamp: int, *, ssrc: int = 66, payload: bytes = b"\x00" * 160, kind: int = 0) -> bytes:
    """One packet of the loudest sound that G.711 has: where it is heard it is seen in the recording."""
    return serialise_rtp(RtpPacket(kind, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc, payload))


STRAYS: dict[str, Stray] = {
    "bytes that are no packet": Stray((b"\x80", b"hello", b"@" * 1400, b"\xff" * 1400) * 25, "broken", forged=False),
    "empty packets that keep a port open": Stray((b"", bytes(4), bytes(1400)) * 20, "", forged=False),
    "voice of a stranger": Stray(tuple(_voice(n, 160 * n) for n in range(100)), "refused"),
    "voice of a stranger who knows the source": Stray(
        tuple(_voice(n, 160 * n, ssrc=77) for n in range(100)), "refused"
    ),
    "payload types that nobody agreed on": Stray(
        tuple(_voice(1, 160, kind=n) for n in range(20, 90)), "broken", forged=False
    ),
    "packets of 3000 bytes": Stray(
        tuple(_voice(n, 160 * n, payload=bytes(3000)) for n in range(20)), "broken", forged=False
    ),
    "packets without sound": Stray(tuple(_voice(n, 160 * n, payload=b"") for n in range(20)), "broken", forged=False),
    "extension beyond the end": Stray(
        (struct.pack("!BBHIIHH", 0x90, 0, 1, 160, 77, 1, 60000),) * 20, "broken", forged=False
    ),
    "padding beyond the end": Stray(
        (struct.pack("!BBHII", 0xA0, 0, 1, 160, 77) + b"\xff",) * 20, "broken", forged=False
    ),
    "reports at the audio port": Stray((struct.pack("!BBHI", 0x80, 200, 1, 77),) * 20, forged=False),
    "keys of a stranger": Stray(
        tuple(_voice(n, 160 * n, kind=101, payload=struct.pack("!BBH", 11, 0x8A, 800)) for n in range(50)), "refused"
    ),
    "keys that are none": Stray(tuple(_voice(n, 160, kind=101, payload=b"\xff\xff") for n in range(50)), forged=False),
}


# ---- datagrams ----

_HEAD = (
    "Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKbad{n}\r\nFrom: <sip:a@b.example>;tag=a\r\n"
    "To: <sip:911@b.example>{tag}\r\nCall-ID: bad{n}@b.example\r\nCSeq: 1 {method}\r\n"
)


def _request(
    method: str, *, tag: str = "", version: str = "SIP/2.0", more: str = "", cseq: str = "", n: str = "1"
) -> bytes:
    head = _HEAD.format(n=method + n, tag=tag, method=cseq or method)
    return f"{method} sip:911@127.0.0.1 {version}\r\n{head}Max-Forwards: 70\r\n{more}Content-Length: 0\r\n\r\n".encode()


UNUSABLE: dict[str, bytes] = {
    "bytes": bytes(range(256)),
    "words": b"hello, is anybody there?\r\n\r\n",
    "request of the web": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "head that ends within itself": b"INVITE sip:911@b SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKx\r\nFrom",
    "no Via": _request("OPTIONS").replace(b"Via", b"X-Via"),
    "Via that names nobody": _request("OPTIONS").replace(b"127.0.0.1:9", b":::"),
    "no Call-ID": _request("OPTIONS").replace(b"Call-ID", b"X-Call-ID"),
    "CSeq of another method": _request("OPTIONS", cseq="REGISTER"),
    "CSeq beyond all numbers": _request("OPTIONS").replace(b"CSeq: 1", b"CSeq: 99999999999"),
    "From without an address": _request("OPTIONS").replace(b"<sip:a@b.example>", b"nobody"),
    "another version": _request("OPTIONS", version="SIP/7.0"),
    "1,200 headers": _request("OPTIONS", more="X: y\r\n" * 1200),
    "answer with two ways": b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a\r\nVia: SIP/2.0/UDP b\r\n"
    b"From: <sip:a@b>\r\nTo: <sip:a@b>\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n\r\n",
    "status beyond all": b"SIP/2.0 4294967301 better not break\r\nVia: SIP/2.0/UDP a\r\n\r\n",
}
"""Datagrams that cannot be used: each is told in the record."""

UNWANTED: dict[str, bytes] = {
    "keep-alives": b"\r\n\r\n",
    "goodbye of no call": _request("BYE", tag=";tag=none"),
    "CANCEL of nothing": _request("CANCEL"),
    "ACK of nothing": _request("ACK", tag=";tag=none"),
    "registration": _request("REGISTER"),
    "notification of nothing": _request("NOTIFY", tag=";tag=none", more="Event: presence\r\n"),
    "method that nobody knows": _request("DANCE"),
    "answer that nobody asked for": b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKno\r\n"
    b"From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n\r\n",
}
"""Datagrams that are well formed and belong to nothing: refused or ignored, as RFC 3261 says."""
