"""Answering challenges: the calling side of digest authentication (RFC 3261 section 22.2 and 22.3)."""

from collections.abc import Callable

import msgspec

from tenfour.telephony.digest import Challenge, answer_challenge, can_answer, parse_challenges
from tenfour.telephony.message import Header, Request, Response

Credentials = Callable[[str], tuple[str, str] | None]
"""Gives user name and password for a realm, None where we have none."""

ANSWERS = {"WWW-Authenticate": "Authorization", "Proxy-Authenticate": "Proxy-Authorization"}
MAX_REALMS = 8
"""Realms that one request may have to satisfy: each proxy on the way may have its own."""
MAX_COUNTED = 1000


class Answering(msgspec.Struct, frozen=True):
    """One challenge that a request of ours answers; `again` when it followed a nonce that had gone stale."""

    header: str
    challenge: Challenge
    again: bool = False


class Prover:
    """Answers challenges with the credentials of their realms, and counts how often each nonce was used."""

    def __init__(self, credentials: Credentials | None, new_token: Callable[[], str]) -> None:
        self._credentials, self._new_token = credentials, new_token
        self._counts: dict[str, int] = {}

    def answerable(self, response: Response, before: tuple[Answering, ...]) -> tuple[Answering, ...]:
        """All that the next try is to answer: what this 401 or 407 asks, and what was asked before.

        () where another try is of no use: no credentials, or those that we have were refused. A nonce that has gone
        stale is not a refusal, and is made good once for each realm.
        """
        known = {(one.header, one.challenge.realm): one for one in before}
        fresh: dict[tuple[str, str], Answering] = {}
        for asked, header in ANSWERS.items():
            for challenge in parse_challenges(response.all(asked)):
                place = (header, challenge.realm)
                if place in fresh or not can_answer(challenge) or not self._has(challenge.realm):
                    continue
                last = known.get(place)
                if last is not None and (last.again or not challenge.stale):
                    return ()
                fresh[place] = Answering(header, challenge, again=last is not None)
        every = tuple((known | fresh).values())
        return every if fresh and len(every) <= MAX_REALMS else ()

    def _has(self, realm: str) -> bool:
        return self._credentials is not None and self._credentials(realm) is not None

    def headers(self, request: Request, answered: tuple[Answering, ...]) -> tuple[Header, ...]:
        """The Authorization and Proxy-Authorization headers of a request."""
        return tuple((one.header, proof) for one in answered if (proof := self._proof(request, one.challenge)))

    def _proof(self, request: Request, challenge: Challenge) -> str:
        given = self._credentials(challenge.realm) if self._credentials is not None else None
        if given is None:
            return ""
        count = self._counts.pop(challenge.nonce, 0) + 1
        self._counts[challenge.nonce] = count
        if len(self._counts) > MAX_COUNTED:
            del self._counts[next(iter(self._counts))]
        return str(answer_challenge(challenge, request, *given, count=count, cnonce=self._new_token()))


def proofs_of(request: Request) -> tuple[Header, ...]:
    """What a request proves itself with: the ACK of a 2xx carries the same (section 22.1)."""
    return tuple(pair for pair in request.headers if pair[0] in ANSWERS.values())
