"""Playing on a centre that runs already, at another speed, and being interrupted."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

CHECKOUT = Path(__file__).resolve().parents[3]
CACHE = CHECKOUT / "build" / "demo"
UP_WITHIN_S = 60
PLAYS_WITHIN_S = 90
GONE_WITHIN_S = 20

CALL = """title = "A call"
about = "Somebody calls, is answered by a position that answers by itself, and drops."
invented = true

[[callers]]
name = "boy"
number = "911-442-7186"

[[people]]
name = "Novak"
person = "novak"
role = "dispatcher"
position = "05"

[[steps]]
who = "Novak"
does = "answers by itself"

[[steps]]
who = "boy"
does = "dials"
until = { event = "CallAnswered", of = "first" }

[[steps]]
who = "boy"
does = "hears"

[[steps]]
who = "clock"
does = "jumps"
seconds = 3600

[[steps]]
who = "boy"
does = "drops"
until = { event = "CallerDisconnected", of = "first" }

[[steps]]
who = "Novak"
does = "answers by itself"
on = false

[[expectations]]
name = "answered by itself"
event = "CallAnswered"
of = "first"
where = { by_itself = true, position = "05" }

[[expectations]]
name = "an hour passed"
event = "CallerDisconnected"
of = "first"
envelope = { "actor.kind" = "device" }
after = "answered by itself"
"""


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "tenfour.cli.main", *arguments]


def processes_of(folder: str) -> list[int]:
    """Processes whose command line names the folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes().decode(errors="replace")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if folder in line:
                found.append(int(entry.name))
    return found


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A demo centre that runs already; its address."""
    folder = tmp_path_factory.mktemp("centre") / "demo"
    sys.path.insert(0, str(CHECKOUT / "src"))
    from tenfour.cli.story import free_port
    from tenfour.demo.make import make_centre

    http, sip = free_port(), f"127.0.0.1:{free_port()}"
    make_centre(folder, CACHE, http=f"127.0.0.1:{http}", sip=sip)
    log = (folder.parent / "run.log").open("wb")
    running = subprocess.Popen(command("run", str(folder)), cwd=CHECKOUT, stdout=log, stderr=log)
    try:
        wait_until_ready(f"http://127.0.0.1:{http}")
        yield f"http://127.0.0.1:{http}"
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(GONE_WITHIN_S)
        log.close()


def wait_until_ready(url: str) -> None:
    deadline = time.monotonic() + UP_WITHIN_S
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/readyz", trust_env=False).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"{url} did not come up")


@pytest.fixture
def story(tmp_path: Path) -> Path:
    file = tmp_path / "call.toml"
    file.write_text(CALL)
    return file


def test_a_story_plays_again_and_again_on_a_centre_that_runs(centre: str, story: Path) -> None:
    for _ in range(2):
        run = subprocess.run(
            command("story", "play", str(story), "--center", centre, "--json"),
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            timeout=PLAYS_WITHIN_S,
            check=False,
        )
        result = json.loads(run.stdout.splitlines()[-1])
        assert (run.returncode, result["passed"], result["failed"]) == (0, 2, 0), run.stderr
        assert len(run.stdout.splitlines()) == 1


def test_a_story_leaves_the_clock_as_it_found_it(centre: str, story: Path) -> None:
    arguments = ("story", "play", str(story), "--center", centre, "--speed", "5")
    run = subprocess.run(
        command(*arguments), cwd=CHECKOUT, capture_output=True, text=True, timeout=PLAYS_WITHIN_S, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    with httpx.Client(base_url=centre, trust_env=False) as client:
        client.post("/api/session", json={"role": "dispatcher", "person": "novak"}).raise_for_status()
        assert client.get("/api/clock").json()["speed"] == 1
        speeds = [fact["payload"]["speed"] for fact in facts(client) if fact["type"] == "ClockSet"]
    assert 5 in speeds


def facts(client: httpx.Client) -> list[dict[str, dict[str, float]]]:
    found: list[dict[str, dict[str, float]]] = client.get("/api/facts", params={"limit": 1000}).json()
    return found


def test_a_caller_sends_from_the_address_it_is_bound_to(centre: str, story: Path) -> None:
    arguments = ("story", "play", str(story), "--center", centre, "--bind", "127.0.0.2", "--json")
    run = subprocess.run(
        command(*arguments), cwd=CHECKOUT, capture_output=True, text=True, timeout=PLAYS_WITHIN_S, check=False
    )
    timeline = json.loads(run.stdout.splitlines()[-1])["timeline"]
    received = [moment["what"] for moment in timeline if moment["what"].startswith("CallReceived")]
    assert run.returncode == 0, run.stderr
    assert "127.0.0.2" in received[0]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_story_leaves_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    temporary = tempfile.mkdtemp(dir=tmp_path)
    environment = {**os.environ, "TMPDIR": temporary}
    playing = subprocess.Popen(
        command("story", "play", "hug"), cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert playing.stdout is not None
    with playing.stdout as told:
        assert any("dials 911" in line for line in told)
        began = time.monotonic()
        playing.send_signal(number)
        playing.wait(GONE_WITHIN_S)
    assert playing.returncode == 130
    assert time.monotonic() - began < GONE_WITHIN_S
    assert not list(Path(temporary).iterdir())
    assert not processes_of(temporary)
