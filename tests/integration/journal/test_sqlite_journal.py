"""What the SQLite journal promises beyond the contract: its file, its lock, its disk, and SIGKILL."""

import asyncio
import contextlib
import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from tenfour.adapters.sqlite_journal import RECENT, SqliteJournal
from tenfour.adapters.sqlite_journal_file import open_reader, require_sound_sqlite
from tenfour.adapters.sqlite_journal_reader import JournalFile
from tenfour.journal.codec import Codec, UnknownEvent
from tenfour.journal.port import Appended, Batch
from tenfour.journal.verify import Verifier
from tenfour.testing.sample_fact import BEGAN, SampleFacts
from tenfour.vocabulary.errors import NotFound, RecordBroken, Refused, TenfourError, Unavailable
from tenfour.vocabulary.ids import NodeId, StreamName
from tenfour.workflow.catalogue import CATALOGUE

CHILD = Path(__file__).with_name("appending_child.py")
FULL_DISK = Path(__file__).with_name("full_disk_child.py")
KILLS = 24


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


async def opened(path: Path, codec: Codec | None = None) -> SqliteJournal:
    return await SqliteJournal.open(path, node=NodeId("center-1"), codec=codec or Codec(CATALOGUE))


async def written(path: Path, facts: int) -> None:
    """A journal with some notes, closed."""
    journal, maker = await opened(path), SampleFacts()
    await journal.append(Batch(tuple(maker.note() for _ in range(facts))), recorded_at=BEGAN)
    await journal.close()


# ---- the file ----


async def test_reopened_journal_goes_on_where_it_ended(path: Path) -> None:
    facts = SampleFacts()
    first, retried = await opened(path), Batch((facts.note(),), {StreamName("incident/a"): 0})
    before = await first.append(retried, recorded_at=BEGAN)
    head = await first.head()
    await first.close()
    second = await opened(path)
    assert await second.head() == head
    assert await second.append(retried, recorded_at=BEGAN) == before
    answer = await second.append(Batch((facts.note(),), {StreamName("incident/a"): 1}), recorded_at=BEGAN)
    assert isinstance(answer, Appended)
    assert (answer.records[0].seq, answer.records[0].header.version) == (2, 2)
    await second.close()


async def test_all_files_of_the_journal_are_private(path: Path) -> None:
    journal = await opened(path)
    await journal.append(Batch((SampleFacts().note(),)), recorded_at=BEGAN)
    modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    assert set(modes) == {f"journal.sqlite{ending}" for ending in ("", "-wal", "-shm", ".lock")}
    assert set(modes.values()) == {0o600}
    await journal.close()


async def test_journal_is_written_through_to_the_disk(path: Path) -> None:
    journal = await opened(path)
    connection = journal._appender._connection
    assert connection.execute("PRAGMA journal_mode").get == "wal"
    assert connection.execute("PRAGMA synchronous").get == 2  # FULL
    await journal.close()


async def test_second_writer_is_refused_while_the_first_works(path: Path) -> None:
    journal = await opened(path)
    with pytest.raises(Refused, match="already open for writing; only one process may write it"):
        await opened(path)
    await journal.append(Batch((SampleFacts().note(),)), recorded_at=BEGAN)
    await journal.close()
    await (await opened(path)).close()


async def test_journal_in_a_folder_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(TenfourError, match="cannot be opened"):
        await opened(tmp_path / "none" / "journal.sqlite")


def _no_database(path: Path) -> None:
    path.write_text("Dear diary, " * 200)


def _other_application(path: Path) -> None:
    connection = apsw.Connection(str(path))
    connection.execute("CREATE TABLE diary (line TEXT); PRAGMA application_id = 7")
    connection.close()


def _other_version(path: Path) -> None:
    asyncio.run(written(path, 1))
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA user_version = 2")
    connection.close()


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (_no_database, "not a Tenfour journal"),
        (_other_application, "not a Tenfour journal; it belongs to another application"),
        (_other_version, "has table version 2; this Tenfour reads version 1"),
    ],
)
def test_file_of_another_kind_is_refused_and_left_alone(
    path: Path, make: Callable[[Path], None], sentence: str
) -> None:
    make(path)
    before = path.read_bytes()
    with pytest.raises(Refused, match=sentence):
        asyncio.run(opened(path))
    with pytest.raises(Refused, match=sentence):
        JournalFile(path, Codec(CATALOGUE))
    assert path.read_bytes() == before


def test_reading_without_a_journal_makes_none(path: Path) -> None:
    with pytest.raises(NotFound):
        JournalFile(path, Codec(CATALOGUE))
    assert not path.exists()


@pytest.mark.parametrize(("version", "sound"), [("3.51.2", False), ("3.7.0", False), ("3.51.3", True), ("4.0", True)])
def test_sqlite_that_can_corrupt_a_wal_is_refused(version: str, sound: bool) -> None:
    refused = contextlib.nullcontext() if sound else pytest.raises(Refused, match=r"needs SQLite 3\.51\.3 or newer")
    with refused:
        require_sound_sqlite(version)


# ---- reading ----


async def test_payload_of_an_unknown_type_is_read_as_text(path: Path) -> None:
    await written(path, 1)
    known_less = Codec({name: cls for name, cls in CATALOGUE.items() if name != "NarrativeAdded"})
    journal = await opened(path, known_less)
    [record] = await journal.read()
    assert isinstance(record.event, UnknownEvent)
    assert (record.header.type, record.event.text) == ("NarrativeAdded", '{"text":"Child laughing."}')
    await journal.close()


async def test_row_that_is_no_header_any_more_is_named(path: Path) -> None:
    await written(path, 3)
    connection = apsw.Connection(str(path))
    connection.execute("UPDATE event SET at = 'yesterday' WHERE seq = 2")
    connection.close()
    journal = await opened(path)
    with pytest.raises(RecordBroken, match="Event 2 of the journal"):
        await journal.headers()
    assert [record.seq for record in await journal.read(2)] == [3]
    await journal.close()


async def test_subscriber_who_fell_far_behind_reads_from_the_disk(path: Path) -> None:
    journal, facts = await opened(path), SampleFacts()
    for _ in range(3):
        await journal.append(Batch(tuple(facts.note() for _ in range(RECENT // 2))), recorded_at=BEGAN)
    total, seqs = RECENT // 2 * 3, []
    async for record in journal.subscribe():
        seqs.append(record.seq)
        if record.seq == total:
            break
    assert seqs == list(range(1, total + 1))
    await journal.close()


async def test_another_process_reads_while_the_centre_writes(path: Path) -> None:
    journal, facts = await opened(path), SampleFacts()
    reader: JournalFile | None = None
    for written_so_far in range(1, 6):
        await journal.append(Batch((facts.note(),)), recorded_at=BEGAN)
        reader = reader or JournalFile(path, Codec(CATALOGUE))
        assert [record.seq for record in reader.records()] == list(range(1, written_so_far + 1))
        assert reader.head() == await journal.head()
    assert reader is not None
    reader.close()
    await journal.close()


def test_reader_neither_writes_nor_checkpoints(path: Path) -> None:
    _killed_after(path, lines=20)
    wal = Path(f"{path}-wal")
    before, journal = wal.read_bytes(), path.read_bytes()
    reader = open_reader(path)
    assert reader.execute("SELECT count(*) FROM event").get >= 20
    with pytest.raises(apsw.ReadOnlyError):
        reader.execute("DELETE FROM event")
    reader.close()
    assert (wal.read_bytes(), path.read_bytes()) == (before, journal)


# ---- the disk says no ----


async def test_full_disk_refuses_all_who_wait_and_later_takes_them_once(path: Path) -> None:
    child = subprocess.run(  # noqa: ASYNC221
        [sys.executable, str(FULL_DISK), str(path)], capture_output=True, text=True, timeout=60, check=True
    )
    went = json.loads(child.stdout)
    assert (went["before"], went["refused"], went["head_then"]) == (True, 30, 1)
    [sentence] = went["during"]
    assert "cannot be written just now" in sentence
    assert (went["after"], went["events"], went["different"], went["altered"]) == (30, 91, 91, [])


async def test_row_that_the_database_refuses_is_answered_and_undone(path: Path) -> None:
    journal, facts = await opened(path), SampleFacts()
    await journal.append(Batch((facts.note(),)), recorded_at=BEGAN)
    connection = journal._appender._connection
    connection.execute("PRAGMA max_page_count = 1")
    batches = [Batch((facts.call(), facts.call())) for _ in range(40)]
    answers = await asyncio.gather(
        *(journal.append(batch, recorded_at=BEGAN) for batch in batches), return_exceptions=True
    )
    assert {type(answer) for answer in answers} == {Unavailable}
    assert "full" in str(answers[0])
    assert (await journal.head()).seq == 1
    connection.execute("PRAGMA max_page_count = 1000000")
    assert isinstance(await journal.append(batches[0], recorded_at=BEGAN), Appended)
    assert [header.seq for header, _, _ in await journal.headers()] == [1, 2, 3]
    await journal.close()


async def test_retry_of_a_fact_whose_record_was_spoilt_is_answered(path: Path) -> None:
    journal, facts = await opened(path), SampleFacts()
    spoilt = Batch((facts.note(),))
    await journal.append(spoilt, recorded_at=BEGAN)
    journal._appender._connection.execute("UPDATE event SET at = 'yesterday'")
    with pytest.raises(Unavailable, match="Event 1 of the journal is not a header any more"):
        await journal.append(spoilt, recorded_at=BEGAN)
    assert isinstance(await journal.append(Batch((facts.note(),)), recorded_at=BEGAN), Appended)
    await journal.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
async def test_nobody_waits_for_a_writer_that_has_died(path: Path) -> None:
    journal, facts = await opened(path), SampleFacts()
    journal._appender._known = lambda batches: 1 // 0  # type: ignore[method-assign]
    for _ in range(2):
        with pytest.raises(Unavailable, match="is closed; nothing was recorded"):
            await journal.append(Batch((facts.note(),)), recorded_at=BEGAN)
    await journal.close()


def test_loop_that_ends_without_closing_the_journal_leaves_what_was_written(path: Path) -> None:
    async def leave() -> SqliteJournal:
        journal = await opened(path)
        waiting = asyncio.create_task(journal.append(Batch((SampleFacts().note(),)), recorded_at=BEGAN))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        waiting.cancel()
        return journal

    journal = asyncio.run(leave())
    journal._let_go()
    reader = JournalFile(path, Codec(CATALOGUE))
    assert reader.head().seq == 1
    reader.close()


async def test_appends_under_way_when_the_journal_closes_are_written(path: Path) -> None:
    journal, facts = await opened(path), SampleFacts()
    waiting = [asyncio.create_task(journal.append(Batch((facts.note(),)), recorded_at=BEGAN)) for _ in range(50)]
    await asyncio.sleep(0)
    await journal.close()
    await journal.close()
    assert all(isinstance(answer, Appended) for answer in await asyncio.gather(*waiting))


# ---- SIGKILL ----


def _killed_after(path: Path, lines: int) -> dict[str, int]:
    """Let a child append until it has acknowledged so many facts, kill it, and give all that it acknowledged."""
    child = subprocess.Popen([sys.executable, str(CHILD), str(path), "8"], stdout=subprocess.PIPE)
    assert child.stdout is not None
    read = [child.stdout.readline() for _ in range(lines)]
    child.send_signal(signal.SIGKILL)
    read += child.stdout.readlines()
    child.stdout.close()
    assert child.wait() == -signal.SIGKILL
    whole = [line.decode().split() for line in read if line.endswith(b"\n")]
    return {event_id: int(seq) for event_id, seq in whole}


def test_every_acknowledged_fact_survives_sigkill_once(path: Path) -> None:
    moments, acknowledged = random.Random(911), dict[str, int]()
    for kill in range(KILLS):
        for event_id, seq in _killed_after(path, lines=len(acknowledged) + moments.randrange(1, 120)).items():
            assert acknowledged.setdefault(event_id, seq) == seq, f"kill {kill}: {event_id} was recorded twice"
        journal = JournalFile(path, Codec(CATALOGUE))
        verifier, found = Verifier(), {}
        for header, payload, salt in journal.entries():
            assert verifier.check(header, payload, salt) is None, f"kill {kill}"
            assert header.id not in found
            found[header.id] = header.seq
        assert acknowledged.items() <= found.items(), f"kill {kill}: an acknowledged fact is gone"
        journal.close()
    assert len(acknowledged) > KILLS


def test_journal_killed_while_it_is_made_can_be_opened(path: Path) -> None:
    for moment in range(8):
        child = subprocess.Popen([sys.executable, str(CHILD), str(path), "1"], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while not path.exists() and time.monotonic() < deadline:
            time.sleep(0.0005)
        time.sleep(moment * 0.001)  # the moment of the kill is what is varied, nothing waits for it
        child.kill()
        child.wait()
        asyncio.run(written(path, 1))
        for file in path.parent.glob("journal.sqlite*"):
            file.unlink()
