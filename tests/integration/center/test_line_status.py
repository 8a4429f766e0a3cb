"""How busy the line is, as the centre tells it; and what was wrong on the wire, in the record."""

from datetime import UTC, datetime
from typing import Any

from tenfour.adapters.identity import new_event_id
from tenfour.calltaking import event as c
from tenfour.calltaking.line_status import LineStatus, PacketCount, SourceStatus
from tenfour.vocabulary.envelope import Actor, ActorKind, Fact
from tenfour.vocabulary.ids import AgencyId, NodeId, line_stream

from .conftest import CentreProcess, OurLine, Person, until


async def test_what_the_line_tells_of_itself_is_in_the_api_and_in_the_figures(
    running: CentreProcess, line: OurLine, dispatcher: Person
) -> None:
    line.status = LineStatus(
        ringing=3,
        queued=7,
        packets=(PacketCount("county", "out_of_call", 5000, 4711),),
        sources=(SourceStatus("192.0.2.7", "county", 5000, 4711, 3, 1),),
        troubles={"flood_shed": 4711},
        media_seats=2,
        media_carried=1,
        media_deaths=9,
    )

    async def told() -> Any:
        answer = await dispatcher.client.get("/api/line")
        return answer.json() if answer.status_code == 200 and answer.json()["ringing"] == 3 else None

    status = await until(told)
    assert status["queued"] == 7
    assert status["sources"][0]["source"] == "192.0.2.7"
    figures = (await dispatcher.client.get("/metrics")).text
    assert 'tenfour_line_calls{doing="queued"} 7.0' in figures
    assert 'tenfour_line_packets_shed_total{packet="out_of_call",trunk="county"} 4711.0' in figures
    assert 'tenfour_line_troubles_total{kind="flood_shed"} 4711.0' in figures
    assert "tenfour_line_media_missing 1.0" in figures
    assert "tenfour_line_media_deaths_total 9.0" in figures
    assert "192.0.2.7" not in figures


async def test_trouble_of_the_wire_is_in_the_record_and_a_call_that_waits_on_the_desk(
    running: CentreProcess, line: OurLine, dispatcher: Person
) -> None:
    call_id = await line.ring()
    await line.say(call_id, c.CallQueued("Too many calls of its source ring already."))
    now = datetime.now(UTC)
    trouble = c.WireTrouble(c.Trouble.FLOOD_SHED, "192.0.2.7", "", 1, now, "More than it may.")
    actor = Actor(ActorKind.DEVICE, "line-1")
    stream = line_stream(NodeId("line-1"))
    await line.outbox.put([Fact(new_event_id(), stream, trouble, now, actor, AgencyId("larkspur"))])

    async def recorded() -> Any:
        return await dispatcher.get("/api/facts", stream=stream)

    (fact,) = await until(recorded)
    assert (fact["type"], fact["payload"]["kind"]) == ("WireTrouble", "flood_shed")
    call = await dispatcher.get(f"/api/calls/{call_id}")
    assert (call["state"], call["state_words"]) == ("queued", "In the queue")
    assert "Too many calls" in call["queued_words"]
    answered = await dispatcher.post(f"/api/calls/{call_id}/answer")
    assert answered["state"] == "connecting"
