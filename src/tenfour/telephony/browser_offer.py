"""What a browser writes of its headset, and what it reads in our answer: the other side of `browser_sdp`."""

import msgspec

from tenfour.telephony.errors import SdpError
from tenfour.telephony.ice import HOST_PRIORITY
from tenfour.telephony.sdp import Codec, Media, Sdp, audio_of
from tenfour.telephony.secured_sdp import Attribute, Dtls, Fingerprint


class BrowserEnd(msgspec.Struct, frozen=True):
    """Where a browser is, how it proves itself, and what its one stream is called."""

    host: str
    port: int
    ufrag: str
    password: str
    fingerprint: Fingerprint
    session_id: int
    ssrc: int


class LineEnd(msgspec.Struct, frozen=True):
    """Where the line's end of a headset is, and how it proves itself."""

    host: str
    port: int
    ufrag: str
    password: str
    fingerprints: tuple[Fingerprint, ...]


def browser_offer(end: BrowserEnd) -> Sdp:
    """One audio in PCMU, bundled, its candidate gathered already; as chromium writes it."""
    digest = end.fingerprint.digest.hex(":").upper()
    session: tuple[Attribute, ...] = (("group", "BUNDLE 0"), ("extmap-allow-mixed", None), ("msid-semantic", "WMS"))
    attributes: tuple[Attribute, ...] = (
        ("rtcp", f"9 IN IP4 {end.host}"),
        ("candidate", f"1 1 udp {HOST_PRIORITY} {end.host} {end.port} typ host generation 0"),
        ("ice-ufrag", end.ufrag),
        ("ice-pwd", end.password),
        ("ice-options", "trickle"),
        ("fingerprint", f"{end.fingerprint.hash_name} {digest}"),
        ("setup", "actpass"),
        ("mid", "0"),
        ("sendrecv", None),
        ("msid", "- headset"),
        ("rtcp-mux", None),
        ("rtpmap", "0 PCMU/8000"),
        ("ssrc", f"{end.ssrc} cname:headset"),
    )
    medium = Media("audio", end.port, "UDP/TLS/RTP/SAVPF", ("0",), end.host, attributes=attributes)
    return Sdp(f"- {end.session_id} 2 IN IP4 127.0.0.1", "", (medium,), session)


def read_line_answer(sdp: Sdp) -> LineEnd:
    """Raises `SdpError` where the answer is none that a browser could connect by."""
    stream = audio_of(sdp, (Codec.PCMU,))
    audio = next(medium for medium in sdp.media if medium.kind == "audio")
    if not isinstance(stream.security, Dtls) or not stream.security.we_begin:
        raise SdpError("The answer leaves the beginning of the handshake to nobody.")
    candidate = (audio.attribute("candidate") or "").split()
    if len(candidate) < 8 or candidate[2].lower() != "udp" or not candidate[5].isdecimal():
        raise SdpError("The answer has no candidate that could be tried.")
    ufrag, password = audio.attribute("ice-ufrag"), audio.attribute("ice-pwd")
    if not ufrag or not password:
        raise SdpError("The answer has no name and password of ICE.")
    return LineEnd(candidate[4], int(candidate[5]), ufrag, password, stream.security.fingerprints)
