"""What happens to the centre itself (stream `centre/<centre id>`). Every journal begins with `CentreFounded`."""

from datetime import datetime

import msgspec

from tenfour.vocabulary.code import Service
from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.ids import AgencyId, CentreId


class Agency(msgspec.Struct, frozen=True):
    """An agency that the centre dispatches for."""

    agency_id: AgencyId
    name: str
    service: Service


class CentreFounded(Event, frozen=True):
    """The centre: its mode (`live`, `demo`, `training`, `practice`) is fixed for ever here.

    `time_zone` is an IANA name; days and shifts are told in it. `agencies`: who is dispatched for.
    """

    centre_id: CentreId
    name: str
    mode: str
    time_zone: str
    agencies: tuple[Agency, ...]


class ClockSet(Event, frozen=True):
    """The domain clock of a centre that is not live was set: `domain_at` at `real_at`, from then `speed` times real."""

    real_at: datetime
    domain_at: datetime
    speed: float


EVENTS = (CentreFounded, ClockSet)
