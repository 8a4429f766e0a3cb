"""Queues as the policy has them: which calls wait in one, and how they are brought to positions."""

from enum import Enum

import msgspec

from tenfour.calltaking.call import Call
from tenfour.vocabulary.ids import PersonId


class Distribution(Enum):
    """How the calls of a queue are brought to positions."""

    RING_ALL = "ring_all"
    """Each rings at every position until somebody picks it up."""
    LONGEST_IDLE = "longest_idle"
    """Each rings at one ready position with the skills: the one that has been without a call for longest."""


class CallQueue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A queue; a call waits in the first one whose conditions all hold. One that fits none rings everywhere.

    Conditions (empty: any): `emergency`, `trunks`, `services` (URNs, or what they begin with), `admin_lines` (names),
    `languages` (of which the caller's side asks for one first), `media` (each offered: `text`).
    """

    name: str
    distribution: Distribution = Distribution.RING_ALL
    priority: int = 0
    skills: tuple[str, ...] = ()
    """What whoever is offered a call must have, every one."""
    offer_s: float = 8.0
    """A call rings so long at one position, then it goes on."""
    offers: int = 2
    """After so many that did not take it, it goes to the next queue or rings everywhere."""
    overflow_to: str = ""
    overflow_after_s: float = 0.0
    """So long it may wait in this queue; 0: as long as somebody of it can be asked."""
    emergency: bool | None = None
    trunks: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    admin_lines: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    media: tuple[str, ...] = ()

    def fits(self, call: Call) -> bool:
        """Do all conditions hold for this call?"""
        return (
            self.emergency in (None, call.is_emergency)
            and _any_or_in(self.trunks, call.trunk)
            and _any_or_in(self.admin_lines, call.admin_line)
            and (not self.services or call.service.lower().startswith(tuple(one.lower() for one in self.services)))
            and set(self.media).issubset(call.media)
            and (not self.languages or _language(call) in self.languages)
        )


class Skills(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who can do what: skills of persons (by id) and of everybody in a role. `words`: how a sentence says a skill."""

    person: dict[str, tuple[str, ...]] = {}
    role: dict[str, tuple[str, ...]] = {}
    words: dict[str, str] = {}

    def of(self, person: PersonId, role: str) -> frozenset[str]:
        """Every skill of a person in a role."""
        return frozenset((*self.person.get(person, ()), *self.role.get(role, ())))

    def sentence(self, skills: tuple[str, ...]) -> str:
        """`speaks Spanish, takes text`."""
        return ", ".join(self.words.get(skill, f"has skill {skill}") for skill in skills)


def _any_or_in(wanted: tuple[str, ...], found: str) -> bool:
    return not wanted or found in wanted


def _language(call: Call) -> str:
    """The language asked for first, without its region: `es` for `es-MX` (RFC 5646)."""
    return call.languages[0].partition("-")[0].lower() if call.languages else ""


def named(queues: tuple[CallQueue, ...], name: str) -> CallQueue | None:
    """The queue of this name, if the policy (still) has it."""
    return next((queue for queue in queues if queue.name == name), None)
