"""The audio of one call: received and recorded, its silences noticed, and what the caller hears meanwhile."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Protocol

from tenfour.adapters.audio_source import Address
from tenfour.adapters.recorder import Ended, Recorder, RecordingHandle
from tenfour.adapters.rtp_leg import RtpLeg
from tenfour.calltaking.event import AudioMeasured
from tenfour.telephony.keypress import Keypress
from tenfour.telephony.rtp import RtpPacket
from tenfour.telephony.sdp import Codec
from tenfour.vocabulary.ids import CallId

FRAME_S = 0.02

BEHIND_LIMIT_S = 1.0
"""A player that has fallen so far behind does not catch up: it goes on from now."""


class AudioWatcher(Protocol):
    """Who wants to know what happens to the audio of a call."""

    def audio_started(self) -> None:
        """The first packet of the caller arrived."""

    def audio_stopped(self, silent_for_s: float) -> None:
        """No packet came for so long."""

    def audio_resumed(self, silent_for_s: float) -> None:
        """Packets come again after so long."""

    def key_pressed(self, key: Keypress) -> None:
        """A key was pressed and let go."""

    def recording_started(self, file: str, segment: int) -> None:
        """The file is there."""

    def recording_ended(self, ended: Ended | None) -> None:
        """The file is closed, on disk and hashed; None when that could not be done (or no file could be made)."""


class CallMedia:
    """Made when the call is answered, or announced to before; `start` opens the recording (unless `record` did) and
    the watch, `end` closes everything.
    """

    def __init__(
        self,
        call_id: CallId,
        watcher: AudioWatcher,
        recorder: Recorder,
        *,
        host: str,
        ports: tuple[int, int],
        described: Address | None,
        codec: Codec,
        silence_s: float,
        payload_type: int | None = None,
        telephone_event: int | None = None,
        wanted_port: int | None = None,
    ) -> None:
        """Bind the RTP port. Raises `Unavailable` when none is free."""
        self._call_id, self._watcher, self._recorder, self._silence_s = call_id, watcher, recorder, silence_s
        self._loop = asyncio.get_running_loop()
        self.leg = RtpLeg(
            host,
            ports,
            described,
            codec,
            self._on_audio,
            payload_type=payload_type,
            telephone_event=telephone_event,
            on_key=watcher.key_pressed,
            wanted_port=wanted_port,
        )
        self._handle: RecordingHandle | None = None
        self._player: asyncio.Task[None] | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._last_packet = self._loop.time()
        self.heard = self.stopped = False
        self.listener: Callable[[RtpPacket, bytes], None] = lambda packet, pcm: None
        """Gets each packet of the caller with its PCM16 samples, little-endian."""

    def start(self, *, segment: int, heard: bool = False, stopped: bool = False) -> None:
        """Begin to record as this segment. `heard`, `stopped`: what an earlier run of the line has told already."""
        if self._handle is None:
            self.stopped = stopped
            self.record(segment=segment, heard=heard)
        self._last_packet = self._loop.time()
        self._watch = self._loop.call_later(self._silence_s, self._check)

    def record(self, *, segment: int, heard: bool = False) -> None:
        """Record from now on, without watching for silence yet. `heard`: the caller was before."""
        self.heard = heard
        self._handle = self._recorder.start(self._call_id, segment, self._watcher.recording_started)

    def play(self, frames: Iterator[bytes]) -> None:
        """Let the caller hear these 20 ms frames, in real time, until the call ends or others are played."""
        if self._player is not None:
            self._player.cancel()
        self._player = self._loop.create_task(self._play(frames))

    def describe(
        self,
        described: Address | None,
        codec: Codec,
        payload_type: int | None = None,
        telephone_event: int | None = None,
    ) -> None:
        """The caller's side described its audio anew."""
        self.leg.source.describe(described)
        self.leg.speak(codec, payload_type, telephone_event)

    @property
    def described(self) -> tuple[str, str]:
        """Codec and address, as the record has them."""
        host, port = self.leg.source.target or ("", 0)
        return f"{self.leg.codec.name}/8000", f"{host}:{port}"

    def measured(self) -> AudioMeasured:
        """How the audio came and went since this line took the call."""
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

    def end(self) -> bool:
        """Close the socket, the player and the recording. True when `recording_ended` is to follow."""
        if self._player is not None:
            self._player.cancel()
        if self._watch is not None:
            self._watch.cancel()
        self.leg.close()
        handle, self._handle = self._handle, None
        if handle is None:
            return False
        self._recorder.end(handle, self._watcher.recording_ended)
        return True

    def _on_audio(self, packet: RtpPacket, pcm: bytes) -> None:
        self.listener(packet, pcm)
        now = self._loop.time()
        silent_for_s, self._last_packet = now - self._last_packet, now
        if self._handle is None:
            return
        self._recorder.write(self._handle, packet.ssrc, packet.sequence, packet.timestamp, pcm)
        if not self.heard:
            self.heard, self.stopped = True, False
            self._watcher.audio_started()
        elif self.stopped:
            self.stopped = False
            self._watcher.audio_resumed(round(silent_for_s, 3))

    def _check(self) -> None:
        silent_for_s = self._loop.time() - self._last_packet
        if not self.stopped and silent_for_s >= self._silence_s:
            self.stopped = True
            self._watcher.audio_stopped(round(silent_for_s, 3))
        self._watch = self._loop.call_later(max(0.05, self._silence_s - silent_for_s), self._check)

    async def _play(self, frames: Iterator[bytes]) -> None:
        due = self._loop.time()
        for frame in frames:
            self.leg.send(frame)
            due += FRAME_S
            if self._loop.time() - due > BEHIND_LIMIT_S:
                due = self._loop.time()
            await asyncio.sleep(max(0.0, due - self._loop.time()))
