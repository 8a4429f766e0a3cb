"""`tenfour bench captions`: how soon a spoken phrase stands as a caption, and what that costs.

A person reads a sentence of four seconds (of the files of moonshine-voice), as telephone sound and in real time; it
goes the way of a call's audio from the media worker on. `phrase_to_caption_ms` begins with its last sound and ends when
its last line is final; `first_words_ms` begins with its first.
"""

import asyncio
import resource
import tempfile
import wave
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from tenfour.adapters.caption_feed import CaptionFeed
from tenfour.adapters.caption_model import NOT_THERE, PACKAGE
from tenfour.adapters.caption_protocol import RATE
from tenfour.adapters.captioner import Captioner
from tenfour.bench.figure import report, skip
from tenfour.calltaking.caption import Pace, Said
from tenfour.calltaking.text_event import Party
from tenfour.telephony.g711 import Samples
from tenfour.vocabulary.errors import Unavailable
from tenfour.vocabulary.ids import CallId

BENCH: Final = "captions"
PHRASE, FIRST, CPU = "phrase_to_caption_ms", "first_words_ms", "cpu_ms_per_spoken_s"
UNITS = {PHRASE: "ms", FIRST: "ms", CPU: "ms"}
AIMS = {PHRASE: 2000.0, FIRST: None, CPU: None}
BEGINS_S, ENDS_S = 0.95, 4.85
"""Where "It was the best of times, it was the worst of times" is read in the file."""

NOISE = 12
"""Of 32,767: no line is quite still."""

PATIENCE_S = 60.0
TICKS_A_SECOND = 100


class Run(msgspec.Struct, frozen=True):
    """What one phrase took."""

    phrase_ms: float
    first_ms: float
    cpu_ms: float


def main() -> None:
    """Measure and print the figures; skipped where the extra is missing."""
    if find_spec(PACKAGE) is None:
        for figure, aim in AIMS.items():
            skip(BENCH, figure, UNITS[figure], aim=aim, why=NOT_THERE)
        return
    with tempfile.TemporaryDirectory(prefix="bench-captions-") as folder:
        runs, memory_mb = asyncio.run(measured(Path(folder) / "c.sock", 3))
    values = {
        PHRASE: [one.phrase_ms for one in runs],
        FIRST: [one.first_ms for one in runs],
        CPU: [one.cpu_ms for one in runs],
    }
    for figure, aim in AIMS.items():
        beside = f"{memory_mb:.0f} MB of memory, one side that speaks"
        report(BENCH, figure, values[figure], UNITS[figure], aim=aim, beside=beside, more_is_better=False)


def _phrase() -> Samples:
    """8 kHz, PCM16."""
    found = find_spec(PACKAGE)
    assert found is not None and found.origin is not None
    with wave.open(str(Path(found.origin).parent / "assets" / "two_cities.wav")) as file:
        together = file.getframerate() // RATE
        file.setpos(int(BEGINS_S * file.getframerate()))
        raw = file.readframes(int((ENDS_S - BEGINS_S) * RATE) * together)
    samples: Samples = np.frombuffer(raw, "<i2").reshape(-1, together).mean(axis=1).astype(np.int16)
    return samples


async def measured(socket: Path, times: int) -> tuple[list[Run], float]:
    """So many runs, and the captioner's memory in MB. Raises `Unavailable` when nothing is understood."""
    phrase = _phrase()
    captioner, told = Captioner(None, "en", socket), asyncio.Queue[Said | Pace | None]()
    running = asyncio.create_task(captioner.run(told.put_nowait))
    feed = CaptionFeed(socket)
    try:
        async with asyncio.timeout(PATIENCE_S):
            await told.get()
        runs = [await _run(feed, captioner, told, phrase, CallId(f"bench{number}")) for number in range(times)]
        return runs, _memory_mb(captioner.pid or 0)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        feed.close()


async def _run(
    feed: CaptionFeed,
    captioner: Captioner,
    told: "asyncio.Queue[Said | Pace | None]",
    phrase: Samples,
    call_id: CallId,
) -> Run:
    loop, pid = asyncio.get_running_loop(), captioner.pid or 0
    cpu_s, began = _cpu_s(pid), loop.time()
    speaking = asyncio.create_task(_speak(feed, call_id, phrase))
    first = final = 0.0
    ends = began + len(phrase) / RATE
    open_lines: set[int] = set()
    try:
        async with asyncio.timeout(PATIENCE_S):
            while loop.time() < ends or not final or open_lines:
                match await told.get():
                    case Said(call_id=of, line=line, final=is_final) if of == call_id:
                        first = first or loop.time()
                        open_lines = open_lines - {line} if is_final else open_lines | {line}
                        final = loop.time() if is_final else final
                    case _:
                        continue
    except TimeoutError as error:
        raise Unavailable("The captioner understood nothing; there is no figure.") from error
    finally:
        speaking.cancel()
        feed.end(call_id)
    spoken_s = len(phrase) / RATE
    return Run(1000 * (final - ends), 1000 * (first - began), 1000 * (_cpu_s(pid) - cpu_s) / spoken_s)


async def _speak(feed: CaptionFeed, call_id: CallId, phrase: Samples) -> None:
    """As a media worker hears it: 20 ms at a time, then a still line."""
    loop, frame = asyncio.get_running_loop(), RATE // 50
    random = np.random.default_rng(911)
    due, at = loop.time(), 0
    while True:
        said = phrase[at : at + frame]
        still = random.integers(-NOISE, NOISE, frame).astype("<i2")
        still[: len(said)] += said
        due, at = due + 0.02, at + frame
        await asyncio.sleep(max(0.0, due - loop.time()))
        feed.hear(call_id, Party.CALLER, still.tobytes())


def _cpu_s(pid: int) -> float:
    """What a process has used by now, all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND


def _memory_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6
