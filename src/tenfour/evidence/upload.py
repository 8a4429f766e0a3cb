"""A file on its way to becoming an exhibit."""

from datetime import datetime

import msgspec

from tenfour.evidence.decision import About
from tenfour.vocabulary.envelope import Actor
from tenfour.vocabulary.ids import IncidentId


class Upload(msgspec.Struct, frozen=True):
    """Of which incident, how long (bytes), what is known of it, who sends it and since when (real time).

    `exhibit_id`: what it became; empty until it is an exhibit.
    """

    upload_id: str
    incident_id: IncidentId
    length: int
    about: About
    actor: Actor
    begun_at: datetime
    exhibit_id: str = ""
