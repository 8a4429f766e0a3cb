"""Who may ask: the called side of digest authentication (RFC 3261 section 22, RFC 7616), without a table of nonces.

A nonce carries the time at which it was given and a seal over it, so that any challenge costs no memory. Only those
that were answered are remembered, for as long as they are good, so that no answer is taken twice.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable

from tenfour.telephony.digest import ALGORITHMS, Challenge, Proof, expected_response, parse_proof
from tenfour.telephony.errors import HeaderError
from tenfour.telephony.header import parse_name_addr
from tenfour.telephony.message import Header, Request
from tenfour.telephony.uri import number_of, scheme_of
from tenfour.vocabulary.errors import BadInput

NEVER_ASKED = frozenset(("ACK", "CANCEL", "BYE", "PRACK"))
"""Nobody is asked for a password to be heard, to go, or in the middle of a handshake (RFC 3261 section 22.1)."""

EMERGENCY_NUMBERS = frozenset(("911", "112", "933"))
NONCE_GOOD_S = 300.0
MAX_ANSWERED = 10_000


class Authenticator:
    """Asks for a password where a request outside of calls has one of `methods`.

    `password_of` gives the password of a user name, None for somebody unknown. `secret` seals the nonces: at least 16
    random bytes, new for each process. `algorithms` are offered in this order, the best first (RFC 8760 section 2.4).
    A call to an emergency service is never asked, whatever `methods` says. Raises `BadInput` for what makes no sense.
    """

    def __init__(
        self,
        *,
        realm: str,
        secret: bytes,
        password_of: Callable[[str], str | None],
        methods: Iterable[str],
        algorithms: Iterable[str] = ("SHA-256", "MD5"),
        nonce_good_s: float = NONCE_GOOD_S,
        max_answered: int = MAX_ANSWERED,
    ) -> None:
        self._realm, self._secret, self._password_of = realm, secret, password_of
        self._methods, self._algorithms = frozenset(methods), tuple(algorithms)
        self._nonce_good_s, self._max_answered = nonce_good_s, max_answered
        self._counts: dict[str, int] = {}
        self._too_old = float("-inf")
        if wrong := sorted(self._methods & NEVER_ASKED):
            raise BadInput(f"Nobody can be asked for a password at {', '.join(wrong)}.")
        if wrong := [name for name in self._algorithms if name not in ALGORITHMS]:
            raise BadInput(f"The digest algorithm {wrong[0]!r} is not one of {', '.join(ALGORITHMS)}.")
        if len(secret) < 16:
            raise BadInput("The secret of an authenticator needs at least 16 bytes.")

    def challenge(self, request: Request, now: float, new_token: Callable[[], str]) -> tuple[Header, ...]:
        """The headers of the 401 that a request deserves; () where it may pass."""
        if request.method not in self._methods or is_emergency(request):
            return ()
        stale = False
        for line in request.all("Authorization"):
            try:
                proof = parse_proof(line)
                good = self._proves(proof, request)
            except HeaderError:
                continue
            if good and self._is_fresh(proof, now):
                return ()
            stale = stale or good
        nonce = self._new_nonce(now, new_token)
        offered = (Challenge(self._realm, nonce, name, ("auth",), stale=stale) for name in self._algorithms)
        return tuple(("WWW-Authenticate", str(challenge)) for challenge in offered)

    def _proves(self, proof: Proof, request: Request) -> bool:
        """Does somebody whom we know say this of this very request, by a nonce of ours?"""
        password = self._password_of(proof.username)
        known = password is not None and proof.realm == self._realm and proof.uri == request.uri
        offered = proof.algorithm.removesuffix("-sess") in self._algorithms and proof.qop in ("", "auth", "auth-int")
        if not known or not offered or _given_at(proof.nonce) is None:
            return False
        wanted = expected_response(proof, password or "", request.method, request.body)
        sealed = hmac.compare_digest(proof.nonce.rpartition(".")[2].encode(), self._seal(proof.nonce).encode())
        return sealed and hmac.compare_digest(wanted.encode(), proof.response.encode())

    def _is_fresh(self, proof: Proof, now: float) -> bool:
        """Is the nonce still good, and its count higher than any before? Then it is used up (section 3.4.5)."""
        given = _given_at(proof.nonce)
        if given is None or not now - self._nonce_good_s <= given <= now or given <= self._too_old:
            return False
        count = proof.nc if proof.qop else 1
        if count <= self._counts.get(proof.nonce, 0):
            return False
        self._counts.pop(proof.nonce, None)
        self._counts[proof.nonce] = count
        if len(self._counts) > self._max_answered:
            self._forget_oldest()
        return True

    def _forget_oldest(self) -> None:
        """What is forgotten must not be taken again: neither it nor anything older is good from now on."""
        oldest = min(self._counts, key=lambda nonce: _given_at(nonce) or 0.0)
        self._too_old = max(self._too_old, _given_at(oldest) or 0.0)
        for nonce in [nonce for nonce in self._counts if (_given_at(nonce) or 0.0) <= self._too_old]:
            del self._counts[nonce]

    def _new_nonce(self, now: float, new_token: Callable[[], str]) -> str:
        front = f"{now:.6f}".replace(".", "_") + f".{new_token()}"
        return f"{front}.{self._seal(front + '.')}"

    def _seal(self, nonce: str) -> str:
        front = nonce.rpartition(".")[0]
        return hmac.new(self._secret, f"{front}\n{self._realm}".encode(), hashlib.sha256).hexdigest()[:32]


def is_emergency(request: Request) -> bool:
    """Is this INVITE a call for help? By its service URN (RFC 5031), or by the number dialled."""
    called = request.uri, parse_name_addr(request.first("To") or "").uri
    named = any(scheme_of(uri) == "urn" or number_of(uri) in EMERGENCY_NUMBERS for uri in called)
    return request.method == "INVITE" and named


def _given_at(nonce: str) -> float | None:
    """When a nonce was given (monotonic seconds), None for what is none of ours."""
    try:
        return float(nonce.partition(".")[0].replace("_", ".", 1))
    except ValueError:
        return None
