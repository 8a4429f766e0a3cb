"""A ServiceInfo block tells the class of service, and so what the handset is (RFC 7852 section 4.2)."""

from collections.abc import Iterator

from tenfour.calltaking.event import BodyPartKept
from tenfour.calltaking.handset import recognise_anew
from tenfour.calltaking.service_info import class_of_service, is_service_info
from tenfour.vocabulary.envelope import Fact
from tenfour.vocabulary.ids import CallId
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World


def react(fact: Fact, world: World, policy: Policy) -> Iterator[Draft]:
    """What the provider says goes before what a location tells; a phone without service stays one."""
    if not isinstance(fact.event, BodyPartKept) or not is_service_info(fact.event.content_type):
        return
    call, told = world.calls.get(CallId(fact.stream.partition("/")[2])), class_of_service(fact.event.content)
    if call is None or not told:
        return
    if (recognised := recognise_anew(call, told)) is not None:
        yield Draft(recognised, fact.stream)
