"""What of an incident's facts could identify somebody: never in a text for the public."""

import re
from collections.abc import Iterable, Iterator

from tenfour.calltaking.event import CallReceived
from tenfour.incident.event import DoorRuledOut, PlaceSet
from tenfour.vocabulary.envelope import Recorded

SHORTEST = 3
"""Shorter strings stand in too many words."""


def private_strings(records: Iterable[Recorded]) -> tuple[str, ...]:
    """Telephone numbers, however written, and addresses with their house number, of these facts."""
    found = (one for record in records for one in _of(record))
    return tuple(dict.fromkeys(one for one in found if len(one) >= SHORTEST))


def _of(record: Recorded) -> Iterator[str]:
    match record.event:
        case CallReceived(ani=ani, callback_number=callback):
            for number in (ani, callback or ""):
                digits = re.sub(r"\D", "", number)
                yield from (number, digits, digits[-7:], f"{digits[-7:-4]} {digits[-4:]}" if digits else "")
        case PlaceSet(place=place):
            yield from _of_address(place.label)
        case DoorRuledOut(label=label):
            yield from _of_address(label)
        case _:
            return


def _of_address(label: str) -> Iterator[str]:
    """The address, and its house number alone."""
    yield label
    house = re.match(r"\d+", label.strip())
    if house is not None:
        yield house[0]
