"""What a person sees of a story, and how stories are found by name."""

import io
from pathlib import Path

import pytest

from tenfour.adapters.story_shelf import story_file, story_folders
from tenfour.cli.telling import WIDTH, Telling
from tenfour.play.timeline import Moment, Timeline, result_of
from tenfour.play.verdict import Verdict
from tenfour.vocabulary.errors import NotFound


def told(moment: Moment) -> str:
    out = io.StringIO()
    Telling(out).moment(moment)
    return out.getvalue()


def test_a_step_is_told_with_time_who_and_what() -> None:
    assert told(Moment(1.5, "step", "boy", "drops the line", "done")) == "   1.50   boy: drops the line\n"


def test_a_refusal_and_a_failure_are_marked() -> None:
    assert "✗ Adeyemi" in told(Moment(2.0, "step", "Adeyemi", "calls back", "refused"))
    assert "! Adeyemi" in told(Moment(2.0, "step", "Adeyemi", "answers", "failed"))


def test_a_fact_is_told_with_its_place_in_the_journal() -> None:
    assert "417  CallAnswered" in told(Moment(2.0, "fact", "adeyemi", "CallAnswered on call/x", "recorded", 417))


def test_long_lines_are_cut_for_the_eye() -> None:
    line = told(Moment(2.0, "fact", "line", "x" * 500, "recorded", 1))
    assert len(line) == WIDTH + 1
    assert line.endswith("...\n")


def test_what_was_not_met_is_told_whole() -> None:
    out = io.StringIO()
    verdicts = [Verdict("rang", True, "CallRinging", "event 4", 4), Verdict("closed", False, "y" * 300, "z" * 300)]
    Telling(out).end(result_of("hug", verdicts, []))
    text = out.getvalue()
    assert "met      rang" in text
    assert "NOT MET  closed" in text
    assert "y" * 300 in text
    assert "z" * 300 in text
    assert text.endswith("hug: 1 met, 1 not met.\n")


def test_a_result_counts_its_verdicts() -> None:
    result = result_of("hug", [Verdict("a", True, "", ""), Verdict("b", False, "", "")], [])
    assert (result.passed, result.failed) == (1, 1)


def test_the_timeline_tells_each_moment_as_it_comes() -> None:
    heard: list[Moment] = []
    timeline = Timeline(heard.append)
    timeline.step("boy", "dials", "done", 3)
    timeline.step("boy", "drops", "done")
    assert heard == timeline.moments
    assert [moment.what for moment in heard] == ["dials", "drops"]
    assert heard[0].t_s <= heard[1].t_s


def test_a_story_is_found_by_its_name_or_as_a_file() -> None:
    assert story_file("hug").name == "hug.toml"
    assert story_file("own/call.toml") == Path("own/call.toml")
    assert any((folder / "hug.toml").is_file() for folder in story_folders())


def test_a_name_that_no_story_has_is_told_with_the_names_there_are() -> None:
    with pytest.raises(NotFound, match=r"Known here: .*hug"):
        story_file("hugg")
