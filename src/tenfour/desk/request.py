"""What may be asked: the bodies of the commands. A field that is not known is refused, never ignored."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from tenfour.desk.permission import Role
from tenfour.evidence.event import ExhibitKind
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


class TypeText(Report, frozen=True):
    """Characters for the caller: backspace U+0008 and new line U+000A included. `ago_ms`: when each was typed."""

    text: Annotated[str, Meta(min_length=1, max_length=2000)]
    ago_ms: Annotated[tuple[Annotated[int, Meta(ge=0, le=600_000)], ...], Meta(max_length=2000)] = ()


class CallBack(Ask, frozen=True):
    """Call or text the caller back. `means`: `voice` or `text`."""

    means: Annotated[str, Meta(pattern="^(voice|text)$")] = "voice"


class Dial(Ask, frozen=True):
    """Call a number; `incident_id`: what it is about."""

    number: Annotated[str, Meta(min_length=2, max_length=32)]
    incident_id: Name | None = None


class PassOn(Ask, frozen=True):
    """Pass the call on `to` another centre, one of `transfers` of /api/centre, or to whoever is on `to_call`."""

    to: Name | None = None
    to_call: Name | None = None


class CallIn(Ask, frozen=True):
    """Call somebody into the call: `to`, whom the settings name, or a `number`. `hold`: the caller waits meanwhile."""

    to: Name | None = None
    number: Annotated[str, Meta(min_length=2, max_length=32)] | None = None
    hold: bool = False


class DropThird(Ask, frozen=True):
    """Let a third party go: its own call's id."""

    third: Name


class HandOver(Ask, frozen=True):
    """Leave the caller to this third party (its own call's id); without it, to the one that is in the call.

    `reason`: why, though nothing was heard of it.
    """

    third: Name | None = None
    reason: Words = ""


class Headset(Ask, frozen=True):
    """What a browser offers of its headset: a session description with all its candidates."""

    sdp: Annotated[str, Meta(max_length=16_384)]


class PutAway(Ask, frozen=True):
    """`leaving`: the page is closing, so it is not the person who takes the headset off."""

    leaving: bool = False


class Mute(Ask, frozen=True):
    """Be heard by nobody, or heard again."""

    muted: bool


class Supervise(Ask, frozen=True):
    """How a supervisor is in a call: `listening`, `coaching` or `barged_in`."""

    role: Annotated[str, Meta(pattern="^(listening|coaching|barged_in)$")]


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


class AddExhibit(Ask, frozen=True, kw_only=True):
    """A file that is to become an exhibit: what it is, whose, with what consent, for what; and its length in bytes.

    `sha256` (hex), where the sender knows it, is compared with what arrives. `child`: a minor is in it.
    """

    kind: ExhibitKind
    title: Annotated[str, Meta(min_length=1, max_length=300)]
    file_name: Annotated[str, Meta(max_length=1000)]
    length: Annotated[int, Meta(ge=0)]
    owner: Annotated[str, Meta(min_length=1, max_length=300)]
    consent: Words = ""
    scope: Words = ""
    from_at: datetime | None = None
    to_at: datetime | None = None
    child: bool = False
    sha256: Annotated[str, Meta(max_length=64)] = ""


class NoteCustody(Ask, frozen=True):
    """Who had the exhibit, or to whom it was given."""

    words: Annotated[str, Meta(min_length=1, max_length=2000)]


class Sentence(Ask, frozen=True):
    """A sentence of a press text and the journal positions of the facts it rests on."""

    text: Annotated[str, Meta(max_length=1000)]
    rests_on: Annotated[tuple[int, ...], Meta(max_length=40)] = ()


class DraftPress(Ask, frozen=True):
    """Draft a press text from the facts, over version `based_on` (0: there is none yet)."""

    based_on: int = 0


class SavePress(Ask, frozen=True):
    """A person's press text, written over version `based_on`."""

    based_on: int
    sentences: Annotated[tuple[Sentence, ...], Meta(max_length=40)]


class PromiseVisit(Ask, frozen=True):
    """Somebody (`who`: a person or a unit) will come by `due_at`; `words`: what was promised."""

    who: Annotated[str, Meta(min_length=1, max_length=100)]
    due_at: datetime
    words: Annotated[str, Meta(min_length=1, max_length=2000)]


class MoveVisit(Ask, frozen=True):
    """The visit is to be at another time, and why."""

    due_at: datetime
    reason: Annotated[str, Meta(min_length=1, max_length=2000)]


class VisitMade(Report, frozen=True):
    """Somebody was there."""

    words: Words = ""


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


class NotReady(Ask, frozen=True):
    """Why the position takes no calls for a while: a word of the policy, or one's own."""

    reason: Annotated[str, Meta(min_length=1, max_length=80)]


class SetClock(Ask, frozen=True):
    """How fast the domain clock goes (times real), and how many seconds it jumps forward now."""

    speed: Annotated[float, Meta(gt=0, le=10_000)] = 1.0
    jump_s: Annotated[float, Meta(ge=0, le=31_536_000)] = 0.0
