"""Packets in any order, early, late, twice or never: a steady 20 ms at every pull, in order, each packet once."""

import random
import tracemalloc
from collections.abc import Iterable, Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.telephony.concealment import Concealer
from tenfour.telephony.g711 import Samples
from tenfour.telephony.jitter_buffer import FRAME, JitterBuffer
from tenfour.telephony.play_delay import PlayDelay
from tenfour.telephony.rtp import RtpPacket

FIRST = 65500
"""A sequence number close to where it wraps."""

FIRST_AT = 0xFFFFF000
"""A timestamp close to where it wraps."""


class Tape(Concealer):
    """Remembers what came and was played, as it came."""

    def __init__(self) -> None:
        super().__init__()
        self.played: list[Samples] = []
        self.before_gaps: list[int] = []
        """The last sample before each gap."""

    def lost(self, count: int) -> Samples:
        if self.played:
            self.before_gaps.append(int(self.played[-1][-1]))
        return super().lost(count)

    def heard(self, samples: Samples) -> Samples:
        self.played.append(samples.copy())
        return super().heard(samples)

    def values(self) -> Samples:
        return np.concatenate([np.zeros(0, dtype=np.int16), *self.played])


def ramp(position: int, count: int = FRAME) -> Samples:
    """Audio whose samples count where they stand."""
    return np.arange(position, position + count, dtype=np.int64).astype(np.int16)


def packet(index: int, *, size: int = FRAME, ssrc: int = 7, at: int | None = None, sequence: int | None = None):
    """The packet number `index` with its audio: sequence and timestamp wrap early."""
    position = index * size if at is None else at
    number = FIRST + index if sequence is None else sequence
    head = RtpPacket(0, number & 0xFFFF, (FIRST_AT + position) & 0xFFFFFFFF, ssrc, b"")
    return head, ramp(position, size)


def play(arrivals: Iterable[tuple[float, int]], pulls: int, *, size: int = FRAME, **settings: float):
    """Packets by (time of arrival in frames, number); a pull at each whole frame."""
    tape = Tape()
    buffer = JitterBuffer(concealer=tape, **settings)
    waiting = sorted(arrivals)
    frames = []
    for now in range(pulls):
        while waiting and waiting[0][0] <= now:
            due, index = waiting.pop(0)
            buffer.put(*packet(index, size=size), due * 0.02)
        frames.append(buffer.pull())
    return buffer, tape, frames


def test_packets_in_order_are_played_as_they_came() -> None:
    buffer, tape, _ = play([(index + 0.5, index) for index in range(100)], 106)
    assert tape.values().tolist() == list(range(16000))
    assert (buffer.counts.late, buffer.counts.doubled, buffer.counts.missing) == (0, 0, 6 * FRAME - 3 * FRAME)


def test_audio_waits_no_longer_than_the_least_delay_and_a_frame() -> None:
    _, _, frames = play([(index, index + 50) for index in range(20)], 20, least_s=0.04)
    first = next(place for place, frame in enumerate(frames) if frame.any())
    assert first == 2


@pytest.mark.parametrize("size", [80, 160, 240, 320, 480])
def test_packet_times_from_10_to_60_ms_give_20_ms_frames(size: int) -> None:
    per_frame = size / FRAME
    _, tape, frames = play([((index + 1) * per_frame, index) for index in range(40)], 130, size=size)
    assert {frame.size for frame in frames} == {FRAME}
    assert tape.values().tolist() == list(range(40 * size))


def test_a_packet_that_overtook_another_is_played_in_its_place() -> None:
    swapped = [(index + (1.5 if index % 5 == 2 else 0.0), index) for index in range(60)]
    buffer, tape, _ = play(swapped, 66)
    assert tape.values().tolist() == list(range(60 * FRAME))
    assert buffer.counts.late == 0


def test_a_packet_that_comes_twice_is_played_once() -> None:
    buffer, tape, _ = play([(index + half, index) for index in range(50) for half in (0.0, 0.7)], 60)
    assert tape.values().tolist() == list(range(50 * FRAME))
    assert buffer.counts.doubled == 50


def test_a_late_packet_is_counted_and_not_played() -> None:
    buffer, tape, _ = play([(index + (9.0 if index == 20 else 0.0), index) for index in range(60)], 70)
    assert buffer.counts.late == 1
    assert not set(range(20 * FRAME, 21 * FRAME)) & set(tape.values().tolist())
    assert len(tape.values()) == 59 * FRAME


def jittered(count: int, spread: float, seed: int = 4) -> Iterator[tuple[float, int]]:
    chance = random.Random(seed)
    return ((index + chance.uniform(0.0, spread), index) for index in range(count))


def test_the_delay_follows_the_jitter() -> None:
    calm, _, _ = play(jittered(200, 0.2), 210)
    rough, tape, _ = play(jittered(200, 5.0), 210)
    assert calm.target_s == pytest.approx(0.04)
    assert 0.08 < rough.target_s < 0.14
    assert rough.counts.grown > 0
    assert np.all(np.diff(tape.values().astype(int)) > 0)


def test_the_delay_has_a_bound_that_is_settable() -> None:
    buffer, _, _ = play(jittered(200, 20.0), 230, most_s=0.1)
    assert buffer.target_s == pytest.approx(0.1)
    with pytest.raises(ValueError, match="expected"):
        PlayDelay(0.1, 0.05)


def test_a_burst_after_a_stall_does_not_leave_a_delay() -> None:
    arrivals = [(float(index if index < 50 else max(index, 90)), index) for index in range(150)]
    _, tape, _ = play(arrivals, 151)
    assert tape.values()[-1] >= (150 - 12) * FRAME - 1


@pytest.mark.parametrize("rate", [0.995, 1.005])
def test_a_clock_that_runs_otherwise_is_followed(rate: float) -> None:
    """Half a percent is fifty times what real clocks are off: 40 s of it are 200 ms."""
    buffer, tape = drifting(rate, [9000 + index for index in range(2000)])
    assert 4 <= (buffer.counts.grown if rate > 1 else buffer.counts.shrunk) <= 14
    heard = tape.values().astype(int) - 9000
    assert np.all(np.diff(heard) >= 0)
    assert 2000 - heard[-1] < 9
    assert buffer.counts.missing < 20 * FRAME


def test_the_delay_is_changed_in_silence_where_there_is_one() -> None:
    buffer, tape = drifting(1.002, [9000 if index % 100 < 70 else 10 for index in range(2000)])
    assert buffer.counts.grown >= 2
    assert tape.before_gaps
    assert max(tape.before_gaps) < 9000


def drifting(rate: float, levels: list[int]) -> tuple[JitterBuffer, Tape]:
    """A sender whose packets come every `rate` frames, each of one level."""
    tape, sent = Tape(), 0
    buffer = JitterBuffer(concealer=tape)
    for now in range(int(len(levels) * rate)):
        while sent * rate <= now:
            head, _ = packet(sent)
            buffer.put(head, np.full(FRAME, levels[sent], dtype=np.int16), sent * rate * 0.02)
            sent += 1
        buffer.pull()
    return buffer, tape


def test_silence_that_was_not_sent_ends_with_the_next_talk() -> None:
    tape = Tape()
    buffer = JitterBuffer(concealer=tape)
    for now in range(120):
        if now < 20 or now >= 90:
            index = now if now < 20 else now - 70
            buffer.put(*packet(index, at=now * FRAME), now * 0.02)
        buffer.pull()
    values = tape.values().tolist()
    assert values[: 20 * FRAME] == list(range(20 * FRAME))
    assert values[20 * FRAME] == 90 * FRAME


def test_a_timestamp_that_stood_still_in_the_silence_loses_nothing() -> None:
    tape = Tape()
    buffer = JitterBuffer(concealer=tape)
    for now in range(200):
        if now < 20 or now >= 130:
            buffer.put(*packet(now if now < 20 else now - 110), now * 0.02)
        buffer.pull()
    assert tape.values().tolist() == list(range(len(tape.values())))
    assert len(tape.values()) > 80 * FRAME


def test_another_stream_begins_anew_without_losing_its_first_packet() -> None:
    tape = Tape()
    buffer = JitterBuffer(concealer=tape)
    for now in range(60):
        other = now >= 30
        head, samples = packet(now, ssrc=8 if other else 7, at=(now - 30) * FRAME + 999_000 if other else None)
        buffer.put(head, ramp((now - 30) * FRAME) if other else samples, now * 0.02)
        buffer.pull()
    assert buffer.counts.restarts == 1
    values = tape.values().tolist()
    begins = values.index(0, 1)
    assert values[begins : begins + 20 * FRAME] == list(range(20 * FRAME))


def test_a_single_stray_packet_changes_nothing() -> None:
    tape = Tape()
    buffer = JitterBuffer(concealer=tape)
    for now in range(60):
        buffer.put(*packet(now), now * 0.02)
        if now == 30:
            buffer.put(*packet(5, ssrc=99), now * 0.02)
        if now == 40:
            buffer.put(*packet(0, at=5_000_000, sequence=FIRST + 41), now * 0.02)
        buffer.pull()
    assert (tape.values().tolist(), buffer.counts.restarts) == (list(range(len(tape.values()))), 0)
    assert len(tape.values()) >= 57 * FRAME


def test_a_sender_that_counts_anew_is_heard_again() -> None:
    tape = Tape()
    buffer = JitterBuffer(concealer=tape)
    for now in range(80):
        index = now if now < 30 else now - 30
        sequence = None if now < 30 else FIRST + 40_000 + now
        buffer.put(*packet(index, sequence=sequence), now * 0.02)
        buffer.pull()
    assert buffer.counts.restarts == 1
    assert len(tape.values()) > 70 * FRAME


def test_a_packet_of_no_plausible_size_is_refused() -> None:
    buffer = JitterBuffer()
    buffer.put(*packet(0, size=1601), 0.0)
    buffer.put(packet(0)[0], np.zeros(0, dtype=np.int16), 0.0)
    assert buffer.counts.refused == 2
    assert not buffer.pull().any()


# ---- laws ----

numbers = st.integers(0, 199)
schedule = st.lists(st.tuples(st.floats(0, 250), numbers), max_size=300)


@given(arrivals=schedule, size=st.sampled_from([80, 160]))
def test_any_order_loss_and_doubling_gives_a_frame_a_pull_and_each_packet_once_in_order(arrivals, size) -> None:
    _, tape, frames = play(arrivals, 260, size=size)
    assert all(frame.size == FRAME and frame.dtype == np.int16 for frame in frames)
    assert np.all(np.diff(tape.values().astype(int)) > 0)


@given(
    lost=st.sets(numbers),
    doubled=st.sets(numbers),
    wait=st.lists(st.floats(0.0, 6.0), min_size=200, max_size=200),
)
def test_a_stream_with_bounded_jitter_is_heard_but_for_what_came_too_late(lost, doubled, wait) -> None:
    sent = [index for index in range(200) if index not in lost]
    arrivals = [(index + wait[index], index) for index in sent]
    arrivals += [(index + wait[index] + 0.3, index) for index in sent if index in doubled]
    buffer, tape, _ = play(arrivals, 230)
    heard = tape.values().astype(int)
    assert np.all(np.diff(heard) > 0)
    assert buffer.counts.placed + buffer.counts.late == len(sent)
    assert buffer.counts.restarts == 0


@given(
    packets=st.lists(
        st.tuples(st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF), st.integers(0, 2), st.integers(0, 2000)),
        max_size=200,
    ),
    pulls=st.integers(0, 3),
)
def test_whatever_comes_nothing_raises_and_each_pull_gives_a_frame(packets, pulls) -> None:
    buffer = JitterBuffer()
    for number, (sequence, timestamp, ssrc, size) in enumerate(packets):
        buffer.put(RtpPacket(0, sequence, timestamp, ssrc, b""), np.full(size, 500, dtype=np.int16), number / 100)
        assert all(buffer.pull().size == FRAME for _ in range(pulls))


def test_memory_does_not_grow_with_the_call() -> None:
    buffer = JitterBuffer()
    tracemalloc.start()
    try:
        for now in range(6000):
            if now == 2000:
                before, _ = tracemalloc.get_traced_memory()
            buffer.put(*packet(now % 65536, at=now * FRAME), now * 0.02)
            if now % 3:
                buffer.pull()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 100_000
