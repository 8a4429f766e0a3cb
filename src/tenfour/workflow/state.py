"""What states the world has, and what each is called where it is saved."""

from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from tenfour.calltaking.call import Call
from tenfour.calltaking.position import Position
from tenfour.dispatch.assignment import Assignment
from tenfour.incident.incident import Incident
from tenfour.journal.event import CentreFounded, ClockSet
from tenfour.location.fix import CallerLocation
from tenfour.units.unit import Unit
from tenfour.vocabulary.place import Point
from tenfour.workflow.casework import Casework


class Kind:
    """Names of the kinds of state, as they stand beside each saved state."""

    CENTRE = "centre"
    CLOCK = "clock"
    CALL = "call"
    LOCATION = "location"
    POSITION = "position"
    INCIDENT = "incident"
    ASSIGNMENT = "assignment"
    CASEWORK = "casework"
    UNIT = "unit"
    NUMBERING = "numbering"


class Key(NamedTuple):
    """Names one state of the world: its kind (see `Kind`) and the id within it."""

    kind: str
    id: str


class Sighting(msgspec.Struct, frozen=True):
    """Where a unit was last measured to be. A measurement, not a fact: not part of the record."""

    point: Point
    at: datetime


class Numbering(msgspec.Struct, frozen=True):
    """What the next incident is called."""

    next_number: int


STATE_TYPES: Final[dict[str, type[msgspec.Struct]]] = {
    Kind.CENTRE: CentreFounded,
    Kind.CLOCK: ClockSet,
    Kind.CALL: Call,
    Kind.LOCATION: CallerLocation,
    Kind.POSITION: Position,
    Kind.INCIDENT: Incident,
    Kind.ASSIGNMENT: Assignment,
    Kind.CASEWORK: Casework,
    Kind.UNIT: Unit,
    Kind.NUMBERING: Numbering,
}
