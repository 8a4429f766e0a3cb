"""A press text made of an incident's facts alone.

Only codes, counts, kinds and rounded times of the facts are used; what somebody said in their own words, numbers, names
and addresses never come in. Numbers are written as the AP Stylebook does: words up to nine. The time is the day and its
part; the place is the block, and where a child has to do with it, not even that.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Final, TypeVar

import msgspec

from tenfour.calltaking.event import CallerDisconnected, CallReceived, Handset, HandsetRecognised, HeardOnCall
from tenfour.dispatch.event import UnitsDispatched
from tenfour.incident.event import CallLinked, ChecklistMarked, IncidentClosed, IncidentStatus, PlaceSet, StatusMoved
from tenfour.release.event import PressSentence
from tenfour.vocabulary.envelope import Event, Recorded

CHILD: Final = frozenset({"child_voice", "child_seen", "lesson_given"})
"""Codes of what was heard or seen that say that a child has to do with it."""

_PARTS_OF_DAY: Final = ((5, "night"), (12, "morning"), (17, "afternoon"), (21, "evening"), (24, "night"))
_NUMBERS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_HOUSE: Final = re.compile(r"(\d+)\s+(\D.*)")

E = TypeVar("E", bound=Event)


class Names(msgspec.Struct, frozen=True):
    """How things are called: the centre, the agency that was sent, dispositions by code; and the centre's zone."""

    centre: str
    agency: str
    dispositions: Mapping[str, str]
    zone: tzinfo


def sentences(records: Sequence[Recorded], names: Names) -> tuple[PressSentence, ...]:
    """What may be told of an incident, whose facts (its own and its calls') these are, in the order they happened."""
    found = _Found(records)
    told = (
        _called(found, names),
        _ended(found),
        _sent(found, names),
        _again(found),
        _seen(found),
        _closed(found, names),
    )
    return tuple(sentence for sentence in told if sentence is not None)


def day_part(at: datetime, zone: tzinfo) -> str:
    """`Friday evening`: as exact as the public is told."""
    local = at.astimezone(zone)
    part = next(word for until, word in _PARTS_OF_DAY if local.hour < until)
    return f"{local:%A} {part}"


def block(label: str) -> str:
    """`the 9400 block of Kendall Place` of `9417 Kendall Place`; empty where that is no address, or would name it."""
    house = _HOUSE.fullmatch(label.strip())
    if house is None or len(house[1]) < 3 or int(house[1]) % 100 == 0:
        return ""
    return f"the {int(house[1]) // 100 * 100} block of {house[2].split(',')[0].strip()}"


class _Found:
    """The facts, by what they say."""

    def __init__(self, records: Sequence[Recorded]) -> None:
        self._records = sorted((record for record in records if record.event), key=lambda record: record.seq)

    def all(self, kind: type[E]) -> Iterator[tuple[int, datetime, E]]:
        """Every fact of a kind: its seq, its time, what it says."""
        for record in self._records:
            if isinstance(record.event, kind):
                yield record.seq, record.at, record.event

    def first(self, kind: type[E]) -> tuple[int, datetime, E] | None:
        """The first fact of a kind."""
        return next(self.all(kind), None)

    def child(self) -> list[int]:
        """The facts that say that a child has to do with it."""
        heard = [seq for seq, _, event in self.all(HeardOnCall) if CHILD & frozenset(event.heard)]
        return heard + [seq for seq, _, event in self.all(ChecklistMarked) if event.done and event.item in CHILD]

    def without_service(self) -> list[int]:
        """The facts that say that the phone had no service plan."""
        return [seq for seq, _, event in self.all(HandsetRecognised) if event.handset is Handset.NSI]


def _called(found: _Found, names: Names) -> PressSentence | None:
    received = found.first(CallReceived)
    if received is None:
        return None
    seq, at, _ = received
    rests_on, child, phone = [seq], found.child(), found.without_service()
    who = "A child" if child else "A caller"
    by = " on a cellphone without a service plan" if phone else ""
    where = ""
    places = [(seq, event.place) for seq, _, event in found.all(PlaceSet)]
    if places and not child and places[-1][1].address_id and (named := block(places[-1][1].label)):
        where = f" from {named}"
        rests_on.append(places[-1][0])
    text = f"{who} called 911 {day_part(at, names.zone)}{where}{by}, {names.centre} said."
    return PressSentence(text, (*rests_on, *child[:1], *phone[:1]))


def _ended(found: _Found) -> PressSentence | None:
    ended, phone = found.first(CallerDisconnected), found.without_service()
    if ended is None:
        return None
    why = ", and such a phone cannot be called back" if phone else ""
    return PressSentence(f"The call ended on the caller’s side{why}.", (ended[0], *phone[:1]))


def _sent(found: _Found, names: Names) -> PressSentence | None:
    sent = found.first(UnitsDispatched)
    if sent is None:
        return None
    seq, at, event = sent
    count = len(event.units)
    units = f"{_number(count)} unit{'s' if count > 1 else ''}"
    text = f"The {names.agency} sent {units}"
    there = ((seq, time) for seq, time, e in found.all(StatusMoved) if e.status is IncidentStatus.RESOURCES_ONSCENE)
    arrived = next(there, None)
    if arrived is None:
        return PressSentence(f"{text}.", (seq,))
    minutes = max(1, round((arrived[1] - at).total_seconds() / 60))
    took = f"{_number(minutes)} minute{'s' if minutes > 1 else ''}"
    return PressSentence(f"{text}; help was there within about {took}.", (seq, arrived[0]))


def _again(found: _Found) -> PressSentence | None:
    linked = [seq for seq, _, _ in found.all(CallLinked)]
    if not linked:
        return None
    calls = "Another call" if len(linked) == 1 else f"{_number(len(linked)).capitalize()} more calls"
    return PressSentence(f"{calls} about it came in meanwhile.", tuple(linked))


def _seen(found: _Found) -> PressSentence | None:
    marks: dict[str, tuple[int, bool]] = {}
    for seq, _, event in found.all(ChecklistMarked):
        marks[event.item] = (seq, event.done)
    done = {item: seq for item, (seq, yes) in marks.items() if yes}
    people = {"adult_seen": "an adult", "child_seen": "a child"}
    met = [item for item in people if item in done]
    if not met:
        return None
    text = f"They met {' and '.join(people[item] for item in met)} there"
    rests_on = [done[item] for item in met]
    if "okay_asked" in done:
        text += ", asked whether everything was okay"
        rests_on.append(done["okay_asked"])
    if "lesson_given" in done:
        text += " and explained when to call 911"
        rests_on.append(done["lesson_given"])
    return PressSentence(f"{text}.", tuple(rests_on))


def _closed(found: _Found, names: Names) -> PressSentence | None:
    closed = list(found.all(IncidentClosed))
    if not closed:
        return None
    seq, _, event = closed[-1]
    labels = [names.dispositions[code].lower() for code in event.dispositions if code in names.dispositions]
    if not labels:
        return None
    return PressSentence(f"The record was closed as: {', '.join(labels)}.", (seq,))


def _number(number: int) -> str:
    return _NUMBERS[number] if number < len(_NUMBERS) else str(number)
