"""What a browser offers of its headset, and our answer: one audio stream in PCMU by ICE and DTLS-SRTP (RFC 8829)."""

import msgspec

from tenfour.telephony.errors import SdpError
from tenfour.telephony.ice import HOST_PRIORITY
from tenfour.telephony.sdp import Codec, Media, Sdp, audio_of
from tenfour.telephony.secured_sdp import Attribute, Dtls, Fingerprint

SHORTEST_UFRAG, SHORTEST_PASSWORD, LONGEST = 4, 22, 256
"""Characters of both (RFC 8839 section 5.4)."""


class BrowserOffer(msgspec.Struct, frozen=True):
    """What of an offer is needed to speak with its writer. `mid` names the medium in both descriptions."""

    mid: str
    ufrag: str
    payload_type: int
    fingerprints: tuple[Fingerprint, ...]


class OurEnd(msgspec.Struct, frozen=True):
    """Where our side is, how it proves itself, and what its audio is called."""

    host: str
    port: int
    ufrag: str
    password: str
    fingerprint: Fingerprint
    session_id: int


def read_browser_offer(sdp: Sdp) -> BrowserOffer:
    """Raises `SdpError` with a sentence where the offer has no audio that a headset here could use."""
    stream = audio_of(sdp, (Codec.PCMU,))
    audio = [medium for medium in sdp.media if medium.kind == "audio"]
    if len(sdp.media) != 1 or not audio:
        raise SdpError("A headset's offer has one medium, its audio.")
    if not isinstance(stream.security, Dtls):
        raise SdpError("A headset's offer names no certificate: its audio must be secured by DTLS.")
    if not stream.rtcp_mux:
        raise SdpError("A headset's offer must have its reports on the audio's own port (a=rtcp-mux).")
    ufrag, password = (_of_ice(sdp, audio[0], name) for name in ("ice-ufrag", "ice-pwd"))
    if not (SHORTEST_UFRAG <= len(ufrag) <= LONGEST and SHORTEST_PASSWORD <= len(password) <= LONGEST):
        raise SdpError("A headset's offer has no name and password of ICE.")
    return BrowserOffer(audio[0].attribute("mid") or "", ufrag, stream.payload_type, stream.security.fingerprints)


def answer_browser(offer: BrowserOffer, ours: OurEnd) -> Sdp:
    """Our answer: the one candidate is in it, and the browser begins the handshake once a path works."""
    family = "IP6" if ":" in ours.host else "IP4"
    session: tuple[Attribute, ...] = (("ice-lite", None), ("group", f"BUNDLE {offer.mid}"))
    attributes: tuple[Attribute, ...] = (
        ("mid", offer.mid),
        ("rtpmap", f"{offer.payload_type} PCMU/8000"),
        ("ptime", "20"),
        ("sendrecv", None),
        ("rtcp-mux", None),
        ("ice-ufrag", ours.ufrag),
        ("ice-pwd", ours.password),
        ("fingerprint", f"{ours.fingerprint.hash_name} {ours.fingerprint.digest.hex(':').upper()}"),
        ("setup", "passive"),
        ("candidate", f"1 1 udp {HOST_PRIORITY} {ours.host} {ours.port} typ host"),
        ("end-of-candidates", None),
    )
    medium = Media(
        "audio", ours.port, "UDP/TLS/RTP/SAVPF", (str(offer.payload_type),), ours.host, attributes=attributes
    )
    return Sdp(f"- {ours.session_id} 1 IN {family} {ours.host}", "", (medium,), session)


def _of_ice(sdp: Sdp, medium: Media, name: str) -> str:
    """The medium's own word stands above the session's (RFC 8839 section 5.4)."""
    session = next((value or "" for key, value in sdp.attributes if key == name), "")
    return medium.attribute(name) or session
