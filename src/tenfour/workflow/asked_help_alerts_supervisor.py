"""Help that a unit asks for alerts the supervisor; who goes is for a dispatcher to decide."""

from collections.abc import Iterator

from tenfour.dispatch.event import HelpAsked, SupervisorAlerted
from tenfour.vocabulary.envelope import Fact
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World


def react(fact: Fact, world: World, policy: Policy) -> Iterator[Draft]:
    """The unit's own words go with it."""
    if isinstance(fact.event, HelpAsked):
        words = f": {fact.event.text}" if fact.event.text else "."
        yield Draft(SupervisorAlerted(f"Unit {fact.event.unit} asks for a second unit{words}"), fact.stream)
