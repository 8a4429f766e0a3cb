"""`tenfour journal verify | tail | export [DIR]`: read the record of a centre, also while it runs."""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import msgspec

from tenfour.adapters.progress import Progress
from tenfour.adapters.sqlite_journal_reader import JournalFile
from tenfour.cli.run import DEMO_FOLDER
from tenfour.journal.codec import Codec, UnknownEvent
from tenfour.journal.export import export_line
from tenfour.journal.port import Altered, Head
from tenfour.journal.verify import Verifier
from tenfour.vocabulary.envelope import Recorded
from tenfour.vocabulary.errors import BadInput, RecordBroken
from tenfour.workflow.catalogue import CATALOGUE

LOOK_AGAIN_S = 0.2
"""How often `tail -f` asks whether the journal grew."""


def add_to(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `journal` to the command line."""
    command = subcommands.add_parser("journal", help="verify, follow or export the record of a centre")
    ways = command.add_subparsers(title="ways", metavar="WAY", required=True)
    _add(ways, "verify", "check that nothing was altered", run_verify).add_argument(
        "--known", metavar="SEQ:DIGEST", help="a head that was noted before: shows whether events were cut off"
    )
    tail = _add(ways, "tail", "print the last events, one a line", run_tail)
    tail.add_argument("-n", type=int, default=20, metavar="N", help="how many of the last events (20)")
    tail.add_argument("-f", "--follow", action="store_true", help="go on with what comes, until interrupted")
    _add(ways, "export", "print every event with its payload as JSON Lines, oldest first", run_export)


def _add(
    ways: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    words: str,
    run: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    way = ways.add_parser(name, help=words)
    way.add_argument("folder", metavar="DIR", nargs="?", type=Path, default=DEMO_FOLDER, help=f"({DEMO_FOLDER})")
    way.set_defaults(run=run)
    return way


def run_verify(chosen: argparse.Namespace) -> int:
    """Check the whole journal; 0 when it is what was written. Raises `RecordBroken` naming the first altered event."""
    known = _head(chosen.known) if chosen.known else None
    with _opened(chosen.folder) as journal, Progress("journal verify") as tell:
        verified = verify(journal, known, tell)
    if verified.seq == 0:
        sys.stdout.write("The journal is empty: there is nothing to verify.\n")
        return 0
    sys.stdout.write(
        f"{verified.seq} events verified; nothing was altered. The last is {verified.seq}:{verified.digest}\n"
    )
    return 0


def verify(journal: JournalFile, known: Head | None, tell: Callable[[str], None]) -> Head:
    """The head of a journal that verifies. Raises `RecordBroken` naming the first event that does not."""
    verifier = Verifier(known=known)
    for header, payload, salt in journal.entries():
        _refuse(verifier.check(header, payload, salt))
        if header.seq % 1000 == 0:
            tell(f"{header.seq} events verified")
    _refuse(verifier.finish())
    orphan = journal.orphan()
    _refuse(None if orphan is None else Altered(orphan, "it was taken out; its payload is still there"))
    return verifier.head


def _refuse(altered: Altered | None) -> None:
    if altered is not None:
        raise RecordBroken(f"Event {altered.seq} is not what was recorded: {altered.problem}.")


def run_tail(chosen: argparse.Namespace) -> int:
    """Print the last events, and with `-f` those that come."""
    if chosen.n < 0:
        raise BadInput(f"-n {chosen.n}: the number of events cannot be negative.")
    with _opened(chosen.folder) as journal:
        after = max(0, journal.head().seq - chosen.n)
        for record in _followed(journal, after) if chosen.follow else journal.records(after):
            sys.stdout.write(readable(record) + "\n")
            sys.stdout.flush()
    return 0


def _followed(journal: JournalFile, after: int) -> Iterator[Recorded]:
    while True:
        for record in journal.records(after):
            yield record
            after = record.seq
        while journal.head().seq <= after:
            time.sleep(LOOK_AGAIN_S)


def readable(record: Recorded) -> str:
    """One line: seq, UTC time, stream and version, type, actor, what it says."""
    header = record.header
    at = header.at.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] + "Z"
    actor = header.actor.id + (f"@{header.actor.position}" if header.actor.position else "")
    return f"{header.seq:>7} {at} {header.stream}#{header.version} {header.type} by {actor} {_said(record)}".rstrip()


def _said(record: Recorded) -> str:
    event = record.event
    if event is None:
        return "(erased)"
    if isinstance(event, UnknownEvent):
        return f"{event.text} ({event.problem})"
    return msgspec.json.encode(event).decode()


def run_export(chosen: argparse.Namespace) -> int:
    """Print every event as one JSON object a line."""
    with _opened(chosen.folder) as journal, Progress("journal export") as tell:
        export(journal, sys.stdout.buffer, tell)
    return 0


def export(journal: JournalFile, out: BinaryIO, tell: Callable[[str], None]) -> None:
    """Write every event to `out`, oldest first."""
    for header, payload, salt in journal.entries():
        out.write(export_line(header, payload, salt) + b"\n")
        if header.seq % 1000 == 0:
            tell(f"{header.seq} events written")
    out.flush()


@contextmanager
def _opened(folder: Path) -> Iterator[JournalFile]:
    journal = JournalFile(folder / "data" / "journal.sqlite", Codec(CATALOGUE))
    try:
        yield journal
    finally:
        journal.close()


def _head(text: str) -> Head:
    seq, _, digest = text.partition(":")
    if not seq.isdigit() or len(digest) != 64:
        raise BadInput(f"--known {text}: expected a number, a colon and the 64 letters of a digest.")
    return Head(int(seq), digest.lower())
