"""The centre's disk is full (a limit on the size of its files), and later it is not."""

import resource
from collections import Counter
from typing import Any

import pytest

from tenfour.adapters.link_frame import RecordAway

from .conftest import CentreProcess, OurLine, Person, until

FULL = 4096
"""No file can be written beyond so many bytes: neither the journal's, nor the read side's, nor the log."""


def fill(centre: CentreProcess) -> None:
    """From now on nothing more goes on the disk."""
    _, most = resource.prlimit(centre.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(centre.pid, resource.RLIMIT_FSIZE, (FULL, most))


def make_room(centre: CentreProcess) -> None:
    """There is room again."""
    _, most = resource.prlimit(centre.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(centre.pid, resource.RLIMIT_FSIZE, (most, most))


@pytest.fixture
async def incident(dispatcher: Person) -> str:
    """An incident that was opened while there was room."""
    opened = await dispatcher.post("/api/incidents", {"kind": "WELFARE"}, status=201)
    return f"/api/incidents/{opened['incident_id']}"


async def test_commands_are_refused_in_a_sentence_and_go_on_when_there_is_room(
    running: CentreProcess, dispatcher: Person, incident: str
) -> None:
    await dispatcher.post(f"{incident}/notes", {"text": "before"}, key="before")
    fill(running)
    for number in range(20):
        refused = await dispatcher.post(f"{incident}/notes", {"text": f"n{number}"}, status=503, key=f"n{number}")
        assert refused["error"].startswith("The record is away just now; nothing was done.")
    assert [line["text"] for line in (await dispatcher.get(incident))["narrative"]][-1] == "before"
    assert (await dispatcher.get("/api/board"))["incidents"]
    make_room(running)
    await until(lambda: _done(dispatcher, f"{incident}/notes", {"text": "n0"}, "n0"))
    for number in range(20):
        await dispatcher.post(f"{incident}/notes", {"text": f"n{number}"}, key=f"n{number}")
    said = Counter(line["text"] for line in (await dispatcher.get(incident))["narrative"])
    assert {text: count for text, count in said.items() if text.startswith(("n", "before")) and len(text) < 8} == {
        "before": 1,
        **{f"n{number}": 1 for number in range(20)},
    }


async def test_calls_wait_at_the_line_and_are_on_the_desk_once_there_is_room(
    running: CentreProcess, line: OurLine, dispatcher: Person, incident: str
) -> None:
    early = await line.ring("614-555-0100")
    await until(lambda: _known(dispatcher, early))
    fill(running)
    late = [await line.ring(f"614-555-01{number:02}") for number in range(1, 6)]
    await dispatcher.post(f"/api/calls/{early}/answer", status=503)
    assert [row["call_id"] for row in (await dispatcher.get("/api/board"))["calls"]] == [early]
    assert len(await line.outbox.waiting()) >= 10
    await until(lambda: _told(line, RecordAway(True)))
    assert (await dispatcher.client.get("/readyz")).status_code == 503
    make_room(running)
    await until(lambda: _known(dispatcher, late[-1]))
    answered = await dispatcher.post(f"/api/calls/{early}/answer")
    assert answered["position"] == "04"
    await until(lambda: _nothing_waits(line))
    await until(lambda: _told(line, RecordAway(False)))
    assert (await dispatcher.client.get("/readyz")).status_code == 200
    facts = await dispatcher.get("/api/facts", limit=1000)
    received = Counter(fact["stream"] for fact in facts if fact["type"] == "CallReceived")
    assert received == {f"call/{call_id}": 1 for call_id in (early, *late)}
    assert len({fact["id"] for fact in facts}) == len(facts)
    assert [fact["seq"] for fact in facts] == list(range(1, len(facts) + 1))


async def test_read_side_that_could_not_be_written_catches_up_by_itself(
    running: CentreProcess, dispatcher: Person, incident: str
) -> None:
    await dispatcher.post(f"{incident}/notes", {"text": "porch light on"})
    fill(running)
    await dispatcher.post(f"{incident}/notes", {"text": "x"}, status=503)
    make_room(running)
    await until(lambda: _done(dispatcher, f"{incident}/notes", {"text": "dog barks"}, "dog"))
    found = await until(lambda: _found(dispatcher, "dog barks"))
    assert [row["type"] for row in found] == ["NarrativeAdded"]
    assert running.pid


async def _done(person: Person, path: str, body: dict[str, Any], key: str) -> bool:
    return (await person.client.post(path, json=body, headers={"Idempotency-Key": key})).is_success


async def _found(person: Person, words: str) -> Any:
    answer = await person.client.get("/api/search", params={"q": words})
    return answer.is_success and answer.json()


async def _known(person: Person, call_id: str) -> bool:
    return (await person.client.get(f"/api/calls/{call_id}")).is_success


async def _told(line: OurLine, order: RecordAway) -> bool:
    return order == next((said for said in reversed(line.orders) if isinstance(said, RecordAway)), None)


async def _nothing_waits(line: OurLine) -> bool:
    return not await line.outbox.waiting()
