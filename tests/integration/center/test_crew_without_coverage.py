"""A crew's phone without coverage: true times are kept, nothing is done twice, what came too late is told in words."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from .conftest import CentreProcess, Person

CLOSING = {"words": "settled by telephone", "dispositions": ["18"], "seen": ["adult_seen"], "cause": "unknown"}


@pytest.fixture
async def crew(running: CentreProcess) -> Any:
    """L. Brandt in 12A3."""
    person = await Person(running).log_in("unit", "brandt", unit="12A3")
    yield person
    await person.client.aclose()


async def sent(dispatcher: Person) -> str:
    """12A3 is sent to a new incident and on scene; the incident's path."""
    opened = await dispatcher.post("/api/incidents", {"kind": "WELFARE", "place": "9417 Kendall Place"}, status=201)
    path = f"/api/incidents/{opened['incident_id']}"
    await dispatcher.post(f"{path}/dispatch", {"units": ["12A3"]})
    for status in ("AcknowledgedTransmission", "EnRoute", "OnScene"):
        await dispatcher.post("/api/units/12A3/status", {"status": status})
    return path


def ago(seconds: float) -> str:
    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()


async def test_everything_a_crew_reports_later_has_its_true_time(dispatcher: Person, crew: Person) -> None:
    path = await sent(dispatcher)
    at = ago(300)
    reports: list[tuple[str, dict[str, Any]]] = [
        (f"{path}/checklist", {"item": "adult_seen"}),
        (f"{path}/notes", {"text": "the porch light is on"}),
        (f"{path}/verify-place", {}),
        (f"{path}/help", {"unit": "12A3"}),
        ("/api/units/12A3/safety-check", {}),
        ("/api/units/12A3/emergency", {}),
        (f"{path}/next-door", {"reason": "wrong house"}),
        (f"{path}/close", CLOSING),
    ]
    for where, body in reports:
        await crew.post(where, {**body, "at": at})
    facts = await dispatcher.get("/api/facts", limit=1000)
    told = {fact["type"]: fact["at"] for fact in facts if fact["actor"]["id"] == "brandt"}
    assert set(told) >= {
        "ChecklistMarked",
        "NarrativeAdded",
        "PlaceVerified",
        "HelpAsked",
        "SafetyChecked",
        "EmergencyRaised",
        "DoorRuledOut",
        "IncidentClosed",
    }
    assert {datetime.fromisoformat(one) for one in told.values()} == {datetime.fromisoformat(at)}


async def test_time_that_cannot_be_true_is_refused_except_for_an_emergency(dispatcher: Person, crew: Person) -> None:
    path = await sent(dispatcher)
    for at, words in ((ago(-3600), "in the future"), (ago(90_000), "more than 24 hours")):
        for where in (f"{path}/checklist", "/api/units/12A3/safety-check"):
            body = {"item": "adult_seen"} if where.endswith("checklist") else {}
            refused = await crew.post(where, {**body, "at": at}, status=400)
            assert words in refused["error"]
    raised = await crew.post("/api/units/12A3/emergency", {"at": ago(-3600)})
    since = datetime.fromisoformat(raised["emergency_since"])
    assert abs(datetime.now(UTC) - since) < timedelta(minutes=1)


async def test_what_comes_after_the_close_is_refused_in_words_and_can_be_a_note(
    dispatcher: Person, crew: Person
) -> None:
    path = await sent(dispatcher)
    number = (await dispatcher.get(path))["number"]
    await dispatcher.post(f"{path}/close", CLOSING)
    for what, body in (("checklist", {"item": "child_seen"}), ("close", CLOSING), ("propose", {"words": "a hug"})):
        refused = await crew.post(f"{path}/{what}", body, status=409)
        assert refused["error"] == f"Incident {number} is closed; nothing in it was changed. A note can still be added."
    late = {"status": "EnRoute", "incident_id": path.rpartition("/")[2]}
    assert "is closed" in (await crew.post("/api/units/12A3/status", late, status=409))["error"]
    await crew.post(f"{path}/notes", {"text": "12A3 reports: Child seen: yes", "at": ago(60)})
    lines = [line["text"] for line in (await dispatcher.get(path))["narrative"]]
    assert any("Child seen: yes" in line for line in lines)


async def test_close_said_again_after_its_answer_was_lost_is_the_same_close(dispatcher: Person, crew: Person) -> None:
    path = await sent(dispatcher)
    first = await crew.post(f"{path}/close", CLOSING, key="close-once")
    again = await crew.post(f"{path}/close", CLOSING, key="close-once")
    assert first["status"] == again["status"] == "Closed"
    facts = await dispatcher.get("/api/facts", stream=f"incident/{first['incident_id']}")
    assert [fact["type"] for fact in facts].count("IncidentClosed") == 1


async def test_incident_that_a_crew_was_never_on_is_not_there_for_it(dispatcher: Person, crew: Person) -> None:
    opened = await dispatcher.post("/api/incidents", {"kind": "WELFARE"}, status=201)
    path = f"/api/incidents/{opened['incident_id']}"
    await crew.post(f"{path}/notes", {"text": "who lives here?"}, status=404)
    await crew.post(f"{path}/checklist", {"item": "adult_seen"}, status=404)


async def test_desk_and_unit_log_in_side_by_side_in_one_browser(running: CentreProcess) -> None:
    unit = {"Tenfour-Login": "unit", "Origin": running.url}
    async with httpx.AsyncClient(base_url=running.url, trust_env=False) as browser:
        await browser.post("/api/session", json={"role": "dispatcher", "person": "adeyemi", "position": "04"})
        await browser.post("/api/session", json={"role": "unit", "person": "brandt", "unit": "12A3"}, headers=unit)
        assert (await browser.get("/api/session")).json()["position"] == "04"
        assert (await browser.get("/api/session", headers=unit)).json()["unit"] == "12A3"
        assert (await browser.delete("/api/session", headers=unit)).status_code == 204
        assert (await browser.get("/api/session", headers=unit)).status_code == 401
        assert (await browser.get("/api/session")).status_code == 200


async def test_position_is_set_by_who_sits_there_or_a_supervisor(running: CentreProcess, dispatcher: Person) -> None:
    assert (await dispatcher.post("/api/positions/04", {"auto_answer": True}))["auto_answer"]
    refused = await dispatcher.post("/api/positions/02", {"auto_answer": True}, status=403)
    assert "sits at position 04" in refused["error"]
    supervisor = await Person(running).log_in("supervisor", "whitfield", position="01")
    row = await supervisor.post("/api/positions/04", {"auto_answer": False})
    assert (row["auto_answer"], row["person"]) == (False, "R. Adeyemi")
    await supervisor.client.aclose()
