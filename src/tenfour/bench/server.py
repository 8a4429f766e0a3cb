"""What benchmarks start: a centre as `tenfour run` starts it, and free ports for it and its peers."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from tenfour.vocabulary.errors import Unavailable

UP_WITHIN_S = 60.0


@contextmanager
def run_centre(folder: Path, http: str, *, before: tuple[str, ...] = ()) -> Iterator[int]:
    """The centre in a folder, up, and its supervisor's process; `before`: words before the command (`taskset` ...).

    Raises `Unavailable` with the end of its log when it does not come up.
    """
    command = (*before, sys.executable, "-m", "tenfour.cli.main", "run", str(folder))
    with (folder / "run.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)  # noqa: S603
    try:
        _wait_until_ready(http, folder / "run.log")
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def _wait_until_ready(http: str, log: Path) -> None:
    opener, deadline = build_opener(ProxyHandler({})), time.monotonic() + UP_WITHIN_S
    while time.monotonic() < deadline:
        try:
            with opener.open(f"http://{http}/readyz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.1)
    raise Unavailable(f"The centre is not up: {log.read_text()[-300:]}")


def free_port(kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    """A port of 127.0.0.1 that is free just now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
