"""What the centre and the line say of headsets, and of who is in a call: frames of the link (see `link`)."""

import asyncio
from collections.abc import Callable
from itertools import count

import msgspec

from tenfour.calltaking.voice import Member
from tenfour.vocabulary.errors import Refused, Unavailable
from tenfour.vocabulary.ids import CallId, PersonId, PositionId

ANSWER_WITHIN_S = 5.0

AWAY = "The line process is away: no headset can be connected just now."
NO_ANSWER = "The line did not answer in time: the headset is not connected."

# ---- centre → line ----


class HeadsetOffer(msgspec.Struct, frozen=True, tag_field="frame", tag="headset_offer"):
    """A position's browser offers its audio; it takes the place of an earlier one. `HeadsetAnswer` names `request`."""

    request: int
    position: PositionId
    person: PersonId
    sdp: str


class HeadsetAway(msgspec.Struct, frozen=True, tag_field="frame", tag="headset_away"):
    """The headset of a position was put away, or its browser has said goodbye: why, in words."""

    position: PositionId
    why: str
    put_away: bool


class Voices(msgspec.Struct, frozen=True, tag_field="frame", tag="voices"):
    """Who is in a call, all of them, and whether its caller waits."""

    call_id: CallId
    members: tuple[Member, ...]
    held: bool
    outside: tuple[CallId, ...] = ()
    """Third parties that are in it, by their own calls."""


# ---- line → centre ----


class HeadsetAnswer(msgspec.Struct, frozen=True, tag_field="frame", tag="headset_answer"):
    """Our side's description for the browser, or why there is none."""

    request: int
    sdp: str = ""
    problem: str = ""


class HeadsetRequests:
    """Offers that wait for their answers."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._waiting: dict[int, asyncio.Future[HeadsetAnswer]] = {}

    async def ask(self, say: Callable[[HeadsetOffer], bool], position: PositionId, person: PersonId, sdp: str) -> str:
        """The answer to an offer. Raises `Refused` with the line's reason, `Unavailable` where the line is away."""
        number = next(self._numbers)
        answered: asyncio.Future[HeadsetAnswer] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answered
        try:
            if not say(HeadsetOffer(number, position, person, sdp)):
                raise Unavailable(AWAY)
            answer = await asyncio.wait_for(answered, ANSWER_WITHIN_S)
        except TimeoutError as error:
            raise Unavailable(NO_ANSWER) from error
        finally:
            del self._waiting[number]
        if answer.problem:
            raise Refused(answer.problem)
        return answer.sdp

    def answered(self, answer: HeadsetAnswer) -> None:
        """The line answered; nothing where nobody waits any more."""
        waiting = self._waiting.get(answer.request)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)
