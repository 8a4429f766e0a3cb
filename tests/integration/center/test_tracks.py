"""Unit tracks: a table a day, the latest in memory, there again after a restart."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import apsw

from tenfour.adapters.tracks import Measurement, Tracks
from tenfour.vocabulary.ids import UnitId
from tenfour.vocabulary.place import Point

LATE = datetime(2026, 11, 14, 23, 59, 59, tzinfo=UTC)
UNIT = UnitId("12A3")


def at(seconds: int) -> Measurement:
    return Measurement(UNIT, Point(39.95 + seconds / 1000, -82.96), LATE + timedelta(seconds=seconds))


def set_aside(folder: Path) -> Path:
    (found,) = folder.glob("tracks.sqlite.broken-*")
    return found


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


async def test_file_that_cannot_be_read_is_set_aside_and_the_tracks_begin_anew(tmp_path: Path) -> None:
    path = tmp_path / "tracks.sqlite"
    path.write_bytes(b"no database at all" * 100)
    tracks = Tracks(path)
    tracks.add(at(0))
    assert await tracks.between(UNIT, LATE, LATE) == [at(0)]
    await tracks.close()
    assert set_aside(tmp_path).read_bytes().startswith(b"no database")
    assert path.stat().st_mode & 0o077 == 0


async def test_what_the_disk_does_not_take_waits_in_memory(tmp_path: Path) -> None:
    tracks, other = Tracks(tmp_path / "tracks.sqlite"), apsw.Connection(str(tmp_path / "tracks.sqlite"))
    other.execute("BEGIN IMMEDIATE")
    tracks.add(at(0))
    await tracks.flush()
    tracks.add(at(1))
    assert tracks.latest(UNIT) == at(1)
    other.execute("COMMIT")
    other.close()
    assert await tracks.between(UNIT, LATE, LATE + timedelta(seconds=9)) == [at(0), at(1)]
    await tracks.close()
