"""What is kept of an incident beside its course: exhibits, the press text, promised visits."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from tenfour.evidence import event as evidence
from tenfour.evidence import exhibit as exhibits
from tenfour.evidence.exhibit import Exhibit
from tenfour.outreach import event as outreach
from tenfour.outreach import visit as visits
from tenfour.outreach.visit import Visit
from tenfour.release import press
from tenfour.release.press import PressText
from tenfour.vocabulary.envelope import Actor, Event
from tenfour.vocabulary.errors import NotFound

_T = TypeVar("_T")


class Casework(msgspec.Struct, frozen=True):
    """Of one incident, each in the order it came; of the press text the newest version."""

    exhibits: tuple[Exhibit, ...] = ()
    press: PressText | None = None
    visits: tuple[Visit, ...] = ()

    @property
    def visits_open(self) -> bool:
        """Does somebody still wait for a visit?"""
        return any(visit.is_open for visit in self.visits)

    def exhibit(self, exhibit_id: str) -> Exhibit:
        """The exhibit, or `NotFound`."""
        return _found("exhibit", exhibit_id, self.exhibits, lambda one: one.exhibit_id)

    def visit(self, visit_id: str) -> Visit:
        """The visit, or `NotFound`."""
        return _found("visit", visit_id, self.visits, lambda one: one.visit_id)


def apply(casework: Casework, name: str, event: Event, *, at: datetime, actor: Actor) -> Casework:
    """Fold one fact of the exhibit, the visit or the press text of this `name`."""
    if isinstance(event, evidence.EVENTS):
        before = next((one for one in casework.exhibits if one.exhibit_id == name), None)
        return replace(
            casework, exhibits=_put(casework.exhibits, before, exhibits.apply(before, event, at=at, actor=actor))
        )
    if isinstance(event, outreach.EVENTS):
        was = next((one for one in casework.visits if one.visit_id == name), None)
        return replace(casework, visits=_put(casework.visits, was, visits.apply(was, event, at=at, actor=actor)))
    return replace(casework, press=press.apply(casework.press, event, at=at, actor=actor))


def _put(rows: tuple[_T, ...], before: _T | None, after: _T | None) -> tuple[_T, ...]:
    if after is None:
        return rows
    return (*rows, after) if before is None else tuple(after if row is before else row for row in rows)


def _found(kind: str, name: str, rows: tuple[_T, ...], name_of: Callable[[_T], str]) -> _T:
    row = next((one for one in rows if name_of(one) == name), None)
    if row is None:
        raise NotFound(kind, name)
    return row
