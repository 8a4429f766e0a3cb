"""A call's audio for benchmarks: the line's own, and nobody wants to know of it but when it is heard."""

import asyncio
from collections.abc import Callable

from tenfour.adapters.audio_ports import bind_audio
from tenfour.adapters.left_recordings import Found, LeftRecordings
from tenfour.adapters.line_media import CallMedia
from tenfour.adapters.media_protocol import CallerAudio
from tenfour.adapters.media_workers import MediaWorkers
from tenfour.adapters.recording_file import Ended
from tenfour.adapters.srtp import Place, SrtpKeys
from tenfour.bench.wire import PORTS
from tenfour.calltaking.event import AudioMeasured
from tenfour.telephony.sdp import Codec
from tenfour.vocabulary.errors import Unavailable
from tenfour.vocabulary.ids import CallId

HEARD = CallerAudio(None, Codec.PCMU, 0, None, silence_s=10.0)

PATIENCE_S = 30.0


async def until(true: Callable[[], bool]) -> None:
    """Raises `Unavailable` when it does not come true in `PATIENCE_S`."""
    for _ in range(round(100 * PATIENCE_S)):
        if true():
            return
        await asyncio.sleep(0.01)
    raise Unavailable("The machine is too busy to measure media workers.")


class BenchCall:
    """A call that notes when it is heard, and how long nobody carried it; nothing else concerns it."""

    def __init__(self, call_id: CallId, workers: MediaWorkers, left: LeftRecordings) -> None:
        self.heard, self.gaps = False, list[float]()
        self._ports = bind_audio("127.0.0.1", PORTS)
        self.media = CallMedia(call_id, self, self._ports, HEARD, carriers=workers, left=left)
        self.media.start(segment=1)

    def end(self) -> None:
        """End it, without waiting for the worker to let go of the ports: it has its own copies."""
        self.media.end()
        self._ports.close()

    def audio_started(self) -> None:
        """It is heard."""
        self.heard = True

    def audio_picked_up(self, gap_s: float, why: str) -> None:
        """It is carried on."""
        self.gaps.append(gap_s)

    def audio_stopped(self, silent_for_s: float) -> None:
        """Nothing to do."""

    def audio_resumed(self, silent_for_s: float) -> None:
        """Nothing to do."""

    def key_pressed(self, digit: str, duration_s: float) -> None:
        """Nothing to do."""

    def audio_secured(self, keys: SrtpKeys) -> None:
        """Nothing to do."""

    def audio_not_secured(self, why: str) -> None:
        """Nothing to do."""

    def audio_came_to(self, place: Place) -> None:
        """Nothing to do."""

    def recording_started(self, file: str, segment: int, began_ago_s: float) -> None:
        """Nothing to do."""

    def recording_sought(self, file: str, segment: int) -> None:
        """Nothing to do."""

    def recording_found(self, file: str, segment: int, found: Found | None) -> None:
        """Nothing to do."""

    def recording_ended(self, file: str, segment: int, ended: Ended | None) -> None:
        """Nothing to do."""

    def consent_heard(self, words: str) -> None:
        """Nothing to do."""

    def audio_interrupted(self, why: str) -> None:
        """Nothing to do."""

    def audio_measured(self, measured: AudioMeasured) -> None:
        """Nothing to do."""

    def audio_over(self) -> None:
        """Nothing to do."""

    def tty_read(self, text: str, ago_ms: tuple[int, ...]) -> None:
        """Nothing to do."""

    def tty_said(self, number: int) -> None:
        """Nothing to do."""
