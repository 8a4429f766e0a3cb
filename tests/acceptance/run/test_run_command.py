"""`tenfour run`, as a newcomer starts it: it says where it is, it is there, and it leaves nothing behind."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tenfour.cli.run import DEMO_CACHE
from tenfour.cli.story import free_port
from tenfour.demo.make import make_centre

COMMAND = (sys.executable, "-m", "tenfour.cli.main", "run")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A demo centre whose settings name the usual ports, which other tests may hold."""
    make_centre(tmp_path / "centre", DEMO_CACHE)
    return tmp_path / "centre"


@pytest.fixture
def running(folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """The command, started on ports of its own."""
    process = subprocess.Popen(
        [*COMMAND, str(folder), "--port", str(free_port()), "--sip", f"127.0.0.1:{free_port()}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


def greeting(process: "subprocess.Popen[str]") -> str:
    """What it says until it is up."""
    said = ""
    assert process.stdout is not None
    for line in process.stdout:
        said += line
        if "stops it" in line:
            return said
    pytest.fail(f"it never came up: {said}")


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_it_says_where_it_is_and_the_centre_says_the_same(running: "subprocess.Popen[str]") -> None:
    said = greeting(running)
    address = re.search(r"desk +(http://\S+)/", said)
    sip = re.search(r"SIP +(\S+)", said)
    assert address is not None
    assert sip is not None
    with urllib.request.urlopen(f"{address[1]}/api/centre", timeout=10) as answer:
        centre = json.load(answer)
    assert (centre["mode"], centre["sip"]) == ("demo", sip[1])
    assert sip[1] != "127.0.0.1:5060"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_in_order_and_leaves_no_process(running: "subprocess.Popen[str]", number: signal.Signals) -> None:
    greeting(running)
    children = children_of(running.pid)
    assert len(children) == 2
    running.send_signal(number)
    _, complaints = running.communicate(timeout=20)
    assert running.returncode == 0, complaints
    assert "Stopped." in complaints
    assert not [pid for pid in children if alive(pid)]


def test_one_folder_runs_once(running: "subprocess.Popen[str]", folder: Path) -> None:
    greeting(running)
    second = subprocess.run([*COMMAND, str(folder)], capture_output=True, text=True, timeout=30, check=False)
    assert second.returncode == 1
    assert "is already running; stop that one first" in second.stderr
    os.kill(running.pid, 0)


def test_a_setting_that_is_wrong_ends_it_with_file_and_line(folder: Path) -> None:
    settings = folder / "centre.toml"
    settings.write_text(settings.read_text().replace("America/New_York", "America/Atlantis"))
    run = subprocess.run([*COMMAND, str(folder)], capture_output=True, text=True, timeout=30, check=False)
    assert run.returncode == 1
    assert re.search(r"centre\.toml:\d+: time_zone 'America/Atlantis' is not known", run.stderr)
