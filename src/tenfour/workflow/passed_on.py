"""Which other centres have the calls of an incident: then it may be closed here as referred."""

from collections.abc import Iterator

from tenfour.calltaking.call import UNANSWERED, Call
from tenfour.calltaking.third_party import PSAP
from tenfour.incident.incident import Incident
from tenfour.workflow.world import World


def passed_on(world: World, incident: Incident) -> tuple[str, ...]:
    """Their names; none while somebody of ours has one of its callers, or one rings."""
    calls = [world.calls[one] for one in incident.call_ids if one in world.calls]
    callers = [call for call in calls if call.outgoing is None]
    if any(call.in_progress and (call.position is not None or call.state in UNANSWERED) for call in callers):
        return ()
    return tuple(dict.fromkeys(name for call in callers for name in _centres(call)))


def _centres(call: Call) -> Iterator[str]:
    if call.transfer is not None and call.transfer.done_at is not None:
        yield call.transfer.name
    to = call.conference.handed_over_to
    party = call.conference.party(to) if to is not None else None
    if party is not None and party.kind == PSAP:
        yield party.name
