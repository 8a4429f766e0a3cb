"""The benchmark of the projections rebuilds what a centre rebuilds, all of it, from a mix that was really played."""

from itertools import islice
from pathlib import Path

import pytest

from tenfour.bench import replay
from tenfour.bench.told_story import told_over_and_over
from tenfour.journal.codec import Codec, UnknownEvent
from tenfour.workflow.catalogue import CATALOGUE
from tenfour.workflow.world import World

FOUNDING, ROUND = 32, 74
"""Facts of `hug.jsonl`: so many before the first call, so many of the story."""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_each_telling_is_another_story_that_ends_like_the_first() -> None:
    facts = list(islice(told_over_and_over(Codec(CATALOGUE)), FOUNDING + 3 * ROUND))
    assert not [fact for fact in facts if isinstance(fact.event, UnknownEvent)]
    assert len({fact.id for fact in facts}) == len(facts)
    world = World()
    for fact in facts:
        assert world.apply(fact)
    assert (len(world.calls), len(world.incidents)) == (6, 3)
    assert sorted(incident.number for incident in world.incidents.values()) == [1, 2, 3]
    assert len({call.ani for call in world.calls.values()}) == 3
    assert not world.open_incidents
    assert not world.calls_in_progress
    assert all(
        incident.closing.words == "Just wanted a hug." for incident in world.incidents.values() if incident.closing
    )


async def test_everything_is_made_anew_and_what_is_finished_is_not_carried(here: Path) -> None:
    events = FOUNDING + 5 * ROUND
    now = await replay.write_journal(here, events)
    for _ in range(2):
        rebuilt = await replay.rebuild(here, events, now)
        assert (rebuilt.calls, rebuilt.carried) == (10, 4)  # within the hour: the last two stories
        assert rebuilt.wall_s > 0
    assert replay.bare_rows_per_s(here, events) > 0


def test_the_figure_is_told_beside_bare_sqlite_and_leaves_nothing_behind(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(replay, "EVENTS", 300)
    replay.main()
    out = capsys.readouterr().out
    assert '"bench":"replay","figure":"events_per_s"' in out
    assert "bare SQLite, as many rows" in out
    assert list((here / "build").iterdir()) == []
