"""An area check alerts the supervisor: somebody is to be found, and no address is known."""

from collections.abc import Iterator

from tenfour.dispatch.event import AreaCheckOrdered, SupervisorAlerted
from tenfour.vocabulary.envelope import Fact
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World


def react(fact: Fact, world: World, policy: Policy) -> Iterator[Draft]:
    """The area goes with it."""
    if isinstance(fact.event, AreaCheckOrdered):
        yield Draft(SupervisorAlerted(f"No usable address; area check: {fact.event.area}"), fact.stream)
