"""The status table of a unit: what may follow what. Documents and tests read it from here."""

from typing import Final

from tenfour.units.event import UnitStatus

S = UnitStatus

_OFF_DUTY: Final = frozenset({S.CONDITIONALLY_AVAILABLE, S.NOT_AVAILABLE, S.OUT_OF_SERVICE})
_SELF_INITIATED: Final = frozenset({S.EN_ROUTE, S.ON_SCENE, S.BACKUP, S.COMMUNITY_CONTACT})
_OVER: Final = frozenset({S.AVAILABLE, S.CLEARED, S.ASSIGNMENT_CANCELLED})
_SENT: Final = frozenset({S.ASSIGNED, S.DISPATCHED})

LEGAL: Final[dict[UnitStatus, frozenset[UnitStatus]]] = {
    S.AVAILABLE: _OFF_DUTY | _SENT | _SELF_INITIATED,
    S.CONDITIONALLY_AVAILABLE: _SENT | _SELF_INITIATED | {S.AVAILABLE, S.NOT_AVAILABLE, S.OUT_OF_SERVICE},
    S.NOT_AVAILABLE: frozenset({S.AVAILABLE, S.CONDITIONALLY_AVAILABLE, S.OUT_OF_SERVICE}),
    S.ASSIGNED: _OVER | {S.DISPATCHED, S.ACKNOWLEDGED, S.EN_ROUTE},
    S.DISPATCHED: _OVER | {S.DISPATCHED, S.ACKNOWLEDGED, S.EN_ROUTE, S.DELAYED, S.STAGING, S.ON_SCENE},
    S.ACKNOWLEDGED: _OVER | {S.DISPATCHED, S.EN_ROUTE, S.DELAYED, S.STAGING, S.ON_SCENE},
    S.EN_ROUTE: _OVER | {S.DISPATCHED, S.DELAYED, S.STAGING, S.ON_SCENE, S.BACKUP},
    S.DELAYED: _OVER | {S.DISPATCHED, S.EN_ROUTE, S.STAGING, S.ON_SCENE},
    S.STAGING: _OVER | {S.DISPATCHED, S.EN_ROUTE, S.ON_SCENE, S.BACKUP},
    S.ON_SCENE: frozenset({S.STAGING, S.BACKUP, S.COMMUNITY_CONTACT, S.CLEARED, S.AVAILABLE}),
    S.BACKUP: frozenset({S.ON_SCENE, S.COMMUNITY_CONTACT, S.CLEARED, S.AVAILABLE}),
    S.COMMUNITY_CONTACT: frozenset({S.ON_SCENE, S.CLEARED, S.AVAILABLE}),
    S.CLEARED: _OFF_DUTY | _SENT | {S.AVAILABLE, S.IN_SERVICE},
    S.ASSIGNMENT_CANCELLED: _OFF_DUTY | _SENT | {S.AVAILABLE, S.IN_SERVICE},
    S.IN_SERVICE: _OFF_DUTY | _SENT | {S.AVAILABLE},
    S.OUT_OF_SERVICE: frozenset({S.IN_SERVICE, S.AVAILABLE}),
}
"""Status, then what may follow. To `Dispatched` from a run in progress: diverted to another incident."""

SENDABLE: Final = frozenset({S.AVAILABLE, S.CONDITIONALLY_AVAILABLE, S.CLEARED, S.ASSIGNMENT_CANCELLED, S.IN_SERVICE})
"""May be sent without taking the unit from anything else."""

DIVERTIBLE: Final = frozenset({S.ASSIGNED, S.DISPATCHED, S.ACKNOWLEDGED, S.EN_ROUTE, S.DELAYED, S.STAGING})
"""On the way to something: may be sent elsewhere with a reason."""

WITHOUT_INCIDENT: Final = frozenset(
    {
        S.AVAILABLE,
        S.CONDITIONALLY_AVAILABLE,
        S.NOT_AVAILABLE,
        S.CLEARED,
        S.ASSIGNMENT_CANCELLED,
        S.IN_SERVICE,
        S.OUT_OF_SERVICE,
    }
)
"""In these the unit is on no incident."""

WORDS: Final[dict[UnitStatus, str]] = {
    S.AVAILABLE: "Available",
    S.CONDITIONALLY_AVAILABLE: "Available if needed",
    S.NOT_AVAILABLE: "Not available",
    S.ASSIGNED: "Assigned",
    S.DISPATCHED: "Dispatched",
    S.ACKNOWLEDGED: "Acknowledged",
    S.EN_ROUTE: "En route",
    S.DELAYED: "Delayed",
    S.STAGING: "Staging",
    S.ON_SCENE: "On scene",
    S.BACKUP: "Backing up",
    S.COMMUNITY_CONTACT: "Community contact",
    S.CLEARED: "Cleared",
    S.ASSIGNMENT_CANCELLED: "Assignment cancelled",
    S.IN_SERVICE: "In service",
    S.OUT_OF_SERVICE: "Out of service",
}
"""What a screen says."""

LETTERS: Final[dict[UnitStatus, str]] = {
    S.AVAILABLE: "A",
    S.CONDITIONALLY_AVAILABLE: "A",
    S.NOT_AVAILABLE: "O",
    S.ASSIGNED: "D",
    S.DISPATCHED: "D",
    S.ACKNOWLEDGED: "D",
    S.EN_ROUTE: "E",
    S.DELAYED: "E",
    S.STAGING: "S",
    S.ON_SCENE: "S",
    S.BACKUP: "S",
    S.COMMUNITY_CONTACT: "C",
    S.CLEARED: "A",
    S.ASSIGNMENT_CANCELLED: "A",
    S.IN_SERVICE: "A",
    S.OUT_OF_SERVICE: "O",
}
"""The letter of the board: A available, D dispatched, E en route, S on scene, C community contact, O out of service."""

EMERGENCY_LETTER: Final = "X"
"""Stands for any status while the unit's emergency button is on."""


def letter(status: UnitStatus, *, emergency: bool = False) -> str:
    """The board's letter."""
    return EMERGENCY_LETTER if emergency else LETTERS[status]


def in_order(statuses: frozenset[UnitStatus]) -> tuple[UnitStatus, ...]:
    """Statuses in the order of `UnitStatus`."""
    return tuple(status for status in UnitStatus if status in statuses)
