"""One call in a media worker: its caller is received and recorded, silences are noticed, sounds are played to it."""

import asyncio
import math
from collections.abc import Callable, Iterator

import numpy as np

from tenfour.adapters.audio_ports import AudioPorts
from tenfour.adapters.caption_feed import CaptionFeed
from tenfour.adapters.dtls_certificate import DtlsCertificate
from tenfour.adapters.leg_security import secure_leg
from tenfour.adapters.media_protocol import (
    AudioResumed,
    AudioStarted,
    AudioStopped,
    CallerAudio,
    CallReport,
    CameTo,
    Closed,
    ConsentHeard,
    KeyPressed,
    LetGo,
    NotSecured,
    Opened,
    Playing,
    Recorded,
    RecordingBegan,
    Secured,
    Sound,
)
from tenfour.adapters.mirror_audio import send_back
from tenfour.adapters.recorder import Recorder, RecordingHandle
from tenfour.adapters.recording_notice import RecordingNotice, over
from tenfour.adapters.room import Room
from tenfour.adapters.rtp_leg import RtpLeg
from tenfour.adapters.sound_shelf import FRAME_S, SoundShelf
from tenfour.adapters.srtp import Place, SrtpKeys
from tenfour.adapters.tty_in_audio import TtyInAudio
from tenfour.calltaking.event import AudioMeasured
from tenfour.calltaking.text_event import Party
from tenfour.telephony.g711 import Samples
from tenfour.telephony.keypress import Keypress
from tenfour.telephony.rtp import RtpPacket
from tenfour.vocabulary.ids import CallId

BEAT_S = FRAME_S / 4

BEHIND_LIMIT_S = 1.0
"""A player that has fallen so far behind does not catch up: it goes on from now."""


class Conversation:
    """The ports are its own. `alter` says how the caller's audio should be, `close` ends everything.

    `listener` gets each packet of the caller with its samples; what the caller hears is pulled from the frames that
    `play` was given, 20 ms at a time. Whoever joins the conversation does so there.
    """

    def __init__(
        self,
        call_id: CallId,
        ports: AudioPorts,
        caller: CallerAudio,
        *,
        certificate: DtlsCertificate,
        sounds: SoundShelf,
        recorder: Recorder,
        captions: CaptionFeed,
        report: Callable[[CallReport], None],
    ) -> None:
        self.call_id, self._caller, self._report = call_id, caller, report
        self._certificate, self._sounds, self._recorder, self._captions = certificate, sounds, recorder, captions
        self._loop = asyncio.get_running_loop()
        self.leg = RtpLeg(
            ports,
            caller.described,
            caller.codec,
            self._on_audio,
            payload_type=caller.payload_type,
            telephone_event=caller.telephone_event,
            on_key=self._on_key,
        )
        self.listener: Callable[[RtpPacket, Samples], None] = _unheard
        self._tty = TtyInAudio(call_id, report)
        self.room = Room(sounds.frames(Playing(Sound.HOLD)))
        self._notice: RecordingNotice | None = None
        self._handle: RecordingHandle | None = None
        self._player: asyncio.TimerHandle | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._turn = 0
        self._heard = self._stopped = False
        self._last_packet = self._loop.time()
        self.alter(caller)
        report(Opened(call_id))

    def alter(self, caller: CallerAudio) -> None:
        """The caller's audio should now be so; what is so already goes on."""
        self._caller = caller
        self.leg.source.describe(caller.described)
        self.leg.speak(caller.codec, caller.payload_type, caller.telephone_event)
        secure_leg(self.leg, caller, self._certificate, self)
        if caller.recorded is not None and self._handle is None:
            self._record(caller.recorded)
        if caller.watched and self._watch is None:
            self._last_packet = self._loop.time()
            self._watch = self._loop.call_later(caller.silence_s, self._check)
            self._notice = self._to_be_told(caller)
        self._tty.type(caller.typed)
        self.room.voices = caller.voices
        if caller.playing.turn != self._turn:
            self._turn = caller.playing.turn
            self._sound(caller.playing)

    def play(self, frames: Iterator[bytes]) -> None:
        """Let the caller hear these 20 ms frames, in real time, until the call ends or others are played."""
        self.fall_silent()
        due = _next_beat(self._loop.time())
        self._player = self._loop.call_at(due, self._play, frames, due, True)

    def fall_silent(self) -> None:
        """Nothing is sent any more."""
        if self._player is not None:
            self._player.cancel()
            self._player = None

    def say(self, frame: bytes, *, begins: bool = False) -> bool:
        """Let the caller hear these 20 ms now, and record that it does. `begins`: they follow on nothing.

        What is to be said by TTY goes in their place. False: nothing could be sent.
        """
        frame = self._tty.over(frame)
        sent = self.leg.send(frame)
        if sent and self._handle is not None:
            self._recorder.write_heard(self._handle, frame, begins=begins)
        return sent

    def close(self) -> None:
        """Let go of the ports and close the recording; two reports tell when that is done."""
        self.fall_silent()
        if self._watch is not None:
            self._watch.cancel()
        self.leg.finish()
        self._tty.finish()  # with what the leg took last
        self.room.close()
        self._captions.end(self.call_id)
        measured = self.measured()
        self.leg.close()
        self._report(LetGo(self.call_id, measured))
        handle, self._handle = self._handle, None
        if handle is None:
            self._report(Closed(self.call_id, None))
        else:
            self._recorder.end(handle, lambda ended: self._report(Closed(self.call_id, ended)))

    def measured(self) -> AudioMeasured:
        """How the audio came and went since this worker has the call."""
        leg, heard, far = self.leg, self.leg.reception.measured(), self.leg.rtcp.far
        return AudioMeasured(
            received=heard.received,
            lost=heard.lost,
            late=heard.late,
            doubled=heard.doubled,
            jitter_ms=round(1000 * heard.jitter_s, 2),
            sent=leg.sent,
            refused=leg.source.refused,
            broken=leg.broken,
            unauthentic=leg.unauthentic,
            far_lost=far.lost if far else None,
            far_jitter_ms=round(1000 * far.jitter_s, 2) if far else None,
            round_trip_ms=round(1000 * far.round_trip_s, 2) if far and far.round_trip_s is not None else None,
        )

    def _to_be_told(self, caller: CallerAudio) -> RecordingNotice | None:
        """Who is recorded is told so, from the answer on."""
        consent = self._sounds.consent if caller.consent else ()
        if self._handle is None or not (consent or caller.beep):
            return None
        return RecordingNotice(caller.beep, consent, lambda: self._report(ConsentHeard(self.call_id)))

    # ---- what its security tells (SecurityWatcher) ----

    def audio_secured(self, keys: SrtpKeys) -> None:
        """A handshake ended with these keys."""
        self._report(Secured(self.call_id, keys))

    def audio_not_secured(self, why: str) -> None:
        """A handshake ended without."""
        self._report(NotSecured(self.call_id, why))

    def audio_came_to(self, place: Place) -> None:
        """Their stream has come so far."""
        self._report(CameTo(self.call_id, place))

    # ---- the caller ----

    def _record(self, recorded: Recorded) -> None:
        self._heard, self._stopped = recorded.heard, recorded.stopped
        handle = self._handle = self._recorder.start(
            self.call_id,
            recorded.segment,
            lambda file, segment: self._report(RecordingBegan(self.call_id, file, segment, handle.began)),
            since_s=recorded.since_s,
        )

    def _sound(self, playing: Playing) -> None:
        self.listener = _unheard
        if playing.sound is Sound.NOTHING:
            self.fall_silent()
        elif playing.sound is Sound.VOICES:
            self.listener = self.room.hear
            self.play(self._captioned(self.room.frames()))
        elif playing.sound is Sound.ITSELF:
            self.listener, frames = send_back(self.leg, playing.mirror)
            self.fall_silent() if frames is None else self.play(frames)
        else:
            self.play(self._sounds.frames(playing))

    def _captioned(self, frames: Iterator[bytes]) -> Iterator[bytes]:
        """What the caller hears of the others, for captions, too."""
        for frame in frames:
            if self._handle is not None and not self.room.voices.held:
                self._captions.hear(self.call_id, Party.CENTRE, frame)
            yield frame

    def _on_audio(self, packet: RtpPacket, samples: Samples) -> None:
        self.listener(packet, samples)
        self._tty.hear(packet, samples)
        now = self._loop.time()
        silent_for_s, self._last_packet = now - self._last_packet, now
        if self._handle is None:
            return
        waited_s = self.leg.waited_s
        self._captions.hear(self.call_id, Party.CALLER, samples.data)
        self._recorder.write(self._handle, packet.ssrc, packet.sequence, packet.timestamp, samples, waited_s=waited_s)
        if not self._heard:
            self._heard, self._stopped = True, False
            self._report(AudioStarted(self.call_id))
        elif self._stopped:
            self._stopped = False
            self._report(AudioResumed(self.call_id, round(silent_for_s, 3)))

    def _on_key(self, key: Keypress) -> None:
        self._report(KeyPressed(self.call_id, key.digit, round(key.duration_s, 3)))

    def _check(self) -> None:
        silent_for_s, silence_s = self._loop.time() - self._last_packet, self._caller.silence_s
        if not self._stopped and silent_for_s >= silence_s:
            self._stopped = True
            self._report(AudioStopped(self.call_id, round(silent_for_s, 3)))
        self._watch = self._loop.call_later(max(0.05, silence_s - silent_for_s), self._check)

    def _play(self, frames: Iterator[bytes], due: float, begins: bool) -> None:
        notice = self._notice if self.leg.may_send and not self._tty.speaks else None
        told = notice.step() if notice is not None else None
        self.room.over = told if notice is not None and notice.everybody else None
        frame = next(frames, None)
        if frame is None:
            return
        if told is not None:
            frame = over(np.frombuffer(frame, dtype=np.int16), told).tobytes()
        if self.say(frame, begins=begins) and notice is not None:
            notice.went_out()
        due += FRAME_S
        if self._loop.time() - due > BEHIND_LIMIT_S:
            due = _next_beat(self._loop.time())
        self._player = self._loop.call_at(due, self._play, frames, due, False)


def _next_beat(now: float) -> float:
    """Calls are given their frames at the same moments, four in 20 ms: the worker is woken for many of them at once."""
    return math.ceil(now / BEAT_S) * BEAT_S


def _unheard(packet: RtpPacket, samples: Samples) -> None:
    """Nobody listens."""
