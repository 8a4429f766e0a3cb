"""The UDP ports of one call's audio: an even one for RTP, and the one above it for RTCP (RFC 3550 section 11)."""

import secrets
import socket
import struct
from collections.abc import Iterable, Sequence
from itertools import chain

import structlog

from tenfour.vocabulary.errors import Unavailable

BUFFER = 1024 * 1024
"""Bytes asked of the kernel to hold what comes while nobody reads."""

SO_TIMESTAMPNS = 35
"""Linux: the kernel keeps with each datagram when it came; `came_at` reads that."""

_TIMESPEC = struct.Struct("@ll")

log = structlog.get_logger(__name__)


class AudioPorts:
    """Bound sockets. `rtcp` is None where its port is taken: there are no reports, and the call goes on."""

    def __init__(self, rtp: socket.socket, rtcp: socket.socket | None) -> None:
        self.rtp, self.rtcp = rtp, rtcp
        self.port = int(rtp.getsockname()[1])

    def filenos(self) -> tuple[int, ...]:
        """As they are handed to another process."""
        return tuple(bound.fileno() for bound in (self.rtp, self.rtcp) if bound is not None)

    def close(self) -> None:
        """Let go of the ports, as far as this process is concerned."""
        for bound in (self.rtp, self.rtcp):
            if bound is not None:
                bound.close()


def bind_audio(host: str, ports: tuple[int, int], wanted: int | None = None) -> AudioPorts:
    """Bind an even port of the range, `wanted` if it is free. Raises `Unavailable` when none is."""
    rtp = _bind_even(host, ports, wanted)
    return AudioPorts(rtp, bind_reports(host, int(rtp.getsockname()[1]) + 1))


def bind_reports(host: str, port: int) -> socket.socket | None:
    """A port for RTCP; None, and logged, when it is taken."""
    bound = socket.socket(_family(host), socket.SOCK_DGRAM)
    bound.setblocking(False)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        log.warning("no reports about a call's audio", port=port, problem=str(error))
        return None
    return bound


def handed_over(filenos: Sequence[int]) -> AudioPorts:
    """Ports that another process bound, by the file descriptors that came from there."""
    rtp, *rtcp = (socket.socket(fileno=fileno) for fileno in filenos)
    return AudioPorts(rtp, rtcp[0] if rtcp else None)


def came_at(ancillary: Sequence[tuple[int, int, bytes]]) -> float | None:
    """When a datagram came (seconds since 1970), from what the kernel says beside it."""
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS) and len(data) >= _TIMESPEC.size:
            seconds, nanoseconds = _TIMESPEC.unpack_from(data)
            return float(seconds + nanoseconds * 1e-9)
    return None


def _bind_even(host: str, ports: tuple[int, int], wanted: int | None) -> socket.socket:
    low, high = ports
    evens = range(low + low % 2, high + 1, 2)
    start = secrets.randbelow(len(evens)) if evens else 0
    bound = bind_first(host, chain([wanted] if wanted else [], evens[start:], evens[:start]))
    if bound is None:
        raise Unavailable(f"No RTP port from {low} to {high} is free on {host}.")
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    return bound


def bind_first(host: str, tried: Iterable[int]) -> socket.socket | None:
    """A UDP socket at the first of these ports that is free, which waits for nothing; None where none is.

    Raises `Unavailable` when no socket can be opened at all.
    """
    for port in tried:
        try:
            candidate = socket.socket(_family(host), socket.SOCK_DGRAM)
        except OSError as error:
            raise Unavailable(f"No RTP port can be opened: {error.strerror}.") from error
        candidate.setblocking(False)
        candidate.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)  # first: what came before it was asked has no time
        try:
            candidate.bind((host, port))
        except OSError:
            candidate.close()
            continue
        return candidate
    return None


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
