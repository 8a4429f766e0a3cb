"""Distribution: to whom a waiting call is offered next, and why. Pure: it is given who is free.

A call is never hidden: an offer only says where it rings. Each call comes to an end of its offers, and then it rings
everywhere: after `offers` that nobody took, as soon as nobody is ready in any queue that it may overflow to, or after
the times of its queues.
"""

from collections.abc import Sequence

import msgspec

from tenfour.calltaking.call import Call
from tenfour.calltaking.distribution_event import CallOffered, CallPutInQueue, CallRingsEverywhere
from tenfour.calltaking.policy import CalltakingPolicy
from tenfour.calltaking.queue import CallQueue, Distribution, named
from tenfour.calltaking.turn import turn
from tenfour.vocabulary.ids import PersonId, PositionId

Step = CallPutInQueue | CallOffered | CallRingsEverywhere


class Free(msgspec.Struct, frozen=True):
    """A position that a call may be offered to: somebody sits there, ready, without a call and without an offer.

    `idle_since`: when it last had to do with a call, or became ready; sorts as text (ISO 8601, UTC).
    """

    position: PositionId
    person: PersonId
    skills: frozenset[str]
    idle_since: str


def first_queue(call: Call, policy: CalltakingPolicy) -> CallPutInQueue | None:
    """The queue that a received call waits in; None where it fits none and rings everywhere."""
    queue = next((one for one in policy.queue if one.fits(call)), None)
    return CallPutInQueue(queue.name, queue.priority, "fits the call") if queue is not None else None


def distribute(calls: Sequence[Call], free: Sequence[Free], policy: CalltakingPolicy) -> list[tuple[Call, Step]]:
    """What is to be said of calls that wait and are offered to nobody, in the order of their turns."""
    told: list[tuple[Call, Step]] = []
    left = list(free)
    for call in sorted(calls, key=turn):
        step = next_step(call, left, policy)
        if step is not None:
            told.append((call, step))
        if isinstance(step, CallOffered):
            left = [one for one in left if one.position != step.position]
    return told


def next_step(call: Call, free: Sequence[Free], policy: CalltakingPolicy) -> Step | None:
    """What comes next for one call; None while it rings where it should."""
    queue = named(policy.queue, call.waiting.queue)
    if queue is None or queue.distribution is Distribution.RING_ALL or _rings(call):
        return None
    passed = call.waiting.passed
    if len(passed) >= queue.offers:
        return further(call, queue, policy, f"{_positions(passed)} did not take it")
    able = [one for one in free if one.skills.issuperset(queue.skills) and one.position not in passed]
    if not able:
        return further(call, queue, policy, _nobody(queue, policy))
    best = min(able, key=lambda one: (one.idle_since, one.position))
    return CallOffered(best.position, best.person, _why(queue, policy, only=len(able) == 1))


def further(call: Call, queue: CallQueue, policy: CalltakingPolicy, why: str) -> CallPutInQueue | CallRingsEverywhere:
    """On to the queue that this one overflows to, or, where there is none or it was there, to everybody; and to another
    centre, too, where the queue names one.
    """
    after = named(policy.queue, queue.overflow_to)
    if queue.overflow_to and after is None:
        return CallRingsEverywhere(f"{why}; {queue.overflow_to} is called, too")
    if after is None or after.name in call.waiting.been_in:
        return CallRingsEverywhere(why)
    return CallPutInQueue(after.name, after.priority, f"{why} in queue {queue.name}")


def _rings(call: Call) -> bool:
    return call.waiting.offer is not None or bool(call.waiting.everywhere_why)


def _positions(names: Sequence[PositionId]) -> str:
    return f"position{'' if len(names) == 1 else 's'} {' and '.join(names)}"


def _nobody(queue: CallQueue, policy: CalltakingPolicy) -> str:
    skills = policy.skills.sentence(queue.skills)
    return f"nobody is ready who {skills}" if skills else "nobody is ready"


def _why(queue: CallQueue, policy: CalltakingPolicy, *, only: bool) -> str:
    skills = policy.skills.sentence(queue.skills)
    first = "the only one ready" if only else "longest idle"
    return f"{first}, {skills}" if skills else first
