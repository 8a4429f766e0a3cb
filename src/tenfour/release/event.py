"""What happens to a press text (stream `release/<incident id>`)."""

import msgspec

from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.ids import IncidentId


class PressSentence(msgspec.Struct, frozen=True):
    """A sentence, and the journal positions of the facts that it rests on."""

    text: str
    rests_on: tuple[int, ...]


class PressDrafted(Event, frozen=True):
    """A text was drafted from the facts of an incident, as version `version`. It is not approved, and not published."""

    incident_id: IncidentId
    version: int
    sentences: tuple[PressSentence, ...]


class PressEdited(Event, frozen=True):
    """A person wrote version `version` of the text. Earlier versions stay in the record."""

    incident_id: IncidentId
    version: int
    sentences: tuple[PressSentence, ...]


EVENTS = (PressDrafted, PressEdited)
