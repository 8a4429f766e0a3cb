"""A press text and a promised visit over HTTP: drafted, edited, due, made, and there again after a kill."""

import signal
from datetime import datetime, timedelta

from .conftest import CentreProcess, OurLine, Person, until


async def opened(line: OurLine, dispatcher: Person) -> str:
    """An answered call with a child on it, and the incident it opened."""
    call_id = await line.ring()

    async def ringing() -> bool:
        return (await dispatcher.client.get(f"/api/calls/{call_id}")).is_success

    await until(ringing)
    view = await dispatcher.post(f"/api/calls/{call_id}/answer")
    await dispatcher.post(f"/api/calls/{call_id}/heard", {"heard": ["child_voice"], "text": "Says he is Joey."})
    return str(view["incident_id"])


async def test_press_text_is_drafted_edited_and_guarded(line: OurLine, dispatcher: Person) -> None:
    incident_id = await opened(line, dispatcher)
    await dispatcher.post(f"/api/incidents/{incident_id}/place", {"text": "9417 Kendall Place"})
    path = f"/api/incidents/{incident_id}/press"
    assert (await dispatcher.get(path))["version"] == 0
    drafted = await dispatcher.post(f"{path}/draft", {"based_on": 0})
    assert drafted["version"] == 1
    assert drafted["words"].startswith("A draft.")
    (sentence,) = drafted["sentences"]
    assert sentence["text"].startswith("A child called 911 ")
    assert set(sentence["rests_on"]) <= {fact["seq"] for fact in await dispatcher.get("/api/facts", limit=500)}
    assert not any(private in sentence["text"] for private in ("442-7186", "9417", "Kendall", "Joey"))
    told = {"text": "It was at 9417 Kendall Place.", "rests_on": sentence["rests_on"]}
    refused = await dispatcher.post(path, {"based_on": 1, "sentences": [told]}, status=409)
    assert "could identify" in refused["error"]
    better = {"text": "A child called 911 and is well.", "rests_on": sentence["rests_on"]}
    assert (await dispatcher.post(path, {"based_on": 1, "sentences": [better]}))["version"] == 2
    stale = await dispatcher.post(path, {"based_on": 1, "sentences": [better]}, status=409)
    assert "version 2, not 1" in stale["error"]


async def test_press_text_is_not_for_everybody(line: OurLine, dispatcher: Person, running: CentreProcess) -> None:
    incident_id = await opened(line, dispatcher)
    taker = await Person(running).log_in("call_taker", "castellanos", position="06")
    await taker.get(f"/api/incidents/{incident_id}/press", status=403)
    await taker.client.aclose()


async def test_promised_visit_is_a_task_until_it_is_made_and_survives_a_kill(
    running: CentreProcess, dispatcher: Person
) -> None:
    opened = await dispatcher.post("/api/incidents", {"kind": "911H", "place": ""}, status=201)
    incident_id = opened["incident_id"]
    await dispatcher.post(f"/api/incidents/{incident_id}/checklist", {"item": "adult_seen"})
    closing = {"words": "Settled.", "dispositions": ["18"], "cause": "unknown"}
    await dispatcher.post(f"/api/incidents/{incident_id}/close", closing)
    now = datetime.fromisoformat((await dispatcher.get("/api/clock"))["now"])
    promise = {"who": "12A3", "due_at": (now + timedelta(days=3)).isoformat(), "words": "Comes by with the car."}
    visit = await dispatcher.post(f"/api/incidents/{incident_id}/visits", promise)
    await dispatcher.post("/api/clock", {"speed": 1, "jump_s": 2 * 86_400})
    running.end(signal.SIGKILL)
    running.start()
    await running.ready()
    (task,) = await dispatcher.get("/api/tasks")
    assert (task["visit_id"], task["state"], task["incident_number"]) == (visit["visit_id"], "promised", 1)
    await dispatcher.post("/api/clock", {"speed": 1, "jump_s": 86_400})

    async def told() -> bool:
        return any(fact["type"] == "VisitFellDue" for fact in await dispatcher.get("/api/facts", limit=500))

    await until(told)
    assert [one["state"] for one in await dispatcher.get("/api/tasks")] == ["overdue"]

    async def on_board() -> bool:
        rows = (await dispatcher.get("/api/board"))["incidents"]
        return [(one["incident_id"], one["overdue"]) for one in rows] == [(incident_id, True)]

    await until(on_board)
    crew = await Person(running).log_in("unit", "brandt", unit="12A3")
    assert (await crew.post(f"/api/visits/{visit['visit_id']}/done", {"words": "Ten minutes."}))["state"] == "done"
    assert await dispatcher.get("/api/tasks") == []
    again = await crew.post(f"/api/visits/{visit['visit_id']}/done", status=409)
    assert "made already" in again["error"]
    other = await Person(running).log_in("unit", "osei", unit="14B2")
    await other.post(f"/api/visits/{visit['visit_id']}/done", status=404)
    for one in (crew, other):
        await one.client.aclose()
