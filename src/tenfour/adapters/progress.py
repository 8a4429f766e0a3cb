"""Words on what is being done, for work that lasts: nothing for two seconds, then a line now and then."""

import sys
import threading
import time
from types import TracebackType
from typing import Protocol, Self

PATIENCE_S = 2.0


class Tell(Protocol):
    """Says which step begins, in words: `reading the ways`."""

    def __call__(self, step: str) -> None: ...


def silent(step: str) -> None:
    """Say nothing."""


class Progress:
    """While it is open, writes the present step to stderr every two seconds. Call it to say which step begins."""

    def __init__(self, what: str) -> None:
        """`what` is being done: `import roads`."""
        self._what = what
        self._step = "starting"
        self._begun = time.monotonic()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._speak, name=f"progress of {what}", daemon=True)

    def __call__(self, step: str) -> None:
        """The next step begins."""
        self._step = step

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._done.set()
        self._thread.join()

    def _speak(self) -> None:
        while not self._done.wait(PATIENCE_S):
            sys.stderr.write(f"{self._what}: {self._step} ({time.monotonic() - self._begun:.0f} s so far)\n")
            sys.stderr.flush()
