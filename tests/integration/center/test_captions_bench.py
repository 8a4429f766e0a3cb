"""The benchmark of captions measures the real captioner, and says what is missing where it cannot."""

import json
from pathlib import Path

import pytest

from tenfour.bench import captions


@pytest.mark.needs_speech
async def test_phrase_is_measured_from_its_end_to_its_caption(speech: None, tmp_path: Path) -> None:
    (run,), memory_mb = await captions.measured(tmp_path / "c.sock", 1)
    assert run.phrase_ms > 0
    assert run.first_ms > 0
    assert run.cpu_ms > 10
    assert memory_mb > 50


def test_without_the_extra_the_figures_say_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(captions, "find_spec", lambda name: None)
    captions.main()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["figure"] for line in lines] == ["phrase_to_caption_ms", "first_words_ms", "cpu_ms_per_spoken_s"]
    assert all("expected `pip install tenfour[speech]`" in line["skipped"] for line in lines)
