"""A centre that has let go of what is finished: everything is still there for who asks, also after a restart."""

import signal
from typing import Any

import httpx
import pytest

from tenfour.calltaking.event import CallAbandoned, RecordingEnded, Signal
from tenfour.vocabulary.ids import CallId

from .conftest import CentreProcess, OurLine, Person, until


@pytest.fixture
async def running(centre: CentreProcess) -> CentreProcess:
    """A centre that keeps finished things for a second only."""
    settings = centre.folder / "centre.toml"
    settings.write_text(settings.read_text() + "\n[desk]\nkeep_finished_min = 0.02\n")
    centre.start()
    await centre.ready()
    return centre


async def carried(centre: CentreProcess) -> tuple[int, int]:
    """How many calls and incidents the centre has in memory."""
    async with httpx.AsyncClient(trust_env=False) as client:
        lines = (await client.get(f"{centre.url}/metrics")).text.splitlines()
    figures = dict(line.split(" ") for line in lines if line.startswith("tenfour_") and line.count(" ") == 1)
    return int(float(figures["tenfour_calls_carried"])), int(float(figures["tenfour_incidents_carried"]))


async def is_empty(centre: CentreProcess) -> bool:
    return await carried(centre) == (0, 0)


async def finished_call(line: OurLine, dispatcher: Person, ani: str) -> dict[str, Any]:
    """A call that was abandoned and whose incident is closed."""
    call_id = await line.ring(ani)
    await line.say(call_id, CallAbandoned(Signal.CANCEL))

    async def opened() -> Any:
        answer = await dispatcher.client.get(f"/api/calls/{call_id}")
        return answer.is_success and answer.json()["incident_id"] and answer.json()

    call: dict[str, Any] = await until(opened)
    path = f"/api/incidents/{call['incident_id']}"
    await dispatcher.post(f"{path}/checklist", {"item": "adult_seen", "done": True})
    await dispatcher.post(f"{path}/close", {"words": "All well", "dispositions": ["18"], "cause": "unknown"})
    return call


async def test_what_was_let_go_of_is_read_reopened_and_told_on(
    running: CentreProcess, line: OurLine, dispatcher: Person
) -> None:
    call = await finished_call(line, dispatcher, "614-555-0137")
    path = f"/api/incidents/{call['incident_id']}"
    before = await dispatcher.get(path)
    await until(lambda: is_empty(running))

    async def gone_from_board() -> bool:
        return (await dispatcher.get("/api/board"))["calls"] == []

    await until(gone_from_board)

    after = await dispatcher.get(path)
    assert (after["number"], after["closing_words"], after["status"]) == (1, "All well", "Closed")
    assert after["narrative"] == before["narrative"]
    assert (await dispatcher.get(f"/api/calls/{call['call_id']}"))["state"] == "abandoned"
    assert await dispatcher.get("/api/facts", stream=f"call/{call['call_id']}")
    assert await carried(running) == (0, 0)

    await line.say(CallId(call["call_id"]), RecordingEnded("late.wav", 1, 3.0, "0" * 64))

    async def has_recording() -> Any:
        row = await dispatcher.get(f"/api/calls/{call['call_id']}")
        return row["recordings"] and row

    late = await until(has_recording)
    assert (late["state"], late["incident_number"], late["ended_at"]) == ("abandoned", 1, call["ended_at"])

    supervisor = await Person(running).log_in("supervisor", "whitfield")
    reopened = await supervisor.post(f"{path}/reopen", {"reason": "the caller rang again"})
    assert (reopened["status"], reopened["number"]) == ("ReOpened", 1)
    assert [row["incident_id"] for row in (await supervisor.get("/api/board"))["incidents"]] == [call["incident_id"]]
    repeat = await line.ring("614-555-0137")
    await until(lambda: _is_in(dispatcher, repeat, call["incident_id"]))
    await supervisor.client.aclose()


async def test_restarted_centre_carries_what_is_open_and_finds_the_rest(
    running: CentreProcess, line: OurLine, dispatcher: Person
) -> None:
    done = [await finished_call(line, dispatcher, f"614-555-01{number:02}") for number in range(3)]
    open_ = await dispatcher.post("/api/incidents", {"kind": "WELFARE"}, status=201)
    assert open_["number"] == 4
    line.calls.clear()
    for stop in (signal.SIGTERM, signal.SIGKILL):
        running.end(stop)
        running.start()
        await running.ready()
        await until(lambda: _carries(running, (0, 1)))
        assert (await dispatcher.get(f"/api/incidents/{done[0]['incident_id']}"))["number"] == 1
        assert (await dispatcher.get(f"/api/calls/{done[2]['call_id']}"))["incident_number"] == 3
    assert (await dispatcher.post("/api/incidents", {"kind": "WELFARE"}, status=201))["number"] == 5


async def test_centre_without_its_read_side_makes_it_anew_and_carries_only_what_is_open(
    running: CentreProcess, line: OurLine, dispatcher: Person
) -> None:
    done = [await finished_call(line, dispatcher, f"614-555-01{number:02}") for number in range(3)]
    line.calls.clear()
    running.end(signal.SIGTERM)
    for file in (running.folder / "data").glob("projection.sqlite*"):
        file.unlink()
    running.start()
    await running.ready()
    await until(lambda: is_empty(running))
    for number, call in enumerate(done, start=1):
        assert (await dispatcher.get(f"/api/calls/{call['call_id']}"))["incident_number"] == number
    assert (await dispatcher.post("/api/incidents", {"kind": "WELFARE"}, status=201))["number"] == 4


async def _carries(centre: CentreProcess, wanted: tuple[int, int]) -> bool:
    return await carried(centre) == wanted


async def _is_in(person: Person, call_id: str, incident_id: str) -> bool:
    answer = await person.client.get(f"/api/calls/{call_id}")
    return answer.is_success and answer.json()["incident_id"] == incident_id
