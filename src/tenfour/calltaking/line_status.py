"""How busy the line is, as it tells the centre every few seconds: measurements, not facts of the record."""

import msgspec


class PacketCount(msgspec.Struct, frozen=True):
    """SIP packets of one class (see docs/line.md) from one trunk ("" for all strangers) since the line started."""

    trunk: str
    packet: str
    received: int
    shed: int


class SourceStatus(msgspec.Struct, frozen=True):
    """One address: packets received and shed, calls and connections that it has now."""

    source: str
    trunk: str
    received: int
    shed: int
    calls: int
    connections: int


class LineStatus(msgspec.Struct, frozen=True):
    """Calls by what they do now, connections, how late the line's event loop is and what share of its time signalling
    takes. `strain`: `none`, `behind`, `far_behind`. `sources`: those that sent most, at most ten. `troubles`: how often
    each kind of `WireTrouble` was noted since the start. `media_seats`: places of media workers, of which
    `media_carried` have one now; `media_deaths`: workers that died since the start.
    """

    ringing: int = 0
    queued: int = 0
    without_port: int = 0
    answered: int = 0
    connections: int = 0
    late_ms: float = 0.0
    busy: float = 0.0
    strain: str = "none"
    packets: tuple[PacketCount, ...] = ()
    sources: tuple[SourceStatus, ...] = ()
    troubles: dict[str, int] = {}
    media_seats: int = 0
    media_carried: int = 0
    media_deaths: int = 0
