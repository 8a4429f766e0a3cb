"""A received call enters the first queue of the policy that it fits; where it fits none it rings everywhere."""

from collections.abc import Iterator

from tenfour.calltaking.distribution import first_queue
from tenfour.calltaking.event import CallReceived
from tenfour.vocabulary.envelope import Fact
from tenfour.vocabulary.ids import call_stream
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World


def react(fact: Fact, world: World, policy: Policy) -> Iterator[Draft]:
    """Asked once of each call; never of a test call."""
    if not isinstance(fact.event, CallReceived) or fact.event.test:
        return
    call = world.call(fact.event.call_id)
    entered = first_queue(call, policy.calltaking)
    if entered is not None and not call.waiting.been_in:
        yield Draft(entered, call_stream(call.call_id))
