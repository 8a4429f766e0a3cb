"""Every event there is, by its type name: what a journal may hold."""

from typing import Final

from tenfour.calltaking import event as calltaking
from tenfour.calltaking import voice_event as voice
from tenfour.dispatch import event as dispatch
from tenfour.evidence import event as evidence
from tenfour.incident import event as incident
from tenfour.journal import event as journal
from tenfour.location import event as location
from tenfour.outreach import event as outreach
from tenfour.release import event as release
from tenfour.units import event as units
from tenfour.vocabulary.envelope import Event

STAGES: Final[tuple[tuple[str, tuple[type[Event], ...]], ...]] = (
    ("journal", journal.EVENTS),
    ("calltaking", calltaking.EVENTS),
    ("voice", voice.EVENTS),
    ("location", location.EVENTS),
    ("incident", incident.EVENTS),
    ("units", units.EVENTS),
    ("dispatch", dispatch.EVENTS),
    ("evidence", evidence.EVENTS),
    ("release", release.EVENTS),
    ("outreach", outreach.EVENTS),
)
"""Each stage with its events, in the order of a call."""

CATALOGUE: Final[dict[str, type[Event]]] = {kind.__name__: kind for _, events in STAGES for kind in events}
"""Type name (the envelope's `type`) to class."""
