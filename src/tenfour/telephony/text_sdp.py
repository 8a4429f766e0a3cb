"""Real-time text in a session description: `m=text` with t140, and red beside it (RFC 4103 section 11)."""

import msgspec

from tenfour.telephony.sdp import Direction, Media, Sdp, direction_of, format_names
from tenfour.telephony.secured_sdp import Attribute, OurSecurity, Security, answered, ways_to_speak
from tenfour.telephony.text_sender import CPS

T140, RED = "T140/1000", "RED/1000"
MOST_GENERATIONS = 5
"""Earlier blocks in a packet of ours, however many somebody asks for."""

OUR_GENERATIONS = 2
OUR_T140, OUR_RED = 98, 100
"""The payload types in our own offers."""


class TextStream(msgspec.Struct, frozen=True):
    """The real-time text that a description stands for: where its writer wants to receive it, and how.

    `t140` and `red` are payload types, `red` None without redundancy; `generations`: earlier blocks in each packet.
    `cps`: characters a second that its writer can take. `direction` is the writer's. `security`: how it is secured,
    None for plain RTP.
    """

    host: str
    port: int
    t140: int
    red: int | None = None
    generations: int = OUR_GENERATIONS
    cps: int = CPS
    direction: Direction = Direction.SENDRECV
    security: Security | None = None


def text_of(sdp: Sdp) -> TextStream | None:
    """The first secured text stream in a description that we can speak, else the first plain one, None without any."""
    found = _usable(sdp)
    return found[1] if found is not None else None


def taken_text(offered: Sdp, port: int, security: OurSecurity) -> dict[int, Media]:
    """Our side of the text stream that is taken, by its place among the offered media; empty where none is.

    `security` is what we say where that stream is secured.
    """
    found = _usable(offered)
    if found is None:
        return {}
    place, stream = found
    ours = _medium(stream, port, offered.media[place].protocol, stream.direction.answered)
    secured = answered(stream.security, security) if stream.security is not None else []
    return {place: msgspec.structs.replace(ours, attributes=(*ours.attributes, *secured))}


def offered_text(port: int) -> Media:
    """Our own offer of real-time text with two generations of redundancy."""
    return _medium(TextStream("", port, OUR_T140, OUR_RED), port, "RTP/AVP", Direction.SENDRECV)


def _usable(sdp: Sdp) -> tuple[int, TextStream] | None:
    streams = [(place, _stream(sdp, medium)) for place, medium in enumerate(sdp.media)]
    usable = [(place, stream) for place, stream in streams if stream is not None]
    return next((each for each in usable if each[1].security is not None), next(iter(usable), None))


def _stream(sdp: Sdp, medium: Media) -> TextStream | None:
    ways = ways_to_speak(medium.protocol, medium.attributes, sdp.attributes)
    if medium.kind != "text" or not medium.port or not ways:
        return None
    names = format_names(medium)
    t140 = next((int(number) for number, name in names if name == T140), None)
    if t140 is None:
        return None
    red = next((int(number) for number, name in names if name == RED and _carries(medium, number, t140)), None)
    return TextStream(
        medium.connection or sdp.connection,
        medium.port,
        t140,
        red,
        _generations(medium, red) if red is not None else 0,
        _cps(medium, t140),
        direction_of(sdp, medium),
        ways[0],
    )


def _carries(medium: Media, red: str, t140: int) -> bool:
    """Is this redundancy of text? Without a word about it, it is."""
    said = _parameters(medium, int(red))
    return not said or set(said.split("/")) == {str(t140)}


def _generations(medium: Media, red: int) -> int:
    """`98/98/98` is a block and two earlier ones (RFC 4103 section 10.2)."""
    said = _parameters(medium, red)
    return max(1, min(said.count("/"), MOST_GENERATIONS)) if said else OUR_GENERATIONS


def _cps(medium: Media, t140: int) -> int:
    for parameter in _parameters(medium, t140).split(";"):
        name, _, value = parameter.strip().partition("=")
        if name.strip().lower() == "cps" and value.isascii() and value.isdigit() and int(value[:6]) > 0:
            return int(value[:6])
    return CPS


def _parameters(medium: Media, payload_type: int) -> str:
    for name, value in medium.attributes:
        if name == "fmtp" and value is not None:
            number, _, parameters = value.strip().partition(" ")
            if number == str(payload_type):
                return parameters.strip()
    return ""


def _medium(stream: TextStream, port: int, protocol: str, direction: Direction) -> Media:
    formats, attributes = [str(stream.t140)], list[Attribute]([("rtpmap", f"{stream.t140} t140/1000")])
    if stream.red is not None:
        formats.insert(0, str(stream.red))
        blocks = "/".join([str(stream.t140)] * (stream.generations + 1))
        attributes += [("rtpmap", f"{stream.red} red/1000"), ("fmtp", f"{stream.red} {blocks}")]
    attributes.append((direction.value, None))
    return Media("text", port, protocol, tuple(formats), "", tuple(attributes))
