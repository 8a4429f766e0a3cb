"""An ended call gets the policy's advice, and so does an open line with distress on it. A person decides."""

from collections.abc import Iterator

from tenfour.calltaking.advice import advise
from tenfour.calltaking.event import (
    CallAbandoned,
    CallerDisconnected,
    CallFailed,
    CallReleased,
    HandsetRecognised,
    HeardOnCall,
)
from tenfour.vocabulary.envelope import Fact
from tenfour.vocabulary.ids import CallId
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World


def react(fact: Fact, world: World, policy: Policy) -> Iterator[Draft]:
    """Advice that was given already is not given again; what is heard or recognised later can change it."""
    asked = CallAbandoned | CallerDisconnected | CallFailed | CallReleased | HeardOnCall | HandsetRecognised
    if not isinstance(fact.event, asked):
        return
    call = world.calls.get(CallId(fact.stream.partition("/")[2]))
    if call is None or not call.is_emergency:
        return
    advice = advise(call, policy.calltaking.advice, policy.calltaking.heard)
    if advice is not None and advice != call.advice:
        yield Draft(advice, fact.stream)
