"""No unit can be sent: the incident is held, its timer runs, the supervisor is told, and sending ends it."""

import asyncio
from typing import Any

from .conftest import Person

OUT_OF_SERVICE = {"status": "OutofService", "reason": "fuel"}


async def everybody_out_of_service(dispatcher: Person) -> None:
    for unit in (await dispatcher.get("/api/board"))["units"]:
        await dispatcher.post(f"/api/units/{unit['unit_id']}/status", OUT_OF_SERVICE)


async def opened(dispatcher: Person) -> str:
    made = await dispatcher.post("/api/incidents", {"kind": "WELFARE", "place": "9417 Kendall Place"}, status=201)
    return f"/api/incidents/{made['incident_id']}"


def clocks(incident: dict[str, Any]) -> list[str]:
    return [clock["name"] for clock in incident["clocks"]]


async def test_an_incident_nobody_can_be_sent_to_is_held_until_somebody_is(dispatcher: Person) -> None:
    await everybody_out_of_service(dispatcher)
    path = await opened(dispatcher)
    recommended = await dispatcher.post(f"{path}/recommend")
    assert (recommended["units"], bool(recommended["words"])) == ([], True)
    held = await dispatcher.post(f"{path}/hold", {"reason": recommended["words"]})
    assert "hold" in clocks(held)
    again = await dispatcher.post(f"{path}/hold", {"reason": "still nobody"}, status=409)
    assert again["error"] == "The incident is held already."
    await dispatcher.post("/api/units/12A3/status", {"status": "Available"})
    sent = await dispatcher.post(f"{path}/dispatch", {"units": ["12A3"], "override_reason": "back in service"})
    assert "hold" not in clocks(sent)


async def test_the_supervisor_is_told_once_when_an_incident_is_held_too_long(dispatcher: Person) -> None:
    path = await opened(dispatcher)
    await dispatcher.post(f"{path}/hold", {"reason": "all units are at the fire"})
    await dispatcher.post("/api/clock", {"jump_s": 3600})
    stream = path.removeprefix("/api/").replace("incidents", "incident")
    async with asyncio.timeout(20):
        while not (alerts := await alerts_of(dispatcher, stream)):
            await asyncio.sleep(0.05)
    assert ["held without a unit: all units are at the fire" in why for why in alerts] == [True]


async def alerts_of(dispatcher: Person, stream: str) -> list[str]:
    facts = await dispatcher.get("/api/facts", stream=stream)
    return [fact["payload"]["why"] for fact in facts if fact["type"] == "SupervisorAlerted"]


async def test_a_closed_incident_is_neither_held_nor_searched_for(dispatcher: Person) -> None:
    path = await opened(dispatcher)
    closing = {"words": "settled by telephone", "dispositions": ["18"], "seen": ["adult_seen"], "cause": "unknown"}
    await dispatcher.post(f"{path}/close", closing)
    for command, body in (("hold", {"reason": "no unit"}), ("area-check", {"area": "the block"})):
        answer = await dispatcher.post(f"{path}/{command}", body, status=409)
        assert "expected an open incident (reopen it first)" in answer["error"]
