"""A call in progress on the line: what it must remember over a restart, and what it holds while it runs."""

import asyncio
from collections.abc import Iterable, Sequence
from enum import Enum
from pathlib import Path
from typing import Protocol

import msgspec

from tenfour.adapters.audio_security import KeptSecurity
from tenfour.adapters.left_recordings import Found
from tenfour.adapters.line_media import CallMedia
from tenfour.adapters.page_thread import PageThread
from tenfour.adapters.recording_file import Ended
from tenfour.adapters.recording_setting import CallKind
from tenfour.adapters.srtp import Place, SrtpKeys
from tenfour.calltaking.event import (
    AudioAgreed,
    AudioInterrupted,
    AudioMeasured,
    AudioNotAgreed,
    AudioPickedUpAgain,
    CallAbandoned,
    CallerAudioResumed,
    CallerAudioStarted,
    CallerAudioStopped,
    CallerDisconnected,
    CallFailed,
    CallReceived,
    CallReleased,
    KeypressReceived,
    RecordingEnded,
    RecordingStarted,
)
from tenfour.calltaking.recording_event import RecordingAnnounced
from tenfour.calltaking.text_event import TextMedium, TextOpened, TextReceived, TextSent
from tenfour.telephony.dialog import Dialled, Dialog, DialogKey
from tenfour.telephony.text_receiver import TextPlace
from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.ids import CallId, IncidentId


class Phase(Enum):
    """How far a call has come on the wire."""

    RINGING = "ringing"
    DIALLING = "dialling"
    """A call of ours that nobody has taken yet."""
    ANSWERING = "answering"
    """The 200 was sent and is not acknowledged yet."""
    CONNECTED = "connected"
    ENDED = "ended"
    """The wire is done with it; its recording is being closed."""


LEGAL: dict[Phase, frozenset[Phase]] = {
    Phase.RINGING: frozenset({Phase.ANSWERING, Phase.ENDED}),
    Phase.DIALLING: frozenset({Phase.CONNECTED, Phase.ENDED}),
    Phase.ANSWERING: frozenset({Phase.CONNECTED, Phase.ENDED}),
    Phase.CONNECTED: frozenset({Phase.ENDED}),
    Phase.ENDED: frozenset(),
}


ENDED_WORDS: dict[type[Event], str] = {
    CallAbandoned: "the caller left before a person answered",
    CallerDisconnected: "the caller's side ended it",
    CallReleased: "the centre ended it",
}


ANSWERED_WHY = "A person answered at a position without a headset."
AWAY_WHY = "Nobody can answer just now; the line answered by policy."
NOT_ACKNOWLEDGED = "The caller's side did not acknowledge the answer, and was not heard."


class LeftFile(msgspec.Struct, frozen=True, omit_defaults=True):
    """A recording that somebody else began. `told`: of its beginning; otherwise it may not be there at all."""

    file: str
    segment: int
    told: bool = True

    def is_in(self, folder: Path) -> bool:
        """Is it there?"""
        return (folder / self.file).exists()


class KeptCall(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What the outbox keeps of a call, written with the facts that changed it.

    `dialog`: the call on the wire, ringing or answered, whole enough to go on. `sdp`: what the caller's side last said
    of its audio. `segment` and `file`: the recording that was last begun; `file` is empty when it is closed. `closing`:
    earlier ones that are not closed yet, or only looked for.
    `we_offered`: it answers a description of ours. `security`: the keys of its audio; None where it is plain.
    `heard`, `stopped`: what was told of the caller's audio. `answered`: by a person. `released`: a person ended it.
    `queued`: it waits, and does not ring yet. `text_port`, `text_place`, `text_security`: its real-time text, how far
    it was heard, and its keys.
    `text_done`: the last piece of ours that was sent, or could not be; `msrp`: the name of its session for messages.
    `tty`: a TTY was heard in its audio.
    """

    call_id: CallId
    incident_id: IncidentId
    phase: Phase
    sip_call_id: str
    from_tag: str
    dialog: Dialog | None
    sdp: bytes | None = None
    we_offered: bool = False
    security: KeptSecurity | None = None
    description_version: int = 1
    rtp_port: int = 0
    segment: int = 0
    file: str = ""
    closing: tuple[LeftFile, ...] = ()
    answered: bool = False
    by_policy: bool = False
    released: bool = False
    heard: bool = False
    stopped: bool = False
    test: bool = False
    queued: bool = False
    outgoing: bool = False
    """We placed it; `rung`: it was told that it rings there. `early`: with a sound, which is recorded."""
    in_call: CallId | None = None
    """Into which call it was called, as a third party."""
    outside: tuple[CallId, ...] = ()
    """Third parties that are in it; `held`: its caller waits."""
    held: bool = False
    passing_on: bool = False
    """The caller's side was asked to call another centre, and what comes of it is not known."""
    rung: bool = False
    dialled: Dialled | None = None
    """Its INVITE, until it is answered."""
    early: bool = False
    text_port: int = 0
    text_place: TextPlace | None = None
    text_security: KeptSecurity | None = None
    text_done: int = 0
    msrp: str = ""
    tty: bool = False
    kind: CallKind = CallKind.EMERGENCY
    consented: bool = False
    """It was told that it is recorded."""
    page: PageThread | None = None
    """Who writes without having placed a call."""

    @property
    def sip_key(self) -> tuple[str, str]:
        """By what a caller who calls again after a restart is known: Call-ID and the caller's tag."""
        return (self.sip_call_id, self.from_tag)


def keep(received: CallReceived, dialog: Dialog, sdp: bytes | None, sip_key: tuple[str, str]) -> KeptCall:
    """What is kept of a call that has just come in and rings."""
    return KeptCall(
        call_id=received.call_id,
        incident_id=received.incident_id,
        phase=Phase.RINGING,
        sip_call_id=sip_key[0],
        from_tag=sip_key[1],
        dialog=dialog,
        sdp=sdp,
        test=received.test,
        kind=CallKind.ADMIN if received.admin_line else CallKind.EMERGENCY,
    )


def keep_page(received: CallReceived, thread: PageThread) -> KeptCall:
    """What is kept of one who has just begun to write."""
    return KeptCall(
        call_id=received.call_id,
        incident_id=received.incident_id,
        phase=Phase.RINGING,
        sip_call_id=received.sip_call_id,
        from_tag="",
        dialog=None,
        kind=CallKind.ADMIN if received.admin_line else CallKind.EMERGENCY,
        page=thread,
    )


def decode_kept(kept: bytes) -> KeptCall:
    """Raises `msgspec.MsgspecError` when it is not a kept call."""
    return msgspec.json.decode(kept, type=KeptCall)


class OpenCall:
    """A call in progress. It hears from its media and hands facts on to `record(call, events, changes)`."""

    def __init__(self, kept: KeptCall, record: "Record", key: DialogKey | None = None) -> None:
        self.kept = kept
        self.key = key
        self.media: CallMedia | None = None
        self.wait_timer: asyncio.TimerHandle | None = None
        self.announce_timer: asyncio.TimerHandle | None = None
        self.closing_audio = False
        """The call is over, and its media worker still has something to tell."""
        self.no_audio = False
        """Nothing that the caller's side offered is spoken here; `counter_offer` is the token of what we offered."""
        self.counter_offer = ""
        self.no_keys = False
        """A handshake for keys has failed."""
        self.may_come_back = False
        """An earlier run of the line rang this call, and its caller may call again."""
        way = kept.dialog or kept.page
        self.source = self.holder = way.flow.host if way is not None else ""
        """The address it came from, and whose call it is: of this address, or of its trunk."""
        self.ignored = 0
        """Messages of this call that could not be used."""
        self._record = record

    @property
    def call_id(self) -> CallId:
        """The call identifier."""
        return self.kept.call_id

    def change(self, **changes: object) -> None:
        """Remember something else. Raises ValueError for a step that a call cannot take."""
        kept = msgspec.structs.replace(self.kept, **changes)
        if kept.phase is not self.kept.phase and kept.phase not in LEGAL[self.kept.phase]:
            raise ValueError(f"call {self.call_id} is {self.kept.phase.value} and cannot become {kept.phase.value}")
        self.kept = kept

    def stop_waiting(self) -> None:
        """No timer of this call fires any more."""
        if self.wait_timer is not None:
            self.wait_timer.cancel()
            self.wait_timer = None

    def stop_announcing(self) -> None:
        """The caller does not wait any more."""
        if self.announce_timer is not None:
            self.announce_timer.cancel()
            self.announce_timer = None

    # ---- what the media tell (AudioWatcher) ----

    def audio_started(self) -> None:
        """The first packet of the caller arrived."""
        self.change(heard=True, stopped=False)
        self._record(self, [CallerAudioStarted()])

    def audio_stopped(self, silent_for_s: float) -> None:
        """No packet came for so long."""
        self.change(stopped=True)
        self._record(self, [CallerAudioStopped(silent_for_s)])

    def audio_resumed(self, silent_for_s: float) -> None:
        """Packets come again after so long."""
        self.change(stopped=False)
        self._record(self, [CallerAudioResumed(silent_for_s)])

    def key_pressed(self, digit: str, duration_s: float) -> None:
        """The caller pressed a key."""
        self._record(self, [KeypressReceived(digit, duration_s)])

    def tty_read(self, text: str, ago_ms: tuple[int, ...]) -> None:
        """The caller said this by TTY."""
        opened = [] if self.kept.tty else [TextOpened(TextMedium.TTY)]
        self.change(tty=True)
        self._record(self, [*opened, TextReceived(TextMedium.TTY, text, ago_ms)])

    def tty_said(self, number: int) -> None:
        """The caller was told the piece of this number by TTY."""
        self.change(text_done=max(self.kept.text_done, number))
        self._record(self, [TextSent(TextMedium.TTY, number)])

    def consent_heard(self, words: str) -> None:
        """The announcement that the call is recorded was heard to its end."""
        self.change(consented=True)
        self._record(self, [RecordingAnnounced(words)])

    def audio_interrupted(self, why: str) -> None:
        """Nobody carries the audio; the call stays up."""
        self._record(self, [AudioInterrupted(why)])

    def audio_picked_up(self, gap_s: float, why: str) -> None:
        """Another worker carries the audio on."""
        self._record(self, [AudioPickedUpAgain(gap_s, why)])

    def audio_measured(self, measured: AudioMeasured) -> None:
        """How the audio came and went."""
        self._record(self, [measured])

    def audio_over(self) -> None:
        """Nothing more comes of the audio: a call that is over is forgotten."""
        self.closing_audio = False
        self._record(self, [])

    def audio_secured(self, keys: SrtpKeys) -> None:
        """A handshake ended with these keys; after one that failed, the call has audio again."""
        self._keep_security(keys=keys)
        agreed = AudioAgreed(*self.media.described) if self.media is not None and self.no_keys else None
        self.no_keys = False
        self._record(self, [agreed] if agreed is not None else [])

    def audio_not_secured(self, why: str) -> None:
        """A handshake ended without keys: nothing is heard, and the call goes on."""
        self.no_keys = True
        self._record(self, [AudioNotAgreed(f"The audio was to be secured by DTLS, and {why}.")])

    def audio_came_to(self, place: Place) -> None:
        """Where their stream goes on after a restart."""
        self._keep_security(place=place)
        self._record(self, [])

    def _keep_security(self, **changes: object) -> None:
        if self.kept.security is not None:
            self.change(security=msgspec.structs.replace(self.kept.security, **changes))

    def recording_started(self, file: str, segment: int, began_ago_s: float = 0.0) -> None:
        """The file is there."""
        self._count_to(segment, file)
        beep = self.media.caller.beep if self.media is not None else None
        started = RecordingStarted(file, segment, beep.every_s if beep is not None else 0.0)
        self._record(self, [started], ago_s=began_ago_s)

    def recording_sought(self, file: str, segment: int) -> None:
        """One that nobody told of may be there. Its number is no other's."""
        self._count_to(segment)
        self.change(closing=(*self.kept.closing, LeftFile(file, segment, told=False)))
        self._record(self, [])

    def recording_found(self, file: str, segment: int, found: Found | None) -> None:
        """It was there, and is closed; another may have been begun meanwhile. None: it was not."""
        if found is None:
            self._closed(file)
            self._record(self, [])
            return
        others = (left for left in self.kept.closing if left.file != file)
        self.change(closing=(*others, LeftFile(file, segment)))
        self._record(self, [RecordingStarted(file, segment)], ago_s=found.began_ago_s)
        self.recording_ended(file, segment, found.ended)

    def recording_ended(self, file: str, segment: int, ended: Ended | None) -> None:
        """The file is closed, on disk and hashed; another may have been begun meanwhile."""
        self._closed(file)
        self._record(self, [] if ended is None else [recording_ended(file, segment, ended)])

    def recordings_left(self, untold: Iterable[tuple[str, int]]) -> tuple[LeftFile, ...]:
        """An earlier run of the line left all its recordings to be closed, and these, of which it did not tell."""
        kept = self.kept
        known = [*kept.closing, *([LeftFile(kept.file, kept.segment)] if kept.file else [])]
        names = {left.file for left in known}
        known += [LeftFile(file, segment, told=False) for file, segment in untold if file not in names]
        self.change(file="", closing=tuple(known), segment=max([kept.segment, *(left.segment for left in known)]))
        return self.kept.closing

    def _count_to(self, segment: int, file: str = "") -> None:
        """So many recordings there are at least. The one that was the last may still be being closed."""
        kept = self.kept
        if segment <= kept.segment and not file:
            return
        before = (LeftFile(kept.file, kept.segment),) if kept.file else ()
        self.change(file=file, segment=segment, closing=(*kept.closing, *before))

    def _closed(self, file: str) -> None:
        closing = tuple(left for left in self.kept.closing if left.file != file)
        self.change(file="" if file == self.kept.file else self.kept.file, closing=closing)


class Record(Protocol):
    """Writes facts of a call with what the call keeps, in one transaction. `ago_s`: they happened so long ago."""

    def __call__(self, call: OpenCall, events: Sequence[Event], *, ago_s: float = 0.0) -> object:
        """Returns at once."""
        ...


def ended_words(how: Event) -> str:
    """How a call ended, for those who read its signalling."""
    if isinstance(how, CallFailed):
        return how.why
    return ENDED_WORDS.get(type(how), type(how).__name__)


def recording_ended(file: str, segment: int, ended: Ended) -> RecordingEnded:
    """The fact of a closed recording."""
    return RecordingEnded(file, segment, round(ended.duration_s, 3), ended.sha256)
