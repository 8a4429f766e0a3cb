"""Calls come to positions by the policy, over HTTP and through a kill of the centre."""

import asyncio
import signal
from typing import Any

from tenfour.calltaking import event as c
from tenfour.vocabulary.ids import CallId

from .conftest import CentreProcess, OurLine, Person

POLICY = """
[calltaking]
wrap_up_s = 2

[[calltaking.queue]]
name = "emergency"
distribution = "longest_idle"
emergency = true
offer_s = 3
overflow_after_s = 30
"""


async def call_row(person: Person, call_id: CallId, wanted: Any) -> dict[str, Any]:
    """The row of a call, once `wanted` is true of it."""
    async with asyncio.timeout(15):
        while True:
            board = await person.get("/api/board")
            row: dict[str, Any] | None = next((one for one in board["calls"] if one["call_id"] == call_id), None)
            if row is not None and wanted(row):
                return row
            await asyncio.sleep(0.05)


async def state_of(person: Person, position: str) -> tuple[str, str]:
    board = await person.get("/api/board")
    row = next(one for one in board["positions"] if one["position_id"] == position)
    return row["state"], row["reason"]


async def test_call_is_offered_passed_on_and_rings_everywhere_through_a_kill(centre: CentreProcess) -> None:
    (centre.folder / "policy.toml").write_text(POLICY)
    line = OurLine(centre.folder)
    await line.start()
    centre.start()
    await centre.ready()
    first = await Person(centre).log_in("call_taker", "castellanos", position="01")
    second = await Person(centre).log_in("dispatcher", "adeyemi", position="02")
    call_id = await line.ring()
    offered = await call_row(first, call_id, lambda row: row["waiting"]["offered_to"])
    assert offered["waiting"]["words"] == "offered to 01: longest idle"
    assert centre.end(signal.SIGKILL) == -signal.SIGKILL
    centre.start()
    await centre.ready()
    await call_row(first, call_id, lambda row: row["waiting"]["offered_to"] == "02")
    everywhere = await call_row(first, call_id, lambda row: row["waiting"]["words"].startswith("rings everywhere"))
    assert everywhere["waiting"]["words"] == "rings everywhere: positions 01 and 02 did not take it"
    assert everywhere["received_at"] == offered["received_at"]
    said = [fact["type"] for fact in await first.get("/api/facts", stream=f"call/{call_id}")]
    assert [one for one in said if "Offer" in one or "Queue" in one or "Everywhere" in one] == [
        "CallPutInQueue", "CallOffered", "OfferPassed", "CallOffered", "OfferPassed", "CallRingsEverywhere",
    ]  # fmt: skip
    await second.post(f"/api/calls/{call_id}/answer")
    assert await state_of(first, "02") == ("in_call", "")
    await line.say(call_id, c.CallConnected("PCMU", "127.0.0.1:9"), c.CallerDisconnected())
    async with asyncio.timeout(15):
        while (await state_of(first, "02"))[0] == "in_call":
            await asyncio.sleep(0.02)
        while await state_of(first, "02") != ("ready", ""):
            await asyncio.sleep(0.05)
    told = [fact["type"] for fact in await first.get("/api/facts", stream="position/02")]
    assert told[-2:] == ["WrapUpBegun", "PositionReady"]
    for person in (first, second):
        await person.client.aclose()
    await line.close()


async def test_who_sits_there_or_a_supervisor_says_whether_a_position_takes_calls(running: CentreProcess) -> None:
    taker = await Person(running).log_in("call_taker", "castellanos", position="01")
    other = await Person(running).log_in("dispatcher", "novak", position="02")
    chief = await Person(running).log_in("supervisor", "whitfield", position="03")
    row = await taker.post("/api/positions/01/not-ready", {"reason": "Break"}, key="break")
    assert (row["state"], row["reason"], row["person"]) == ("not_ready", "Break", "M. Castellanos")
    assert row == await taker.post("/api/positions/01/not-ready", {"reason": "Break"}, key="break")
    refused = await other.post("/api/positions/01/ready", status=403)
    assert "set by who sits there, or a supervisor" in refused["error"]
    await taker.post("/api/positions/01/not-ready", {"reason": ""}, status=400)
    await taker.post("/api/positions/01/not-ready", {"reason": " "}, status=400)
    await taker.post("/api/positions/99/ready", status=404)
    assert (await chief.post("/api/positions/01/ready"))["state"] == "ready"
    await taker.client.delete("/api/session")
    assert await state_of(chief, "01") == ("vacant", "")
    again = await Person(running).log_in("call_taker", "castellanos", position="04")
    moved = await Person(running).log_in("call_taker", "castellanos", position="05")
    assert (await state_of(chief, "04"), await state_of(chief, "05")) == (("vacant", ""), ("ready", ""))
    for person in (taker, other, chief, again, moved):
        await person.client.aclose()
