"""To which call a kept message belongs: by its SIP Call-ID, as soon as the line has said whose that is.

What came before it was said (the INVITE itself) waits a moment; what is of no call goes to the day's file and is
remembered for a while, so that a call finds an INVITE of its own that was refused before.
"""

import os
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import structlog
from msgspec.structs import replace

from tenfour.adapters.signal_folder import CallFile, OtherFile, recent
from tenfour.telephony.signalling import KeptCall, KeptLine, KeptMessage, KeptNote
from tenfour.vocabulary.ids import CallId

HOLD_S = 0.5
"""How long a message may wait for its call before it goes to the day's file."""

LATE_S = 600.0
"""How long after its end a call's late messages are known as its own."""

CALLS_LIMIT = 20_000
"""Calls whose messages are known; the oldest that is over is forgotten first."""

SHARED_LIMIT = 4
"""Calls that may carry one SIP Call-ID; each then has all messages of it."""

REMEMBERED_ENTRIES = 2000
"""Entries of no call that are remembered."""

REMEMBERED_BYTES = 4 * 1024 * 1024
"""Characters of them."""

SYNC_FILES = 50
"""Files that one round brings to the disk, the oldest first; the rest is for the next."""

UNSYNCED_LIMIT = 1000
"""Files that wait for it. Beyond, the oldest is left to the system, which writes it within half a minute."""

log = structlog.get_logger(__name__)


class SignalRouter:
    """Runs in one thread. Nothing here raises for a disk: what cannot be written is counted in `lost`."""

    def __init__(self, folder: Path, other_limit: int) -> None:
        self.lost = 0
        self._folder, self._other_limit = folder, other_limit
        self._files: dict[CallId, CallFile] = {}
        self._by_sip: dict[str, list[CallFile]] = {}
        self._sip_of: dict[CallId, str] = {}
        self._held: deque[tuple[float, str, KeptLine]] = deque()
        self._remembered: dict[str, list[KeptLine]] = {}
        self._remembered_entries = self._remembered_bytes = 0
        self._other: OtherFile | None = None
        self._unsynced: dict[Path, None] = {}
        self._to_write: dict[CallFile | OtherFile, None] = {}
        self._failing = False

    def remember(self, now: float) -> None:
        """The calls of an earlier run that ended a short while ago; `now` in seconds since 1970."""
        for call in recent(self._folder, now - LATE_S):
            self._file(CallId(call.call_id), call.sip_call_id).over_at = time.monotonic()

    def know(self, sip_call_id: str, call_id: CallId, at: datetime) -> None:
        """This SIP Call-ID is that call's; what waits for it, and what is remembered of it, is written there."""
        sharing = [other for other in self._by_sip.get(sip_call_id, ()) if other.call_id != call_id]
        file = self._file(call_id, sip_call_id)
        file.over_at = None
        if file.is_new:
            self._add(file, KeptCall(at=at, call_id=call_id, sip_call_id=sip_call_id))
            if sharing:
                what = f"Its first messages are with call {sharing[-1].call_id}, which has the same SIP Call-ID."
                self._add(file, KeptNote(at=at, what=what))
        for entry in self._remembered.pop(sip_call_id, ()):
            self._remembered_entries -= 1
            self._remembered_bytes -= _weight(entry)
            self._add(file, entry)
        self._forget_some()

    def keep(self, sip_call_id: str, entry: KeptLine) -> None:
        """Write an entry to its call, or hold it for one that may come."""
        files = self._by_sip.get(sip_call_id)
        if files:
            for file in files:
                self._add(file, entry)
            return
        self._held.append((time.monotonic(), sip_call_id, entry))
        if sip_call_id:
            self._remembered.setdefault(sip_call_id, []).append(entry)
            self._remembered_entries += 1
            self._remembered_bytes += _weight(entry)
            self._remember_less()

    def over(self, call_id: CallId, at: datetime) -> None:
        """The call is over."""
        file = self._files.get(call_id)
        if file is not None:
            file.end(at, time.monotonic())
            self._to_write[file] = None

    def flush(self, *, hold_s: float = HOLD_S) -> None:
        """Write what can be written now."""
        before = time.monotonic() - hold_s
        while self._held and self._held[0][0] <= before:
            _, sip_call_id, entry = self._held.popleft()
            if sip_call_id not in self._by_sip:
                self._add(self._other_file(entry.at), replace(entry, sip_call_id=sip_call_id))
        files, self._to_write = self._to_write, {}
        for file in files:
            self._write(file)

    def sync(self) -> None:
        """Bring what was written to the disk, the oldest first; and forget calls that ended long ago."""
        while len(self._unsynced) > UNSYNCED_LIMIT:
            del self._unsynced[next(iter(self._unsynced))]
        for path in list(self._unsynced)[:SYNC_FILES]:
            del self._unsynced[path]
            self._sync(path)
        self._forget_late()

    def finish(self) -> None:
        """Write everything, and bring to the disk what one round can."""
        self.flush(hold_s=0.0)
        self.sync()

    # ---- files ----

    def _file(self, call_id: CallId, sip_call_id: str) -> CallFile:
        file = self._files.get(call_id)
        if file is None:
            file = self._files[call_id] = CallFile(self._folder, call_id)
            self._guard(file.count)
            self._sip_of[call_id] = sip_call_id
            sharing = self._by_sip.setdefault(sip_call_id, [])
            sharing.append(file)
            del sharing[:-SHARED_LIMIT]
        return file

    def _other_file(self, at: datetime) -> OtherFile:
        day = f"{at:%Y-%m-%d}"
        if self._other is None or self._other.day != day:
            self._other = OtherFile(self._folder, day, self._other_limit)
            self._guard(self._other.count)
        return self._other

    def _add(self, file: CallFile | OtherFile, entry: KeptLine) -> None:
        file.add(entry)
        self._to_write[file] = None

    def _write(self, file: CallFile | OtherFile) -> None:
        lines = file.waiting
        if self._guard(file.flush):
            self._unsynced[file.path] = None
        else:
            self.lost += lines

    def _sync(self, path: Path) -> None:
        self._guard(lambda: _force(path))

    def _guard(self, work: Callable[[], object]) -> bool:
        """Do something with the disk; the first failure of a row is logged."""
        try:
            work()
        except OSError as error:
            if not self._failing:
                log.error("signalling is not being kept", problem=str(error))
            self._failing = True
            return False
        self._failing = False
        return True

    # ---- memory ----

    def _remember_less(self) -> None:
        """Forget the oldest of what is remembered until it is within its bounds."""
        while self._remembered_entries > REMEMBERED_ENTRIES or self._remembered_bytes > REMEMBERED_BYTES:
            for entry in self._remembered.pop(next(iter(self._remembered))):
                self._remembered_entries -= 1
                self._remembered_bytes -= _weight(entry)

    def _forget_late(self) -> None:
        long_ago = time.monotonic() - LATE_S
        late = [call for call, file in self._files.items() if file.over_at is not None and file.over_at <= long_ago]
        for call_id in late:
            self._forget(call_id)

    def _forget_some(self) -> None:
        while len(self._files) > CALLS_LIMIT:
            over = (call_id for call_id, file in self._files.items() if file.over_at is not None)
            self._forget(next(over, next(iter(self._files))))

    def _forget(self, call_id: CallId) -> None:
        file = self._files.pop(call_id)
        sip_call_id = self._sip_of.pop(call_id)
        sharing = [other for other in self._by_sip.get(sip_call_id, ()) if other is not file]
        if sharing:
            self._by_sip[sip_call_id] = sharing
        else:
            self._by_sip.pop(sip_call_id, None)


def _weight(entry: KeptLine) -> int:
    return len(entry.text) + len(entry.base64) if isinstance(entry, KeptMessage) else 0


def _force(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
