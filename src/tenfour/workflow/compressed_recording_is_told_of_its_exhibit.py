"""A recording that is kept as FLAC from now on: its exhibit is told so, for that is where a court looks."""

from collections.abc import Iterator

from tenfour.calltaking.recording_event import RecordingCompressed
from tenfour.vocabulary.envelope import Fact
from tenfour.vocabulary.ids import CallId
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Draft
from tenfour.workflow.sealed_recording_becomes_exhibit import FOLDER, kept_as_flac
from tenfour.workflow.world import World


def react(fact: Fact, world: World, policy: Policy) -> Iterator[Draft]:
    """Nothing, where the call belongs to no incident."""
    if not isinstance(fact.event, RecordingCompressed):
        return
    call = world.calls.get(CallId(fact.stream.partition("/")[2]))
    if call is None or call.incident_id is None or call.incident_id not in world.incidents:
        return
    sealed = {f"{FOLDER}/{one.file}" for one in call.recordings if one.segment == fact.event.segment}
    for exhibit in world.casework_of(call.incident_id).exhibits:
        if exhibit.file in sealed and exhibit.flac is None:
            yield kept_as_flac(exhibit.exhibit_id, exhibit.incident_id, fact.event)
