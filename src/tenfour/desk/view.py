"""What the screens show: rows folded from the record. Screens render these and compute no rule.

Every row carries `seq`, the journal position it was true at. Times are aware UTC (ISO 8601 with Z on the wire).
The structs name every value the web pages use; the OpenAPI document is made from them.
"""

from datetime import datetime

import msgspec

from tenfour.desk.captions_view import CaptionsView
from tenfour.desk.casework_view import ExhibitView, VisitView
from tenfour.desk.conference_view import ConferenceView
from tenfour.desk.conversation_view import ConversationView
from tenfour.desk.outgoing_view import OutgoingView
from tenfour.desk.position_view import PositionView, WaitingView
from tenfour.desk.transcript_view import TranscriptView
from tenfour.desk.voice_view import VoiceView
from tenfour.vocabulary.place import Point, Shape


class ClockView(msgspec.Struct, frozen=True):
    """A running clock with its limit: screens draw it, they do not decide what it means.

    `name`: `ring`, `send_unit`, `acknowledge`, `safety`, `hold`. `label` is the sentence beside it.
    """

    name: str
    label: str
    started_at: datetime
    due_at: datetime | None = None


class FixView(msgspec.Struct, frozen=True):
    """One fix, as a row. `in_use`: the one the doors are searched with."""

    at: datetime
    fix_class: str
    method: str
    source: str
    shape: Shape | None
    uncertainty_m: float | None
    confidence_pct: float | None
    civic: str
    in_use: bool


class DoorView(msgspec.Struct, frozen=True):
    """A candidate address inside the fix. `likelihood` 0..1; `why` is a sentence (distance, earlier calls).

    `synthetic`: the house number is made up, for a demo.
    """

    rank: int
    address_id: str
    label: str
    point: Point
    distance_m: float
    likelihood: float
    why: str
    earlier_calls: int
    ruled_out: bool = False
    synthetic: bool = False


class RecordingView(msgspec.Struct, frozen=True):
    """A recording that can be played at `url` (WAV, ranges served), also while it is being made."""

    segment: int
    started_at: datetime
    duration_s: float | None
    sha256: str | None
    url: str


class WaveformView(msgspec.Struct, frozen=True):
    """How loud the caller is in a recording: the loudest sample (0 to 32767) of each `step_s` from step `first` on.

    Steps before `settled` change no more: go on asking from there. `length_s`: how long the recording is by now.
    `heard`: the same of what the caller hears; empty where the caller alone is recorded.
    """

    step_s: float
    first: int
    peaks: tuple[int, ...]
    settled: int
    length_s: float
    heard: tuple[int, ...] = ()


class CallView(msgspec.Struct, frozen=True):
    """A call. `state`: ringing, queued, connecting, talking, abandoned, disconnected, released, failed."""

    seq: int
    call_id: str
    ani: str
    state: str
    state_words: str
    handset: str
    may_call_back: bool
    may_text: bool
    handset_words: str
    received_at: datetime
    answered_at: datetime | None
    connected_at: datetime | None
    ended_at: datetime | None
    ended_words: str
    position: str | None
    person: str | None
    sector: str
    service: str
    test: bool
    caller_hears: str
    """What the caller hears now, in words: `ringing`, `position 04`, `the hold sound`, `nothing. WHY`."""
    caller_audio: str
    """`none yet`, `heard`, `silent since 16:41:37`."""
    may_rebid: bool
    rebid_words: str
    heard: tuple[str, ...]
    fixes: tuple[FixView, ...]
    recordings: tuple[RecordingView, ...]
    incident_id: str | None
    incident_number: int | None
    link_certain: bool
    link_words: str
    clocks: tuple[ClockView, ...]
    line_away: bool = False
    admin_line: str = ""
    """The administrative line that was called: no emergency. Empty for every other call."""
    trunk: str = ""
    """The trunk it came by, empty for a stranger."""
    queued_words: str = ""
    """Why it waits in a queue; empty while it does not."""
    waiting: WaitingView = WaitingView("", None, "", "")
    conversation: ConversationView = ConversationView()
    transcript: TranscriptView | None = None
    """What a machine understood of the recordings; None where none was asked."""
    audio_gap_s: float = 0.0
    """So long nobody carried the call's audio: the line, or a media worker, was away."""
    captions: CaptionsView | None = None
    """What a machine understands while the call goes on; None where none are made."""
    outgoing: OutgoingView | None = None
    """Of a call that this centre placed."""
    transfer_words: str = ""
    """To whom it is, was, or could not be passed on; empty where nobody asked."""
    voice: VoiceView | None = None
    """Who speaks with the caller; null where nobody has yet."""
    conference: ConferenceView | None = None
    """Who of outside was called into it; null where nobody was."""
    interpreter: str = ""
    """The interpreter of the settings who speaks what the caller's side asks for; empty where there is none."""


class PartyView(msgspec.Struct, frozen=True):
    """Who speaks on the wire of a call: `name` is HOST:PORT, or `this line`."""

    name: str
    words: str


class RungView(msgspec.Struct, frozen=True):
    """One step of a call's signalling. `kind`: message, decision, problem, note.

    `at` is real time, UTC; `after_s` seconds after the first INVITE. A message has its sender and receiver (places in
    `parties`), a label (`INVITE`, `180 Ringing`), its CSeq, the type of its body, whether it is word for word a
    repetition, and all of it as text in `raw`, credentials masked. The others have `words`.
    """

    kind: str
    at: datetime
    after_s: float
    sender: int
    receiver: int
    label: str
    cseq: str
    carries: str
    again: bool
    words: str
    raw: str


class SignallingView(msgspec.Struct, frozen=True):
    """Every SIP message of a call and every decision on it, in order. `parties[0]` is the line.

    `words` says what is to be known of it: nothing is kept, lines could not be read.
    """

    call_id: str
    sip_call_id: str
    began_at: datetime | None
    parties: tuple[PartyView, ...]
    rungs: tuple[RungView, ...]
    words: str


class AdviceView(msgspec.Struct, frozen=True):
    """What the policy advises, its rule and its reason. A person confirms."""

    kind: str
    kind_label: str
    priority: int
    rule: str
    reason: str
    next_step: str


class StepView(msgspec.Struct, frozen=True):
    """One rung of what has been done and what comes next. `state`: done, refused, next, later."""

    state: str
    label: str
    words: str
    at: datetime | None = None


class PassedOverView(msgspec.Struct, frozen=True):
    """A unit not recommended, and why."""

    unit: str
    letter: str
    reason: str
    travel_time_s: float | None


class RecommendedUnitView(msgspec.Struct, frozen=True):
    """A recommended unit, and why."""

    unit: str
    letter: str
    crew: str
    reason: str
    travel_time_s: float
    distance_m: float | None
    via: tuple[str, ...]


class RecommendationView(msgspec.Struct, frozen=True):
    """The newest recommendation. `stale` when a unit in it has moved on since."""

    recommendation_id: str
    at: datetime
    plan: str
    words: str
    units: tuple[RecommendedUnitView, ...]
    passed_over: tuple[PassedOverView, ...]
    stale: bool = False


class NarrativeView(msgspec.Struct, frozen=True):
    """A line of the incident's story. `machine`: written by the line or a rule, shown dim.

    `said`: in a person's own words (a note, what was heard, a call for help), which a unit reads on its way.
    `about`: what of the incident it sets (`kind`, `priority`, `place`), or empty.
    """

    seq: int
    at: datetime
    by: str
    text: str
    machine: bool
    said: bool = False
    about: str = ""


class ChecklistItemView(msgspec.Struct, frozen=True):
    """One item of the on-scene checklist."""

    item: str
    label: str
    done: bool
    at: datetime | None
    hint: str = ""


class ProposalView(msgspec.Struct, frozen=True):
    """What closing with these words would record. A person confirms."""

    words: str
    dispositions: tuple[tuple[str, str], ...]
    """(code, label) pairs."""
    cause: str
    cause_label: str
    may_close: bool
    why: str
    """Why it may or may not be closed, as a sentence."""
    will_be_written: str


class IncidentView(msgspec.Struct, frozen=True):
    """An incident. `status` is the field's word, `status_words` ours."""

    seq: int
    incident_id: str
    number: int
    status: str
    status_words: str
    kind: str | None
    kind_label: str
    priority: int | None
    place: str
    place_words: str
    """`door 1 of 4, not verified`, `verified by 12A3`."""
    place_point: Point | None
    place_verified: bool
    place_synthetic: bool
    """The house number is made up, for a demo."""
    between: str
    """Cross streets of the place: `Between Main Street and Carrie Avenue`; empty when not known."""
    read_back_at: datetime | None
    beat: str
    opened_at: datetime
    closed_at: datetime | None
    call_ids: tuple[str, ...]
    units: tuple[str, ...]
    advice: AdviceView | None
    steps: tuple[StepView, ...]
    doors: tuple[DoorView, ...]
    recommendation: RecommendationView | None
    narrative: tuple[NarrativeView, ...]
    checklist: tuple[ChecklistItemView, ...]
    clocks: tuple[ClockView, ...]
    dispositions: tuple[tuple[str, str], ...]
    cause: str
    closing_words: str
    exhibits: tuple[ExhibitView, ...]
    """Those that this reader may read."""
    press_version: int
    """The newest version of the press text; 0: none."""
    visits: tuple[VisitView, ...]
    overdue: bool = False


class UnitView(msgspec.Struct, frozen=True):
    """A unit. `letter` is the status letter of the design: A D E S C O, or X for emergency."""

    seq: int
    unit_id: str
    agency: str
    service: str
    beat: str
    crew: tuple[str, ...]
    status: str
    status_words: str
    letter: str
    since: datetime
    incident_id: str | None
    incident_number: int | None
    point: Point | None
    point_at: datetime | None
    near: str
    """The street it is on, as far as known."""
    clocks: tuple[ClockView, ...]
    may_become: tuple[str, ...]
    """Statuses the table allows next."""
    overdue: bool = False
    emergency: bool = False
    emergency_since: datetime | None = None


class LineView(msgspec.Struct, frozen=True):
    """Whether the line process is connected, and how many of its facts wait to be recorded."""

    connected: bool
    since: datetime | None
    sip: str
    words: str


class Board(msgspec.Struct, frozen=True):
    """Everything on a desk at `seq`: the snapshot that a live feed continues from.

    `record_away_since`: since when nothing can be recorded; null while it can.
    """

    seq: int
    now: datetime
    clock_speed: float
    calls: tuple[CallView, ...]
    incidents: tuple[IncidentView, ...]
    units: tuple[UnitView, ...]
    positions: tuple[PositionView, ...]
    line: LineView
    record_away_since: datetime | None = None


class Frame(msgspec.Struct, frozen=True):
    """One message of the live feed: the rows that changed since the last frame; replace them by their ids.

    `seq` is where the journal now stands for this viewer; reconnect with `?after=<seq>`.
    `record_away_since`: as on the board. `calls_gone`, `incidents_gone`: finished long enough ago to leave the board.
    """

    seq: int
    now: datetime
    clock_speed: float = 1.0
    calls: tuple[CallView, ...] = ()
    incidents: tuple[IncidentView, ...] = ()
    units: tuple[UnitView, ...] = ()
    positions: tuple[PositionView, ...] = ()
    line: LineView | None = None
    record_away_since: datetime | None = None
    calls_gone: tuple[str, ...] = ()
    incidents_gone: tuple[str, ...] = ()


class PartView(msgspec.Struct, frozen=True):
    """A stretch of a command line, in code points. `kind`: verb, unit, incident, code, text, unknown, gap."""

    start: int
    end: int
    kind: str
    words: str


class EchoView(msgspec.Struct, frozen=True):
    """A piece of what a command line was understood as. `kind`: verb, unit, incident, words, aside."""

    kind: str
    name: str
    words: str
    letter: str


class CompletionView(msgspec.Struct, frozen=True):
    """What can be typed in the place of the code points from `start` to before `end`."""

    start: int
    end: int
    text: str
    words: str
    letter: str


class ReadingView(msgspec.Struct, frozen=True):
    """What a command line means before it is carried out. `state`: empty, unknown, incomplete, refused, ready.

    `parts` cover `text` from end to end. `problem`: why nothing would be done. `consequence`: what is written beside.
    """

    text: str
    state: str
    parts: tuple[PartView, ...]
    echo: tuple[EchoView, ...]
    sentence: str
    problem: str
    missing: tuple[str, ...]
    not_understood: tuple[str, ...]
    consequence: str
    said: tuple[str, ...]
    completions: tuple[CompletionView, ...]
    expects: str
    canonical: str


class VerbView(msgspec.Struct, frozen=True):
    """A verb of the command line: how it is spelled, what it takes, what it does, and an example."""

    spellings: tuple[str, ...]
    pattern: str
    help: str
    example: str


class LineDoneView(msgspec.Struct, frozen=True):
    """What a command line came to, and the rows it changed. `undo`: a line that corrects it, to be looked at first."""

    act: str
    words: str
    undo: str
    undo_words: str
    incidents: tuple[IncidentView, ...]
    units: tuple[UnitView, ...]
    history: tuple[NarrativeView, ...]
    """Of a unit, for `UH`; oldest first."""
    verbs: tuple[VerbView, ...]
    select_incident: str | None
    select_unit: str | None
