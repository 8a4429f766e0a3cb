"""The log file of a process that is kept running: bounded, the newest at hand."""

import contextlib
import os
import shutil
from pathlib import Path
from typing import Final

LARGEST_LOG: Final = 20_000_000
"""Bytes; a log that is longer is set aside."""
LOGS_KEPT: Final = 5
"""How many are kept beside the one that is written."""


def set_aside(log: Path, *, largest: int = LARGEST_LOG, kept: int = LOGS_KEPT) -> bool:
    """Copy a log that is longer than `largest` to `<name>.1`, `.1` to `.2` and so on, and empty it. Was it?

    Its process writes on at the end of the same file, which is opened for appending: what it writes between the copy
    and the emptying, some microseconds, is in neither. A disk without room leaves everything as it is.
    """
    with contextlib.suppress(OSError):
        if log.stat().st_size <= largest:
            return False
        fresh = _numbered(log, 0)
        shutil.copyfile(log, fresh)
        for number in range(kept - 1, -1, -1):
            if _numbered(log, number).exists():
                _numbered(log, number).replace(_numbered(log, number + 1))
        os.truncate(log, 0)
        return True
    return False


def _numbered(log: Path, number: int) -> Path:
    return log.with_name(f"{log.name}.{number}")
