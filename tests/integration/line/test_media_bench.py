"""The benchmark of media workers measures real ones, and rtpengine beside them."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.bench import bridged_calls, media
from tenfour.bench.bench_call import PATIENCE_S
from tenfour.bench.bridge import TRIES, WINDOW_S, Nobody, Window, load_of, most_calls
from tenfour.bench.ng import bencode
from tenfour.bench.rtp_stream import LATE_S, pace
from tenfour.vocabulary.errors import Unavailable

LOUD_S = 2.5
"""So long is looked at: everybody is loud once a second, and of the last half a second nothing is asked."""


async def test_audio_of_a_call_costs_something_and_goes_on_after_a_kill() -> None:
    cpu_s, gap_s = await media.measure(2, 0.5)
    assert cpu_s >= 0
    assert 0 < gap_s < PATIENCE_S


async def looked_at(bridge, calls: int = 2) -> Window:
    async with load_of(bridge) as load:
        await load.grow(1)
        await load.grow(calls)
        return await load.look(LOUD_S)


def assert_all_speak(window: Window, calls: int = 2) -> None:
    """Both sides of every call were heard, as far as a busy machine lets them in half a second."""
    assert window.packets > calls * LOUD_S * 50
    assert len(window.delays_s) >= calls
    assert 0.02 <= min(window.delays_s) < 0.52


async def test_a_media_worker_bridges_calls_and_what_is_loud_is_heard_on_the_other_side() -> None:
    async with bridged_calls.worker_bridge() as ours:
        assert_all_speak(await looked_at(ours))
        assert all(leg.heard for leg in ours.legs)


@pytest.mark.needs_rtpengine
async def test_rtpengine_bridges_the_same_calls_by_the_same_measure(rtpengine: Path) -> None:
    async with bridged_calls.their_bridge(rtpengine) as theirs:
        assert_all_speak(await looked_at(theirs))
        with pytest.raises(Unavailable, match="refuses sing"):
            await theirs.engine.ask({"command": "sing"})


async def test_speakers_and_listeners_are_measured_with_nothing_between() -> None:
    assert_all_speak(await looked_at(Nobody()))


async def test_without_rtpengine_the_figures_say_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done = bridged_calls.Bridged(window(4, 0.1), 24, window(24, 0.12))

    async def measured() -> bridged_calls.Bridged:
        return done

    monkeypatch.setattr(bridged_calls, "rtpengine", lambda: None)
    monkeypatch.setattr(bridged_calls, "our_bridge", measured)
    monkeypatch.setattr(bridged_calls, "_bare", measured)
    await bridged_calls.measure_and_report()
    calls, delay = map(json.loads, capsys.readouterr().out.splitlines())
    assert (calls["figure"], calls["value"], calls["met"]) == ("calls_per_core", 24, True)
    assert (delay["figure"], delay["value"], delay["met"]) == ("one_way_ms", 100, True)
    assert all("rtpengine is not here" in each["beside"] for each in (calls, delay))


async def test_on_a_machine_that_lets_not_even_the_load_through_nothing_is_said_to_fail(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def measured() -> bridged_calls.Bridged:
        return bridged_calls.Bridged(window(4, 0.1), 0, window(0))

    monkeypatch.setattr(bridged_calls, "rtpengine", lambda: None)
    monkeypatch.setattr(bridged_calls, "our_bridge", measured)
    monkeypatch.setattr(bridged_calls, "_bare", measured)
    await bridged_calls.measure_and_report()
    calls, delay = map(json.loads, capsys.readouterr().out.splitlines())
    assert (calls["value"], calls["met"]) == (None, None)
    assert "too busy" in calls["skipped"]
    assert "nan" not in delay["beside"]


def test_one_core_is_not_enough_to_measure(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(bridged_calls, "CORES", [0])
    bridged_calls.figures()
    assert capsys.readouterr().out.count('"skipped":"a second core is missing"') == 2


# ---- the measure ----


def window(calls: int, delay_s: float = 0.1, **faults: int) -> Window:
    good = {"late": 0, "lost": 0, "worst_s": 0.001, "not_heard": 0} | faults
    return Window(calls, packets=round(100 * WINDOW_S * calls), delays_s=(delay_s,) * 2 * calls, cpu_s=0.1, **good)


class Scripted:
    """A load of which every number of calls up to `most` is carried, when it is tried for the last time."""

    def __init__(self, most: int) -> None:
        self.calls, self.most, self.tried = 0, most, 0

    async def grow(self, calls: int) -> None:
        self.calls, self.tried = calls, 0

    async def look(self) -> Window:
        self.tried += 1
        return window(self.calls, late=self.calls > self.most or self.tried < TRIES)


@pytest.mark.parametrize(("most", "found"), [(5, 0), (10, 10), (24, 20), (100, 50)])
async def test_calls_grow_until_a_number_fails_as_often_as_it_may_be_tried(most: int, found: int) -> None:
    load = Scripted(most)
    at_once, full = await most_calls(load, first=10, factor=2.0, most=50)
    assert (at_once, full.calls) == (found, found)
    assert not found or full.is_good


@pytest.mark.parametrize("fault", ["late", "lost", "not_heard"])
def test_a_window_with_a_fault_is_not_good(fault: str) -> None:
    assert window(10).is_good
    assert not window(10, **{fault: 1}).is_good


def test_what_is_late_or_lost_is_told_by_the_streams_own_clock() -> None:
    sequence = (np.arange(200) + 65_500) % 65_536
    at = 1000.0 + 0.02 * np.arange(200)
    at[[50, 60]] += LATE_S + 0.001, LATE_S - 0.001
    late, lost, worst_s = pace(np.delete(np.column_stack((sequence, at)), [100, 101], axis=0))
    assert (late, lost, round(worst_s, 6)) == (1, 2, LATE_S + 0.001)


# ---- bencode ----


def read(data: bytes, at: int = 0) -> tuple[object, int]:
    """A value, and where it ends."""
    if data[at : at + 1] in (b"l", b"d"):
        values, end = [], at + 1
        while data[end : end + 1] != b"e":
            value, end = read(data, end)
            values.append(value)
        is_list = data[at : at + 1] == b"l"
        return (values if is_list else dict(zip(values[::2], values[1::2], strict=True))), end + 1
    begin = data.index(b":", at) + 1
    end = begin + int(data[at : begin - 1])
    return data[begin:end].decode(), end


TEXT = st.text(max_size=12)


@given(st.recursive(TEXT, lambda inner: st.dictionaries(TEXT, inner, max_size=4) | st.lists(TEXT, max_size=4)))
def test_what_is_bencoded_can_be_read_again(value) -> None:
    data = bencode(value)
    assert read(data) == (value, len(data))


def test_keys_are_in_order_and_lengths_are_of_bytes() -> None:
    assert bencode({"b": "é", "a": ["x"]}) == b"d1:al1:xe1:b2:\xc3\xa9e"
