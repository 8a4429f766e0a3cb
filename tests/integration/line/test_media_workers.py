"""Media workers that are killed, hang or cannot start, beside calls that are up."""

import asyncio
import os
import signal
import wave
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from tenfour.calltaking.event import (
    AudioInterrupted,
    AudioMeasured,
    AudioPickedUpAgain,
    CallConnected,
    CallerAudioStarted,
    CallerDisconnected,
    CallReceived,
    RecordingEnded,
    RecordingStarted,
)

KILLS = 10


@pytest.fixture(autouse=True)
async def ready(line, wait_until) -> None:
    """The first worker has started: on a busy machine that alone can take longer than goes untold."""
    await wait_until(lambda: "a media worker is ready" in line.log(), 30.0)


def loud_s(path: Path, hertz: float) -> float:
    """Seconds of a recording in which this tone is heard."""
    with wave.open(str(path)) as wav:
        samples = np.frombuffer(wav.readframes(wav.getnframes()), dtype="<i2")[::2].astype(float)
    frames = samples[: len(samples) // 160 * 160].reshape(-1, 160)
    at = np.arange(160) / 8000
    strength = np.abs(frames @ np.exp(-2j * np.pi * hertz * at)) / 80
    return float((strength > 4000).sum() * 0.02)


async def connected(centre, new_caller, hertz: float):
    caller = new_caller(hertz=hertz)
    await caller.listen()
    before = len(centre.events(CallReceived))
    caller.dial()
    received = await centre.heard_of(CallReceived, before + 1)
    centre.answer(received.call_id)
    await caller.answered()
    await centre.heard_of(CallConnected, before + 1)
    caller.speak()
    await centre.heard_of(CallerAudioStarted, before + 1)
    await centre.heard_of(RecordingStarted, before + 1)
    return caller, received.call_id


async def test_worker_killed_in_two_calls_is_replaced_and_both_go_on(line, centre, new_caller, wait_until) -> None:
    first, call_id = await connected(centre, new_caller, 440.0)
    second, _ = await connected(centre, new_caller, 1000.0)
    await asyncio.sleep(0.5)
    (victim,) = line.carriers
    os.kill(victim, signal.SIGKILL)
    await centre.heard_of(AudioPickedUpAgain, 2)
    await asyncio.sleep(1.0)
    heard_before = len(first.heard)
    await wait_until(lambda: len(first.heard) > heard_before + 25)
    for caller in (first, second):
        caller.hang_up()
    await centre.heard_of(CallerDisconnected, 2)
    await centre.heard_of(RecordingEnded, 4)
    await centre.heard_of(AudioMeasured, 2)
    for event in centre.events(AudioPickedUpAgain):
        assert 0 <= event.gap_s < 20
        assert event.why == "The media worker was killed by SIGKILL."
    segments = [path for path in line.recordings if path.stem.startswith(call_id)]
    assert [path.stem.rpartition("-")[2] for path in segments] == ["1", "2"]
    assert all(loud_s(path, 440.0) > 0.3 for path in segments)
    other = [path for path in line.recordings if path not in segments]
    assert all(loud_s(path, 1000.0) > 0.3 for path in other)


async def test_what_comes_while_no_worker_is_there_is_recorded_when_the_next_one_is(line, centre, new_caller) -> None:
    caller, _ = await connected(centre, new_caller, 440.0)
    await asyncio.sleep(1.0)
    for pid in line.workers:
        os.kill(pid, signal.SIGKILL)
    picked_up = await centre.heard_of(AudioPickedUpAgain)
    await asyncio.sleep(0.5)
    await caller.be_silent()
    caller.hang_up()
    ended = await centre.heard_of(RecordingEnded, 2)
    spoken_s = caller._sent * 0.02
    assert sum(loud_s(path, 440.0) for path in line.recordings) > spoken_s - 0.2
    assert ended.duration_s >= picked_up.gap_s


async def test_worker_killed_ten_times_in_a_row_leaves_the_call_up(line, centre, new_caller, wait_until) -> None:
    caller, call_id = await connected(centre, new_caller, 440.0)
    for kill in range(1, KILLS + 1):
        await wait_until(lambda: line.carriers)
        os.kill(line.carriers[0], signal.SIGKILL)
        await centre.heard_of(AudioPickedUpAgain, kill)
        await centre.heard_of(RecordingStarted, kill + 1)
        await asyncio.sleep(0.2)
    await caller.be_silent()
    centre.link.release(call_id)
    await centre.heard_of(RecordingEnded, KILLS + 1)
    counted = Counter(centre.names())
    assert (counted["CallConnected"], counted["CallPickedUpAgain"], counted["CallReleased"]) == (1, 0, 1)
    assert sum(loud_s(path, 440.0) for path in line.recordings) > caller._sent * 0.02 - 0.1 * KILLS


async def test_worker_that_hangs_is_killed_and_replaced(line, centre, new_caller) -> None:
    caller, _ = await connected(centre, new_caller, 440.0)
    (victim,) = line.carriers
    os.kill(victim, signal.SIGSTOP)
    picked_up = await centre.heard_of(AudioPickedUpAgain)
    assert picked_up.why == "The media worker did not answer and was ended."
    assert victim not in line.workers
    assert picked_up.gap_s > 1
    caller.hang_up()
    await centre.heard_of(RecordingEnded, 2)


async def test_call_that_ends_while_its_worker_hangs_is_closed_all_the_same(line, centre, new_caller) -> None:
    caller, _ = await connected(centre, new_caller, 440.0)
    os.kill(line.carriers[0], signal.SIGSTOP)
    await asyncio.sleep(0.5)
    await caller.be_silent()
    caller.hang_up()
    await centre.heard_of(CallerDisconnected)
    await centre.heard_of(RecordingEnded, 2)
    assert not centre.events(AudioPickedUpAgain)
    assert sum(loud_s(path, 440.0) for path in line.recordings) > caller._sent * 0.02 - 0.1


async def test_workers_end_with_a_line_that_is_killed(line, centre, new_caller, wait_until, line_kinds) -> None:
    await connected(centre, new_caller, 440.0)
    workers = line.workers
    os.kill(line.carriers[0], signal.SIGSTOP)
    await line.kill()
    await wait_until(lambda: not any(map(line_kinds.is_media_worker, workers)))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_worker_does_not_end_before_its_line_does(line, centre, new_caller, number) -> None:
    caller, _ = await connected(centre, new_caller, 440.0)
    for pid in line.workers:
        os.kill(pid, number)
    await asyncio.sleep(0.3)
    assert line.carriers
    caller.hang_up()
    await centre.heard_of(RecordingEnded)
    assert not centre.events(AudioPickedUpAgain)


async def test_calls_are_answered_while_no_worker_can_start_and_have_audio_when_one_can(
    line, centre, new_caller, wait_until
) -> None:
    await wait_until(lambda: line.workers)
    caller, _ = await connected(centre, new_caller, 440.0)
    stop = asyncio.Event()

    async def kill_all() -> None:
        while not stop.is_set():
            for pid in line.workers:
                os.kill(pid, signal.SIGKILL)
            await asyncio.sleep(0.02)

    killer = asyncio.create_task(kill_all())
    interrupted = await centre.heard_of(AudioInterrupted)
    assert "killed by SIGKILL" in interrupted.why
    late = new_caller()
    await late.listen()
    late.dial()
    received = await centre.heard_of(CallReceived, 2)
    centre.answer(received.call_id)
    await late.answered()
    await centre.heard_of(CallConnected, 2)
    stop.set()
    await killer
    await centre.heard_of(AudioPickedUpAgain)
    late.speak()
    await centre.heard_of(CallerAudioStarted, 2)
    for each in (caller, late):
        each.hang_up()
    await centre.heard_of(CallerDisconnected, 2)
    await wait_until(lambda: len(centre.events(RecordingEnded)) == len(centre.events(RecordingStarted)))
