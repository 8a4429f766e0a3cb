"""How a call waits to be answered, as folded from its facts: its queue, and where it rings."""

from datetime import datetime

import msgspec
from msgspec.structs import replace

from tenfour.calltaking import distribution_event as d
from tenfour.calltaking.event import CallAnswered
from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.ids import PositionId


class Offer(msgspec.Struct, frozen=True):
    """The call rings at this position alone, since when and why."""

    position: PositionId
    at: datetime
    why: str


class Waiting(msgspec.Struct, frozen=True):
    """The queue a call is in ("": none, it rings everywhere), those it has been in, and its offers.

    `passed`: positions that were offered it in this queue and did not take it, whether they missed it or were not ready
    any more. `everywhere_why`: why it rings everywhere for good; empty while it may still be offered.
    """

    queue: str = ""
    queue_priority: int = 0
    entered_at: datetime | None = None
    been_in: tuple[str, ...] = ()
    offer: Offer | None = None
    passed: tuple[PositionId, ...] = ()
    everywhere_why: str = ""


def apply(waiting: Waiting, event: Event, *, at: datetime) -> Waiting:
    """Fold one fact of a waiting call; others change nothing."""
    match event:
        case d.CallPutInQueue(queue=queue, priority=priority):
            return Waiting(queue, priority, at, (*waiting.been_in, queue), everywhere_why=waiting.everywhere_why)
        case d.CallOffered(position=position, why=why) if not waiting.everywhere_why:
            return replace(waiting, offer=Offer(position, at, why))
        case d.OfferPassed(position=position) if waiting.offer is not None and waiting.offer.position == position:
            return replace(waiting, offer=None, passed=(*waiting.passed, position))
        case CallAnswered():
            # Should it ever ring again, it does so everywhere: whoever waited once does not wait in line again.
            return replace(waiting, offer=None, everywhere_why=waiting.everywhere_why or "it was picked up before")
        case d.CallRingsEverywhere(why=why):
            return replace(waiting, offer=None, everywhere_why=waiting.everywhere_why or why)
        case _:
            return waiting
