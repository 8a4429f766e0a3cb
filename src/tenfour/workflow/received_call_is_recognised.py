"""A received call is recognised: what the handset is, and what may be done with it."""

from collections.abc import Iterator

from tenfour.calltaking.event import CallReceived
from tenfour.calltaking.handset import recognise
from tenfour.vocabulary.envelope import Fact
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World


def react(fact: Fact, world: World, policy: Policy) -> Iterator[Draft]:
    """The number alone tells a phone without service, so that the card is there at the first ring."""
    if isinstance(fact.event, CallReceived):
        yield Draft(recognise(fact.event.ani, fact.event.callback_number), fact.stream)
