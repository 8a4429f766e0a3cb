"""How the centre starts, and how it says that it will not."""

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tenfour.adapters.supervisor import WILL_NOT_START
from tenfour.demo.make import make_centre

from .conftest import CentreProcess, Person


def start(folder: Path, *arguments: str) -> tuple[int, str]:
    """Exit status and last words of a centre that does not start."""
    command = [sys.executable, "-m", "tenfour.center", str(folder), *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.stdout == ""
    return ended.returncode, ended.stderr.strip().splitlines()[-1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, demo_cache: Path) -> Path:
    made = tmp_path_factory.mktemp("start") / "c"
    make_centre(made, demo_cache)
    return made


def test_setting_that_cannot_be_used_is_said_with_file_and_line(folder: Path) -> None:
    units = folder / "units.toml"
    before = units.read_text()
    units.write_text(before.replace('agency = "sheriff"', 'agency = "navy"', 1))
    status, words = start(folder, "--port", "0")
    units.write_text(before)
    assert status == WILL_NOT_START
    assert re.search(r"units\.toml:\d+: unit 11A2 names agency 'navy'", words)


def test_open_bind_and_a_port_in_use_are_refused(folder: Path) -> None:
    status, words = start(folder, "--host", "0.0.0.0", "--port", "0")
    assert (status, "refused without TLS and login" in words) == (WILL_NOT_START, True)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        status, words = start(folder, "--port", str(taken.getsockname()[1]))
    assert (status, "cannot be served" in words) == (WILL_NOT_START, True)


async def test_mode_is_fixed_once_the_journal_is_founded(running: CentreProcess) -> None:
    settings = running.folder / "centre.toml"
    running.stop()
    settings.write_text(settings.read_text().replace('mode = "demo"', 'mode = "live"'))
    status, words = start(running.folder, "--port", "0")
    assert status == WILL_NOT_START
    assert "a centre's id and mode are fixed when it is made" in words


async def test_new_unit_of_the_roster_is_listed_at_the_next_start(running: CentreProcess) -> None:
    running.stop()
    unit = '\n[[unit]]\nid = "18A1"\nagency = "sheriff"\nbeat = "12A"\npost = { lat = 39.9586, lon = -82.9644 }\n'
    with (running.folder / "units.toml").open("a") as file:
        file.write(unit)
    running.start()
    await running.ready()
    async with httpx.AsyncClient(base_url=running.url, trust_env=False) as anybody:
        login = {"role": "dispatcher", "person": "adeyemi"}
        token = (await anybody.post("/api/session", json=login)).json()["token"]
        anybody.headers["Authorization"] = f"Bearer {token}"
        anybody.cookies.clear()
        listed = (await anybody.get("/api/units/18A1")).json()
        assert listed["status"] == "Available"
        roster = [fact for fact in (await anybody.get("/api/facts?limit=100")).json() if fact["type"] == "UnitListed"]
    assert len(roster) == 25


async def test_who_logged_out_is_not_let_in_again_by_a_restart(running: CentreProcess) -> None:
    person = await Person(running).log_in("dispatcher", "adeyemi", position="04")
    assert (await person.client.delete("/api/session")).status_code == 204
    running.end(signal.SIGKILL)
    running.start()
    await running.ready()
    assert (await person.client.get("/api/session")).status_code == 401
    await person.client.aclose()


def spoil(path: Path) -> None:
    path.unlink()
    path.write_bytes(b"not what it was" * 100)


async def test_centre_takes_calls_without_its_map(centre: CentreProcess) -> None:
    """A new centre has no roads yet, and a spoilt file must not keep a call from its desk."""
    (centre.folder / "data" / "roads.npz").unlink()
    spoil(centre.folder / "data" / "addresses.sqlite")
    spoil(centre.folder / "data" / "boundaries.geojson")
    centre.start()
    await centre.ready()
    dispatcher = await Person(centre).log_in("dispatcher", "adeyemi", position="04")
    opened = await dispatcher.post("/api/incidents", {"kind": "WELFARE", "place": "Kendall Place"}, status=201)
    path = f"/api/incidents/{opened['incident_id']}"
    await dispatcher.post(f"{path}/place", {"point": {"lat": 39.9586, "lon": -82.9644}, "reason": "told"})
    refused = await dispatcher.post(f"{path}/recommend", status=409)
    assert "This centre has no road network" in refused["error"]
    await dispatcher.post(f"{path}/dispatch", {"units": ["12A3"], "override_reason": "nearest by radio"})
    await dispatcher.client.aclose()
    said = (centre.folder / "center.log").read_text()
    assert said.count("takes calls without") == 3
