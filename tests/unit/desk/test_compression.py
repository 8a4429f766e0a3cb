"""When the centre looks for recordings that are still WAV: at the start and every hour, however busy it is."""

import asyncio
import itertools
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tenfour.adapters.compressor import Compressor
from tenfour.calltaking.event import RecordingEnded
from tenfour.calltaking.recording_event import RecordingCompressed
from tenfour.desk import compression
from tenfour.desk.compression import Compression
from tenfour.desk.ledger import Ledger
from tenfour.journal.codec import Codec
from tenfour.testing.memory_journal import MemoryJournal
from tenfour.testing.stopped_clock import StoppedClock
from tenfour.vocabulary.envelope import Access, Actor, ActorKind, Header, Recorded
from tenfour.vocabulary.ids import AgencyId, CallId, CommandId, EventId, NodeId, call_stream
from tenfour.workflow.catalogue import CATALOGUE
from tenfour.workflow.policy import Policy


class Looks:
    """Counts how often it is asked what lies there; the first time the folder cannot be read."""

    def __init__(self) -> None:
        self.looks = 0

    async def compress(self, wav: Path, segment: int, sealed: str) -> RecordingCompressed:
        raise AssertionError("no call has such a recording")

    async def drop(self, wav: Path, sealed: str, flac_sha256: str) -> None:
        raise AssertionError("no call has such a recording")

    def left(self, folder: Path) -> list[Path]:
        self.looks += 1
        if self.looks == 1:
            raise PermissionError(13, "Permission denied")
        return []


async def _find(_: CommandId) -> Sequence[Header]:
    return []


def _header() -> Header:
    at = StoppedClock().now()
    return Header(
        seq=1,
        id=EventId("e"),
        stream=call_stream(CallId("call")),
        version=1,
        type="RecordingEnded",
        schema=1,
        agency=AgencyId("sheriff"),
        access=Access.CALL,
        at=at,
        recorded_at=at,
        actor=Actor(ActorKind.DEVICE, "line-1"),
        command_id=None,
        cause=None,
        node=NodeId("line-1"),
        payload_digest="",
        digest="",
    )


def ledger() -> Ledger:
    clock = StoppedClock()
    ids = (EventId(f"01900000-0000-7000-8000-{n:012x}") for n in itertools.count(1))
    return Ledger(
        MemoryJournal(Codec(CATALOGUE)),
        Policy(),
        agency=AgencyId("sheriff"),
        now=clock.now,
        recorded_now=clock.now,
        new_id=lambda: next(ids),
        find_command=_find,
    )


async def until(wanted: Callable[[], bool], meanwhile: Callable[[], None]) -> None:
    async with asyncio.timeout(10):
        while not wanted():
            meanwhile()
            await asyncio.sleep(0.005)


async def test_recordings_that_end_all_the_time_do_not_put_off_the_next_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does a folder that cannot be read once end the centre's part."""
    monkeypatch.setattr(compression, "LOOK_EVERY_S", 0.1)
    looks = Looks()
    ours = Compression(ledger(), looks, tmp_path, lambda: CommandId("c"))
    task = asyncio.create_task(ours.run())
    ended = RecordingEnded("call-1.wav", 1, 1.0, "00")
    record = Recorded(_header(), ended)
    try:
        await until(lambda: looks.looks >= 4, lambda: ours.on_records([record], frozenset()))
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def test_what_is_half_made_and_cannot_be_cleared_away_hides_no_recording(tmp_path: Path) -> None:
    (tmp_path / "call-1.flac~").mkdir()
    (tmp_path / "call-2.flac~").touch()
    (tmp_path / "call-3.wav").touch()
    assert Compressor().left(tmp_path) == [tmp_path / "call-3.wav"]
    assert not (tmp_path / "call-2.flac~").exists()
