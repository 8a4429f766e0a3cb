"""The centre is killed (SIGKILL) in the middle of commands: what it acknowledged is in the record, once."""

import asyncio
import signal
import subprocess
import sys
import uuid
from collections import Counter
from pathlib import Path

import httpx

from tenfour.adapters.sqlite_journal import SqliteJournal
from tenfour.calltaking.event import CallAbandoned, CallerAudioStarted, Signal
from tenfour.journal.codec import Codec
from tenfour.vocabulary.envelope import Recorded
from tenfour.vocabulary.ids import NodeId
from tenfour.workflow.catalogue import CATALOGUE

from .conftest import CentreProcess, OurLine, Person, until

KILLS = 20
WRITERS = 4


async def test_acknowledged_commands_survive_twenty_kills_exactly_once(centre: CentreProcess) -> None:
    centre.start()
    await centre.ready()
    person = await Person(centre).log_in("dispatcher", "adeyemi", position="04")
    opened = await person.post("/api/incidents", {"kind": "WELFARE"}, status=201)
    path = f"/api/incidents/{opened['incident_id']}/notes"
    acknowledged: list[str] = []
    unanswered: list[str] = []
    for _ in range(KILLS):
        writers = [asyncio.create_task(_write(person, path, acknowledged, unanswered)) for _ in range(WRITERS)]
        enough = len(acknowledged) + 8
        await until(lambda wanted=enough: _reached(acknowledged, wanted))
        centre.end(signal.SIGKILL)
        await asyncio.gather(*writers)
        centre.start()
        await centre.ready()
        for key in unanswered[-WRITERS:]:
            await person.post(path, {"text": key}, key=key)
    assert unanswered
    everything = [*acknowledged, *unanswered]
    for key in everything[:: max(1, len(everything) // 40)]:
        await person.post(path, {"text": key}, key=key)
    await person.client.aclose()
    assert centre.end(signal.SIGTERM) == 0
    records = await _journal(centre.folder)
    notes = Counter(record.header.command_id for record in records if record.header.type == "NarrativeAdded")
    assert {key: notes[key] for key in everything} == dict.fromkeys(everything, 1)
    assert [record.seq for record in records] == list(range(1, len(records) + 1))
    verify = [sys.executable, "-m", "tenfour.cli.main", "journal", "verify", str(centre.folder)]
    verified = await asyncio.to_thread(subprocess.run, verify, capture_output=True, text=True, timeout=60, check=False)
    assert verified.returncode == 0, verified.stdout + verified.stderr


async def test_call_in_progress_is_on_the_desk_again_after_a_kill(
    running: CentreProcess, line: OurLine, dispatcher: Person
) -> None:
    call_id = await line.ring()
    await until(lambda: _known(dispatcher, call_id))
    await dispatcher.post(f"/api/calls/{call_id}/answer")
    await until(lambda: _orders(line, 1))
    running.end(signal.SIGKILL)
    line.orders.clear()
    running.start()
    await running.ready()
    call = (await dispatcher.get("/api/board"))["calls"][0]
    assert (call["call_id"], call["position"], call["state"]) == (call_id, "04", "connecting")
    await until(lambda: _orders(line, 1))


async def test_facts_of_the_line_wait_while_the_centre_is_dead_and_come_once(
    running: CentreProcess, line: OurLine, dispatcher: Person
) -> None:
    running.end(signal.SIGKILL)
    calls = [await line.ring(f"614-555-01{number:02}") for number in range(20)]
    running.start()
    await running.ready()
    await until(lambda: _known(dispatcher, calls[-1]))
    facts = await dispatcher.get("/api/facts", limit=1000)
    received = Counter(fact["stream"] for fact in facts if fact["type"] == "CallReceived")
    assert received == {f"call/{call_id}": 1 for call_id in calls}


async def test_call_that_the_line_has_lost_is_failed_by_rule(
    running: CentreProcess, line: OurLine, dispatcher: Person
) -> None:
    call_id = await line.ring()
    await until(lambda: _known(dispatcher, call_id))
    line.calls.clear()
    running.end(signal.SIGKILL)
    running.start()
    await running.ready()
    call = await until(lambda: _ended(dispatcher, call_id))
    assert call["state"] == "failed"
    assert "the line no longer has this call" in call["ended_words"]


async def test_call_that_ended_while_the_centre_was_dead_ended_as_the_line_says(
    running: CentreProcess, line: OurLine, dispatcher: Person
) -> None:
    call_id = await line.ring()
    await until(lambda: _known(dispatcher, call_id))
    running.end(signal.SIGKILL)
    await line.say(call_id, *(CallerAudioStarted() for _ in range(600)), CallAbandoned(Signal.CANCEL))
    line.calls.clear()
    running.start()
    await running.ready()
    call = await until(lambda: _ended(dispatcher, call_id))
    assert call["state"] == "abandoned"
    facts = await dispatcher.get("/api/facts", stream=f"call/{call_id}", limit=1000)
    assert "CallFailed" not in [fact["type"] for fact in facts]


async def test_centre_starts_again_without_its_read_side(running: CentreProcess, dispatcher: Person) -> None:
    opened = await dispatcher.post("/api/incidents", {"kind": "WELFARE", "place": "9417 Kendall Place"}, status=201)
    await dispatcher.post(f"/api/incidents/{opened['incident_id']}/notes", {"text": "porch light on"})
    assert running.end(signal.SIGTERM) == 0
    for file in (running.folder / "data").glob("projection.sqlite*"):
        file.unlink()
    running.start()
    await running.ready()
    again = await dispatcher.get(f"/api/incidents/{opened['incident_id']}")
    assert (again["number"], again["place"]) == (1, "9417 Kendall Place")
    assert again["narrative"][-1]["text"] == "porch light on"
    assert (await dispatcher.get("/api/search", q="porch light"))[0]["type"] == "NarrativeAdded"


async def _write(person: Person, path: str, acknowledged: list[str], unanswered: list[str]) -> None:
    """Write notes one after the other until the centre is gone."""
    while True:
        key = str(uuid.uuid4())
        try:
            answer = await person.client.post(path, json={"text": key}, headers={"Idempotency-Key": key})
        except httpx.TransportError:
            unanswered.append(key)
            return
        (acknowledged if answer.is_success else unanswered).append(key)


async def _reached(acknowledged: list[str], wanted: int) -> bool:
    return len(acknowledged) >= wanted


async def _known(person: Person, call_id: str) -> bool:
    return (await person.client.get(f"/api/calls/{call_id}")).is_success


async def _ended(person: Person, call_id: str) -> dict[str, str] | None:
    call: dict[str, str] = await person.get(f"/api/calls/{call_id}")
    return call if call["ended_at"] else None


async def _orders(line: OurLine, count: int) -> bool:
    return len(line.orders) >= count


async def _journal(folder: Path) -> list[Recorded]:
    journal = await SqliteJournal.open(folder / "data" / "journal.sqlite", node=NodeId("test"), codec=Codec(CATALOGUE))
    records: list[Recorded] = []
    while page := await journal.read(len(records), 5000):
        records.extend(page)
    await journal.close()
    return records
