"""Calls are captioned while they go on: by the real model, from audio as media workers send it; it decides nothing."""

import asyncio
import os
import signal
import wave
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tenfour.adapters.caption_feed import CaptionFeed
from tenfour.adapters.captioner import Captioner
from tenfour.calltaking import event as c
from tenfour.calltaking.caption import Pace, Said
from tenfour.calltaking.text_event import Party
from tenfour.desk.captioning import STOPPED
from tenfour.vocabulary.ids import CallId

from .conftest import CentreProcess, OurLine, Person, until

FRAME = 320
"""Bytes of 20 ms."""

with_model = pytest.mark.needs_speech


def want_captions(folder: Path, more: str = "") -> None:
    with (folder / "centre.toml").open("a") as settings:
        settings.write(f"\n[speech]\ncaptions = true\n{more}")


async def speak(feed: CaptionFeed, call_id: CallId, clip: Path, party: Party = Party.CALLER) -> None:
    """As a media worker: 20 ms at a time."""
    with wave.open(str(clip)) as file:
        pcm = file.readframes(file.getnframes())
    for at in range(0, len(pcm), FRAME):
        feed.hear(call_id, party, pcm[at : at + FRAME])
        await asyncio.sleep(0.02)


async def connected_call(line: OurLine) -> CallId:
    call_id = await line.ring()
    await line.say(call_id, c.CallConnected("PCMU", "127.0.0.1:9"))
    return call_id


async def captions_of(person: Person, call_id: CallId) -> Any:
    answer = await person.client.get(f"/api/calls/{call_id}")
    return answer.json()["captions"] if answer.is_success else None


def reading(person: Person, call_id: CallId, wanted: Callable[[Any], bool]) -> Callable[[], Awaitable[Any]]:
    async def question() -> Any:
        captions = await captions_of(person, call_id)
        return captions if captions is not None and wanted(captions) else None

    return question


def captioner_of(centre: CentreProcess) -> int:
    """The process."""
    children = Path(f"/proc/{centre.pid}/task/{centre.pid}/children").read_text().split()
    return next(int(child) for child in children if b"caption_worker" in Path(f"/proc/{child}/cmdline").read_bytes())


@pytest.fixture
async def person(centre: CentreProcess) -> AsyncIterator[Person]:
    """R. Adeyemi, who logs in when the centre is up."""
    someone = Person(centre)
    yield someone
    await someone.client.aclose()


@with_model
async def test_call_is_captioned_while_it_goes_on_and_the_final_lines_are_recorded(
    centre: CentreProcess, line: OurLine, person: Person, read_aloud: Path
) -> None:
    want_captions(centre.folder)
    centre.start()
    await centre.ready()
    await person.log_in("dispatcher", "adeyemi", position="04")
    call_id = await connected_call(line)
    await until(reading(person, call_id, lambda shown: shown["problem"] == ""), 60)
    feed = CaptionFeed(centre.folder / "run" / "captions.sock")
    speaking = asyncio.create_task(speak(feed, call_id, read_aloud))
    shown = await until(reading(person, call_id, lambda shown: bool(shown["lines"])), 60)
    assert not shown["lines"][0]["final"], "a line is shown before it is whole"
    assert "unverified" in shown["words"]
    await speaking
    feed.end(call_id)
    shown = await until(reading(person, call_id, lambda shown: all(line["final"] for line in shown["lines"])), 60)
    assert "best of times" in " ".join(line["text"] for line in shown["lines"]).lower()
    assert {line["side"] for line in shown["lines"]} == {"caller"}

    async def recorded() -> Any:
        return [
            fact for fact in await person.get("/api/facts", stream=f"call/{call_id}") if fact["type"] == "CallCaptioned"
        ]

    await until(recorded, 30)
    again = await captions_of(person, call_id)
    assert [line["text"] for line in again["lines"]] == [line["text"] for line in shown["lines"]]
    assert "CallCaptioned" in [hit["type"] for hit in await person.get("/api/search", q="best times")]

    os.kill(captioner_of(centre), signal.SIGKILL)
    await until(reading(person, call_id, lambda shown: shown["problem"] == STOPPED), 30)
    await until(reading(person, call_id, lambda shown: shown["problem"] == ""), 60)
    await until(lambda: _heard_again(feed, call_id, person, read_aloud, len(shown["lines"])), 90)
    feed.close()


async def _heard_again(feed: CaptionFeed, call_id: CallId, person: Person, clip: Path, before: int) -> bool:
    """The worker finds the next captioner by itself."""
    await speak(feed, call_id, clip, Party.CENTRE)
    captions = await captions_of(person, call_id)
    return len(captions["lines"]) > before and captions["lines"][-1]["side"] == "centre"


@with_model
async def test_captioner_that_hangs_is_begun_anew_and_nobody_waits_for_it(
    tmp_path: Path, read_aloud: Path, speech: None
) -> None:
    captioner, told = Captioner(None, "en", tmp_path / "c.sock", patience_s=3.0), list[Said | Pace | None]()
    running = asyncio.create_task(captioner.run(told.append))

    async def has_told(wanted: Callable[[Said | Pace | None], bool]) -> bool:
        return any(map(wanted, told))

    await until(lambda: has_told(lambda one: isinstance(one, Pace)), 60)
    feed, call_id = CaptionFeed(tmp_path / "c.sock"), CallId("hangs")
    stuck = captioner.pid
    assert stuck is not None
    os.kill(stuck, signal.SIGSTOP)
    loud, loop = bytes([1, 2]) * 160, asyncio.get_running_loop()
    began = loop.time()
    for _ in range(50 * 3600):
        feed.hear(call_id, Party.CALLER, loud)
        if feed.lost:
            break
    assert feed.lost, "what is not taken is lost, not kept"
    assert loop.time() - began < 5.0
    await until(lambda: has_told(lambda one: one is None), 30)
    told.clear()
    await until(lambda: has_told(lambda one: isinstance(one, Pace)), 60)
    assert captioner.pid not in (None, stuck)
    for _ in range(5):
        await speak(feed, call_id, read_aloud)
        if any(isinstance(one, Said) and "best of times" in one.text.lower() for one in told):
            break
    else:
        pytest.fail(f"the next captioner heard nothing: {told[-3:]}")
    feed.close()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_centre_that_cannot_caption_says_so_in_one_sentence_and_takes_its_calls(
    centre: CentreProcess, line: OurLine, person: Person
) -> None:
    want_captions(centre.folder, 'caption_model = "no-such-folder"\n')
    centre.start()
    await centre.ready()
    await person.log_in("dispatcher", "adeyemi", position="04")
    call_id = await connected_call(line)
    shown = await until(reading(person, call_id, lambda shown: "no captions" in shown["problem"]), 20)
    assert shown["problem"].count(".") >= 1 and shown["lines"] == []
    await person.post(f"/api/calls/{call_id}/answer")


async def test_centre_without_the_setting_shows_no_captions_and_listens_nowhere(
    running: CentreProcess, line: OurLine, dispatcher: Person
) -> None:
    call_id = await connected_call(line)
    await until(lambda: _answers(dispatcher, call_id))
    assert await captions_of(dispatcher, call_id) is None
    assert not (running.folder / "run" / "captions.sock").exists()


async def test_centre_that_cannot_transcribe_goes_on(centre: CentreProcess, line: OurLine, person: Person) -> None:
    with (centre.folder / "centre.toml").open("a") as settings:
        settings.write('\n[speech]\ntranscripts = true\nmodel = "no-such-folder"\n')
    centre.start()
    await centre.ready()
    await person.log_in("dispatcher", "adeyemi", position="04")
    call_id = await line.ring()
    recorded = (c.RecordingStarted("a.wav", 1), c.RecordingEnded("a.wav", 1, 2.98, "0" * 64))
    await line.say(call_id, *recorded, c.CallAbandoned(c.Signal.CANCEL))

    async def said() -> bool:
        return "are not transcribed" in (centre.folder / "center.log").read_text()

    await until(said, 20)
    next_call = await connected_call(line)
    await until(lambda: _answers(person, next_call))
    assert centre.pid, "the centre has not ended"


async def _answers(person: Person, call_id: CallId) -> bool:
    return (await person.client.get(f"/api/calls/{call_id}")).is_success
