"""A played story's facts, told over and over: each time with ids, a caller's number and times of its own.

`hug.jsonl` is what `tenfour journal export` gave after `tenfour story play hug` on a fresh demo centre.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path

import msgspec

from tenfour.incident.event import IncidentOpened
from tenfour.journal.codec import Codec
from tenfour.vocabulary.envelope import Access, Actor, ActorKind, Event, Fact
from tenfour.vocabulary.ids import AgencyId, CommandId, EventId, StreamName

STORY = Path(__file__).with_name("hug.jsonl")
ROUND_EVERY = timedelta(minutes=30)
_IDS = re.compile(r'"(?:call|incident|exhibit|release|visit)/([^"]+)"|"(?:id|command_id)":"([^"]+)"|"ani":"([^"]+)"')


class _Line(msgspec.Struct):
    """What of a line of the export makes the fact again."""

    id: EventId
    stream: StreamName
    type: str
    schema: int
    agency: AgencyId
    access: Access
    at: datetime
    actor_kind: ActorKind
    actor_id: str
    actor_role: str
    actor_position: str
    command_id: CommandId | None
    cause: EventId | None
    payload: msgspec.Raw


_decode_line = msgspec.json.Decoder(_Line).decode


def told_over_and_over(codec: Codec) -> Iterator[Fact]:
    """The founding of the centre, then the story again and again, without end."""
    lines = STORY.read_text().splitlines()
    begin = next(place for place, line in enumerate(lines) if '"type":"CallReceived"' in line)
    yield from (_fact(line, codec) for line in lines[:begin])
    story = [line for line in lines[begin:] if '"type":"ClockSet"' not in line]  # nobody sets the clock back
    for number in count(1):
        yield from _told(story, number, codec)


def _told(story: Sequence[str], number: int, codec: Codec) -> Iterator[Fact]:
    known = {one for line in story for found in _IDS.findall(line) for one in found if one}
    others = {one: _another(one, number) for one in known}
    pattern = re.compile("|".join(map(re.escape, sorted(known))))
    for line in story:
        fact = _fact(pattern.sub(lambda found: others[found[0]], line), codec)
        event: Event = fact.event
        if isinstance(event, IncidentOpened):
            event = msgspec.structs.replace(event, number=number)
        yield msgspec.structs.replace(fact, event=event, at=fact.at + number * ROUND_EVERY)


def _another(one: str, number: int) -> str:
    """A name of the same shape, digits for digits and letters for letters, always the same for the same round."""
    seed = sha256(f"{number} {one}".encode()).hexdigest()
    return "".join(
        str(int(dice, 16) % 10) if letter.isdigit() else dice if letter in "abcdef" else letter
        for letter, dice in zip(one, seed, strict=False)
    )


def _fact(line: str, codec: Codec) -> Fact:
    told = _decode_line(line.encode())
    return Fact(
        id=told.id,
        stream=told.stream,
        event=codec.decode(told.type, told.schema, bytes(told.payload)),
        at=told.at,
        actor=Actor(told.actor_kind, told.actor_id, told.actor_role, told.actor_position),
        agency=told.agency,
        access=told.access,
        cause=told.cause,
        command_id=told.command_id,
    )
