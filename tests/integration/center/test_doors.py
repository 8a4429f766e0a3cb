"""What the HTTP door refuses, and how: login, roles, origins, hosts, bad bodies, keys of other commands."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tenfour.cli.story import free_port
from tenfour.demo.make import make_centre

from .conftest import CentreProcess, Person, until


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory, demo_cache: Path) -> Iterator[CentreProcess]:
    """One centre for all of these: none of them breaks it."""
    folder = tmp_path_factory.mktemp("doors") / "c"
    make_centre(folder, demo_cache)
    process = CentreProcess(folder, free_port())
    process.start()
    yield process
    process.stop()


@pytest.fixture
async def running(centre: CentreProcess) -> CentreProcess:
    """It answers."""
    await centre.ready()
    return centre


async def test_nothing_is_told_without_a_login(running: CentreProcess) -> None:
    async with httpx.AsyncClient(base_url=running.url, trust_env=False) as anybody:
        for path in ("/api/board", "/api/facts", "/api/calls/x", "/api/incidents/x", "/api/units/12A3", "/api/search"):
            answer = await anybody.get(path)
            assert (answer.status_code, answer.json()["status"]) == (401, 401), path
        centre = (await anybody.get("/api/centre")).json()
        assert (centre["mode"], len(centre["units"])) == ("demo", 24)


async def test_role_decides_what_may_be_done(running: CentreProcess, dispatcher: Person) -> None:
    opened = await dispatcher.post("/api/incidents", {"kind": "WELFARE", "place": "9417 Kendall Place"}, status=201)
    path = f"/api/incidents/{opened['incident_id']}"
    taker = await Person(running).log_in("call_taker", "castellanos", position="02")
    refused = await taker.post(f"{path}/dispatch", {"units": ["12A3"]}, status=403)
    assert refused["error"] == "M. Castellanos, as call taker, may not send unit."
    crew = await Person(running).log_in("unit", "brandt", unit="12A3")
    await crew.post("/api/units/14B2/status", {"status": "OutofService"}, status=404)
    await crew.post(f"{path}/kind", {"kind": "INFO"}, status=403)
    for person in (taker, crew):
        await person.client.aclose()


BAD: list[tuple[str, dict[str, object], int]] = [
    ("/api/incidents", {"kind": "NOSUCH"}, 400),
    ("/api/incidents", {"kind": "INFO", "colour": "red"}, 400),
    ("/api/incidents", {"kind": 7}, 400),
    ("/api/incidents/none/notes", {"text": "x"}, 404),
    ("/api/units/ZZ9/status", {"status": "EnRoute"}, 404),
    ("/api/units/12A3/status", {"status": "Asleep"}, 400),
    ("/api/units/12A3/status", {"status": "Staging"}, 409),
    ("/api/units/12A3/position", {"lat": 95.0, "lon": 0.0}, 400),
    ("/api/calls/none/answer", {}, 404),
    ("/api/positions/99", {"auto_answer": True}, 404),
    ("/api/clock", {"speed": 0}, 400),
    ("/api/nowhere", {}, 404),
]


async def test_bad_input_is_answered_in_words_and_nothing_is_done(dispatcher: Person) -> None:
    before = (await dispatcher.get("/api/board"))["seq"]
    for path, body, status in BAD:
        refused = await dispatcher.post(path, body, status=status)
        assert refused["status"] == status, path
        assert refused["error"].endswith("."), refused
        assert (await dispatcher.get("/api/board"))["seq"] == before, path


async def test_body_that_is_no_json_is_the_clients_error(running: CentreProcess, dispatcher: Person) -> None:
    headers = {"Content-Type": "application/json"}
    for body, words in ((b"", "A JSON body"), (b'"\xff"', "no UTF-8"), (b"[" * 100_000, "too deep")):
        answer = await dispatcher.client.post("/api/incidents/none/notes", content=body, headers=headers)
        assert answer.status_code == 400, body[:20]
        assert words in answer.json()["error"]
    answer = await dispatcher.client.get("/api/facts", params={"after": str(10**30)})
    assert answer.status_code == 400


async def test_command_with_a_cookie_must_come_from_our_own_pages(running: CentreProcess) -> None:
    async with httpx.AsyncClient(base_url=running.url, trust_env=False) as browser:
        login = {"role": "dispatcher", "person": "adeyemi", "position": "04"}
        answer = await browser.post("/api/session", json=login)
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "samesite=strict" in cookie.lower()
        assert (await browser.get("/api/board")).status_code == 200
        body = {"kind": "WELFARE"}
        assert (await browser.post("/api/incidents", json=body)).status_code == 403
        foreign = await browser.post("/api/incidents", json=body, headers={"Origin": "http://evil.example"})
        assert foreign.status_code == 403
        own = await browser.post("/api/incidents", json=body, headers={"Origin": running.url})
        assert own.status_code == 201
        assert (await browser.delete("/api/session", headers={"Origin": running.url})).status_code == 204
        browser.cookies.set("tenfour_desk", answer.json()["token"])
        assert (await browser.get("/api/session")).status_code == 401


async def test_foreign_host_name_and_foreign_login_are_refused(running: CentreProcess) -> None:
    login = {"role": "dispatcher", "person": "adeyemi"}
    async with httpx.AsyncClient(base_url=running.url, trust_env=False) as page:
        rebound = await page.post("/api/session", json=login, headers={"Host": "evil.example"})
        assert rebound.status_code == 403
        assert "not called" in rebound.json()["error"]
        foreign = await page.post("/api/session", json=login, headers={"Origin": "http://evil.example"})
        assert foreign.status_code == 403


async def test_every_answer_carries_the_security_headers(running: CentreProcess) -> None:
    async with httpx.AsyncClient(base_url=running.url, trust_env=False) as anybody:
        for path in ("/", "/healthz", "/api/board", "/nowhere"):
            headers = (await anybody.get(path)).headers
            assert "frame-ancestors 'none'" in headers["content-security-policy"], path
            assert headers["x-content-type-options"] == "nosniff", path


async def test_same_key_is_the_same_command_and_belongs_to_its_person(
    running: CentreProcess, dispatcher: Person
) -> None:
    first = await dispatcher.post("/api/incidents", {"kind": "WELFARE"}, status=201, key="k-1")
    again = await dispatcher.post("/api/incidents", {"kind": "WELFARE"}, status=201, key="k-1")
    assert again["incident_id"] == first["incident_id"]
    another = await dispatcher.post("/api/incidents", {"kind": "SUSP"}, status=409, key="k-1")
    assert "belongs to another command" in another["error"]
    facts = await dispatcher.get("/api/facts", limit=1000)
    assert [fact["type"] for fact in facts if fact["command_id"] == "k-1"] == ["IncidentOpened", "KindSet"]
    other = await Person(running).log_in("supervisor", "whitfield", position="01")
    refused = await other.post("/api/incidents", {"kind": "WELFARE"}, status=409, key="k-1")
    assert "another person's command" in refused["error"]
    stolen = await dispatcher.post("/api/units/12A3/safety-check", {}, status=409, key="k-1")
    assert "another command" in stolen["error"]
    await other.client.aclose()


async def test_clock_can_jump_in_a_demo_and_timers_follow(dispatcher: Person) -> None:
    opened = await dispatcher.post("/api/incidents", {"kind": "WELFARE", "place": "9417 Kendall Place"}, status=201)
    await dispatcher.post(f"/api/incidents/{opened['incident_id']}/dispatch", {"units": ["12A3"]})
    await dispatcher.post("/api/clock", {"speed": 1, "jump_s": 45})

    async def told() -> bool:
        facts = await dispatcher.get("/api/facts", stream="unit/12A3")
        return bool(facts[-1]["type"] == "AcknowledgementOverdue" and facts[-1]["actor"]["kind"] == "rule")

    await until(told)
    assert (await dispatcher.get("/api/units/12A3"))["overdue"]


async def test_openapi_names_every_command(running: CentreProcess) -> None:
    async with httpx.AsyncClient(base_url=running.url, trust_env=False) as anybody:
        document = (await anybody.get("/openapi.json")).json()
    assert len(document["paths"]) > 35
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], f"{method} {path}"
            assert operation.get("description"), f"{method} {path}"
