"""The live feed of a real centre: frames after a snapshot, resuming, crews, dead and slow windows."""

import asyncio
import json
from typing import Any

import pytest
import websockets
from websockets.asyncio.client import ClientConnection, connect

from .conftest import CentreProcess, OurLine, Person, until


async def follow(person: Person, after: int) -> ClientConnection:
    url = str(person.client.base_url).replace("http://", "ws://").rstrip("/")
    headers = {"Authorization": person.client.headers["Authorization"]}
    return await connect(f"{url}/api/live?after={after}", additional_headers=headers, proxy=None)


async def frame_with(socket: ClientConnection, rows: str) -> dict[str, Any]:
    async with asyncio.timeout(8):
        while True:
            frame: dict[str, Any] = json.loads(await socket.recv())
            if frame[rows]:
                return frame


async def test_action_at_one_desk_is_on_another_within_a_second(dispatcher: Person) -> None:
    board = await dispatcher.get("/api/board")
    async with await follow(dispatcher, board["seq"]) as socket:
        await socket.recv()
        began = asyncio.get_running_loop().time()
        opened = await dispatcher.post("/api/incidents", {"kind": "WELFARE"}, status=201)
        frame = await frame_with(socket, "incidents")
        assert asyncio.get_running_loop().time() - began < 1
        assert frame["incidents"][0]["incident_id"] == opened["incident_id"]
        assert frame["seq"] >= opened["seq"]


async def test_window_that_comes_back_gets_what_it_missed_and_no_more(dispatcher: Person) -> None:
    seen = await dispatcher.post("/api/incidents", {"kind": "WELFARE"}, status=201)
    after = (await dispatcher.get("/api/board"))["seq"]
    missed = await dispatcher.post("/api/incidents", {"kind": "INFO"}, status=201)
    async with await follow(dispatcher, after) as socket:
        frame = await frame_with(socket, "incidents")
        ids = [row["incident_id"] for row in frame["incidents"]]
        assert missed["incident_id"] in ids
        assert seen["incident_id"] not in ids


async def test_quiet_feed_still_beats(dispatcher: Person) -> None:
    async with await follow(dispatcher, 0) as socket:
        await socket.recv()
        async with asyncio.timeout(6):
            beat = json.loads(await socket.recv())
        assert beat["incidents"] == []


async def test_crew_sees_its_own_unit_incident_and_calls_only(
    running: CentreProcess, line: OurLine, dispatcher: Person
) -> None:
    call_id = await line.ring()
    other = await dispatcher.post("/api/incidents", {"kind": "INFO"}, status=201)
    call = await until(lambda: _call(dispatcher, call_id))
    incident_id = (await dispatcher.post(f"/api/calls/{call_id}/answer"))["incident_id"]
    crew = await Person(running).log_in("unit", "brandt", unit="12A3")
    board = await crew.get("/api/board")
    assert [unit["unit_id"] for unit in board["units"]] == ["12A3"]
    assert (board["calls"], board["incidents"]) == ([], [])
    await crew.get(f"/api/calls/{call['call_id']}", status=404)
    async with await follow(crew, board["seq"]) as socket:
        await dispatcher.post(f"/api/incidents/{incident_id}/dispatch", {"units": ["12A3"]})
        frame = await frame_with(socket, "incidents")
        assert [row["incident_id"] for row in frame["incidents"]] == [incident_id]
        assert [row["call_id"] for row in frame["calls"]] == [call_id]
    await crew.get(f"/api/incidents/{other['incident_id']}", status=404)
    await crew.get("/api/facts", status=404)
    assert await crew.get("/api/facts", stream=f"incident/{incident_id}")
    await crew.client.aclose()


async def test_feed_without_a_login_is_closed_with_its_code(running: CentreProcess) -> None:
    url = running.url.replace("http://", "ws://")
    async with connect(f"{url}/api/live", proxy=None) as socket:
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


async def test_feed_ends_with_its_login(running: CentreProcess, dispatcher: Person) -> None:
    leaver = await Person(running).log_in("dispatcher", "novak", position="02")
    async with await follow(leaver, 0) as socket, await follow(dispatcher, 0) as stays:
        await leaver.client.delete("/api/session")
        async with asyncio.timeout(15):
            with pytest.raises(websockets.ConnectionClosed) as closed:
                while True:
                    await socket.recv()
        await stays.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401
    await leaver.client.aclose()


async def test_cookie_of_a_foreign_page_opens_no_feed(running: CentreProcess, dispatcher: Person) -> None:
    token = dispatcher.client.headers["Authorization"].removeprefix("Bearer ")
    headers = {"Cookie": f"tenfour_desk={token}", "Origin": "http://evil.example"}
    url = running.url.replace("http://", "ws://")
    async with connect(f"{url}/api/live", additional_headers=headers, proxy=None) as socket:
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4403


async def _call(person: Person, call_id: str) -> Any:
    answer = await person.client.get(f"/api/calls/{call_id}")
    return answer.json() if answer.is_success else None


async def test_what_is_finished_leaves_the_board_of_every_desk(running: CentreProcess, dispatcher: Person) -> None:
    supervisor = await Person(running).log_in("supervisor", "whitfield", position="05")
    path = f"/api/incidents/{(await dispatcher.post('/api/incidents', {'kind': 'INFO'}, status=201))['incident_id']}"
    stays = await dispatcher.post("/api/incidents", {"kind": "WELFARE"}, status=201)
    closing = {"words": "All well", "dispositions": ["18"], "cause": "unknown", "seen": ["adult_seen"]}
    closed = await dispatcher.post(f"{path}/close", closing)
    board = await dispatcher.get("/api/board")
    assert {closed["incident_id"], stays["incident_id"]} <= {row["incident_id"] for row in board["incidents"]}
    async with await follow(dispatcher, board["seq"]) as socket:
        await supervisor.post("/api/clock", {"jump_s": 3700})
        gone = (await frame_with(socket, "incidents_gone"))["incidents_gone"]
        assert closed["incident_id"] in gone
        assert stays["incident_id"] not in gone
        again = await supervisor.post(f"{path}/reopen", {"reason": "They called again"})
        rows = (await frame_with(socket, "incidents"))["incidents"]
        assert again["incident_id"] in {row["incident_id"] for row in rows}
    await supervisor.client.aclose()
