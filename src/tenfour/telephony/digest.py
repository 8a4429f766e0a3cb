"""Digest authentication as values (RFC 3261 section 22, RFC 7616, RFC 8760): challenges, answers, what they must say.

A password never travels: the answer to a challenge is a hash over it, the challenge and the request.
"""

import hashlib
import re
from collections.abc import Iterable

import msgspec

from tenfour.telephony.errors import HeaderError
from tenfour.telephony.header import quote, split_list, unquoted
from tenfour.telephony.message import Request

ALGORITHMS = {"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256"}
"""The algorithms by the names that RFC 7616 registers, each also with `-sess`."""

MAX_CHALLENGES = 16
"""Challenges that are read of one response."""

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_BEGINS = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:[ \t]+(.*))?\Z", re.DOTALL)


class Challenge(msgspec.Struct, frozen=True):
    """One challenge of a WWW-Authenticate or Proxy-Authenticate header. `qop` is what it offers, () for RFC 2069."""

    realm: str
    nonce: str
    algorithm: str = "MD5"
    qop: tuple[str, ...] = ()
    opaque: str | None = None
    stale: bool = False

    def __str__(self) -> str:
        pairs = [f"realm={quote(self.realm)}", f"nonce={quote(self.nonce)}", f"algorithm={self.algorithm}"]
        if self.qop:
            pairs.append(f"qop={quote(','.join(self.qop))}")
        if self.opaque is not None:
            pairs.append(f"opaque={quote(self.opaque)}")
        if self.stale:
            pairs.append("stale=true")
        return "Digest " + ", ".join(pairs)


class Proof(msgspec.Struct, frozen=True):
    """What an Authorization header says: an answer to a challenge. `qop` "" is RFC 2069's way, without `nc`."""

    username: str
    realm: str
    nonce: str
    uri: str
    response: str
    algorithm: str = "MD5"
    qop: str = ""
    nc: int = 0
    cnonce: str = ""
    opaque: str | None = None

    def __str__(self) -> str:
        pairs = [f"{name}={quote(getattr(self, name))}" for name in ("username", "realm", "nonce", "uri", "response")]
        pairs.append(f"algorithm={self.algorithm}")
        if self.qop:
            pairs.append(f"qop={self.qop}, nc={self.nc:08x}")
        if self.cnonce:
            pairs.append(f"cnonce={quote(self.cnonce)}")
        if self.opaque is not None:
            pairs.append(f"opaque={quote(self.opaque)}")
        return "Digest " + ", ".join(pairs)


def parse_challenges(lines: Iterable[str]) -> tuple[Challenge, ...]:
    """The Digest challenges of all lines of a header, several schemes comma-joined or not (RFC 7235 section 4.1).

    Other schemes, and challenges without realm or nonce, are left out: there is nothing to answer in them.
    """
    found = (_challenge(pairs) for line in lines for scheme, pairs in _schemes(line) if scheme == "digest")
    return tuple(challenge for challenge in found if challenge is not None)[:MAX_CHALLENGES]


def parse_proof(line: str) -> Proof:
    """An Authorization header. Raises `HeaderError` where it is no answer to a Digest challenge."""
    scheme, said = next(iter(_schemes(line)), ("", {}))
    missing = [name for name in ("username", "realm", "nonce", "uri", "response") if name not in said]
    if scheme != "digest" or missing:
        raise HeaderError(f"The Authorization {line[:80]!r} is no complete Digest answer.")
    if not _TOKEN.fullmatch(said.get("algorithm", "MD5")) or not _TOKEN.fullmatch(said.get("qop", "auth")):
        raise HeaderError(f"The Authorization {line[:80]!r} names no algorithm or qop that could be one.")
    if not re.fullmatch(r"[0-9A-Fa-f]{1,128}", said["response"]):
        raise HeaderError(f"The response {said['response'][:40]!r} of an Authorization is no hexadecimal number.")
    count = said.get("nc", "0")
    if not re.fullmatch(r"[0-9A-Fa-f]{1,8}", count):
        raise HeaderError(f"The nonce count {count[:20]!r} is no hexadecimal number of eight digits.")
    return Proof(
        username=said["username"],
        realm=said["realm"],
        nonce=said["nonce"],
        uri=said["uri"],
        response=said["response"].lower(),
        algorithm=_known_algorithm(said.get("algorithm", "MD5")),
        qop=said.get("qop", "").lower(),
        nc=int(count, 16) if said.get("qop") else 0,
        cnonce=said.get("cnonce", ""),
        opaque=said.get("opaque"),
    )


def _schemes(line: str) -> list[tuple[str, dict[str, str]]]:
    """The line as schemes with their parameters: names in lower case, quotes taken off, the first of a name counts."""
    found: list[tuple[str, dict[str, str]]] = []
    for element in split_list(line):
        begins = _BEGINS.fullmatch(element)
        if begins is not None:
            found.append((begins[1].lower(), {}))
            element = begins[2] or ""  # noqa: PLW2901
        name, equals, value = element.partition("=")
        if equals and found:
            found[-1][1].setdefault(name.strip().lower(), unquoted(value.strip()))
    return found


def _challenge(said: dict[str, str]) -> Challenge | None:
    if "realm" not in said or not said.get("nonce") or not _TOKEN.fullmatch(said.get("algorithm", "MD5")):
        return None
    return Challenge(
        realm=said["realm"],
        nonce=said["nonce"],
        algorithm=_known_algorithm(said.get("algorithm", "MD5")),
        qop=tuple(word for piece in said.get("qop", "").split(",") if (word := piece.strip().lower())),
        opaque=said.get("opaque"),
        stale=said.get("stale", "").lower() == "true",
    )


def _known_algorithm(name: str) -> str:
    """The registered spelling; an unknown name stays as it is."""
    upper = name.upper()
    bare = upper.removesuffix("-SESS")
    return name if bare not in ALGORITHMS else bare if bare == upper else f"{bare}-sess"


def can_answer(challenge: Challenge) -> bool:
    """Do we have its algorithm, and one of its qops?"""
    known = challenge.algorithm.removesuffix("-sess") in ALGORITHMS
    return known and (not challenge.qop or bool({"auth", "auth-int"}.intersection(challenge.qop)))


def answer_challenge(
    challenge: Challenge, request: Request, username: str, password: str, *, count: int, cnonce: str
) -> Proof:
    """The answer of somebody who knows the password; `count` is how often this nonce has been answered, from 1."""
    offered = challenge.qop
    qop = "" if not offered else "auth" if "auth" in offered else "auth-int"
    proof = Proof(
        username=username,
        realm=challenge.realm,
        nonce=challenge.nonce,
        uri=request.uri,
        response="",
        algorithm=challenge.algorithm,
        qop=qop,
        nc=count if qop else 0,
        cnonce=cnonce if qop or challenge.algorithm.endswith("-sess") else "",
        opaque=challenge.opaque,
    )
    return msgspec.structs.replace(proof, response=expected_response(proof, password, request.method, request.body))


def expected_response(proof: Proof, password: str, method: str, body: bytes) -> str:
    """What `response` must be for the rest of a proof (RFC 7616 section 3.4.1). Raises `HeaderError` for an unknown
    algorithm.
    """
    hashed = ALGORITHMS.get(proof.algorithm.removesuffix("-sess"))
    if hashed is None:
        raise HeaderError(f"The digest algorithm {proof.algorithm[:40]!r} is not known here.")
    secret = _hex(hashed, f"{proof.username}:{proof.realm}:{password}")
    if proof.algorithm.endswith("-sess"):
        secret = _hex(hashed, f"{secret}:{proof.nonce}:{proof.cnonce}")
    meant = f"{method}:{proof.uri}"
    if proof.qop == "auth-int":
        meant += f":{hashlib.new(hashed, body, usedforsecurity=False).hexdigest()}"
    counted = f"{proof.nc:08x}:{proof.cnonce}:{proof.qop}:" if proof.qop else ""
    return _hex(hashed, f"{secret}:{proof.nonce}:{counted}{_hex(hashed, meant)}")


def _hex(hashed: str, text: str) -> str:
    return hashlib.new(hashed, text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
