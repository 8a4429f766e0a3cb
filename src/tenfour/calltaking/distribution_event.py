"""What happens while calls are distributed: queues and offers (stream `call/<call id>`), states of positions
(`position/<id>`).
"""

from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.ids import CallId, PersonId, PositionId


class CallPutInQueue(Event, frozen=True):
    """The call waits in this queue of the policy, with its priority, and why: it fits, or it overflowed from another.

    Its ring clock goes on from the INVITE. An offer that stood is taken back by it.
    """

    queue: str
    priority: int
    why: str


class CallOffered(Event, frozen=True):
    """The waiting call rings at one position, for the person there, and why there. Others may still pick it up."""

    position: PositionId
    person: PersonId
    why: str


class OfferPassed(Event, frozen=True):
    """The call is offered to this position no longer, and why. `missed`: it rang there and nobody took it."""

    position: PositionId
    missed: bool
    why: str


class CallRingsEverywhere(Event, frozen=True):
    """The waiting call rings at every position from now on, and why; it is offered to no single one any more."""

    why: str


class PositionReady(Event, frozen=True):
    """Whoever sits at the position takes calls: a person said so, or the wrap-up is over."""

    position: PositionId


class PositionNotReady(Event, frozen=True):
    """Nothing is offered to the position, and why. It sees every call and may pick any up all the same."""

    position: PositionId
    reason: str


class WrapUpBegun(Event, frozen=True):
    """The position's call is over: for so long nothing is offered to it, unless it says that it is ready."""

    position: PositionId
    call_id: CallId
    seconds: float


class PositionLeft(Event, frozen=True):
    """Whoever sat at the position logged out there."""

    position: PositionId


DISTRIBUTION_EVENTS: tuple[type[Event], ...] = (
    CallPutInQueue,
    CallOffered,
    OfferPassed,
    CallRingsEverywhere,
    PositionReady,
    PositionNotReady,
    WrapUpBegun,
    PositionLeft,
)
