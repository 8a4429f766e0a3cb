"""Unit tracks: a table a day, the latest in memory, there again after a restart."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tenfour.adapters.tracks import Measurement, Tracks
from tenfour.vocabulary.ids import UnitId
from tenfour.vocabulary.place import Point

LATE = datetime(2026, 11, 14, 23, 59, 59, tzinfo=UTC)
UNIT = UnitId("12A3")


def at(seconds: int) -> Measurement:
    return Measurement(UNIT, Point(39.95 + seconds / 1000, -82.96), LATE + timedelta(seconds=seconds))


async def test_latest_is_there_again_after_a_restart(tmp_path: Path) -> None:
    tracks = Tracks(tmp_path / "tracks.sqlite")
    for seconds in range(3):
        assert tracks.add(at(seconds))
    await tracks.close()
    again = Tracks(tmp_path / "tracks.sqlite")
    assert again.latest(UNIT) == at(2)
    assert again.latest(UnitId("14B2")) is None
    await again.close()


async def test_late_measurement_is_kept_in_the_track_and_does_not_move_the_unit(tmp_path: Path) -> None:
    tracks = Tracks(tmp_path / "tracks.sqlite")
    assert tracks.add(at(5))
    assert not tracks.add(at(1))
    assert tracks.latest(UNIT) == at(5)
    assert await tracks.between(UNIT, LATE, LATE + timedelta(seconds=9)) == [at(1), at(5)]
    await tracks.close()


async def test_track_over_midnight_lies_in_two_tables_and_reads_as_one(tmp_path: Path) -> None:
    tracks = Tracks(tmp_path / "tracks.sqlite")
    for seconds in (0, 1, 2):
        tracks.add(at(seconds))
    assert await tracks.between(UNIT, LATE, LATE + timedelta(seconds=9)) == [at(0), at(1), at(2)]
    assert await tracks.between(UNIT, LATE + timedelta(seconds=1), LATE + timedelta(seconds=1)) == [at(1)]
    await tracks.close()
