"""What the speech model is given of a recording: all of it, each sample at its time, never much at once."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from tenfour.adapters import speech_sound
from tenfour.adapters.flac_file import compress
from tenfour.adapters.recording_file import Lane, Recording
from tenfour.adapters.speech_sound import HEARS_AT, stretches


def recorded(path: Path, seconds: int, quiet_at: tuple[float, ...] = ()) -> str:
    """A ramp in every second of the caller, a tone on the other lane; silent for 0.4 s where that is said."""
    recording, at = Recording(path), np.arange(8000) / 8000
    for second in range(seconds):
        ramp = (3000 + 10 * second + 1000 * at).astype(np.int16)
        for quiet in quiet_at:
            ramp[(at + second >= quiet) & (at + second < quiet + 0.4)] = 0
        recording.write(8000 * second, ramp, Lane.CALLER)
        recording.write(8000 * second, (9000 * np.sin(2 * np.pi * 700 * at)).astype(np.int16), Lane.HEARD_BY_CALLER)
    return recording.end().sha256


@pytest.mark.parametrize("flac", [False, True])
def test_stretches_are_the_whole_channel_each_at_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, flac: bool
) -> None:
    monkeypatch.setattr(speech_sound, "LONGEST_S", 40)
    wav = tmp_path / "call-1.wav"
    sealed = recorded(wav, 95, quiet_at=(31.3, 60.7))
    if flac:
        compress(wav, sealed)
        wav.unlink()
    found = list(stretches(wav))
    assert [one.channel for one in found] == sorted(one.channel for one in found)
    for lane in Lane:
        mine = [one for one in found if one.channel == lane]
        ends = [one.from_s + len(one.samples) / HEARS_AT for one in mine]
        assert [one.from_s for one in mine] == pytest.approx([0.0, *ends[:-1]])
        assert ends[-1] == pytest.approx(95)
        assert max(len(one.samples) for one in mine) <= 40 * HEARS_AT
    caller = [one for one in found if one.channel == Lane.CALLER]
    assert [one.from_s for one in caller[1:]] == pytest.approx([31.5, 60.9], abs=0.2), "cut where it is quiet"
    for one in caller:
        second = int(one.from_s) + 2
        heard = one.samples[round((second - one.from_s) * HEARS_AT)] * 32768
        assert heard == pytest.approx(3000 + 10 * second, abs=2)


def test_recording_of_an_hour_is_never_all_in_memory(tmp_path: Path) -> None:
    wav = tmp_path / "hour-1.wav"
    with wav.open("wb") as file:
        recorded(tmp_path / "second-1.wav", 1)
        second = (tmp_path / "second-1.wav").read_bytes()
        size = 3600 * (len(second) - 44)
        file.write(second[:4] + (36 + size).to_bytes(4, "little") + second[8:40] + size.to_bytes(4, "little"))
        file.truncate(44 + size)
    tracemalloc.start()
    heard_s = sum(len(one.samples) for one in stretches(wav)) / HEARS_AT
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert heard_s == pytest.approx(2 * 3600)
    assert most < 256 * 1024 * 1024
