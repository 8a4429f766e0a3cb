"""Logins that were ended before they ran out: remembered in a file, so that a restart does not bring them back."""

import os
from datetime import datetime, timedelta
from pathlib import Path

from tenfour.vocabulary.errors import Unavailable


class EndedLogins:
    """Ended logins until they would have run out anyway, `lasts` after their end at the latest.

    The file has a line for each: the time until which it is remembered (ISO 8601, UTC), a space, and the login's `jti`.
    Without `path` they are remembered in memory only.
    """

    def __init__(self, path: Path | None, lasts: timedelta, now: datetime) -> None:
        self._path, self._lasts = path, lasts
        self._until: dict[str, datetime] = {}
        if path is not None and path.exists():
            for line in path.read_text().splitlines():
                self._take(line)
            self._forget_old(now)
            self._write_anew(path)

    def __contains__(self, session: object) -> bool:
        return session in self._until

    def add(self, session: str, now: datetime) -> None:
        """Remember one; it counts at once. Raises `Unavailable` where it could not be written: say it again later."""
        self._forget_old(now)
        self._until[session] = now + self._lasts
        if self._path is None:
            return
        try:
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(handle, "w") as out:
                out.write(f"\n{self._line(session)}")  # on a line of its own, whatever a full disk left before
                out.flush()
                os.fsync(out.fileno())
        except OSError as error:
            raise Unavailable("You are logged out, but that could not be written down; log out again soon.") from error

    def _line(self, session: str) -> str:
        return f"{self._until[session].isoformat()} {session}\n"

    def _take(self, line: str) -> None:
        until, _, session = line.partition(" ")
        try:
            self._until[session] = datetime.fromisoformat(until)
        except ValueError:
            return  # the half of a line that a full disk left behind was never acknowledged

    def _forget_old(self, now: datetime) -> None:
        self._until = {session: until for session, until in self._until.items() if until > now}

    def _write_anew(self, path: Path) -> None:
        """Without the old lines; where there is no room for it, the longer file does as well."""
        fresh = path.with_suffix(".new")
        try:
            handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w") as out:
                out.writelines(self._line(session) for session in self._until)
                out.flush()
                os.fsync(out.fileno())
        except OSError:
            fresh.unlink(missing_ok=True)
            return
        fresh.replace(path)
