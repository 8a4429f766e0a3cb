"""What can be wrong with what came over the wire; all are `BadInput`, so a message is a sentence."""

from tenfour.vocabulary.errors import BadInput


class MessageError(BadInput):
    """Bytes that are no SIP message. `status` is what a request that looks like this deserves (400, 505)."""

    def __init__(self, problem: str, status: int = 400) -> None:
        self.status = status
        super().__init__(problem)


class HeaderError(BadInput):
    """A header field's value cannot be read."""


class SdpError(BadInput):
    """A session description cannot be read, or offers nothing that we can take."""


class RtpError(BadInput):
    """A datagram is no RTP packet."""


class StunError(BadInput):
    """A datagram is no STUN message that can be used."""


class MsrpError(BadInput):
    """A connection brings something that is no MSRP, or is larger than it may be."""
