"""A call as folded from its facts. Its states are one table; `calltaking.decision` decides what may be done with it."""

from datetime import datetime, timedelta
from enum import Enum

import msgspec
from msgspec.structs import replace

from tenfour.calltaking import caption, outgoing, waiting
from tenfour.calltaking import conference as conferences
from tenfour.calltaking import conversation as conversations
from tenfour.calltaking import event as e
from tenfour.calltaking import outgoing_event as out
from tenfour.calltaking import recording as recordings
from tenfour.calltaking import speech_event as speech
from tenfour.calltaking import transfer as transfers
from tenfour.calltaking import voice as voices
from tenfour.calltaking.conference import Conference
from tenfour.calltaking.conference_event import CallCameBack, CalledInto, CallHandedOver, CallTakenBack
from tenfour.calltaking.conversation import Conversation
from tenfour.calltaking.outgoing import Outgoing, Reach, reach_of
from tenfour.calltaking.recording import Recording
from tenfour.calltaking.recording_event import RecordingCompressed
from tenfour.calltaking.resource_priority import esnet_of
from tenfour.calltaking.voice_event import CallRangForAll, PartyJoined
from tenfour.calltaking.waiting import Waiting
from tenfour.telephony.party import Role
from tenfour.telephony.wanted import PAGE
from tenfour.vocabulary.envelope import Actor, Event
from tenfour.vocabulary.ids import CallId, IncidentId, PersonId, PositionId


class CallState(Enum):
    """Where a call stands. The first four are in progress."""

    RINGING = "ringing"
    QUEUED = "queued"
    """The caller waits: it does not ring yet. It may be answered all the same."""
    CONNECTING = "connecting"
    """A person picked up; the wire has not confirmed it yet."""
    DIALLING = "dialling"
    """A call of ours that nobody has taken yet."""
    TALKING = "talking"
    ABANDONED = "abandoned"
    DISCONNECTED = "disconnected"
    RELEASED = "released"
    FAILED = "failed"
    NOT_TAKEN = "not_taken"
    """A call of ours that came to nothing: busy, no answer, refused."""


UNANSWERED = frozenset({CallState.RINGING, CallState.QUEUED})
"""Somebody may pick up."""

ENDED = frozenset(
    {CallState.ABANDONED, CallState.DISCONNECTED, CallState.RELEASED, CallState.FAILED, CallState.NOT_TAKEN}
)

_ENDS: dict[type[Event], CallState] = {
    e.CallAbandoned: CallState.ABANDONED,
    e.CallerDisconnected: CallState.DISCONNECTED,
    e.CallReleased: CallState.RELEASED,
    e.CallFailed: CallState.FAILED,
}

TRANSITIONS: dict[CallState, dict[type[Event], CallState]] = {
    CallState.RINGING: {
        e.CallAnswered: CallState.CONNECTING,
        e.CallQueued: CallState.QUEUED,
        e.LoopbackStarted: CallState.TALKING,
        CallHandedOver: CallState.CONNECTING,
        **_ENDS,
    },
    CallState.QUEUED: {
        e.CallAnswered: CallState.CONNECTING,
        e.CallRinging: CallState.RINGING,
        CallHandedOver: CallState.CONNECTING,
        **_ENDS,
    },
    CallState.CONNECTING: {e.CallConnected: CallState.TALKING, CallCameBack: CallState.RINGING, **_ENDS},
    CallState.DIALLING: {e.CallConnected: CallState.TALKING, out.CallNotTaken: CallState.NOT_TAKEN, **_ENDS},
    CallState.TALKING: {CallRangForAll: CallState.RINGING, CallCameBack: CallState.RINGING, **_ENDS},
    CallState.ABANDONED: {},
    CallState.DISCONNECTED: {},
    CallState.RELEASED: {},
    CallState.FAILED: {},
    CallState.NOT_TAKEN: {},
}
"""State, then what happened, then the next state; what is not listed moves nothing.

A call that the line had connected by policy (announcement) is talking as soon as a person answers. A call whose
caller left stays abandoned, whoever picked up meanwhile: the answer is kept beside it.
"""


class Hearing(msgspec.Struct, frozen=True):
    """What somebody heard on the call: codes and words."""

    at: datetime
    actor: Actor
    heard: tuple[str, ...]
    text: str
    seq: int = 0


class Transcript(msgspec.Struct, frozen=True):
    """What a machine understood of one recording, unverified; or `why_not`, a sentence."""

    segment: int
    model: str = ""
    lines: tuple[speech.SpokenLine, ...] = ()
    why_not: str = ""


class Refusal(msgspec.Struct, frozen=True):
    """A callback or text that was asked for and may not be."""

    at: datetime
    actor: Actor
    means: str
    reason: str
    seq: int = 0


class Call(msgspec.Struct, frozen=True):
    """One telephone call, from the INVITE on. Times are aware UTC, true times of the line.

    `i3_incident_id` came with the call (or was minted by the line); `incident_id` is the incident it belongs to here.
    `silent_since`: no audio since then, while the line is kept.
    """

    call_id: CallId
    i3_incident_id: IncidentId
    ids_minted: bool
    ani: str
    callback_number: str | None
    service: str
    sip_call_id: str
    source: str
    test: bool
    received_at: datetime
    state: CallState = CallState.RINGING
    ringing_at: datetime | None = None
    ring_overdue_at: datetime | None = None
    """When the supervisor was told that it rings too long."""
    answered_at: datetime | None = None
    connected_at: datetime | None = None
    connected_by_policy: bool = False
    ended_at: datetime | None = None
    end_detail: str = ""
    """The SIP message or the reason in words, as the line gave it."""
    position: PositionId | None = None
    person: PersonId | None = None
    answered_by_itself: bool = False
    handset: e.Handset | None = None
    may_call_back: bool = False
    may_text: bool = False
    handset_words: str = ""
    class_of_service: str = ""
    """By what the handset was recognised beside its number; see `HandsetRecognised`."""
    announcement: str = ""
    announcement_why: str = ""
    no_audio_words: str = ""
    """Why the call stands without audio; empty where it has some."""
    audio_since: datetime | None = None
    silent_since: datetime | None = None
    release_ordered_at: datetime | None = None
    hearings: tuple[Hearing, ...] = ()
    recordings: tuple[Recording, ...] = ()
    transcripts: tuple[Transcript, ...] = ()
    captions: caption.Captions = caption.Captions()
    """What a machine understood while the call went on."""
    refusals: tuple[Refusal, ...] = ()
    location_uri: str = ""
    rebid_at: datetime | None = None
    rebid_words: str = ""
    advice: e.KindAdvised | None = None
    advised_at: datetime | None = None
    first_advised_at: datetime | None = None
    incident_id: IncidentId | None = None
    link_certain: bool = True
    link_words: str = ""
    trunk: str = ""
    queued_why: str = ""
    """Why it waits in a queue; empty while it does not."""
    audio_gap_s: float = 0.0
    """Audio missing because the line process, or the media worker that carried it, had to be replaced."""
    audio_interrupted: str = ""
    """Why nobody carries the call's audio just now; empty where somebody does."""
    admin_line: str = ""
    """The administrative line that was called; empty for every other call."""
    languages: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    resource_priority: int | None = None
    """0 to 4 of the namespace `esnet`, 4 goes first; None where the call said nothing of it."""
    waiting: Waiting = Waiting()
    conversation: Conversation = Conversation()
    """What caller and centre typed to each other."""
    reach: Reach = Reach()
    outgoing: Outgoing | None = None
    """Of a call that we placed: how far it has come."""
    transfer: transfers.Transfer | None = None
    """To whom it is, was, or was to be passed on."""
    conference: Conference = Conference()
    """Who of outside was called into it."""

    @property
    def rings_at(self) -> PositionId | None:
        """The one position where it rings; None: at every position, or it does not ring."""
        offer = self.waiting.offer
        return offer.position if offer is not None and self.state in UNANSWERED else None

    voice: voices.Voice = voices.Voice()

    @property
    def in_progress(self) -> bool:
        """The caller is still on the line."""
        return self.state not in ENDED

    @property
    def is_written(self) -> bool:
        """Messages without a call (`telephony.wanted.PAGE`): there is no voice for a headset to be in."""
        return PAGE in self.media

    @property
    def is_third_alone(self) -> bool:
        """It was called into another call, and is in nobody's hand."""
        return self.outgoing is not None and self.outgoing.in_call is not None and self.position is None

    @property
    def is_emergency(self) -> bool:
        """Somebody may need help: everything but a test call, a call to an administrative line, and one of ours."""
        return not self.test and not self.admin_line and self.outgoing is None

    @property
    def heard(self) -> tuple[str, ...]:
        """Every code heard, each once, in the order first heard."""
        return tuple(dict.fromkeys(code for hearing in self.hearings for code in hearing.heard))


def apply(call: Call | None, event: Event, *, at: datetime, actor: Actor, seq: int = 0) -> Call | None:
    """Fold one fact of a call. Facts before `CallReceived` are nothing to fold; unknown facts change nothing."""
    if call is None:
        if isinstance(event, out.CallPlaced):
            return _placed(event, at)
        return _received(event, at) if isinstance(event, e.CallReceived) else None
    moved = _moved(call, event, at)
    told = _understood(_told(_wire(moved, event, at), event, at, actor, seq), event, at)
    told = told if told.outgoing is None else _went(told, told.outgoing, event, at)
    told = replace(told, transfer=passed) if (passed := transfers.apply(told.transfer, event, at=at)) else told
    told = _with_outside(told, event, at)
    waits = waiting.apply(told.waiting, event, at=at)
    typed = conversations.apply(told.conversation, event, at=at)
    if waits is told.waiting and typed is told.conversation:
        return told
    return replace(told, waiting=waits, conversation=typed)


def _with_outside(call: Call, event: Event, at: datetime) -> Call:
    """Fold who of outside is in the call, and who of ours has it in the hand since."""
    conference = conferences.apply(call.conference, event, at=at)
    call = replace(call, conference=conference) if conference is not call.conference else call
    match event:
        case CallHandedOver():
            return replace(call, position=None, person=None, answered_at=call.answered_at or at)
        case CallTakenBack(position=position, person=person):
            return replace(call, position=position, person=person)
        case CalledInto(call_id=call_id) if call.outgoing is not None:
            within = replace(call.outgoing, in_call=call_id)
            return replace(call, outgoing=within, position=None, person=None, voice=voices.Voice())
        case PartyJoined(position=position, person=person, role=Role.CALL_TAKER) if call.is_third_alone:
            return replace(call, position=position, person=person)
        case _:
            return call


def _received(event: e.CallReceived, at: datetime) -> Call:
    return Call(
        call_id=event.call_id,
        i3_incident_id=event.incident_id,
        ids_minted=event.ids_minted,
        ani=event.ani,
        callback_number=event.callback_number,
        service=event.service,
        sip_call_id=event.sip_call_id,
        source=event.source,
        test=event.test,
        admin_line=event.admin_line,
        received_at=at,
        trunk=event.trunk,
        languages=event.languages,
        media=event.media,
        reach=reach_of(event.headers),
        resource_priority=esnet_of(value for name, value in event.headers if name == "Resource-Priority"),
    )


def _placed(event: out.CallPlaced, at: datetime) -> Call:
    """A call of ours: whoever placed it has it in the hand from the first; a third party is in another call."""
    own = event.in_call is None
    return Call(
        call_id=event.call_id,
        i3_incident_id=event.i3_incident_id,
        ids_minted=False,
        ani=event.number,
        callback_number=None,
        service="",
        sip_call_id="",
        source="",
        test=False,
        received_at=at,
        state=CallState.DIALLING,
        answered_at=at,
        position=event.position if own else None,
        person=event.person if own else None,
        outgoing=Outgoing(event.target, event.callback_of, event.in_call),
    )


def _went(call: Call, before: Outgoing, event: Event, at: datetime) -> Call:
    now = outgoing.apply(before, event, at=at)
    sip_call_id = event.sip_call_id if isinstance(event, out.CallDialled) else call.sip_call_id
    return call if now is before else replace(call, outgoing=now, sip_call_id=sip_call_id)


def _moved(call: Call, event: Event, at: datetime) -> Call:
    """Move along the table; an end keeps its time and what the line said about it."""
    state = TRANSITIONS[call.state].get(type(event), call.state)
    if state is CallState.CONNECTING and call.connected_at is not None:
        state = CallState.TALKING
    if state in ENDED and call.in_progress:
        return replace(call, state=state, ended_at=at, end_detail=_end_detail(event))
    return replace(call, state=state) if state is not call.state else call


def _end_detail(event: Event) -> str:
    match event:
        case e.CallAbandoned(signal=signal):
            return signal.value
        case e.CallerDisconnected(signal=signal, reason=reason):
            return reason or signal.value
        case e.CallFailed(why=why) | out.CallNotTaken(why=why):
            return why
        case _:
            return ""


def _wire(call: Call, event: Event, at: datetime) -> Call:
    """Fold what the line process reports."""
    match event:
        case e.CallRinging() | e.CallQueued():
            return _waits(call, event, at)
        case e.CallConnected() | e.LoopbackStarted():
            by_policy = isinstance(event, e.CallConnected) and event.by_policy
            return replace(call, connected_at=call.connected_at or at, connected_by_policy=by_policy)
        case e.AudioNotAgreed(why=why):
            return replace(call, no_audio_words=why)
        case e.AudioAgreed():
            return replace(call, no_audio_words="")
        case e.AnnouncementStarted(name=name, why=why):
            return replace(call, announcement=name, announcement_why=why)
        case e.CallerAudioStarted() | e.CallerAudioResumed():
            return replace(call, audio_since=call.audio_since or at, silent_since=None)
        case e.CallerAudioStopped(silent_for_s=silent_for_s):
            return replace(call, silent_since=at - timedelta(seconds=silent_for_s))
        case e.RecordingStarted() | e.RecordingEnded() | RecordingCompressed():
            return replace(call, recordings=recordings.fold(call.recordings, event, at))
        case e.CallPickedUpAgain() | e.AudioInterrupted() | e.AudioPickedUpAgain():
            return _carried(call, event)
        case e.LocationReferenced(uri=uri):
            return replace(call, location_uri=uri)
        case _:
            return call


def _waits(call: Call, event: e.CallRinging | e.CallQueued, at: datetime) -> Call:
    if isinstance(event, e.CallQueued):
        return replace(call, queued_why=event.why)
    return replace(call, ringing_at=call.ringing_at or at, queued_why="")


def _carried(call: Call, event: e.CallPickedUpAgain | e.AudioInterrupted | e.AudioPickedUpAgain) -> Call:
    if isinstance(event, e.AudioInterrupted):
        return replace(call, audio_interrupted=event.why)
    return replace(call, audio_gap_s=call.audio_gap_s + event.gap_s, audio_interrupted="")


def _told(call: Call, event: Event, at: datetime, actor: Actor, seq: int) -> Call:
    """Fold what people and rules of the centre said."""
    match event:
        case e.HandsetRecognised():
            return replace(
                call,
                handset=event.handset,
                may_call_back=event.may_call_back,
                may_text=event.may_text,
                handset_words=event.reason,
                class_of_service=event.class_of_service,
            )
        case e.RingOverdue():
            return replace(call, ring_overdue_at=call.ring_overdue_at or at)
        case e.CallAnswered() if call.answered_at is None or call.voice.rings_for_all_at is not None:
            return replace(
                call,
                answered_at=call.answered_at or at,
                position=event.position,
                person=event.person,
                answered_by_itself=event.by_itself,
                voice=voices.answered(call.voice),
                conference=conferences.answered(call.conference),
            )
        case e.HeardOnCall(heard=heard, text=text):
            return replace(call, hearings=(*call.hearings, Hearing(at, actor, heard, text, seq)))
        case e.CallbackRefused(means=means, reason=reason):
            return replace(call, refusals=(*call.refusals, Refusal(at, actor, means, reason, seq)))
        case e.LocationAskedAgain():
            return replace(call, rebid_at=at, rebid_words="")
        case e.LocationNotGiven(why=why):
            return replace(call, rebid_words=why)
        case e.CallReleaseOrdered():
            return replace(call, release_ordered_at=call.release_ordered_at or at)
        case e.KindAdvised():
            return replace(call, advice=event, advised_at=at, first_advised_at=call.first_advised_at or at)
        case e.CallJoinedIncident():
            return replace(call, incident_id=event.incident_id, link_certain=event.certain, link_words=event.why)
        case _:
            voice = voices.apply(call.voice, event, at)
            return replace(call, voice=voice) if voice is not call.voice else call


def _understood(call: Call, event: Event, at: datetime) -> Call:
    """Fold what a machine wrote down."""
    match event:
        case speech.RecordingTranscribed(segment=segment, model=model, lines=lines):
            return replace(call, transcripts=(*call.transcripts, Transcript(segment, model, lines)))
        case speech.RecordingNotTranscribed(segment=segment, why=why):
            return replace(call, transcripts=(*call.transcripts, Transcript(segment, why_not=why)))
        case speech.CallCaptioned():
            return replace(call, captions=caption.apply(call.captions, event, at))
        case _:
            return call
