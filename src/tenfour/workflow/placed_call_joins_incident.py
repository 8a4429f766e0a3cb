"""A placed call joins the incident that it is about: that of the call that is called back, or the one named."""

from collections.abc import Iterator

from tenfour.calltaking.outgoing_event import CallPlaced
from tenfour.vocabulary.envelope import Fact
from tenfour.workflow.joining import Match, joined
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World


def react(fact: Fact, world: World, policy: Policy) -> Iterator[Draft]:
    """Also where the incident is closed: somebody asks after it."""
    if not isinstance(fact.event, CallPlaced) or fact.event.incident_id is None:
        return
    incident = world.incidents.get(fact.event.incident_id)
    if incident is not None:
        why = "A callback" if fact.event.callback_of is not None else "A call of ours"
        about = f"{why} to {fact.event.number} for {incident.name.lower()}."
        yield from joined(world.call(fact.event.call_id), Match(incident, True, about))
