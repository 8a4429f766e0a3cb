"""The files of the signalling: `signalling/<call id>.jsonl` and, for messages of no call of ours, one file a day.

Everything here runs in the one thread of `signal_trace`. Each file has its bound: a flood fills no disk.
"""

import os
from collections import deque
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import structlog

from tenfour.telephony.signalling import KeptCall, KeptLine, KeptMessage, KeptNote, cut, decode, encode
from tenfour.vocabulary.ids import CallId

ENTRIES_LIMIT = 2000
"""Lines of one call's file; those that come after are counted."""

BYTES_LIMIT = 4 * 1024 * 1024
"""Bytes of one call's file."""

LAST_ENTRIES = 50
"""Of what a full file cannot take, so many of the last are written when the call is over, and as many again later."""

LAST_BYTES = 16 * 1024
"""Lines longer than this are not among the last."""

OTHER_MESSAGE_LIMIT = 64 * 1024
"""Characters of one message that the file of the day keeps."""


APPENDING = os.O_WRONLY | os.O_APPEND | os.O_CREAT

log = structlog.get_logger(__name__)


def append(path: Path, data: bytes) -> None:
    """Write at the end of a file (0600), making it and its folder (0700) where they are missing. Raises OSError."""
    try:
        file = os.open(path, APPENDING, 0o600)
    except FileNotFoundError:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(path, APPENDING, 0o600)
    try:
        while data:
            data = data[os.write(file, data) :]
    finally:
        os.close(file)


class _File:
    """A file that is written by the line, and what it still takes."""

    def __init__(self, path: Path, entries_limit: int, bytes_limit: int) -> None:
        self.path = path
        self.left_out = 0
        self._entries_limit, self._bytes_limit = entries_limit, bytes_limit
        self._entries = self._bytes = 0
        self._torn = False
        self._lines: list[bytes] = []

    def count(self) -> None:
        """Count what an earlier run wrote; its last line may be torn. Raises OSError."""
        try:
            written = self.path.read_bytes()
        except FileNotFoundError:
            return
        self._entries, self._bytes = written.count(b"\n"), len(written)
        self._torn = not written.endswith(b"\n") and bool(written)

    def takes(self, line: bytes) -> bool:
        """Is there room for this line?"""
        return self._entries < self._entries_limit and self._bytes + len(line) <= self._bytes_limit

    def put(self, line: bytes) -> None:
        """Have it written with the next `flush`."""
        self._lines.append(line)
        self._entries += 1
        self._bytes += len(line)

    def make_room(self, entries: int, size: int) -> None:
        """Take so much more than what is there."""
        self._entries_limit, self._bytes_limit = self._entries + entries, self._bytes + size

    def flush(self) -> int:
        """Write what waits; gives the number of lines. Raises OSError, and they are then lost."""
        lines, self._lines = self._lines, []
        if lines:
            torn, self._torn = self._torn, True
            append(self.path, b"\n" * torn + b"".join(lines))
            self._torn = False
        return len(lines)

    @property
    def is_new(self) -> bool:
        """Is nothing in it, and does nothing wait?"""
        return not self._entries

    @property
    def waiting(self) -> int:
        """Lines that the next `flush` writes."""
        return len(self._lines)


class CallFile(_File):
    """The signalling of one call. What it cannot take is counted, and said once; the last of it is kept."""

    def __init__(self, folder: Path, call_id: CallId) -> None:
        super().__init__(folder / f"{call_id}.jsonl", ENTRIES_LIMIT, BYTES_LIMIT)
        self.call_id = call_id
        self.over_at: float | None = None
        self._last: deque[bytes] = deque(maxlen=LAST_ENTRIES)

    def add(self, entry: KeptLine) -> None:
        """Keep one more line, if there is room."""
        line = encode(entry)
        if self.takes(line):
            self.put(line)
            return
        if not self.left_out:
            what = "The file of this call is full; what follows is counted, and the last of it kept when the call ends."
            self.put(encode(KeptNote(at=entry.at, what=what)))
        self.left_out += 1
        if self.over_at is None and len(line) <= LAST_BYTES:
            self._last.append(line)

    def end(self, at: datetime, now: float) -> None:
        """The call is over: the last of what had no room is written; messages may still come late."""
        self.over_at = now
        if self.left_out:
            self.put(encode(KeptNote(at=at, what=f"{self.left_out} entries had no room; the last are these.")))
            for line in self._last:
                self.put(line)
            self._last.clear()
            self.make_room(LAST_ENTRIES, LAST_ENTRIES * LAST_BYTES)
            self.left_out = 0


class OtherFile(_File):
    """The messages of a day (UTC) that belong to no call of ours."""

    def __init__(self, folder: Path, day: str, bytes_limit: int) -> None:
        super().__init__(folder / f"other-{day}.jsonl", 1 << 62, bytes_limit)
        self.day = day

    def add(self, entry: KeptLine) -> None:
        """Keep one more line, if there is room."""
        if isinstance(entry, KeptMessage):
            entry = cut(entry, OTHER_MESSAGE_LIMIT)
        line = encode(entry)
        if self.takes(line):
            self.put(line)
            return
        if not self.left_out:
            self.put(encode(KeptNote(at=entry.at, what="This day's file is full; what follows is counted only.")))
        self.left_out += 1


def recent(folder: Path, newer_than: float) -> Iterator[KeptCall]:
    """The calls whose files were written after this (seconds since 1970). What cannot be read is left out."""
    try:
        with os.scandir(folder) as found:
            names = [entry.name for entry in found if "-" not in entry.name and entry.stat().st_mtime > newer_than]
    except OSError:  # no call yet, or a disk that will be told of when it is written to
        return
    for name in names:
        yield from _first_line(folder / name)


def _first_line(path: Path) -> list[KeptCall]:
    try:
        with path.open("rb") as file:
            lines, _ = decode([file.readline(OTHER_MESSAGE_LIMIT)])
    except OSError as error:
        log.warning("the signalling of an earlier call cannot be read", file=path.name, problem=str(error))
        return []
    return [line for line in lines if isinstance(line, KeptCall)]
