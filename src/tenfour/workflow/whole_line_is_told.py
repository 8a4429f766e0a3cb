"""A line of text that is whole is told as one fact: it can be searched, and read in the story of the incident."""

from collections.abc import Iterator

from tenfour.vocabulary.envelope import Fact
from tenfour.vocabulary.ids import CallId
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World


def react(fact: Fact, world: World, policy: Policy) -> Iterator[Draft]:
    """With the end of the call every line is whole, also one that was begun and not ended."""
    call = world.calls.get(CallId(fact.stream.partition("/")[2]))
    if call is None:
        return
    for ended in call.conversation.untold(over=not call.in_progress):
        yield Draft(ended, fact.stream)
