"""Where a SIP message came from, or is to go (RFC 5626 section 3: a flow is a way between two endpoints)."""

from typing import Literal

import msgspec

Transport = Literal["UDP", "TCP", "TLS"]


class Flow(msgspec.Struct, frozen=True):
    """One way to a peer. `connection` numbers an open TCP or TLS connection of the adapter; None over UDP, and over TCP
    or TLS where a connection has yet to be opened to `host` and `port`.
    """

    transport: Transport
    host: str
    port: int
    connection: int | None = None

    @property
    def reliable(self) -> bool:
        """Does this transport deliver by itself? (RFC 3261 section 17: then most timers do not run.)"""
        return self.transport != "UDP"
