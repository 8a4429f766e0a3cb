"""From given facts to the whole batch: fold, react, fold, until nothing more follows."""

from collections import deque
from collections.abc import Sequence
from datetime import datetime

from tenfour.vocabulary.envelope import Fact
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Reactions, react_to
from tenfour.workflow.rule import REACTIONS
from tenfour.workflow.world import World


def react_all(fact: Fact, world: World, policy: Policy, *, now: datetime) -> list[Fact]:
    """What all rules make of one fact that `world` already holds; folds nothing."""
    return [further for rule in REACTIONS.on(fact.event) for further in react_to(fact, world, policy, rule, now=now)]


def settle(
    facts: Sequence[Fact],
    world: World,
    policy: Policy,
    *,
    now: datetime,
    reactions: Reactions = REACTIONS,
) -> list[Fact]:
    """Fold `facts` into `world` one after the other, each with everything that follows from it.

    Returns all facts, given and derived, in the order folded: append them as one batch. A fact whose id the world knows
    already (a redelivery) is neither folded nor returned. When the append fails, throw the world away:
    go on with a `copy()` of the one that is recorded.
    """
    batch: list[Fact] = []
    for given in facts:
        reached = deque([given] if world.apply(given) else [])
        while reached:
            fact = reached.popleft()
            batch.append(fact)
            for reaction in reactions.on(fact.event):
                further = react_to(fact, world, policy, reaction, now=now)
                reached.extend(derived for derived in further if world.apply(derived))
    return batch
