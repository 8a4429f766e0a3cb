"""What a browser offers of its headset is answered so that it can connect, or refused in a sentence."""

import pytest

from tenfour.telephony.browser_sdp import OurEnd, answer_browser, read_browser_offer
from tenfour.telephony.errors import SdpError
from tenfour.telephony.sdp import parse_sdp, serialise_sdp
from tenfour.telephony.secured_sdp import Fingerprint

DIGEST = ":".join(["AB"] * 32)
OFFER = f"""v=0
o=- 4611731400430051336 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
a=msid-semantic: WMS
m=audio 9 UDP/TLS/RTP/SAVPF 0 126
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=ice-ufrag:Ab1+
a=ice-pwd:0123456789012345678901
a=ice-options:trickle
a=fingerprint:sha-256 {DIGEST}
a=setup:actpass
a=mid:0
a=sendrecv
a=rtcp-mux
a=rtpmap:0 PCMU/8000
a=rtpmap:126 telephone-event/8000
"""
OURS = OurEnd("127.0.0.1", 40000, "ours", "a password of ours, long", Fingerprint("sha-256", bytes(32)), 7)


def test_our_answer_has_all_that_a_browser_needs_to_connect() -> None:
    offer = read_browser_offer(parse_sdp(OFFER.encode()))
    assert (offer.mid, offer.ufrag, offer.payload_type) == ("0", "Ab1+", 0)
    answer = parse_sdp(serialise_sdp(answer_browser(offer, OURS)))
    assert ("ice-lite", None) in answer.attributes
    assert ("group", "BUNDLE 0") in answer.attributes
    (audio,) = answer.media
    assert (audio.port, audio.protocol, audio.formats) == (40000, "UDP/TLS/RTP/SAVPF", ("0",))
    assert audio.attribute("candidate") == "1 1 udp 2130706431 127.0.0.1 40000 typ host"
    assert audio.attribute("setup") == "passive"
    assert audio.attribute("mid") == "0"
    assert audio.attribute("rtcp-mux") == ""


@pytest.mark.parametrize(
    ("written", "instead", "sentence"),
    [
        ("SAVPF 0 126", "SAVPF 111", "no audio in PCMU"),
        (f"a=fingerprint:sha-256 {DIGEST}\n", "", "no audio in PCMU"),
        ("a=rtcp-mux\n", "", "a=rtcp-mux"),
        ("a=ice-pwd:0123456789012345678901", "a=ice-pwd:short", "no name and password of ICE"),
        ("m=audio 9", "m=video 9 UDP/TLS/RTP/SAVPF 96\nm=audio 9", "has one medium"),
    ],
)
def test_an_offer_that_no_headset_here_could_use_is_refused_in_a_sentence(written, instead, sentence) -> None:
    assert written in OFFER
    with pytest.raises(SdpError, match=sentence):
        read_browser_offer(parse_sdp(OFFER.replace(written, instead).encode()))
