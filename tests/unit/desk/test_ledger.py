"""The ledger on a journal in memory: once, in order, all or nothing, and on again after the record was away."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import pytest

from tenfour.calltaking.event import CallerAudioStarted, CallReceived, CallRinging
from tenfour.desk.ledger import Command, Done, Ledger
from tenfour.incident.event import IncidentOpened, NarrativeAdded
from tenfour.journal.codec import Codec
from tenfour.journal.port import Appended, Batch, Conflicted
from tenfour.testing.memory_journal import MemoryJournal
from tenfour.testing.stopped_clock import StoppedClock
from tenfour.vocabulary.envelope import Actor, ActorKind, Fact, Header, Recorded
from tenfour.vocabulary.errors import BadInput, Conflict, NotFound, Refused, Unavailable
from tenfour.vocabulary.ids import AgencyId, CallId, CommandId, EventId, IncidentId, call_stream, incident_stream
from tenfour.workflow.catalogue import CATALOGUE
from tenfour.workflow.policy import Policy
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import Key, World

ADEYEMI = Actor(ActorKind.PERSON, "adeyemi", "dispatcher", "04")
LINE = Actor(ActorKind.DEVICE, "line-1")
ONE = IncidentId("incident0001")
STREAM = incident_stream(ONE)


class FailingJournal(MemoryJournal):
    """Cannot write while `away`; counts the appends it was asked for, and can keep one waiting."""

    def __init__(self) -> None:
        super().__init__(Codec(CATALOGUE))
        self.away = False
        self.lost_answer = False
        self.appends = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def append(self, batch: Batch, *, recorded_at: datetime) -> Appended | Conflicted:
        self.appends += 1
        await self.gate.wait()
        if self.away:
            raise Unavailable("The disk is full.")
        answer = await super().append(batch, recorded_at=recorded_at)
        if self.lost_answer:
            self.lost_answer = False
            raise Unavailable("Whether it was written is not known.")
        return answer


class Bench:
    """A ledger with everything it needs."""

    def __init__(self, journal: FailingJournal) -> None:
        self.journal, self.clock = journal, StoppedClock()
        self.ids = (EventId(f"01900000-0000-7000-8000-{n:012x}") for n in itertools.count(1))
        self.ledger = Ledger(
            journal,
            Policy(),
            agency=AgencyId("sheriff"),
            now=self.clock.now,
            recorded_now=self.clock.now,
            new_id=lambda: next(self.ids),
            find_command=self._find,
        )
        self.seen: list[Recorded] = []
        self.ledger.listen(self._listen)

    async def _find(self, command_id: CommandId) -> Sequence[Header]:
        return []

    def _listen(self, records: Sequence[Recorded], _: frozenset[Key]) -> None:
        self.seen.extend(records)

    async def note(self, text: str, key: str | None = None, *, asked: str = "") -> Done:
        command = Command(ADEYEMI, CommandId(key or f"k-{text}"), key is not None, asked=asked)
        return await self.ledger.record(lambda world, _: _noted(world, text), command)


def _noted(world: World, text: str) -> list[Draft]:
    world.incident(ONE)
    return [Draft(NarrativeAdded(text), STREAM)]


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    made = Bench(FailingJournal())
    await made.ledger.catch_up(World())
    running = asyncio.create_task(made.ledger.run())
    await made.ledger.record(
        lambda _, __: [Draft(IncidentOpened(ONE, 1), STREAM)], Command(ADEYEMI, CommandId("open")), expect={STREAM: 0}
    )
    yield made
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def of_line(number: int, event: CallReceived | CallRinging | CallerAudioStarted, clock: StoppedClock) -> Fact:
    call_id = CallId("call000001")
    name = EventId(f"01900000-0000-7000-9000-{number:012x}")
    return Fact(name, call_stream(call_id), event, clock.now(), LINE, AgencyId("sheriff"))


def received() -> CallReceived:
    return CallReceived(
        CallId("call000001"), IncidentId("incident0002"), True, "614-555-0137", None, "s", "x", "UDP", "h"
    )


async def test_command_is_on_disk_and_shown_when_it_is_answered(bench: Bench) -> None:
    done = await bench.note("porch light on")
    assert [header.type for header in done.headers] == ["NarrativeAdded"]
    assert bench.ledger.shown.incident(ONE).narrative[-1].seq == done.headers[0].seq
    assert (await bench.journal.head()).seq == bench.ledger.shown.seq == bench.seen[-1].seq


async def test_same_key_is_done_once_and_answered_twice(bench: Bench) -> None:
    first, second = await asyncio.gather(bench.note("a", "key"), bench.note("b", "key"))
    third = await bench.note("c", "key")
    assert [first.again, second.again, third.again] == [False, True, True]
    assert [entry.text for entry in bench.ledger.shown.incident(ONE).narrative] == ["a"]


async def test_key_that_was_given_with_something_else_is_refused_and_the_same_is_answered_again(bench: Bench) -> None:
    await bench.note("a", "key", asked="POST a")
    with pytest.raises(Conflict, match="belongs to another command"):
        await bench.note("b", "key", asked="POST b")
    assert (await bench.note("a", "key", asked="POST a")).again
    assert [entry.text for entry in bench.ledger.shown.incident(ONE).narrative] == ["a"]


async def test_refused_command_leaves_its_key_free_for_something_else(bench: Bench) -> None:
    def refuse(_: World, __: datetime) -> list[Draft]:
        raise Refused("no")

    with pytest.raises(Refused):
        await bench.ledger.record(refuse, Command(ADEYEMI, CommandId("key"), True, asked="POST a"))
    assert not (await bench.note("b", "key", asked="POST b")).again


async def test_key_of_somebody_else_is_refused(bench: Bench) -> None:
    await bench.note("a", "key")
    other = Command(Actor(ActorKind.PERSON, "novak"), CommandId("key"), True)
    with pytest.raises(Refused, match="another person"):
        await bench.ledger.record(lambda world, _: _noted(world, "b"), other)


async def test_many_at_once_share_appends_and_keep_their_order(bench: Bench) -> None:
    before = bench.journal.appends
    await asyncio.gather(*(bench.note(f"{number:03}") for number in range(200)))
    assert bench.journal.appends - before < 20
    texts = [entry.text for entry in bench.ledger.shown.incident(ONE).narrative]
    assert texts == sorted(texts)


async def test_nothing_is_shown_before_it_is_on_disk(bench: Bench) -> None:
    bench.journal.gate.clear()
    waiting = asyncio.create_task(bench.note("a"))
    while bench.ledger.waiting == 0:
        await asyncio.sleep(0)
    assert bench.ledger.shown.incident(ONE).narrative == ()
    assert bench.ledger.pending.incident(ONE).narrative[-1].text == "a"
    bench.journal.gate.set()
    await waiting
    assert bench.ledger.shown.incident(ONE).narrative[-1].text == "a"


async def test_refused_decision_leaves_nothing_and_its_key_may_be_used_again(bench: Bench) -> None:
    def refuse(_: World, __: datetime) -> list[Draft]:
        raise NotFound("incident", "none")

    command = Command(ADEYEMI, CommandId("key"), True)
    with pytest.raises(NotFound):
        await bench.ledger.record(refuse, command)
    assert (await bench.note("after all", "key")).again is False


async def test_record_away_is_said_to_all_who_wait_and_pending_is_taken_anew(bench: Bench) -> None:
    bench.journal.away = True
    failed = await asyncio.gather(*(bench.note(f"{n}", f"key-{n}") for n in range(3)), return_exceptions=True)
    assert all(isinstance(error, Unavailable) for error in failed)
    bench.journal.away = False
    await bench.note("back", "key-0")
    assert [entry.text for entry in bench.ledger.shown.incident(ONE).narrative] == ["back"]
    assert bench.ledger.pending.incident(ONE).narrative[-1].text == "back"


async def test_append_of_unknown_outcome_that_was_written_is_taken_in_and_its_key_known(bench: Bench) -> None:
    bench.journal.lost_answer = True
    with pytest.raises(Unavailable):
        await bench.note("written after all", "key")
    assert (await bench.note("written after all", "key")).again is True
    assert [entry.text for entry in bench.ledger.shown.incident(ONE).narrative] == ["written after all"]


async def test_who_leaves_before_the_answer_does_not_undo_the_command(bench: Bench) -> None:
    bench.journal.gate.clear()
    asking = asyncio.create_task(bench.note("a", "key"))
    while bench.ledger.waiting == 0:
        await asyncio.sleep(0)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    bench.journal.gate.set()
    assert (await bench.note("a", "key")).again is True
    assert len(bench.ledger.shown.incident(ONE).narrative) == 1


async def test_facts_of_the_line_are_recorded_once_with_what_follows(bench: Bench) -> None:
    facts = [of_line(1, received(), bench.clock), of_line(2, CallRinging(), bench.clock)]
    await bench.ledger.take(facts)
    seq = bench.ledger.shown.seq
    await bench.ledger.take(facts)
    assert bench.ledger.shown.seq == seq
    types = [record.header.type for record in bench.seen if record.header.stream.startswith("call/")]
    assert types.count("CallReceived") == 1
    assert "HandsetRecognised" in types


async def test_facts_of_the_line_wait_for_the_record(bench: Bench) -> None:
    bench.journal.away = True
    taking = asyncio.create_task(bench.ledger.take([of_line(1, received(), bench.clock)]))
    while bench.journal.appends < 2:
        await asyncio.sleep(0)
    bench.journal.away = False
    async with asyncio.timeout(5):
        await taking
    assert bench.ledger.shown.call("call000001").ani == "614-555-0137"


async def test_fact_of_an_unknown_call_is_recorded_and_the_next_ones_go_on(bench: Bench) -> None:
    await bench.ledger.take([of_line(1, CallerAudioStarted(), bench.clock), of_line(2, received(), bench.clock)])
    assert [r.header.type for r in bench.seen if r.header.id.startswith("01900000-0000-7000-9")] == [
        "CallerAudioStarted",
        "CallReceived",
    ]


async def test_draft_that_can_never_be_recorded_fails_alone(bench: Bench) -> None:
    bad = Command(ADEYEMI, CommandId("bad"))
    bench.journal.gate.clear()
    first = asyncio.create_task(bench.note("before"))
    wrong = asyncio.create_task(bench.ledger.record(lambda _, __: [Draft(NarrativeAdded("\ud800"), STREAM)], bad))
    while bench.ledger.waiting < 2:
        await asyncio.sleep(0)
    bench.journal.gate.set()
    await first
    with pytest.raises(BadInput):
        await wrong
    await bench.note("after")
    assert [entry.text for entry in bench.ledger.shown.incident(ONE).narrative] == ["before", "after"]


async def test_restarted_ledger_shows_the_same_world(bench: Bench) -> None:
    await bench.ledger.take([of_line(1, received(), bench.clock), of_line(2, CallRinging(), bench.clock)])
    await bench.note("a", "key")
    again = Bench(bench.journal)
    await again.ledger.catch_up(World())
    shown, before = again.ledger.shown, bench.ledger.shown
    assert (shown.calls, shown.incidents, shown.seq) == (before.calls, before.incidents, before.seq)
    running = asyncio.create_task(again.ledger.run())
    assert (await again.note("a", "key")).again is True
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
