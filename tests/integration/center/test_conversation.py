"""A conversation through a real centre: what the caller types is shown, what is typed here goes to the line."""

import signal
from collections.abc import AsyncIterator

import pytest

from tenfour.adapters.link_frame import SendText
from tenfour.calltaking import event as c
from tenfour.calltaking import text_event as t

from .conftest import CentreProcess, OurLine, Person, until


@pytest.fixture
async def crew(running: CentreProcess) -> AsyncIterator[Person]:
    """L. Brandt in 12A3, who takes no calls."""
    person = await Person(running).log_in("unit", "brandt", unit="12A3")
    yield person
    await person.client.aclose()


async def talking(line: OurLine, dispatcher: Person) -> str:
    call_id = await line.ring()
    await until(lambda: found(dispatcher, call_id, lambda call: call["state"] == "ringing"))
    await dispatcher.post(f"/api/calls/{call_id}/answer")
    await line.say(call_id, c.CallConnected("PCMU", "127.0.0.1:40000"), t.TextOpened(t.TextMedium.RTT))
    await until(lambda: found(dispatcher, call_id, lambda call: call["conversation"]["answers_by"] == "rtt"))
    return call_id


async def found(person: Person, call_id: str, wanted):
    answer = await person.client.get(f"/api/calls/{call_id}")
    return answer.json() if answer.is_success and wanted(answer.json()) else None


def pieces(line: OurLine, call_id: str) -> list[str]:
    return [order.typed.text for order in line.orders if isinstance(order, SendText) and order.call_id == call_id]


async def test_text_goes_both_ways_and_is_found_again(
    running: CentreProcess, line: OurLine, dispatcher: Person
) -> None:
    call_id = await talking(line, dispatcher)
    offered = t.LanguagesOffered("text", ("es",), ("es",), any_will_do=True, answered=("en",))
    await line.say(call_id, offered, t.TextReceived(t.TextMedium.RTT, "He is downs", (0,) * 11))
    await line.say(call_id, t.TextReceived(t.TextMedium.RTT, "taris\b\b\b\bairs\n", (0,) * 14))
    call = await until(lambda: found(dispatcher, call_id, lambda call: call["conversation"]["lines"]))
    call = await until(lambda: found(dispatcher, call_id, lambda call: call["conversation"]["lines"][0]["whole"]))
    talk = call["conversation"]
    assert talk["lines"][0]["text"] == "He is downstairs"
    assert (talk["as_typed"], talk["may_type"], talk["open"]) == (True, True, ["rtt"])
    assert talk["languages"] == ["Text: says es; understands es (or any). Answered en."]

    path = f"/api/calls/{call_id}/text"
    await dispatcher.post(path, {"text": "Stay "}, key="k1")
    again = await dispatcher.post(path, {"text": "Stay "}, key="k1")
    await dispatcher.post(path, {"text": "hidden.\n", "ago_ms": [70, 60, 50, 40, 30, 20, 10, 0]}, key="k2")
    assert again["conversation"]["lines"][-1]["text"] == "Stay "
    await until(lambda: done(pieces(line, call_id) == ["Stay ", "hidden.\n"]))
    await line.say(call_id, t.TextSent(t.TextMedium.RTT, 2))
    call = await until(lambda: found(dispatcher, call_id, lambda call: call["conversation"]["lines"][-1]["sent"]))
    assert [(one["party"], one["text"]) for one in call["conversation"]["lines"]] == [
        ("caller", "He is downstairs"),
        ("centre", "Stay hidden."),
    ]
    whole = await dispatcher.get(f"/api/calls/{call_id}/conversation")
    assert whole == call["conversation"]
    hits = await until(lambda: hits_for(dispatcher, "downstairs"))
    assert hits[0]["type"] == "UtteranceEnded"
    incident = await dispatcher.get(f"/api/incidents/{call['incident_id']}")
    told = [line["text"] for line in incident["narrative"]]
    assert "Caller by real-time text: He is downstairs" in told
    assert "Centre by real-time text: Stay hidden." in told


async def hits_for(person: Person, words: str):
    return (await person.get("/api/search", q=words)) or None


async def done(is_done: bool) -> bool:
    return is_done


async def test_what_was_typed_while_the_line_was_away_is_told_when_it_comes_back_and_survives_a_killed_centre(
    running: CentreProcess, line: OurLine, dispatcher: Person
) -> None:
    call_id = await talking(line, dispatcher)
    await line.close()
    await dispatcher.post(f"/api/calls/{call_id}/text", {"text": "Are you there?\n"})
    running.end(signal.SIGKILL)
    running.start()
    await running.ready()
    back = OurLine(line.folder)
    back.calls = line.calls
    await back.start()
    try:
        await until(lambda: done(pieces(back, call_id)[:1] == ["Are you there?\n"]))
        await back.say(call_id, t.TextSent(t.TextMedium.RTT, 1), c.CallerDisconnected())
        person = await Person(running).log_in("dispatcher", "adeyemi", position="04")
        call = await until(lambda: found(person, call_id, lambda call: call["state"] == "disconnected"))
        assert call["conversation"]["lines"][0]["sent"]
        assert not call["conversation"]["may_type"]
        await person.client.aclose()
    finally:
        await back.close()


async def test_who_may_not_answer_calls_may_not_type(
    running: CentreProcess, line: OurLine, dispatcher: Person, crew: Person
) -> None:
    call_id = await talking(line, dispatcher)
    await crew.post(f"/api/calls/{call_id}/text", {"text": "hi"}, status=403)
    refused = await dispatcher.post(f"/api/calls/{call_id}/text", {"text": "hi", "ago_ms": [1]}, status=400)
    assert "one time" in refused["error"]
    await line.say(call_id, c.CallerDisconnected())
    await until(lambda: found(dispatcher, call_id, lambda call: call["state"] == "disconnected"))
    await dispatcher.post(f"/api/calls/{call_id}/text", {"text": "hi"}, status=409)
