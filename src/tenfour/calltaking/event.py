"""What happens to a call (stream `call/<call id>`), at a position (`position/<id>`) and on the wire (`line/<node>`).

The line process writes the facts of the wire; the centre writes what people and rules did.
"""

from datetime import datetime
from enum import Enum

from tenfour.calltaking import recording_event as recording
from tenfour.calltaking import speech_event as speech
from tenfour.calltaking import text_event as text
from tenfour.calltaking.conference_event import CONFERENCE_EVENTS
from tenfour.calltaking.distribution_event import DISTRIBUTION_EVENTS
from tenfour.calltaking.outgoing_event import OUTGOING_EVENTS, OUTGOING_LINE_EVENTS
from tenfour.calltaking.transfer_event import TRANSFER_LINE_EVENTS, TransferOrdered
from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.ids import CallId, IncidentId, PersonId, PositionId


class Signal(Enum):
    """The SIP message by which a caller's side left."""

    CANCEL = "CANCEL"
    BYE = "BYE"


class Trouble(Enum):
    """What may be wrong on the wire beside the calls."""

    BROKEN_MESSAGE = "broken_message"
    BROKEN_STREAM = "broken_stream"
    """A connection brought something that is no message, or has no end."""
    FLOOD_SHED = "flood_shed"
    HALF_OPEN = "half_open"
    """More calls ring, or wait for an ACK, than one source may have at once; the others wait in a queue."""
    SLOW_PEER = "slow_peer"
    TOO_MANY_CONNECTIONS = "too_many_connections"
    NOT_TAKEN = "not_taken"
    """A call was answered 503 with Retry-After: all room for calls is taken."""


# ---- facts of the line ----


class CallReceived(Event, frozen=True):
    """An INVITE came in; the ring clock starts at this fact's time.

    `ani` is the number delivered (display form `911-442-7186`), not necessarily one that can be dialled.
    `call_id` and `incident_id` are local parts of the i3 identifiers; `ids_minted` says we made them.
    `headers` keeps From, P-Asserted-Identity, Call-Info, Resource-Priority, Subject as received.
    `problems` are sentences on what was odd or broken in the INVITE and was passed over.
    `admin_line` names the administrative line that was called: no emergency. Empty for every other call.
    """

    call_id: CallId
    incident_id: IncidentId
    ids_minted: bool
    ani: str
    callback_number: str | None
    service: str
    sip_call_id: str
    transport: str
    source: str
    headers: tuple[tuple[str, str], ...] = ()
    test: bool = False
    problems: tuple[str, ...] = ()
    admin_line: str = ""
    trunk: str = ""
    """The trunk that its source belongs to, "" for a stranger."""
    languages: tuple[str, ...] = ()
    """Languages that the caller's side asks for (RFC 8373, or Accept-Language), best first."""
    media: tuple[str, ...] = ()
    """Kinds of media that were offered: `audio`, `text`; none where the INVITE carried no offer. `page` beside `text`:
    messages without a call.
    """


class LocationConveyed(Event, frozen=True):
    """A PIDF-LO document arrived. Kept as received, parsed later.

    `how`: `by value` with a SIP message (RFC 6442), or `rebid`: the location server's answer when it was asked.
    """

    pidf_lo: str
    content_id: str = ""
    how: str = "by value"


class LocationReferenced(Event, frozen=True):
    """A Geolocation header named a place where the location can be asked for (RFC 6442, by reference)."""

    uri: str


class BodyPartKept(Event, frozen=True):
    """A body part that the line does not understand came with the call; it is kept, and the call goes on.

    A ServiceInfo block (RFC 7852) is read from here by the rule `service_info_tells_handset`; what a Comment block says
    stands in the story.
    """

    content_type: str
    content: str
    content_id: str = ""


class CallRinging(Event, frozen=True):
    """180 was sent to the caller."""


class CallQueued(Event, frozen=True):
    """The call waits in a queue (182 was sent), and `why`: its source has too many calls that ring, and it rings when
    one of them has come to something; or it was answered, and no audio port is free yet.
    """

    why: str


class MessageIgnored(Event, frozen=True):
    """A message of this call could not be used, and was passed over; the call goes on. The first few are told."""

    problem: str


class CallConnected(Event, frozen=True):
    """The 200 was acknowledged: the caller's audio path is open. `by_policy`: nobody had answered yet.

    `media_security`: `SDES` or `DTLS` where both sides agreed on SRTP; empty where the audio is plain.
    """

    codec: str
    media_address: str
    by_policy: bool = False
    media_security: str = ""


class AudioNotAgreed(Event, frozen=True):
    """The call stands and carries no audio: no codec in common, ours was refused, or no keys. Why, in words."""

    why: str


class AudioAgreed(Event, frozen=True):
    """A call that stood without audio has some now."""

    codec: str
    media_address: str


class LoopbackStarted(Event, frozen=True):
    """The line answered a test call by itself and sends its audio back (RFC 6849). It never rang.

    `loopback`: `rtp-media-loopback` (heard and spoken again) or `rtp-pkt-loopback` (each packet; `packet_format` says
    how it goes back: `encaprtp`, `rtploopback`). `asked`: the offer asked for it; else it was an ordinary one.
    """

    loopback: str
    codec: str
    asked: bool = False
    packet_format: str = ""


class AnnouncementStarted(Event, frozen=True):
    """The caller hears a recorded announcement, and why."""

    name: str
    why: str


class CallerAudioStarted(Event, frozen=True):
    """The first RTP packet of the caller arrived."""


class CallerAudioStopped(Event, frozen=True):
    """No RTP from the caller for `silent_for_s`, and no BYE. The line is kept."""

    silent_for_s: float


class CallerAudioResumed(Event, frozen=True):
    """RTP from the caller came again after a stop of `silent_for_s`."""

    silent_for_s: float


class KeypressReceived(Event, frozen=True):
    """The caller pressed a key (RFC 4733, or in an INFO): `0` to `9`, `*`, `#`, `A` to `D` or `flash`, for `duration_s`
    (0 where an INFO does not tell)."""

    digit: str
    duration_s: float


class AudioMeasured(Event, frozen=True):
    """How the audio of a call came and went, told once after its end.

    `received` packets (each once) of the caller, `lost`, `late` (out of order), `doubled`, `refused` (of a source that
    is not the caller's), `broken` (none, or with what nobody agreed on), `unauthentic` (where it is secured: forged,
    replayed or plain), and the `jitter_ms` at the end; `sent` by us, and what the other side's last RTCP report said
    of it (None: it sent none). After a restart of the line only what came since is counted.
    """

    received: int
    lost: int
    late: int
    doubled: int
    jitter_ms: float
    sent: int
    refused: int = 0
    broken: int = 0
    unauthentic: int = 0
    far_lost: int | None = None
    far_jitter_ms: float | None = None
    round_trip_ms: float | None = None


class RecordingStarted(Event, frozen=True):
    """A recording began: `recordings/<file>` in the centre folder, 8 kHz. `segment` counts from 1.

    The caller is on the left, what it hears on the right; in those of earlier versions the caller is alone.
    `beep_every_s`: so often the people in the call hear a beep, because it is recorded; 0: never.
    """

    file: str
    segment: int
    beep_every_s: float = 0.0


class RecordingEnded(Event, frozen=True):
    """A recording was closed, with its length and the SHA-256 (hex) of the file."""

    file: str
    segment: int
    duration_s: float
    sha256: str


class CallAbandoned(Event, frozen=True):
    """The caller left before a person answered."""

    signal: Signal


class CallerDisconnected(Event, frozen=True):
    """The caller's side ended the call after a person had answered."""

    signal: Signal = Signal.BYE
    reason: str = ""


class CallReleased(Event, frozen=True):
    """The centre ended the call: our BYE was answered (or nobody was there to answer it)."""


class CallFailed(Event, frozen=True):
    """The call could not go on: no ACK, connection lost, no common codec. Not the caller's choice."""

    why: str


class CallPickedUpAgain(Event, frozen=True):
    """The line process restarted and took this call up again; audio between is missing for `gap_s`."""

    gap_s: float


class AudioInterrupted(Event, frozen=True):
    """Nobody carries the audio of this call: the media worker is gone, or cannot start, and why. The call stays up."""

    why: str


class AudioPickedUpAgain(Event, frozen=True):
    """Another media worker carries the audio of this call on, `gap_s` after the one before was gone, and why it was.

    The caller heard nothing meanwhile. What it said is recorded as far as the system kept it for us.
    """

    gap_s: float
    why: str


# ---- facts of the centre ----


class Handset(Enum):
    """What kind of telephone this seems to be, from the number and the class of service."""

    NSI = "NSI"
    """Non-service-initialised: a deactivated phone. 911 + 7 digits, or 123-456-7890."""
    WIRELESS = "WIRELESS"
    LANDLINE = "LANDLINE"
    VOIP = "VOIP"
    UNKNOWN = "UNKNOWN"


class HandsetRecognised(Event, frozen=True):
    """What the handset is, and what may be done with it. `reason` is a sentence for the call taker.

    `class_of_service`: by what it was recognised beside the number (`RES`, `BUS`, `WRLS`, `VOIP`; `FIXED`: an address
    that does not move); empty where the number was enough or nothing else was known.
    """

    handset: Handset
    may_call_back: bool
    may_text: bool
    reason: str
    class_of_service: str = ""


class RingOverdue(Event, frozen=True):
    """The call has rung for `waited_s`, longer than the policy allows, and nobody answers; the supervisor is told."""

    waited_s: float


class CallAnswered(Event, frozen=True):
    """A person at a position picked up. The ring clock stops here, whatever the wire does."""

    position: PositionId
    person: PersonId
    by_itself: bool = False


class HeardOnCall(Event, frozen=True):
    """What the call taker heard, in codes and words: `child_voice`, `laughter`, `no_distress`, ..."""

    heard: tuple[str, ...]
    text: str = ""


class CallbackRefused(Event, frozen=True):
    """Somebody asked to call or text back, and it may not be; the reason is a sentence."""

    means: str
    reason: str


class LocationAskedAgain(Event, frozen=True):
    """A rebid: the location server named in the call is being asked for a better fix."""

    uri: str


class LocationNotGiven(Event, frozen=True):
    """A rebid brought nothing; why, in words."""

    why: str


class CallReleaseOrdered(Event, frozen=True):
    """A call taker ended the call; the line is to send BYE."""

    position: PositionId


class KindAdvised(Event, frozen=True):
    """The policy's advice on a call that ended, or on an open line with distress. It decides nothing.

    `rule` names the rule, `reason` is its sentence, `next_step` what to do next.
    """

    kind: str
    priority: int
    rule: str
    reason: str
    next_step: str


class CallJoinedIncident(Event, frozen=True):
    """This call belongs to an incident. `certain` is False where only the handset's number says so."""

    incident_id: IncidentId
    certain: bool
    why: str


# ---- positions ----


class PositionSet(Event, frozen=True):
    """A position was opened or changed: does it answer by itself, and who sits there (None: as before)?"""

    position: PositionId
    auto_answer: bool
    person: PersonId | None = None


# ---- the wire beside the calls ----


class WireTrouble(Event, frozen=True):
    """Something was wrong on the wire, `count` times since `since`, from `source` (an address; "" where there were more
    sources than are told one by one) of `trunk`. The first of its kind from a source is told at once, the others once
    a minute. `problem` is a sentence on the last one.
    """

    kind: Trouble
    source: str
    trunk: str
    count: int
    since: datetime
    problem: str


LINE_EVENTS: tuple[type[Event], ...] = (
    CallReceived,
    LocationConveyed,
    LocationReferenced,
    BodyPartKept,
    CallRinging,
    CallQueued,
    MessageIgnored,
    CallConnected,
    LoopbackStarted,
    AudioNotAgreed,
    AudioAgreed,
    AnnouncementStarted,
    CallerAudioStarted,
    CallerAudioStopped,
    CallerAudioResumed,
    KeypressReceived,
    AudioMeasured,
    RecordingStarted,
    RecordingEnded,
    CallAbandoned,
    CallerDisconnected,
    CallReleased,
    CallFailed,
    CallPickedUpAgain,
    AudioInterrupted,
    AudioPickedUpAgain,
    WireTrouble,
    *recording.LINE_EVENTS,
    *text.LINE_EVENTS,
    *OUTGOING_LINE_EVENTS,
    *TRANSFER_LINE_EVENTS,
)
"""What the line process may write."""

EVENTS: tuple[type[Event], ...] = (
    *LINE_EVENTS,
    HandsetRecognised,
    RingOverdue,
    CallAnswered,
    HeardOnCall,
    CallbackRefused,
    LocationAskedAgain,
    LocationNotGiven,
    CallReleaseOrdered,
    KindAdvised,
    CallJoinedIncident,
    PositionSet,
    *DISTRIBUTION_EVENTS,
    *text.CENTRE_EVENTS,
    *speech.EVENTS,
    *recording.CENTRE_EVENTS,
    *(one for one in OUTGOING_EVENTS if one not in OUTGOING_LINE_EVENTS),
    TransferOrdered,
    *CONFERENCE_EVENTS,
)
