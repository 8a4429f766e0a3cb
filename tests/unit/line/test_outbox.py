"""The line's outbox: order, trimming, reopening, what calls keep, and a disk that fails."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import apsw
import msgspec
import pytest

from tenfour.adapters import outbox as outbox_module
from tenfour.adapters.identity import new_event_id
from tenfour.adapters.line_fact import unpack
from tenfour.adapters.outbox import Outbox
from tenfour.calltaking.event import CallerAudioStopped, CallRinging
from tenfour.vocabulary.envelope import Actor, ActorKind, Event, Fact
from tenfour.vocabulary.errors import BadInput
from tenfour.vocabulary.ids import AgencyId, CallId, call_stream

CALL = CallId("call0123456789")


def fact(event: Event | None = None) -> Fact:
    return Fact(
        new_event_id(),
        call_stream(CALL),
        event or CallRinging(),
        datetime(2026, 11, 21, 12, 0, tzinfo=UTC),
        Actor(ActorKind.DEVICE, "line-1"),
        AgencyId("larkspur"),
    )


async def ids(outbox: Outbox, after: int = 0) -> list[str]:
    return [waiting.carried.id for waiting in await outbox.waiting(after, 10_000)]


def set_aside(folder: Path) -> list[Path]:
    return list(folder.glob("outbox.sqlite.broken-*"))


async def test_facts_come_back_in_the_order_they_were_put(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    facts = [fact() for _ in range(500)]
    for one in facts[:-1]:
        outbox.put([one])
    await outbox.put(facts[-1:])
    assert await ids(outbox) == [one.id for one in facts]
    await outbox.close()


async def test_a_fact_comes_back_as_it_was(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    put = fact(CallerAudioStopped(3.0))
    await outbox.put([put])
    (waiting,) = await outbox.waiting()
    assert unpack(waiting.carried, {"CallerAudioStopped": CallerAudioStopped}) == put
    await outbox.close()


async def test_an_unknown_type_of_fact_is_refused_by_name(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    await outbox.put([fact()])
    (waiting,) = await outbox.waiting()
    with pytest.raises(BadInput, match="CallRinging of schema 1"):
        unpack(waiting.carried, {})
    await outbox.close()


async def test_trimmed_facts_are_gone_and_the_rest_stays(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    facts = [fact() for _ in range(10)]
    await outbox.put(facts)
    waiting = await outbox.waiting()
    outbox.trim(waiting[6].n)
    assert await ids(outbox) == [one.id for one in facts[7:]]
    await outbox.close()


async def test_after_reopening_everything_not_acknowledged_is_there_again(tmp_path: Path) -> None:
    first = Outbox(tmp_path / "outbox.sqlite")
    facts = [fact() for _ in range(5)]
    await first.put(facts)
    first.trim((await first.waiting())[1].n)
    await first.close()
    second = Outbox(tmp_path / "outbox.sqlite")
    later = fact()
    await second.put([later])
    assert await ids(second) == [one.id for one in [*facts[2:], later]]
    await second.close()


async def test_a_number_is_never_given_twice_even_when_the_outbox_was_empty(tmp_path: Path) -> None:
    first = Outbox(tmp_path / "outbox.sqlite")
    await first.put([fact() for _ in range(3)])
    last = (await first.waiting())[-1].n
    first.trim(last)
    await first.close()
    second = Outbox(tmp_path / "outbox.sqlite")
    await second.put([fact()])
    assert (await second.waiting())[0].n > last
    await second.close()


async def test_the_same_fact_put_twice_is_kept_once(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    one = fact()
    await outbox.put([one])
    await outbox.put([one])
    assert await ids(outbox) == [one.id]
    await outbox.close()


async def test_what_a_call_keeps_is_there_after_reopening_until_it_is_forgotten(tmp_path: Path) -> None:
    first = Outbox(tmp_path / "outbox.sqlite")
    first.put([fact()], kept=(CALL, b"ringing"))
    first.put([fact()], kept=(CallId("another0123456"), b"connected"), note=("clock", b"noon"))
    await first.put([fact()], kept=(CALL, b"connected"))
    await first.close()
    second = Outbox(tmp_path / "outbox.sqlite")
    assert second.kept_calls == {CALL: b"connected", CallId("another0123456"): b"connected"}
    assert second.notes == {"clock": b"noon"}
    await second.put([fact()], forgotten=CALL)
    await second.close()
    third = Outbox(tmp_path / "outbox.sqlite")
    assert list(third.kept_calls) == ["another0123456"]
    await third.close()


async def test_when_the_disk_fails_facts_are_still_delivered_and_written_once_it_works(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    outbox = Outbox(path)
    await outbox.put([fact()])
    with apsw.Connection(str(path)) as other:
        other.execute("CREATE TRIGGER full BEFORE INSERT ON fact BEGIN SELECT RAISE(ABORT, 'disk is full'); END")
    late = [fact(), fact()]
    durable = outbox.put(late)
    assert (await ids(outbox))[1:] == [one.id for one in late]
    assert not durable.done()
    with apsw.Connection(str(path)) as other:
        other.execute("DROP TRIGGER full")
    await durable
    assert (await ids(outbox))[1:] == [one.id for one in late]
    await outbox.close()


async def test_more_facts_than_fit_in_memory_are_counted_as_lost_and_the_first_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    outbox = Outbox(path, limit=3)
    with apsw.Connection(str(path)) as other:
        other.execute("CREATE TRIGGER full BEFORE INSERT ON fact BEGIN SELECT RAISE(ABORT, 'disk is full'); END")
    facts = [fact() for _ in range(5)]
    durable = outbox.put(facts)
    assert await ids(outbox) == [one.id for one in facts[:3]]
    assert outbox.lost == 2
    with apsw.Connection(str(path)) as other:
        other.execute("DROP TRIGGER full")
    await durable
    await outbox.close()


async def test_facts_the_centre_took_while_the_disk_failed_are_not_written_later(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    outbox = Outbox(path)
    with apsw.Connection(str(path)) as other:
        other.execute("CREATE TRIGGER full BEFORE INSERT ON fact BEGIN SELECT RAISE(ABORT, 'disk is full'); END")
    facts = [fact(), fact()]
    durable = outbox.put(facts)
    outbox.trim((await outbox.waiting())[0].n)
    with apsw.Connection(str(path)) as other:
        other.execute("DROP TRIGGER full")
    await durable
    assert await ids(outbox) == [facts[1].id]
    await outbox.close()


async def test_a_file_that_is_no_outbox_is_set_aside_and_a_new_one_is_made(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    path.write_bytes(b"not a database, but long enough to be read as the header of one" * 20)
    outbox = Outbox(path)
    one = fact()
    await outbox.put([one])
    assert outbox.on_disk
    assert await ids(outbox) == [one.id]
    assert len(set_aside(tmp_path)) == 1
    await outbox.close()


async def test_without_any_place_on_disk_facts_still_wait_in_memory(tmp_path: Path) -> None:
    (tmp_path / "a_file").write_text("in the way")
    outbox = Outbox(tmp_path / "a_file" / "outbox.sqlite")
    one = fact()
    await outbox.put([one])
    assert not outbox.on_disk
    assert await ids(outbox) == [one.id]
    await outbox.close()


async def test_facts_that_no_longer_fit_in_memory_are_read_from_the_file_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_module, "IN_MEMORY", 3)
    outbox = Outbox(tmp_path / "outbox.sqlite")
    facts = [fact() for _ in range(10)]
    for one in facts:
        await outbox.put([one])
    found = await outbox.waiting(0, 100)
    assert [waiting.carried.id for waiting in found] == [one.id for one in facts]
    assert await outbox.waiting(found[3].n, 2) == found[4:6]
    assert await outbox.waiting(found[7].n) == found[8:]
    await outbox.close()


async def test_what_the_centre_has_taken_is_not_told_again_and_leaves_the_file_soon(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    outbox = Outbox(path)
    facts = [fact() for _ in range(3)]
    await outbox.put(facts)
    outbox.trim((await outbox.waiting())[1].n)
    assert await ids(outbox) == [facts[2].id]
    async with asyncio.timeout(10):
        while in_file(path) != [facts[2].id]:
            await asyncio.sleep(0.01)
    await outbox.close()


async def test_taken_facts_leave_the_file_when_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    outbox = Outbox(path)
    await outbox.put([fact()])
    outbox.trim((await outbox.waiting())[0].n)
    await outbox.close()
    assert in_file(path) == []


async def test_struct_that_a_call_keeps_lies_in_the_file_as_json(tmp_path: Path) -> None:
    first = Outbox(tmp_path / "outbox.sqlite")
    kept = Actor(ActorKind.DEVICE, "line-1")
    await first.put([fact()], kept=(CALL, kept))
    await first.close()
    second = Outbox(tmp_path / "outbox.sqlite")
    assert msgspec.json.decode(second.kept_calls[CALL], type=Actor) == kept
    await second.close()


def in_file(path: Path) -> list[str]:
    """The ids of the facts in the file, as another process sees them."""
    with apsw.Connection(str(path)) as other:
        return [row[0] for row in other.execute("SELECT id FROM fact ORDER BY n")]


async def test_outbox_is_written_through_to_the_disk_and_wipes_what_it_deletes(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    settings = {
        name: outbox._file.execute(f"PRAGMA {name}").get for name in ("journal_mode", "synchronous", "secure_delete")
    }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}
    await outbox.close()
