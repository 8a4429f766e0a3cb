"""Session descriptions (RFC 8866) and the offer/answer of one audio stream (RFC 3264)."""

from collections.abc import Sequence
from enum import Enum
from itertools import chain

import msgspec

from tenfour.telephony.errors import SdpError
from tenfour.telephony.secured_sdp import (
    Attribute,
    OurSecurity,
    Security,
    answered,
    broken_security,
    ways_to_speak,
)

MAX_MEDIA = 32
OUR_TELEPHONE_EVENT = 101
"""The payload type of keypresses in our own offers."""


class Direction(Enum):
    """Who sends (RFC 8866 section 6.7), as seen by whoever wrote the description."""

    SENDRECV = "sendrecv"
    SENDONLY = "sendonly"
    RECVONLY = "recvonly"
    INACTIVE = "inactive"

    @property
    def answered(self) -> "Direction":
        """What an answerer who is willing to talk says to this (RFC 3264 section 6.1)."""
        return _ANSWERED[self]


_ANSWERED = {
    Direction.SENDRECV: Direction.SENDRECV,
    Direction.SENDONLY: Direction.RECVONLY,
    Direction.RECVONLY: Direction.SENDONLY,
    Direction.INACTIVE: Direction.INACTIVE,
}


class Codec(Enum):
    """The codecs that are spoken here, by their static payload types (RFC 3551 section 6)."""

    PCMU = 0
    PCMA = 8


class Media(msgspec.Struct, frozen=True):
    """One `m=` section. `connection` is its own `c=` line's address, "" where the session's holds.

    `lines` are further lines of the section that are kept as they are (`i=`, `b=`, `k=`).
    """

    kind: str
    port: int
    protocol: str
    formats: tuple[str, ...]
    connection: str = ""
    attributes: tuple[Attribute, ...] = ()
    lines: tuple[tuple[str, str], ...] = ()

    def attribute(self, name: str) -> str | None:
        """The value of the first such attribute: "" for a flag, None where it is not there."""
        return _attribute(self.attributes, name)


class Sdp(msgspec.Struct, frozen=True):
    """A session description. `origin` is the whole `o=` value, `connection` the session's address, "" without.

    `lines` are the session's further lines kept as they are (`s=`, `t=`, `b=` ...).
    """

    origin: str
    connection: str = ""
    media: tuple[Media, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    lines: tuple[tuple[str, str], ...] = (("s", "-"), ("t", "0 0"))


class AudioStream(msgspec.Struct, frozen=True):
    """The audio that a description stands for: where its writer wants to receive it, and how.

    `direction` is the writer's. `telephone_event` is the payload type of keypresses (RFC 4733), None without.
    `security`: how it is secured, None for plain RTP. `rtcp`: where reports go, where that is not the port above the
    audio's (RFC 3605); with `rtcp_mux` they go where the audio goes (RFC 5761).
    """

    codec: Codec
    payload_type: int
    host: str
    port: int
    direction: Direction = Direction.SENDRECV
    telephone_event: int | None = None
    packet_time_ms: int = 20
    security: Security | None = None
    rtcp: tuple[str, int] | None = None
    rtcp_mux: bool = False


def parse_sdp(data: bytes) -> Sdp:
    """Reads tolerantly: bare LF, lines in any order within a section, unknown lines kept.

    Raises `SdpError` where there is no `v=0` or an `m=` line cannot be read.
    """
    text = _text(data)
    session: dict[str, str] = {}
    section = _Section()
    session_section, media = section, []
    for line in text.replace("\r\n", "\n").split("\n"):
        kind, value = line[:1], line[2:].strip()
        if line[1:2] != "=":
            continue
        if kind == "m":
            section = _Section(value)
            media.append(section)
            if len(media) > MAX_MEDIA:
                raise SdpError(f"A session description has more than {MAX_MEDIA} media.")
        elif section is session_section and kind in "vo":
            session[kind] = value
        else:
            section.take(kind, value)
    if session.get("v") != "0":
        raise SdpError("A session description does not begin with v=0.")
    return Sdp(
        session.get("o", ""),
        session_section.connection,
        tuple(each.media() for each in media),
        tuple(session_section.attributes),
        tuple(session_section.lines),
    )


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


class _Section:
    """The lines of the session or of one medium while they are read."""

    def __init__(self, m_line: str = "") -> None:
        self.m_line, self.connection = m_line, ""
        self.attributes: list[Attribute] = []
        self.lines: list[tuple[str, str]] = []

    def take(self, kind: str, value: str) -> None:
        if kind == "a":
            name, colon, rest = value.partition(":")
            self.attributes.append((name, rest if colon else None))
        elif kind == "c":
            self.connection = self.connection or value.rsplit(" ", maxsplit=1)[-1].partition("/")[0].strip()
        else:
            self.lines.append((kind, value))

    def media(self) -> Media:
        words = self.m_line.split()
        port = words[1].partition("/")[0] if len(words) > 1 else ""
        if len(words) < 4 or not (port.isascii() and port.isdigit() and int(port[:6]) <= 65535):
            raise SdpError(f"The line 'm={self.m_line}' is not 'kind port protocol formats'.")
        attributes, lines = tuple(self.attributes), tuple(self.lines)
        return Media(words[0], int(port), words[2], tuple(words[3:]), self.connection, attributes, lines)


def serialise_sdp(sdp: Sdp) -> bytes:
    """The description's bytes, lines in the order that RFC 8866 section 5 asks."""
    before = [f"{kind}={value}" for kind, value in sdp.lines if kind in "siuep"]
    after = [f"{kind}={value}" for kind, value in sdp.lines if kind not in "siuep"]
    lines = ["v=0", f"o={sdp.origin}", *before, *_connection(sdp.connection), *after, *_attributes(sdp.attributes)]
    for medium in sdp.media:
        titles = [f"{kind}={value}" for kind, value in medium.lines if kind == "i"]
        others = [f"{kind}={value}" for kind, value in medium.lines if kind != "i"]
        lines.append(f"m={medium.kind} {medium.port} {medium.protocol} {' '.join(medium.formats)}")
        lines += [*titles, *_connection(medium.connection), *others, *_attributes(medium.attributes)]
    return ("\r\n".join(lines) + "\r\n").encode()


def _connection(address: str) -> list[str]:
    return [f"c=IN {'IP6' if ':' in address else 'IP4'} {address}"] if address else []


def _attributes(attributes: Sequence[Attribute]) -> list[str]:
    return [f"a={name}" if value is None else f"a={name}:{value}" for name, value in attributes]


def _attribute(attributes: Sequence[Attribute], name: str) -> str | None:
    for key, value in attributes:
        if key == name:
            return value or ""
    return None


# ---- offer and answer ----


def offer(
    *,
    host: str,
    port: int,
    session_id: int,
    version: int = 1,
    codecs: Sequence[Codec] = (Codec.PCMU,),
    direction: Direction = Direction.SENDRECV,
) -> Sdp:
    """Our offer of one audio stream at `host`:`port` with keypresses as payload type 101."""
    medium = _audio(port, "RTP/AVP", [(codec, codec.value) for codec in codecs], OUR_TELEPHONE_EVENT, direction)
    return Sdp(_origin(session_id, version, host), host, (medium,))


def answer(
    offered: Sdp,
    *,
    host: str,
    port: int,
    session_id: int,
    version: int = 1,
    codecs: Sequence[Codec] = (Codec.PCMU, Codec.PCMA),
    security: OurSecurity | None = None,
) -> Sdp:
    """Our answer: one usable audio stream is taken, every other medium refused with port 0 (RFC 3264 section 6).

    `security` is what we say where that stream is secured; without it only plain RTP is usable.
    Raises `SdpError` where no stream is usable.
    """
    index, stream = _usable(offered, codecs, only_plain=security is None)
    protocol = offered.media[index].protocol
    ours = _audio(
        port, protocol, [(stream.codec, stream.payload_type)], stream.telephone_event, stream.direction.answered
    )
    mux: list[Attribute] = [("rtcp-mux", None)] if stream.rtcp_mux else []
    secured = answered(stream.security, security) if stream.security is not None and security is not None else []
    ours = msgspec.structs.replace(ours, attributes=(*ours.attributes, *mux, *secured))
    media = tuple(ours if at == index else _refused(medium) for at, medium in enumerate(offered.media))
    return Sdp(_origin(session_id, version, host), host, media)


def refusal(offered: Sdp, *, host: str, session_id: int, version: int = 1) -> Sdp:
    """Our answer where nothing of an offer can be used: every medium is refused, the session stands (RFC 3264, 6)."""
    return Sdp(_origin(session_id, version, host), host, tuple(_refused(medium) for medium in offered.media))


def counter_offer(refused: Sdp, *, host: str, port: int, session_id: int, version: int) -> Sdp:
    """Our own offer after that: PCMU and PCMA in the place of the first refused audio, else as a new medium (RFC 3264,
    8.1 and 8.3.2). `refused` is the peer's description."""
    codecs = [(codec, codec.value) for codec in Codec]
    ours = _audio(port, "RTP/AVP", codecs, OUR_TELEPHONE_EVENT, Direction.SENDRECV)
    place = next((at for at, medium in enumerate(refused.media) if medium.kind == "audio"), len(refused.media))
    media = [_refused(medium) for medium in refused.media]
    media[place : place + 1] = [ours]
    return Sdp(_origin(session_id, version, host), host, tuple(media))


def offer_again(said: Sdp) -> Sdp:
    """What we said last as an offer of ours, where an INVITE in a call holds none.

    As in a new call all is offered that is spoken here, both ways (RFC 3261 section 14.2), in the media that there are,
    each in its place (RFC 3264 section 8), secured as they are.
    """
    media = (_offered_again(each) if each.kind == "audio" and each.port else each for each in said.media)
    return msgspec.structs.replace(said, media=tuple(media))


def _offered_again(audio: Media) -> Media:
    names = dict(format_names(audio))
    codecs = [(codec, codec.value) for codec in Codec]
    ours = _audio(audio.port, audio.protocol, codecs, OUR_TELEPHONE_EVENT, Direction.SENDRECV)
    more = [(number, name) for number, name in format_names(ours) if name not in names.values() and number not in names]
    mapped = [("rtpmap", f"{number} {name.replace('TELEPHONE-EVENT', 'telephone-event')}") for number, name in more]
    kept = [each for each in audio.attributes if each[0] not in _DIRECTIONS]
    return msgspec.structs.replace(
        audio,
        formats=(*audio.formats, *(number for number, _ in more)),
        attributes=(*kept, *mapped, (Direction.SENDRECV.value, None)),
    )


def _refused(medium: Media) -> Media:
    return Media(medium.kind, 0, medium.protocol, medium.formats)


def audio_of(sdp: Sdp, codecs: Sequence[Codec] = (Codec.PCMU, Codec.PCMA), *, only_plain: bool = False) -> AudioStream:
    """The audio stream that a peer's description stands for. Raises `SdpError` where there is none for us."""
    return _usable(sdp, codecs, only_plain=only_plain)[1]


def audio_problems(sdp: Sdp) -> tuple[str, ...]:
    """Sentences on what was passed over in the description because it is broken."""
    audio = (medium.attributes for medium in sdp.media if medium.kind == "audio")
    return tuple(chain.from_iterable(map(broken_security, [sdp.attributes, *audio])))


def _usable(sdp: Sdp, codecs: Sequence[Codec], *, only_plain: bool) -> tuple[int, AudioStream]:
    """The first secured stream that we can speak, else the first plain one, and its place among the media."""
    streams = [(index, _stream(sdp, medium, codecs, only_plain)) for index, medium in enumerate(sdp.media)]
    usable = [(index, stream) for index, stream in streams if stream is not None]
    if not usable:
        raise SdpError(f"The description has no audio in {' or '.join(codec.name for codec in codecs)} for us.")
    return next((each for each in usable if each[1].security is not None), usable[0])


def _stream(sdp: Sdp, medium: Media, codecs: Sequence[Codec], only_plain: bool) -> AudioStream | None:
    ways = ways_to_speak(medium.protocol, medium.attributes, sdp.attributes)
    if only_plain:
        ways = tuple(way for way in ways if way is None)
    if medium.kind != "audio" or not medium.port or not ways:
        return None
    names = format_names(medium)
    for text, name in names:
        codec = next((codec for codec in codecs if name == f"{codec.name}/8000"), None)
        if codec is not None:
            return AudioStream(
                codec,
                int(text),
                medium.connection or sdp.connection,
                medium.port,
                direction_of(sdp, medium),
                next((int(number) for number, event in names if event == "TELEPHONE-EVENT/8000"), None),
                _packet_time(medium),
                ways[0],
                _rtcp(sdp, medium),
                medium.attribute("rtcp-mux") is not None,
            )
    return None


def format_names(medium: Media) -> list[tuple[str, str]]:
    """Payload types with `NAME/RATE`, in the order of preference: by rtpmap, else the static assignment."""
    mapped = {}
    for name, value in medium.attributes:
        if name == "rtpmap" and value:
            number, _, encoding = value.partition(" ")
            mapped[number] = "/".join(encoding.strip().upper().split("/")[:2])
    static = {str(codec.value): f"{codec.name}/8000" for codec in Codec}
    return [
        (text, mapped.get(text) or static.get(text, ""))
        for text in medium.formats
        if text.isascii() and text.isdigit() and len(text) < 4
    ]


def direction_of(sdp: Sdp, medium: Media) -> Direction:
    """The medium's own direction, else the session's; 0.0.0.0 is the old way to hold (RFC 3264 section 8.4)."""
    for attributes in (medium.attributes, sdp.attributes):
        for name, _ in attributes:
            if name in _DIRECTIONS:
                return _DIRECTIONS[name]
    return Direction.SENDRECV


_DIRECTIONS = {direction.value: direction for direction in Direction}


def _packet_time(medium: Media) -> int:
    value = medium.attribute("ptime") or ""
    return int(value) if value.isascii() and value.isdigit() and 0 < len(value) < 4 and int(value) > 0 else 20


def _rtcp(sdp: Sdp, medium: Media) -> tuple[str, int] | None:
    """`a=rtcp:53020` or `a=rtcp:53020 IN IP4 192.0.2.1` (RFC 3605 section 2.1)."""
    port, *rest = (medium.attribute("rtcp") or "").split() or [""]
    if not (port.isascii() and port.isdigit() and len(port) < 6 and 0 < int(port) <= 65535):
        return None
    return (rest[2] if len(rest) == 3 else medium.connection or sdp.connection), int(port)


def _audio(
    port: int, protocol: str, codecs: list[tuple[Codec, int]], telephone_event: int | None, direction: Direction
) -> Media:
    formats = [str(number) for _, number in codecs]
    attributes: list[Attribute] = [("rtpmap", f"{number} {codec.name}/8000") for codec, number in codecs]
    if telephone_event is not None:
        formats.append(str(telephone_event))
        attributes += [("rtpmap", f"{telephone_event} telephone-event/8000"), ("fmtp", f"{telephone_event} 0-15")]
    attributes += [("ptime", "20"), (direction.value, None)]
    return Media("audio", port, protocol, tuple(formats), "", tuple(attributes))


def _origin(session_id: int, version: int, host: str) -> str:
    return f"- {session_id} {version} IN {'IP6' if ':' in host else 'IP4'} {host}"
