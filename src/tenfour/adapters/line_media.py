"""The audio of one call as the line keeps it: its ports, how it should be, and what its worker tells.

The line binds the ports and keeps them; a worker has copies. So a worker that dies takes neither the ports nor what
waits in them, and the next one goes on from what stands here.
"""

import asyncio
import socket
from collections.abc import Callable
from typing import Protocol

import msgspec

from tenfour.adapters.audio_ports import AudioPorts
from tenfour.adapters.audio_security import KeptSecurity
from tenfour.adapters.audio_source import Address
from tenfour.adapters.headset_protocol import HeadsetReport, Voices, WireCall
from tenfour.adapters.left_recordings import Found, LeftRecordings
from tenfour.adapters.media_channel import MediaChannel
from tenfour.adapters.media_protocol import (
    Alter,
    AudioResumed,
    AudioStarted,
    AudioStopped,
    CallerAudio,
    CallReport,
    CameTo,
    Close,
    Closed,
    ConsentHeard,
    KeyPressed,
    LetGo,
    NotSecured,
    Open,
    Opened,
    Playing,
    Recorded,
    RecordingBegan,
    Report,
    Secured,
    Sound,
    TtyRead,
    TtySaid,
    Typed,
)
from tenfour.adapters.recording_file import Ended, recording_name
from tenfour.adapters.srtp import Place, SrtpKeys
from tenfour.calltaking.event import AudioMeasured
from tenfour.telephony.loopback import Mirror
from tenfour.telephony.sdp import Codec
from tenfour.vocabulary.ids import CallId, PositionId

AWAY_AFTER_S = 3.0
"""So long nobody may carry a call's audio before that is told."""

ENDED_WAIT_S = 10.0
"""So long the ports of a call that is over wait for a worker to take what is in them."""

STARTED_AT_LAST = "The media worker has started at last."


class AudioWatcher(Protocol):
    """Who wants to know what happens to the audio of a call."""

    def audio_started(self) -> None:
        """The first packet of the caller arrived."""

    def audio_stopped(self, silent_for_s: float) -> None:
        """No packet came for so long."""

    def audio_resumed(self, silent_for_s: float) -> None:
        """Packets come again after so long."""

    def key_pressed(self, digit: str, duration_s: float) -> None:
        """A key was pressed and let go."""

    def tty_read(self, text: str, ago_ms: tuple[int, ...]) -> None:
        """The caller said this by TTY."""

    def tty_said(self, number: int) -> None:
        """The caller was told the piece of this number by TTY."""

    def consent_heard(self, words: str) -> None:
        """The announcement that the call is recorded was heard to its end."""

    def audio_secured(self, keys: SrtpKeys) -> None:
        """A handshake ended with these keys."""

    def audio_not_secured(self, why: str) -> None:
        """A handshake ended without."""

    def audio_came_to(self, place: Place) -> None:
        """Their stream has come so far."""

    def recording_started(self, file: str, segment: int, began_ago_s: float) -> None:
        """The file is there; so long ago was its first sample."""

    def recording_sought(self, file: str, segment: int) -> None:
        """A worker may have made this file and had no time to tell of it: `recording_found` is to follow."""

    def recording_found(self, file: str, segment: int, found: Found | None) -> None:
        """It was there, and is closed; None: it was not."""

    def recording_ended(self, file: str, segment: int, ended: Ended | None) -> None:
        """The file is closed, on disk and hashed; None when that could not be done."""

    def audio_interrupted(self, why: str) -> None:
        """Nobody carries the audio, and has not for a while."""

    def audio_picked_up(self, gap_s: float, why: str) -> None:
        """Another worker carries the audio on."""

    def audio_measured(self, measured: AudioMeasured) -> None:
        """The ports are free; this is how the audio came and went."""

    def audio_over(self) -> None:
        """After the end: nothing more is told."""


class Carriers(Protocol):
    """Who finds a worker for a call's audio."""

    def take(self, media: "CallMedia") -> None:
        """Carry it."""

    def forget(self, media: "CallMedia") -> None:
        """It is over."""


class CallMedia:
    """Made when the call is answered, or announced to before; `start` opens the recording (unless `record` did) and
    the watch for silence, `end` closes everything.
    """

    def __init__(
        self,
        call_id: CallId,
        watcher: AudioWatcher,
        ports: AudioPorts,
        caller: CallerAudio,
        *,
        carriers: Carriers,
        left: LeftRecordings,
    ) -> None:
        self.call_id, self.port = call_id, ports.port
        self._watcher, self._ports, self._carriers, self._left = watcher, ports, carriers, left
        self.caller = caller
        self._loop = asyncio.get_running_loop()
        self.on_port_free: Callable[[], None] = lambda: None
        """Hears when the worker has let go of the port, too."""
        self.on_carried: Callable[[], None] = lambda: None
        """Hears that a worker has it, which knows of no wire yet."""
        self._channel: MediaChannel[Report] | None = None
        self._file, self._segment = "", 0
        self._recorded_at = 0.0
        self._played_at: float | None = None
        """Since when the caller hears what is played; None: no worker has begun with it."""
        self._waits_since: float | None = self._loop.time()
        self._lost_why, self._ended_at = "", 0.0
        self._told = self._ended = self._over = False
        self._let_go = self._ends_again = False
        self._closing_files = 0
        carriers.take(self)

    @property
    def name(self) -> str:
        """The call's own."""
        return self.call_id

    # ---- what the line wants ----

    def start(self, *, segment: int, heard: bool = False, stopped: bool = False) -> None:
        """Begin to record as this segment. `heard`, `stopped`: what an earlier run of the line has told already."""
        if self.caller.recorded is None:
            self.record(segment=segment, heard=heard, stopped=stopped)
        self._alter(watched=True)

    def record(self, *, segment: int, heard: bool = False, stopped: bool = False) -> None:
        """Record from now on, without watching for silence yet. `heard`: the caller was before."""
        self._recorded_at = self._loop.time()
        self._alter(recorded=Recorded(segment, heard=heard, stopped=stopped))

    def play(self, sound: Sound, mirror: Mirror | None = None) -> None:
        """Let the caller hear this from now on."""
        self._played_at = self._loop.time() if self._channel is not None else None
        self._alter(playing=Playing(sound, self.caller.playing.turn + 1, mirror=mirror or Mirror()))

    def type(self, number: int, text: str) -> None:
        """Let the caller hear this by TTY, in its turn."""
        self._alter(typed=(*self.caller.typed, Typed(number, text)))

    def describe(self, described: Address, codec: Codec, payload_type: int, telephone_event: int | None) -> None:
        """The caller's side described its audio anew."""
        self._alter(described=described, codec=codec, payload_type=payload_type, telephone_event=telephone_event)

    def secure(self, security: KeptSecurity | None, *, reports_to: Address | None, rtcp_mux: bool) -> None:
        """Nothing plain goes out or is heard from now on; None: everything is plain. And where reports go."""
        self._alter(security=security, reports_to=reports_to, rtcp_mux=rtcp_mux)

    @property
    def described(self) -> tuple[str, str]:
        """Codec and address, as the record has them."""
        host, port = self.caller.described or ("", 0)
        return f"{self.caller.codec.name}/8000", f"{host}:{port}"

    def end(self) -> None:
        """Let go of the ports and close the recording; `audio_over` is to follow.

        Where nobody carries the audio just now, or the worker dies before it has let go, the next worker still takes
        what waits in the ports.
        """
        self._ended = True
        if self._channel is not None:
            self._channel.send(Close(self.call_id))
        else:
            self._ended_at, self._told = self._loop.time(), False

    def _alter(self, **changes: object) -> None:
        before, self.caller = self.caller, msgspec.structs.replace(self.caller, **changes)
        if self._channel is not None and self.caller != before:
            self._channel.send(Alter(self.call_id, self.caller))

    def speak(self, voices: Voices) -> None:
        """Who is in the conversation, and whether the caller waits."""
        self._alter(voices=voices)

    def wire(self, position: PositionId, bound: socket.socket | None) -> None:
        """The position's headset is at the other end of this socket; None: it is gone. Not kept for the next worker."""
        if self._channel is not None:
            fds = (bound.fileno(),) if bound is not None else ()
            self._channel.send(WireCall(self.call_id, position, len(fds)), fds)

    # ---- what its workers do ----

    def carry(self, channel: MediaChannel[Report]) -> None:
        """This worker carries the audio from now on."""
        self._channel = channel
        now, recorded = self._loop.time(), self.caller.recorded
        self._played_at = now if self._played_at is None else self._played_at
        playing = msgspec.structs.replace(self.caller.playing, from_s=now - self._played_at)
        if recorded is not None:
            recorded = msgspec.structs.replace(recorded, since_s=now - max(self._recorded_at, self._waits_since or 0.0))
        caller = msgspec.structs.replace(self.caller, playing=playing, recorded=recorded)
        fds = self._ports.filenos()
        channel.send(Open(self.call_id, caller, len(fds)), fds)
        self.on_carried()
        if self._ended:
            self.end()

    def lose(self, why: str, at: float) -> None:
        """The worker is gone since then; what it recorded is closed. What it did not take of a call that has ended is
        the next one's: once, should the call itself be what workers die of.
        """
        if self._channel is None:
            return
        self._channel, self._lost_why = None, why
        self._waits_since = at if self._waits_since is None else self._waits_since
        file, self._file = self._file, ""
        if file:
            self._close_left(file, self._segment)
        elif self.caller.recorded is not None:
            self._look_for_untold(self.caller.recorded)
        if self._ended and (self._let_go or self._ends_again):
            self._ports.close()
            self._be_over()
        elif self._ended:
            self._ends_again, self._told = True, False

    def wait(self, why: str) -> None:
        """Nobody carries the audio, still: told once, and a call that is over waits no longer."""
        since = self._waits_since
        patience_s = ENDED_WAIT_S if self._ended else AWAY_AFTER_S
        if since is None or self._told or self._loop.time() - max(since, self._ended_at) < patience_s:
            return
        self._told = True
        if self._ended:
            self._ports.close()
            self._be_over()
        else:
            self._watcher.audio_interrupted(why)

    def take(self, report: CallReport | HeadsetReport) -> None:
        """The worker tells something of this call."""
        watcher, recorded = self._watcher, self.caller.recorded
        match report:
            case Opened():
                self._picked_up()
            case AudioStarted():
                self._know(recorded, heard=True, stopped=False)
                watcher.audio_started()
            case AudioStopped(silent_for_s=silent_for_s):
                self._know(recorded, stopped=True)
                watcher.audio_stopped(silent_for_s)
            case AudioResumed(silent_for_s=silent_for_s):
                self._know(recorded, stopped=False)
                watcher.audio_resumed(silent_for_s)
            case KeyPressed(digit=digit, duration_s=duration_s):
                watcher.key_pressed(digit, duration_s)
            case TtyRead() | TtySaid() | ConsentHeard():
                self._take_words(report)
            case Secured(keys=keys):
                self._keep_security(keys=keys)
                watcher.audio_secured(keys)
            case NotSecured(why=why):
                watcher.audio_not_secured(why)
            case CameTo(place=place):
                self._keep_security(place=place)
                watcher.audio_came_to(place)
            case RecordingBegan(file=file, segment=segment, began=began):
                self._file, self._segment = file, segment
                self._know(recorded, segment=segment + 1)
                watcher.recording_started(file, segment, max(0.0, self._loop.time() - began))
            case LetGo(measured=measured):
                self._ports.close()
                self._let_go = True
                watcher.audio_measured(measured)
                self.on_port_free()
            case Closed(ended=ended):
                self._closed(ended)

    def _take_words(self, report: TtyRead | TtySaid | ConsentHeard) -> None:
        if isinstance(report, ConsentHeard):
            words = self.caller.consent
            self.caller = msgspec.structs.replace(self.caller, consent="")
            self._watcher.consent_heard(words)
            return
        if isinstance(report, TtyRead):
            self._watcher.tty_read(report.text, report.ago_ms)
            return
        left = tuple(piece for piece in self.caller.typed if piece.number > report.number)
        self.caller = msgspec.structs.replace(self.caller, typed=left)
        self._watcher.tty_said(report.number)

    def _picked_up(self) -> None:
        since, self._waits_since = self._waits_since, None
        if since is not None and (self._lost_why or self._told) and not self._ended:
            gap_s = round(self._loop.time() - since, 3)
            self._watcher.audio_picked_up(gap_s, self._lost_why or STARTED_AT_LAST)
        self._lost_why, self._told = "", False

    def _know(self, recorded: Recorded | None, **changes: object) -> None:
        """What the next worker is to be told of the recording."""
        if recorded is not None:
            recorded = msgspec.structs.replace(recorded, **changes)
            self.caller = msgspec.structs.replace(self.caller, recorded=recorded)

    def _keep_security(self, **changes: object) -> None:
        if self.caller.security is not None:
            security = msgspec.structs.replace(self.caller.security, **changes)
            self.caller = msgspec.structs.replace(self.caller, security=security)

    def _closed(self, ended: Ended | None) -> None:
        self._channel = None
        file, self._file = self._file, ""
        if file and ended is None:
            self._close_left(file, self._segment)  # the worker could not: once more, from here
        elif file:
            self._watcher.recording_ended(file, self._segment, ended)
        self._be_over()

    def _be_over(self) -> None:
        """Nothing more comes of it, unless a recording is still being closed."""
        self._over = True
        self._carriers.forget(self)
        if not self._closing_files:
            self._watcher.audio_over()

    def _close_left(self, file: str, segment: int) -> None:
        self._closing_files += 1
        self._left.end(file, lambda ended: self._left_closed(file, segment, ended))

    def _look_for_untold(self, recorded: Recorded) -> None:
        """The worker may have made a file and died before it said so. That number is no other's, then, either way."""
        file, segment = recording_name(self.call_id, recorded.segment), recorded.segment
        self._know(recorded, segment=segment + 1)
        self._closing_files += 1
        self._watcher.recording_sought(file, segment)
        self._left.find(file, lambda found: self._untold_closed(file, segment, found))

    def _untold_closed(self, file: str, segment: int, found: Found | None) -> None:
        self._closing_files -= 1
        self._watcher.recording_found(file, segment, found)
        if self._over:
            self._be_over()

    def _left_closed(self, file: str, segment: int, ended: Ended | None) -> None:
        self._closing_files -= 1
        self._watcher.recording_ended(file, segment, ended)
        if self._over:
            self._be_over()
