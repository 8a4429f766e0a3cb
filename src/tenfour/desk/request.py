"""What may be asked: the bodies of the commands. A field that is not known is refused, never ignored."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from tenfour.desk.permission import Role
from tenfour.vocabulary.place import Point

Words = Annotated[str, Meta(max_length=2000)]
Name = Annotated[str, Meta(min_length=1, max_length=64)]
Codes = Annotated[tuple[Name, ...], Meta(max_length=40)]
Tried = Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=500)], ...], Meta(max_length=40)]


class Ask(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of every command's body."""


class Report(Ask, frozen=True, kw_only=True):
    """What a device may tell later. `at`: the true time, where it could not be told at once; at most 24 hours ago."""

    at: datetime | None = None


class Nothing(Ask, frozen=True):
    """A command that needs no more words than its address."""


class LogIn(Ask, frozen=True):
    """The role picker: who you are, as what, and at which position or in which unit."""

    role: Role
    person: Name
    position: Name | None = None
    unit: Name | None = None


class Heard(Report, frozen=True):
    """What the call taker heard, in codes and words."""

    heard: Codes = ()
    text: Words = ""


class CallBack(Ask, frozen=True):
    """Call or text the caller back. `means`: `voice` or `text`."""

    means: Annotated[str, Meta(pattern="^(voice|text)$")] = "voice"


class Join(Ask, frozen=True):
    """This call belongs to that incident."""

    incident_id: Name


class OpenIncident(Ask, frozen=True):
    """Two fields are enough: kind (code) and place (words). `call_id`: the call it began with."""

    kind: Name | None = None
    place: Annotated[str, Meta(max_length=300)] = ""
    call_id: Name | None = None


class SetKind(Ask, frozen=True):
    """The incident type; `rule` names the advice followed, if any."""

    kind: Name
    rule: Annotated[str, Meta(max_length=100)] = ""


class SetPriority(Ask, frozen=True):
    """The priority, 1 most urgent to 5, and why."""

    priority: Annotated[int, Meta(ge=1, le=5)]
    reason: Words = ""


class SetPlace(Ask, frozen=True):
    """The place: an address of the index, or words, or a point."""

    address_id: Name | None = None
    text: Annotated[str, Meta(max_length=300)] = ""
    point: Point | None = None
    reason: Words = ""


class Note(Report, frozen=True):
    """A line of the narrative."""

    text: Annotated[str, Meta(min_length=1, max_length=2000)]


class Dispatch(Ask, frozen=True):
    """Send units. Other units than recommended need `override_reason`."""

    units: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=50)]
    recommendation_id: Name | None = None
    override_reason: Words = ""


class Hold(Ask, frozen=True):
    """No unit can be sent now, and why."""

    reason: Annotated[str, Meta(min_length=1, max_length=2000)]


class MarkItem(Report, frozen=True):
    """Tick or clear an item of the on-scene checklist."""

    item: Name
    done: bool = True


class NextDoor(Report, frozen=True):
    """This is not the house: rule it out and go to the next candidate."""

    reason: Annotated[str, Meta(min_length=1, max_length=2000)]


class AskHelp(Report, frozen=True):
    """A unit asks for a second one."""

    unit: Name
    text: Words = ""


class Propose(Ask, frozen=True):
    """The words said at the end; what closing with them would record is answered, nothing is recorded.

    What the person changed of the proposal is given with them; null: as proposed.
    """

    words: Words
    dispositions: Codes | None = None
    cause: Name | None = None
    seen: Codes = ()
    tried: Tried = ()


class Close(Report, frozen=True):
    """Close the incident: words, disposition codes, cause, who was seen, or what was tried."""

    words: Annotated[str, Meta(min_length=1, max_length=2000)]
    dispositions: Codes
    cause: Name = "unknown"
    seen: Codes = ()
    tried: Tried = ()


class Reopen(Ask, frozen=True):
    """Open a closed incident again, and why."""

    reason: Annotated[str, Meta(min_length=1, max_length=2000)]


class AreaCheck(Ask, frozen=True):
    """No usable address: this area is to be searched."""

    area: Annotated[str, Meta(min_length=1, max_length=500)]


class SetStatus(Report, frozen=True):
    """A unit's status word."""

    status: Name
    incident_id: Name | None = None
    reason: Words = ""


class UnitAt(Report, frozen=True):
    """Where a unit is, degrees WGS 84; `at`: the time of the measurement (now when absent)."""

    lat: Annotated[float, Meta(ge=-90, le=90)]
    lon: Annotated[float, Meta(ge=-180, le=180)]


class UnitWords(Report, frozen=True):
    """What the unit said."""

    words: Words = ""


class CommandLine(Ask, frozen=True):
    """A typed line, and what is selected on the desk: it is meant where the line names nothing else."""

    text: str
    incident_id: Name | None = None
    unit: Name | None = None


class ReadLine(CommandLine, frozen=True):
    """A line as far as it is typed. `caret`: where completions are wanted, in code points; at the end when absent."""

    caret: int | None = None


class SetPosition(Ask, frozen=True):
    """Does the position answer by itself?"""

    auto_answer: bool


class SetClock(Ask, frozen=True):
    """How fast the domain clock goes (times real), and how many seconds it jumps forward now."""

    speed: Annotated[float, Meta(gt=0, le=10_000)] = 1.0
    jump_s: Annotated[float, Meta(ge=0, le=31_536_000)] = 0.0
