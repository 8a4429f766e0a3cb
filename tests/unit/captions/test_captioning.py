"""Captions in the centre: shown while they change, recorded when they are final, whatever the record does."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import msgspec
import pytest

from tenfour.calltaking.caption import Pace, Said
from tenfour.calltaking.event import CallerDisconnected, CallReceived, CallRinging
from tenfour.calltaking.speech_event import CallCaptioned
from tenfour.calltaking.text_event import Party
from tenfour.desk import captioning
from tenfour.desk.captioning import BEGINS, LOST, STOPPED, Captioning
from tenfour.desk.ledger import Ledger
from tenfour.journal.codec import Codec
from tenfour.journal.port import Appended, Batch, Conflicted
from tenfour.testing.memory_journal import MemoryJournal
from tenfour.testing.stopped_clock import StoppedClock
from tenfour.vocabulary.envelope import Actor, ActorKind, Event, Fact, Header
from tenfour.vocabulary.errors import Unavailable
from tenfour.vocabulary.ids import AgencyId, CallId, CommandId, EventId, IncidentId, call_stream
from tenfour.workflow.catalogue import CATALOGUE
from tenfour.workflow.policy import Policy

CALL = CallId("call0000001")
LINE = Actor(ActorKind.DEVICE, "line-1")


class AwayJournal(MemoryJournal):
    """Cannot write while `away`."""

    away = False

    async def append(self, batch: Batch, *, recorded_at: datetime) -> Appended | Conflicted:
        if self.away:
            raise Unavailable("The disk is full.")
        return await super().append(batch, recorded_at=recorded_at)


class Scripted:
    """A captioner that tells what the test says."""

    model, language = "moonshine-tiny-en", "en"

    def __init__(self, why_not: str = "") -> None:
        self._why_not = why_not
        self.tell: Callable[[Said | Pace | None], None] = lambda _: None

    async def run(self, tell: Callable[[Said | Pace | None], None]) -> None:
        if self._why_not:
            raise Unavailable(self._why_not)
        self.tell = tell
        await asyncio.Event().wait()

    def say(self, line: int, text: str, *, final: bool = False, ago_s: float = 1.0, call: CallId = CALL) -> None:
        self.tell(Said(call, Party.CALLER, line, text, final, ago_s, 0.2))


class Bench:
    """A centre with one call that goes on, and a test call."""

    def __init__(self, captions: Scripted) -> None:
        self.journal, self.clock = AwayJournal(Codec(CATALOGUE)), StoppedClock()
        ids = (EventId(f"01900000-0000-7000-8000-{n:012x}") for n in itertools.count(1))
        keys = (CommandId(f"c-{n}") for n in itertools.count(1))
        self.ledger = Ledger(
            self.journal,
            Policy(),
            agency=AgencyId("sheriff"),
            now=self.clock.now,
            recorded_now=self.clock.now,
            new_id=lambda: next(ids),
            find_command=self._find,
        )
        self._ids = ids
        self.changed: list[CallId] = []
        self.captioning = Captioning(self.ledger, captions, self.clock.now, lambda: next(keys), self.changed.append)

    async def _find(self, command_id: CommandId) -> Sequence[Header]:
        return []

    async def tell(self, call_id: CallId, *events: Event) -> None:
        actor, agency = LINE, AgencyId("sheriff")
        facts = [Fact(next(self._ids), call_stream(call_id), one, self.clock.now(), actor, agency) for one in events]
        await self.ledger.take(facts)

    async def ring(self, call_id: CallId, *, test: bool = False) -> None:
        received = CallReceived(
            call_id, IncidentId("i"), True, "911-442-7186", None, "urn:service:sos", "x", "UDP", "h"
        )
        await self.tell(call_id, msgspec.structs.replace(received, test=test), CallRinging())

    def shown(self) -> list[tuple[int, str, bool]]:
        live = self.captioning.live(CALL)
        return [(one.caption.number, one.caption.text, one.final) for one in live.lines] if live else []

    def recorded(self) -> list[tuple[int, str]]:
        kept = self.ledger.shown.calls[CALL].captions
        return [(line.number, line.text) for line in kept.lines]

    def problem(self) -> str:
        live = self.captioning.live(CALL)
        assert live is not None
        return live.problem


@asynccontextmanager
async def bench_with(captions: Scripted) -> AsyncIterator[Bench]:
    made = Bench(captions)
    ledger = asyncio.create_task(made.ledger.run())
    await made.ring(CALL)
    tasks = [ledger, *(asyncio.create_task(one) for one in (made.captioning.run(), made.captioning.record_for_ever()))]
    await asyncio.sleep(0)
    yield made
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
def captions() -> Scripted:
    return Scripted()


@pytest.fixture
async def bench(captions: Scripted, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    monkeypatch.setattr(captioning, "GATHER_S", 0.01)
    async with bench_with(captions) as made:
        yield made


async def until(wanted: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not wanted():
            await asyncio.sleep(0.005)


async def test_line_changes_in_its_place_and_only_its_end_is_recorded(bench: Bench, captions: Scripted) -> None:
    assert bench.problem() == BEGINS
    captions.tell(Pace())
    assert bench.problem() == ""
    captions.say(7, "He took")
    captions.say(7, "He took a nice")
    assert bench.shown() == [(1, "He took a nice", False)]
    await asyncio.sleep(0.05)
    assert bench.recorded() == []
    bench.clock.advance(2)
    captions.say(7, "He took a knife.", final=True, ago_s=3.0)
    captions.say(8, "And", ago_s=0.5)
    await until(lambda: bench.recorded() == [(1, "He took a knife.")])
    await until(lambda: bench.shown() == [(2, "And", False)])
    line = bench.ledger.shown.calls[CALL].captions.lines[0]
    assert line.began_at == bench.clock.now() - timedelta(seconds=3)
    assert line.ended_at == bench.clock.now() - timedelta(seconds=0.2)


async def test_words_that_are_taken_back_are_nowhere(bench: Bench, captions: Scripted) -> None:
    captions.say(1, "The.")
    captions.say(1, "", final=True)
    assert bench.shown() == []
    await asyncio.sleep(0.05)
    assert bench.recorded() == []


async def test_number_of_a_line_that_was_taken_back_is_never_given_again(bench: Bench, captions: Scripted) -> None:
    captions.say(1, "The.")
    captions.say(1, "")  # it goes on
    captions.say(2, "Where are you?")
    captions.say(1, "At the bridge.", final=True)
    assert sorted(bench.shown()) == [(1, "At the bridge.", True), (2, "Where are you?", False)]
    captions.say(2, "", final=True)
    await until(lambda: bench.recorded() == [(1, "At the bridge.")])
    captions.say(3, "Which one?", final=True)
    await until(lambda: bench.recorded() == [(1, "At the bridge."), (3, "Which one?")])


async def test_record_that_is_away_gets_the_lines_later_and_the_newest_of_too_many(
    bench: Bench, captions: Scripted
) -> None:
    bench.journal.away = True
    for number in range(1, captioning.MOST_UNRECORDED + 6):
        captions.say(number, f"line {number}", final=True)
    await asyncio.sleep(0.05)
    assert len(bench.shown()) == captioning.MOST_UNRECORDED
    bench.journal.away = False
    await until(lambda: len(bench.recorded()) == captioning.MOST_UNRECORDED)
    assert bench.recorded()[-1] == (captioning.MOST_UNRECORDED + 5, f"line {captioning.MOST_UNRECORDED + 5}")
    await until(lambda: bench.shown() == [])


async def test_captioner_that_is_gone_leaves_its_lines_as_they_were_and_the_next_begins_others(
    bench: Bench, captions: Scripted
) -> None:
    captions.say(1, "He took a")
    captions.tell(None)
    assert bench.problem() == STOPPED
    captions.say(1, "Where are you?")
    assert bench.shown() == [(1, "He took a", True), (2, "Where are you?", False)]
    await until(lambda: bench.recorded() == [(1, "He took a")])


async def test_desk_is_told_how_far_behind_the_captions_are_and_that_words_are_missing(
    bench: Bench, captions: Scripted
) -> None:
    captions.tell(Pace(behind_s=1.0))
    assert bench.problem() == ""
    bench.changed.clear()
    captions.tell(Pace(behind_s=4.2))
    assert bench.problem() == "The captions are more than 3 s behind."
    assert bench.changed == [CALL]
    captions.tell(Pace(behind_s=5.1))
    assert bench.changed == [CALL], "nothing new to read"
    captions.tell(Pace(lost_s=8.0))
    assert bench.problem() == LOST
    captions.tell(Pace())
    assert bench.problem() == LOST, "it stays to be read"
    bench.clock.advance(11)
    captions.tell(Pace())
    assert bench.problem() == ""


async def test_calls_that_are_no_work_are_not_captioned_and_one_that_ended_keeps_what_was_said(
    bench: Bench, captions: Scripted
) -> None:
    test = CallId("test0000001")
    await bench.ring(test, test=True)
    captions.say(1, "one two", call=test)
    captions.say(2, "who is that", call=CallId("unknown0001"))
    assert bench.captioning.live(test) is None
    assert bench.changed == []
    captions.say(3, "Good", final=False)
    await bench.tell(CALL, CallerDisconnected())
    captions.say(3, "Goodbye.", final=True)
    await until(lambda: bench.recorded() == [(1, "Goodbye.")])
    await until(lambda: bench.captioning.live(CALL) is None)


async def test_centre_without_a_model_says_why_and_goes_on() -> None:
    why = "There are no captions: the extra is not installed; expected `pip install tenfour[speech]`."
    async with bench_with(Scripted(why)) as bench:
        await until(lambda: bench.problem() == why)


def test_what_is_captioned_is_named_in_the_catalogue() -> None:
    assert CATALOGUE["CallCaptioned"] is CallCaptioned
