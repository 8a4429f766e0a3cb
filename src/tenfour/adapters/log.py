"""The log of a process: one JSON object a line. A log that cannot be written must not stop what it tells of."""

import sys
from typing import TextIO

import structlog


class SpareLog:
    """Writes lines to a stream. A line that the stream does not take is left out and counted."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.left_out = 0

    def msg(self, message: str) -> None:
        """Write one line."""
        try:
            self._stream.write(f"{message}\n")
            self._stream.flush()
        except (OSError, ValueError):  # a full disk; a stream that was closed
            self.left_out += 1

    log = debug = info = warning = error = critical = exception = msg


def log_to_stderr() -> None:
    """One JSON object a line, on standard error."""
    spare = SpareLog(sys.stderr)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=lambda *_: spare,
        cache_logger_on_first_use=True,
    )
