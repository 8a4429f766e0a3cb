"""A conveyed location becomes fixes: each shape of the document is a row, and none replaces another."""

from collections.abc import Iterator

from tenfour.calltaking.event import LocationConveyed
from tenfour.location.event import LocationUnreadable
from tenfour.location.pidf import PidfLoUnreadable, read_pidf_lo
from tenfour.vocabulary.envelope import Fact
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World


def react(fact: Fact, world: World, policy: Policy) -> Iterator[Draft]:
    """A document that cannot be read is said to be so, in a sentence; it stays in the record and the call goes on."""
    if not isinstance(fact.event, LocationConveyed):
        return
    tower_radius_m = policy.location.tower_radius_m
    try:
        fixes = read_pidf_lo(fact.event.pidf_lo, source=fact.event.how, tower_radius_m=tower_radius_m)
    except PidfLoUnreadable as error:
        yield Draft(LocationUnreadable(str(error)), fact.stream)
        return
    for fix in fixes:
        yield Draft(fix, fact.stream)
