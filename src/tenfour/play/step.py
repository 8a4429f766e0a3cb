"""What somebody does in a story: one struct a verb, told apart by `does`."""

from typing import Any

import msgspec

from tenfour.play.expectation import Wait


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="does"):
    """One step: `who` does it, `after_s` seconds after the step before, `until` a fact is in the record.

    `of` names the call (or the incident it belongs to) that is meant. With `refused` (a regular expression) the
    step passes only when the centre refuses it with such a sentence. A step with a `name` is told in the result.
    """

    who: str
    of: str = "first"
    name: str = ""
    after_s: float = 0.0
    refused: str = ""
    until: Wait | None = None


# ---- the caller, on the wire ----


class Dials(Step, frozen=True, kw_only=True, tag="dials"):
    """Calls 911; the call is known as `as` from here on."""

    label: str = msgspec.field(name="as", default="first")


class Redials(Dials, frozen=True, kw_only=True, tag="redials"):
    """Calls 911 again from the same telephone."""


class Speaks(Step, frozen=True, kw_only=True, tag="speaks"):
    """Says `clip`. With `meanwhile` the story goes on while it is being said."""

    clip: str
    meanwhile: bool = False


class FallsSilent(Step, frozen=True, kw_only=True, tag="falls silent"):
    """Stops sending sound without hanging up: a flat battery, a tunnel, a hand over the phone."""


class SoundsAgain(Step, frozen=True, kw_only=True, tag="sounds again"):
    """Sends sound again after having fallen silent."""


class Hears(Step, frozen=True, kw_only=True, tag="hears"):
    """Waits until `seconds` of sound that is no silence came from the centre, at most `timeout_s`."""

    seconds: float = 0.5
    timeout_s: float = 10.0


class Types(Step, frozen=True, kw_only=True, tag="types"):
    """Types `text` to the centre by the caller's real-time text or TTY (`\\b` takes a letter back)."""

    text: str
    letters_per_s: float = 8.0


class Reads(Step, frozen=True, kw_only=True, tag="reads"):
    """Waits until `words` came in text from the centre, its corrections made, at most `timeout_s`. An expectation."""

    words: str
    timeout_s: float = 10.0


class Drops(Step, frozen=True, kw_only=True, tag="drops"):
    """The caller's side ends the call (BYE), in the middle of a word if need be."""


class Cancels(Step, frozen=True, kw_only=True, tag="cancels"):
    """Gives up before anybody answered (CANCEL)."""


# ---- people of the centre ----


class Answers(Step, frozen=True, kw_only=True, tag="answers"):
    """Picks up the ringing call."""


class Hangs(Step, frozen=True, kw_only=True, tag="releases"):
    """Ends the call from the centre's side."""


class AutoAnswers(Step, frozen=True, kw_only=True, tag="answers by itself"):
    """Sets the person's position to answer by itself, or (`on = false`) not to."""

    on: bool = True


class NotesHeard(Step, frozen=True, kw_only=True, tag="notes heard"):
    """Notes what was heard, in the centre's codes and in words."""

    heard: tuple[str, ...]
    text: str = ""


class Writes(Step, frozen=True, kw_only=True, tag="writes"):
    """Types a line of `text` to the caller, by whatever text the call has."""

    text: str


class Rebids(Step, frozen=True, kw_only=True, tag="rebids"):
    """Asks the network again where the caller is."""


class CallsBack(Step, frozen=True, kw_only=True, tag="calls back"):
    """Asks to call back (`means = "voice"`) or to text (`means = "text"`)."""

    means: str = "voice"


class Opens(Step, frozen=True, kw_only=True, tag="opens incident"):
    """Opens an incident without a call (a unit saw something); it is known as `as` from here on."""

    kind: str
    place: str
    label: str = msgspec.field(name="as", default="opened")


class Joins(Step, frozen=True, kw_only=True, tag="joins"):
    """Joins the call `of` to the incident of the call `to`."""

    to: str


class ChoosesDoor(Step, frozen=True, kw_only=True, tag="chooses door"):
    """Takes the candidate door of rank `door` as the place; `expecting` is the address it must be."""

    door: int
    expecting: str = ""
    reason: str = ""


class ChoosesPlace(Step, frozen=True, kw_only=True, tag="chooses place"):
    """Sets the place in words, or by `lat` and `lon`."""

    text: str = ""
    lat: float | None = None
    lon: float | None = None
    reason: str = ""


class SetsKind(Step, frozen=True, kw_only=True, tag="sets kind"):
    """Sets the incident type."""

    kind: str
    rule: str = ""


class SetsPriority(Step, frozen=True, kw_only=True, tag="sets priority"):
    """Sets the priority, 1 most urgent to 5."""

    priority: int
    reason: str = ""


class FollowsAdvice(Step, frozen=True, kw_only=True, tag="follows advice"):
    """Sets kind and priority as the centre advises; `rule` is the rule that must have advised it."""

    rule: str = ""


class Recommends(Step, frozen=True, kw_only=True, tag="asks recommendation"):
    """Asks which unit to send."""


class ReadsBack(Step, frozen=True, kw_only=True, tag="reads back"):
    """Reads the address back."""


class Dispatches(Step, frozen=True, kw_only=True, tag="dispatches"):
    """Sends the recommended units, or those named in `units`, with `reason` where they are others."""

    units: tuple[str, ...] = ()
    reason: str = ""


class Notes(Step, frozen=True, kw_only=True, tag="notes"):
    """Adds a line to the narrative."""

    text: str


class ChecksArea(Step, frozen=True, kw_only=True, tag="orders area check"):
    """Orders the area to be searched: nobody knows the house."""

    area: str


class Reopens(Step, frozen=True, kw_only=True, tag="reopens"):
    """Opens a closed incident again."""

    reason: str


# ---- afterwards: what is kept, told and promised (units may add exhibits and speak of visits, too) ----


class AddsExhibit(Step, frozen=True, kw_only=True, tag="adds exhibit"):
    """Uploads `file` (beside the story) as an exhibit, in `pieces`; before each it asks how far it came (tus).

    `digest` false: the centre is told a SHA-256 that is not the file's, and must refuse it.
    """

    file: str
    kind: str
    title: str
    owner: str
    consent: str
    scope: str
    child: bool = False
    pieces: int = 2
    digest: bool = True


class VerifiesExhibit(Step, frozen=True, kw_only=True, tag="verifies exhibit"):
    """Has exhibit `number` of the incident hashed again."""

    number: int


class DraftsPress(Step, frozen=True, kw_only=True, tag="drafts press text"):
    """Has a press text drafted from the facts."""


class EditsPress(Step, frozen=True, kw_only=True, tag="edits press text"):
    """Writes `text` in the place of sentence `sentence` of the press text, resting on the same facts, and saves it."""

    sentence: int
    text: str


class PromisesVisit(Step, frozen=True, kw_only=True, tag="promises visit"):
    """Promises that `visitor` (a person or a unit) will come in `in_s` seconds of the centre's clock."""

    visitor: str
    in_s: float
    words: str


class MakesVisit(Step, frozen=True, kw_only=True, tag="makes visit"):
    """Says that the first visit promised in the incident, and not made yet, was made."""

    words: str = ""


class Sees(Step, frozen=True, kw_only=True, tag="sees"):
    """What is on the screen: `view` is `call`, `incident`, `press`, `unit` or `board`; `where` compares its fields.

    Waits until it is so, at most `timeout_s`. It counts as an expectation.
    """

    view: str
    where: dict[str, Any]
    timeout_s: float = 5.0


# ---- a unit, or somebody for it (`unit` names it then) ----


class ChangesStatus(Step, frozen=True, kw_only=True, tag="status"):
    """The unit takes a status of the status table: `EnRoute`, `OnScene`, `Available`, ...

    The centre knows which incident it is on; one that goes by itself names the call of the incident in `to`.
    """

    status: str
    unit: str = ""
    reason: str = ""
    to: str = ""


class Stands(Step, frozen=True, kw_only=True, tag="is at"):
    """The unit reports one position."""

    lat: float
    lon: float


class Drives(Step, frozen=True, kw_only=True, tag="drives"):
    """The unit drives along `through` in `seconds` of the centre's time and reports its position `reports` times."""

    through: tuple[tuple[float, float], ...]
    seconds: float
    reports: int = 6


class ChecksOff(Step, frozen=True, kw_only=True, tag="checks off"):
    """Ticks items of the on-scene checklist (or clears them, `done = false`)."""

    items: tuple[str, ...]
    done: bool = True


class WrongHouse(Step, frozen=True, kw_only=True, tag="wrong house"):
    """It is not this house: the door is ruled out and the next one is to be tried."""

    reason: str


class VerifiesPlace(Step, frozen=True, kw_only=True, tag="verifies place"):
    """It is this house."""


class AsksHelp(Step, frozen=True, kw_only=True, tag="asks help"):
    """Asks for a second unit."""

    unit: str = ""
    text: str = ""


class Emergency(Step, frozen=True, kw_only=True, tag="emergency"):
    """Presses the emergency button."""


class EmergencyOver(Step, frozen=True, kw_only=True, tag="clears emergency"):
    """The emergency of the unit is over; how it was found to be."""

    words: str
    unit: str = ""


class IsSafe(Step, frozen=True, kw_only=True, tag="is safe"):
    """Answers the safety check."""

    words: str = ""
    unit: str = ""


class Proposes(Step, frozen=True, kw_only=True, tag="proposes close"):
    """Says the closing words and is shown what they would record; `where` compares the proposal. Records nothing."""

    words: str
    where: dict[str, Any] = {}


class Closes(Step, frozen=True, kw_only=True, tag="closes"):
    """Closes the incident with `words`. What is not given is taken from the centre's proposal for these words."""

    words: str
    dispositions: tuple[str, ...] = ()
    cause: str = ""
    seen: tuple[str, ...] = ()
    tried: tuple[str, ...] = ()


# ---- the centre's clock ----


class ClockJumps(Step, frozen=True, kw_only=True, tag="jumps"):
    """The centre's clock jumps forward by `seconds`."""

    seconds: float


class ClockRuns(Step, frozen=True, kw_only=True, tag="runs"):
    """The centre's clock runs `speed` times real time from here on."""

    speed: float


CLOCK = "clock"
"""Who lets the centre's clock jump or run: no person of the story."""


def does(step: Step | type[Step]) -> str:
    """The verb of a step as stories write it."""
    return str(step.__struct_config__.tag)
