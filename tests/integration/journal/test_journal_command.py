"""`tenfour journal verify | tail | export`, on a centre's folder."""

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from tenfour.adapters.sqlite_journal import SqliteJournal
from tenfour.adapters.sqlite_journal_reader import JournalFile
from tenfour.cli import journal as command
from tenfour.journal.codec import Codec
from tenfour.journal.port import Batch
from tenfour.testing.sample_fact import BEGAN, SampleFacts
from tenfour.vocabulary.errors import BadInput, NotFound, RecordBroken
from tenfour.vocabulary.ids import NodeId
from tenfour.workflow.catalogue import CATALOGUE

EVENTS = 12


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data" / "journal.sqlite"


@pytest.fixture
async def centre(path: Path) -> Path:
    """The folder of a centre with some events in its journal."""
    journal, facts = await SqliteJournal.open(path, node=NodeId("center-1"), codec=Codec(CATALOGUE)), SampleFacts()
    batch = Batch((facts.call(), *(facts.note(text=f"Line {number}.") for number in range(2, EVENTS + 1))))
    await journal.append(batch, recorded_at=BEGAN)
    await journal.close()
    return path.parent.parent


def run(*arguments: str | Path) -> int:
    parser = argparse.ArgumentParser()
    command.add_to(parser.add_subparsers())
    chosen = parser.parse_args(["journal", *map(str, arguments)])
    return int(chosen.run(chosen))


def alter(centre: Path, sql: str) -> None:
    connection = apsw.Connection(str(centre / "data" / "journal.sqlite"))
    connection.execute(sql)
    connection.close()


def head(centre: Path) -> str:
    journal = JournalFile(centre / "data" / "journal.sqlite", Codec(CATALOGUE))
    found = journal.head()
    journal.close()
    return f"{found.seq}:{found.digest}"


def test_verify_says_how_many_events_are_sound(centre: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("verify", centre) == 0
    assert capsys.readouterr().out == f"12 events verified; nothing was altered. The last is {head(centre)}\n"


@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        (
            'UPDATE payload SET body = CAST(\'{"text":"prank"}\' AS BLOB) WHERE seq = 7',
            "Event 7 .* payload was altered",
        ),
        ("UPDATE event SET actor_id = 'nobody' WHERE seq = 3", "Event 3 .* header was altered"),
        ("UPDATE event SET at = 'noon' WHERE seq = 3", "Event 3 of the journal is not a header any more"),
        ("UPDATE event SET access = 'secret' WHERE seq = 4", "Event 4 of the journal is not a header any more"),
        ("DELETE FROM event WHERE seq = 5", "Event 5 .* it is missing; event 6 follows 4"),
        ("DELETE FROM payload WHERE seq = 9", "Event 9 .* payload is missing"),
        ("UPDATE payload SET body = NULL WHERE seq = 9", "Event 9 .* payload is missing"),
        ("UPDATE event SET digest = upper(digest) WHERE seq = 11", "Event 11 .* header was altered"),
        ("UPDATE event SET at = 'noon' WHERE seq = 8; UPDATE event SET node = 'x' WHERE seq = 6", "Event 6 "),
    ],
)
def test_verify_names_the_first_altered_event(centre: Path, sql: str, sentence: str) -> None:
    alter(centre, sql)
    with pytest.raises(RecordBroken, match=sentence):
        run("verify", centre)


def test_verify_finds_a_cut_off_end_by_a_head_noted_before(centre: Path) -> None:
    noted = head(centre)
    assert run("verify", centre, "--known", noted) == 0
    alter(centre, "DELETE FROM payload WHERE seq > 10; DELETE FROM event WHERE seq > 10")
    assert run("verify", centre) == 0
    with pytest.raises(RecordBroken, match=r"Event 11 .* the journal once had 12 events"):
        run("verify", centre, "--known", noted)


def test_verify_names_an_event_taken_off_the_end_whose_payload_was_left(centre: Path) -> None:
    alter(centre, "DELETE FROM event WHERE seq > 10")
    with pytest.raises(RecordBroken, match="Event 11 is not what was recorded: it was taken out"):
        run("verify", centre)


def test_verify_of_a_damaged_file_is_a_sentence(centre: Path) -> None:
    with (centre / "data" / "journal.sqlite").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 8192)
    with pytest.raises(RecordBroken, match="is damaged as a file"):
        run("verify", centre)


async def test_empty_journal_has_nothing_to_verify(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    await (await SqliteJournal.open(path, node=NodeId("center-1"), codec=Codec(CATALOGUE))).close()
    assert run("verify", path.parent.parent) == 0
    assert capsys.readouterr().out == "The journal is empty: there is nothing to verify.\n"
    assert run("tail", path.parent.parent) == 0
    assert run("export", path.parent.parent) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("way", ["verify", "tail", "export"])
def test_folder_without_a_journal_is_a_sentence(tmp_path: Path, way: str) -> None:
    with pytest.raises(NotFound, match=r"There is no journal .* when it first runs\."):
        run(way, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments", [("verify", "--known", "12"), ("verify", "--known", "x:" + "0" * 64), ("tail", "-n", "-1")]
)
def test_wrong_arguments_are_a_sentence(centre: Path, arguments: tuple[str, ...]) -> None:
    with pytest.raises(BadInput, match=re.escape(arguments[1])):
        run(arguments[0], centre, *arguments[1:])


def test_tail_prints_the_last_events_one_a_line(centre: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("tail", "-n", "2", centre) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["11", "12"]
    assert lines[1].split(maxsplit=1)[1] == (
        '2026-11-14 21:41:09.120Z incident/a#11 NarrativeAdded by adeyemi@04 {"text":"Line 12."}'
    )


def test_tail_prints_what_it_cannot_read_as_it_stands(centre: Path, capsys: pytest.CaptureFixture[str]) -> None:
    alter(centre, "UPDATE payload SET body = NULL WHERE seq = 11; UPDATE event SET type = 'Vanished' WHERE seq = 12")
    assert run("tail", "-n", "2", centre) == 0
    erased, unknown = capsys.readouterr().out.splitlines()
    assert erased.endswith("NarrativeAdded by adeyemi@04 (erased)")
    assert '{"text":"Line 12."} (Vanished is not an event that this Tenfour knows.)' in unknown


def test_export_is_one_json_object_a_line_oldest_first(
    centre: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert run("export", centre) == 0
    lines = [json.loads(line) for line in capsysbinary.readouterr().out.splitlines()]
    assert [line["seq"] for line in lines] == list(range(1, EVENTS + 1))
    assert lines[0]["type"] == "CallReceived"
    assert lines[0]["payload"]["ani"] == "911-442-7186"
    assert lines[-1]["digest"] == head(centre).partition(":")[2]


async def test_tail_follows_a_centre_that_runs(path: Path) -> None:
    journal, facts = await SqliteJournal.open(path, node=NodeId("center-1"), codec=Codec(CATALOGUE)), SampleFacts()
    await journal.append(Batch((facts.note(text="before"),)), recorded_at=BEGAN)
    program = (
        "import argparse, sys; from tenfour.cli import journal; parser = argparse.ArgumentParser(); "
        "journal.add_to(parser.add_subparsers()); chosen = parser.parse_args(sys.argv[1:]); chosen.run(chosen)"
    )
    arguments = ("journal", "tail", "-f", str(path.parent.parent))
    with subprocess.Popen([sys.executable, "-c", program, *arguments], stdout=subprocess.PIPE, text=True) as follower:  # noqa: ASYNC220
        assert follower.stdout is not None
        assert "before" in follower.stdout.readline()
        for word in ("while", "it", "runs"):
            await journal.append(Batch((facts.note(text=word),)), recorded_at=BEGAN)
            assert f'"{word}"' in follower.stdout.readline()
        follower.terminate()
    await journal.close()
