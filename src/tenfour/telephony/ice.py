"""The lite side of ICE (RFC 8445 sections 2.5, 7.3): one path to us, which the browser tries and keeps alive."""

import msgspec

from tenfour.telephony.errors import StunError
from tenfour.telephony.stun import (
    Attribute,
    Kind,
    StunMessage,
    error_code,
    parse_stun,
    serialise_stun,
    xor_mapped,
)

Address = tuple[str, int]

PATHS = 32
"""Addresses of one browser that are kept; the oldest is forgotten."""

SILENT_S = 8.0
"""A path on which nothing was asked for so long is passed over; a browser asks every 2.5 s."""

HOST_PRIORITY = (126 << 24) | (65535 << 8) | 255
"""Of our only candidate, for component 1 (section 5.1.2.1)."""


class _Path(msgspec.Struct):
    """An address from which the browser has proved itself; `at`: monotonic seconds of the last time."""

    priority: int
    nominated: bool
    at: float


class IceAgent(msgspec.Struct):
    """Answers one browser's checks. `path`: where ours goes; None before the first check that proves itself."""

    ufrag: str
    password: str
    their_ufrag: str
    path: Address | None = None
    refused: int = 0
    known: dict[Address, _Path] = msgspec.field(default_factory=dict)

    def trust(self, path: Address, now: float) -> None:
        """The browser has proved before that it is there."""
        self.known[path] = _Path(0, True, now)
        self.path = path

    def take(self, data: bytes, address: Address, now: float) -> bytes | None:
        """A STUN datagram; what is to be answered there. None: nothing, as to a keep-alive or to nonsense."""
        try:
            message = parse_stun(data)
        except StunError:
            self.refused += 1
            return None
        return self._answer(message, address, now) if message.kind is Kind.REQUEST else None

    def _answer(self, request: StunMessage, address: Address, now: float) -> bytes:
        """As RFC 8489 section 9.1.3 and RFC 8445 section 7.3 ask; whoever does not know the password learns nothing."""
        password = self.password.encode()
        username = request.get(Attribute.USERNAME)
        if username is None or request.integrity_at is None:
            return self._refusal(request, 400, "Bad Request")
        if username != f"{self.ufrag}:{self.their_ufrag}".encode() or not request.is_authentic(password):
            return self._refusal(request, 401, "Unauthenticated")
        if unknown := request.not_understood:
            listed = b"".join(number.to_bytes(2, "big") for number in unknown)
            more = ((int(Attribute.UNKNOWN_ATTRIBUTES), listed),)
            return self._refusal(request, 420, "Unknown Attribute", more, password)
        if request.get(Attribute.ICE_CONTROLLED) is not None:  # a lite side is never the one who chooses
            return self._refusal(request, 487, "Role Conflict", password=password)
        self._know(request, address, now)
        mapped = xor_mapped(*address, request.transaction)
        return serialise_stun(
            Kind.SUCCESS, request.transaction, ((int(Attribute.XOR_MAPPED_ADDRESS), mapped),), password
        )

    def _know(self, request: StunMessage, address: Address, now: float) -> None:
        """Of the paths that live, the nominated one of the highest priority is taken (RFC 8445 section 8.1.1)."""
        nominated = request.get(Attribute.USE_CANDIDATE) is not None
        before = self.known.pop(address, None)
        priority = int.from_bytes(request.get(Attribute.PRIORITY) or b"", "big")
        self.known[address] = _Path(priority, nominated or (before is not None and before.nominated), now)
        if len(self.known) > PATHS:
            del self.known[next(iter(self.known))]
        lives = {each: path for each, path in self.known.items() if now - path.at < SILENT_S}
        self.path = max(lives, key=lambda each: (lives[each].nominated, lives[each].priority, each == self.path))

    def _refusal(
        self,
        request: StunMessage,
        code: int,
        reason: str,
        more: tuple[tuple[int, bytes], ...] = (),
        password: bytes | None = None,
    ) -> bytes:
        self.refused += 1
        attributes = ((int(Attribute.ERROR_CODE), error_code(code, reason)), *more)
        return serialise_stun(Kind.ERROR, request.transaction, attributes, password)
