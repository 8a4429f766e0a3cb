"""What a caller's side wants: languages and media."""

import pytest

from tenfour.telephony.message import Request
from tenfour.telephony.wanted import languages_of, media_of

SDP = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"


def invite(*values):
    headers = tuple(("Accept-Language", value) for value in values)
    return Request(method="INVITE", uri="sip:911@example.com", headers=headers)


@pytest.mark.parametrize(
    ("values", "sdp", "languages"),
    [
        ((), None, ()),
        (("es-MX, en;q=0.5",), SDP, ("es-MX", "en")),
        (("en;q=0.5, es",), SDP, ("es", "en")),
        (("en", "fr"), None, ("en", "fr")),
        (("es;q=0, en",), None, ("en",)),
        (("en",), SDP + b"a=hlang-recv:es eu *\r\n", ("es", "eu")),
        (("*, 1234, -",), None, ()),
        (("en",), SDP + b"a=hlang-send:es\r\n", ("en",)),
        (("en;q=high",), SDP + b"a=hlang-recv:\xff\xfe\r\n", ("en",)),
    ],
)
def test_languages_are_read_from_the_media_and_else_from_the_invite(values, sdp, languages):
    assert languages_of(invite(*values), sdp) == languages


def test_only_a_few_are_looked_at():
    many = ", ".join(f"{chr(97 + one)}a" for one in range(20))
    assert len(languages_of(invite(many), None)) == 8


def test_media_with_a_port_are_offered():
    text = SDP + b"m=text 4002 RTP/AVP 98\r\nm=video 0 RTP/AVP 31\r\nm=text 4004 RTP/AVP 98\r\n"
    assert media_of(text) == ("audio", "text")
    assert media_of(None) == media_of(b"m=audio\r\nm= 4 x") == ()
