"""Playing on a centre that runs already, at another speed, and being interrupted."""

import contextlib
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

from tenfour.cli.story import free_port
from tenfour.demo.make import make_centre

CHECKOUT = Path(__file__).resolve().parents[3]
CACHE = CHECKOUT / "build" / "demo"
UP_WITHIN_S = 60
PLAYS_WITHIN_S = 90
GONE_WITHIN_S = 60

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
    with running_centre(tmp_path_factory.mktemp("centre") / "demo") as url:
        yield url


@contextlib.contextmanager
def running_centre(folder: Path, mode: str = "demo") -> Iterator[str]:
    http, sip = free_port(), f"127.0.0.1:{free_port()}"
    make_centre(folder, CACHE, http=f"127.0.0.1:{http}", sip=sip)
    settings = folder / "centre.toml"
    settings.write_text(settings.read_text().replace('mode = "demo"', f'mode = "{mode}"'))
    with (folder.parent / "run.log").open("wb") as log:
        running = subprocess.Popen(command("run", str(folder)), cwd=CHECKOUT, stdout=log, stderr=log)
        try:
            wait_until_ready(f"http://127.0.0.1:{http}")
            yield f"http://127.0.0.1:{http}"
        finally:
            running.send_signal(signal.SIGINT)
            running.wait(GONE_WITHIN_S)


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


def verdicts_on(centre: str, file: Path) -> dict[str, str]:
    """What was found instead of each expectation that was not met; the story must have failed."""
    run = subprocess.run(
        command("story", "play", str(file), "--center", centre, "--json"),
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=PLAYS_WITHIN_S,
        check=False,
    )
    assert run.returncode == 1, run.stderr
    rows = json.loads(run.stdout.splitlines()[-1])["expectations"]
    return {row["name"]: row["found"] for row in rows if not row["met"]}


def test_a_step_that_should_be_refused_and_is_not_fails_the_story(centre: str, story: Path) -> None:
    story.write_text(CALL.replace('does = "answers by itself"', 'does = "answers by itself"\nrefused = "no"', 1))
    found = verdicts_on(centre, story)
    assert "It was not refused" in found["step 1: Novak answers by itself"]
    assert "no CallAnswered at all" in found["answered by itself"]


def test_a_refusal_in_other_words_fails_the_story(centre: str, story: Path) -> None:
    answers = 'does = "answers"\nrefused = "busy"\n\n[[steps]]\nwho = "clock"'
    story.write_text(CALL.replace('who = "clock"', f'who = "Novak"\n{answers}', 1))
    found = verdicts_on(centre, story)
    assert "It was refused, but not with /busy/: Call 911-442-7186" in found["step 4: Novak answers"]


def test_a_fact_that_does_not_come_in_time_fails_the_story(centre: str, story: Path) -> None:
    wait = '"CallAnswered", of = "first", where = { position = "01" }, timeout_s = 1 }'
    story.write_text(CALL.replace('"CallAnswered", of = "first" }', wait, 1))
    found = verdicts_on(centre, story)
    assert found["step 2: boy dials"] == ("No such CallAnswered came within 1 s (the last one: position is '05').")


def test_a_live_centre_is_refused_by_name_and_nothing_is_played(tmp_path: Path, story: Path) -> None:
    with running_centre(tmp_path / "live", mode="live") as url:
        run = subprocess.run(
            command("story", "play", str(story), "--center", url),
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            timeout=PLAYS_WITHIN_S,
            check=False,
        )
    assert run.returncode == 1
    assert "as a live centre does: no story is ever played there" in run.stderr
    assert "dials" not in run.stdout


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
        playing.send_signal(number)
        playing.wait(GONE_WITHIN_S)
    assert playing.returncode == 130
    assert not list(Path(temporary).iterdir())
    assert not processes_of(temporary)
