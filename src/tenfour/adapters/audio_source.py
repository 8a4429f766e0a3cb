"""From whom the audio of a call is taken."""

import socket
from ipaddress import IPv6Address, ip_address

Address = tuple[str, int]

QUIET_S = 3.0
"""When the source has been quiet for so long, another plausible one may take its place (a changed NAT mapping)."""


class Source:
    """Whose packets belong to this call: the address of the SDP, else the first that sends plausible ones."""

    def __init__(self, described: Address | None, family: socket.AddressFamily = socket.AF_INET) -> None:
        self._family, self._said = family, described
        self.described = sendable(described, family)
        self.latched: Address | None = None
        self._last = float("-inf")
        self.refused = 0

    def accepts(self, address: Address, now: float, *, authentic: bool = False) -> bool:
        """May a plausible packet from `address` at `now` (monotonic seconds) be heard?

        An `authentic` one is heard wherever it comes from; ours follow it there by the same rule as a plain one.
        """
        if self._may_latch(address, now):
            self.latched, self._last = address, now
            return True
        self.refused += not authentic
        return authentic

    def describe(self, described: Address | None) -> None:
        """The other side says anew where it is."""
        if described is not None and described != self._said:
            self._said, self.described, self.latched = described, sendable(described, self._family), None

    @property
    def target(self) -> Address | None:
        """Where our audio goes: to where theirs comes from, before that to where the SDP says."""
        return self.latched or self.described

    def _may_latch(self, address: Address, now: float) -> bool:
        if self.latched in (None, address) or address == self.described:
            return True
        return now - self._last > (2 * QUIET_S if self.latched == self.described else QUIET_S)


def sendable(described: Address | None, family: socket.AddressFamily) -> Address | None:
    """The address of a description as a socket of this family sends to it; None where nothing can go there.

    A name would have to be looked up, and all calls would wait for that; 0.0.0.0 wants nothing (RFC 3264 section 8.4);
    an IPv6 address that stands for an IPv4 one is that one.
    """
    if described is None:
        return None
    try:
        named = ip_address(described[0])
    except ValueError:
        return None
    host = (named.ipv4_mapped or named) if isinstance(named, IPv6Address) else named
    if host.is_unspecified or host.version != (6 if family == socket.AF_INET6 else 4):
        return None
    return str(host), described[1]
