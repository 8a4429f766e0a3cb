"""What people hear of being recorded: words once, a beep again and again, over what is said."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.adapters.announcement import read_consent
from tenfour.adapters.line_settings import read_line_settings
from tenfour.adapters.recording_notice import FRAME_SAMPLES, RecordingNotice, beep_frames, over
from tenfour.adapters.recording_setting import (
    Beep,
    CallKind,
    HeardBy,
    RecordingSetting,
    beep_in,
    consent_in,
)
from tenfour.telephony.g711 import Samples
from tenfour.vocabulary.errors import BadFile

BEEP = Beep(every_s=1.0, hertz=1400.0, level=0.1, everybody=True)
WORDS = tuple(np.full(FRAME_SAMPLES, 1000 + at, np.int16).tobytes() for at in range(5))
BASE = 'id = "x"\n[[agency]]\nid = "sheriff"\n'


def stepped(notice: RecordingNotice) -> Samples | None:
    """A step that goes out."""
    told = notice.step()
    notice.went_out()
    return told


def test_words_come_first_and_once_and_then_the_beep_at_its_interval() -> None:
    said: list[int] = []
    notice = RecordingNotice(BEEP, WORDS, lambda: said.append(1))
    steps = [stepped(notice) for _ in range(5 + 160)]
    assert [int(one[0]) for one in steps[:5] if one is not None] == [1000, 1001, 1002, 1003, 1004]
    assert said == [1]
    loud = [at - 5 for at, one in enumerate(steps) if at >= 5 and one is not None]
    assert loud == [*range(49, 59), *range(99, 109), *range(149, 159)]


def test_words_that_did_not_go_out_are_said_again_and_not_told_as_heard() -> None:
    said: list[int] = []
    notice = RecordingNotice(None, WORDS, lambda: said.append(1))
    for at in range(5):
        lost, again = notice.step(), notice.step()
        assert lost is not None and again is not None
        assert (lost[0], again[0], said) == (1000 + at, 1000 + at, [])
        notice.went_out()
    assert (notice.step(), said) == (None, [1])


def test_without_a_beep_nothing_follows_the_words() -> None:
    notice = RecordingNotice(None, WORDS, lambda: None)
    assert [stepped(notice) is None for _ in range(8)] == [False] * 5 + [True] * 3


def test_words_are_for_everybody_and_the_beep_for_whom_the_agency_says() -> None:
    notice = RecordingNotice(msgspec.structs.replace(BEEP, everybody=False), WORDS, lambda: None)
    everybody = []
    for _ in range(60):
        if stepped(notice) is not None:
            everybody.append(notice.everybody)
    assert everybody == [True] * 5 + [False] * 6


def test_beep_has_its_frequency_and_level_and_does_not_click() -> None:
    tone = np.concatenate(beep_frames(BEEP)).astype(float)
    spectrum = np.abs(np.fft.rfft(tone))
    assert np.argmax(spectrum) * 8000 / len(tone) == pytest.approx(1400, abs=5)
    assert np.abs(tone).max() == pytest.approx(3276, rel=0.05)
    assert max(abs(tone[0]), abs(tone[-1])) < 500


@given(st.lists(st.integers(-32768, 32767), min_size=1, max_size=8), st.integers(-32768, 32767))
def test_both_at_once_are_their_sum_as_far_as_a_sample_goes(frame: list[int], told: int) -> None:
    both = over(np.array(frame, np.int16), np.full(len(frame), told, np.int16))
    assert list(both) == [max(-32768, min(32767, one + told)) for one in frame]
    assert over(both, None) is both


def test_emergencies_are_left_alone_unless_the_agency_says_otherwise() -> None:
    setting = RecordingSetting(beep_every_s=15, consent_file="consent.wav")
    kinds = {kind for kind in CallKind if beep_in(setting, kind) and consent_in(setting, kind)}
    assert kinds == {CallKind.ADMIN, CallKind.OUTGOING, CallKind.CALLBACK}
    only = RecordingSetting(beep_every_s=15, beep_for=(CallKind.EMERGENCY,), beep_heard_by=HeardBy.CALLER)
    assert beep_in(only, CallKind.EMERGENCY) == Beep(15, 1400, 0.05, everybody=False)
    assert beep_in(RecordingSetting(), CallKind.OUTGOING) is None
    assert consent_in(RecordingSetting(), CallKind.OUTGOING) == ""


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("beep_every_s = 0.5", "beep_every_s must be 0 (none), or 1 to 3600"),
        ("beep_hz = 5000", "expected 100 to 3400"),
        ("beep_level = 0.9", "expected above 0, to 0.5"),
        ("beep_every_s = inf", "beep_every_s inf: expected a number of 10,000,000 at most"),
        ("beep_every_s = nan", "beep_every_s nan: expected a number of 10,000,000 at most"),
        ('consent_file = "a.wav"\nconsent_text = " "', "must say what consent_file says"),
        ('consent_for = ["nobody"]', "consent_for"),
    ],
)
def test_setting_that_cannot_be_is_named(tmp_path: Path, line: str, words: str) -> None:
    (tmp_path / "centre.toml").write_text(f"{BASE}[recording]\n{line}\n")
    with pytest.raises(BadFile) as caught:
        read_line_settings(tmp_path)
    assert words in str(caught.value)


def test_announcement_that_cannot_be_used_says_nothing_rather_than_other_words(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_text("This call is recorded.")
    assert read_consent(str(tmp_path / "a.wav")) == read_consent(str(tmp_path / "none.wav")) == read_consent("") == ()
