"""The read side: what it finds again, and that nothing that happens to its file is ever a person's problem."""

import asyncio
import os
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import apsw
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tenfour.adapters.projection import Projection
from tenfour.calltaking.event import CallReceived
from tenfour.incident.event import DoorRuledOut, IncidentClosed, NarrativeAdded, PlaceSet
from tenfour.journal.codec import Codec
from tenfour.journal.digest import GENESIS
from tenfour.journal.port import Appended, Batch
from tenfour.location.event import FixClass, FixRecorded
from tenfour.testing.memory_journal import MemoryJournal
from tenfour.testing.sample_fact import BEGAN, SampleFacts
from tenfour.vocabulary.envelope import Access, Event, Fact, Recorded
from tenfour.vocabulary.errors import RecordBroken, Unavailable
from tenfour.vocabulary.ids import CallId, CommandId, IncidentId, StreamName, call_stream
from tenfour.vocabulary.place import Circle, Place, Point
from tenfour.workflow.catalogue import CATALOGUE

KENDALL = Place("9417 Kendall Place", Point(39.9612, -82.9988), "kendall-9417")
NEXT_DOOR = Place("9421 Kendall Place", Point(39.9613, -82.9986), "kendall-9421")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "projection.sqlite"


@pytest.fixture
def projection(path: Path) -> Iterator[Projection]:
    opened = Projection.open(path)
    yield opened
    opened.close()


@pytest.fixture
def facts() -> SampleFacts:
    return SampleFacts()


@pytest.fixture
def journal() -> MemoryJournal:
    return MemoryJournal(Codec(CATALOGUE))


async def recorded(journal: MemoryJournal, *facts: Fact) -> Sequence[Recorded]:
    answer = await journal.append(Batch(facts), recorded_at=BEGAN)
    assert isinstance(answer, Appended)
    return answer.records


async def test_facts_come_back_as_they_were_recorded(
    projection: Projection, journal: MemoryJournal, facts: SampleFacts
) -> None:
    records = await recorded(journal, facts.call(), facts.note(), facts.note("unit/12A3"))
    projection.apply(records, {})
    rows = projection.facts()
    assert [(row.seq, row.id, row.stream, row.version, row.type) for row in rows] == [
        (r.seq, r.header.id, r.header.stream, r.header.version, r.header.type) for r in records
    ]
    for row, record in zip(rows, records, strict=True):
        assert row.payload is not None
        assert msgspec.json.decode(row.payload, type=type(record.event)) == record.event
        assert (row.at, row.recorded_at, row.actor) == (record.at, record.header.recorded_at, record.header.actor)


async def test_rows_serialise_with_the_payload_as_json(
    projection: Projection, journal: MemoryJournal, facts: SampleFacts
) -> None:
    projection.apply(await recorded(journal, facts.note(text="Open line.")), {})
    [row] = msgspec.json.decode(msgspec.json.encode(projection.facts()))
    assert row["payload"] == {"text": "Open line."}
    assert row["actor"]["id"] == "adeyemi"


async def test_facts_are_filtered_by_stream_place_and_access(
    projection: Projection, journal: MemoryJournal, facts: SampleFacts
) -> None:
    await_me = [
        facts.of(NarrativeAdded("all"), "incident/a", access=Access.PUBLIC),
        facts.of(NarrativeAdded("medics"), "incident/a", access=Access.MEDICAL),
        facts.of(NarrativeAdded("other"), "incident/b", access=Access.PUBLIC),
    ]
    projection.apply(await recorded(journal, *await_me), {})
    assert [row.seq for row in projection.facts(StreamName("incident/a"))] == [1, 2]
    assert [row.seq for row in projection.facts(StreamName("incident/a"), access={Access.PUBLIC})] == [1]
    assert [row.seq for row in projection.facts(after=1, limit=1)] == [2]
    assert projection.facts(access=set()) == []


async def test_words_are_found_by_beginnings_without_accents_and_by_access(
    projection: Projection, journal: MemoryJournal, facts: SampleFacts
) -> None:
    closing = IncidentClosed("Just wanted a hug.", ("18",), "child_phone", tried=("knocked",))
    records = await recorded(
        journal,
        facts.note(text="José is laughing, the handset was found."),
        facts.of(closing, access=Access.CHILD),
        facts.of(PlaceSet(KENDALL)),
    )
    projection.apply(records, {})
    assert [found.seq for found in projection.search("jose laugh")] == [1]
    [found] = projection.search("hug")
    assert (found.seq, found.type, found.access) == (2, "IncidentClosed", Access.CHILD)
    assert "wanted a hug" in found.words
    assert projection.search("hug", access={Access.CALL}) == []
    assert [found.seq for found in projection.search("9417 kendall")] == [3]
    assert projection.search("wanted nothing") == []


async def test_number_is_found_as_people_write_it(
    projection: Projection, journal: MemoryJournal, facts: SampleFacts
) -> None:
    projection.apply(await recorded(journal, facts.call()), {})
    assert [found.seq for found in projection.search("911-442-7186")] == [1]
    assert [found.seq for found in projection.search("911 442")] == [1]


@given(text=st.text(max_size=40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None)
def test_nothing_that_is_typed_is_taken_for_syntax(projection: Projection, text: str) -> None:
    assert projection.search(text) == []


@pytest.mark.parametrize("text", ['"', "a OR b", "NEAR(a b)", "text:hug", "*", "a*b", "-hug", "(", "\0", "\ud800", ""])
def test_search_syntax_is_only_words(projection: Projection, text: str) -> None:
    assert projection.search(text) == []


async def test_history_of_an_address_names_the_incidents_that_stayed_there(
    projection: Projection, journal: MemoryJournal, facts: SampleFacts
) -> None:
    events: list[tuple[str, Event]] = [
        ("incident/old", PlaceSet(KENDALL)),
        ("incident/wrong", PlaceSet(KENDALL)),
        ("incident/wrong", PlaceSet(NEXT_DOOR, reason="the fix improved")),
        ("incident/door", PlaceSet(KENDALL)),
        ("incident/door", DoorRuledOut("kendall-9417", KENDALL.label, "nobody with a phone")),
        ("incident/new", PlaceSet(KENDALL)),
    ]
    projection.apply(await recorded(journal, *(facts.of(event, stream) for stream, event in events)), {})
    assert [place.stream for place in projection.earlier_at("kendall-9417")] == ["incident/new", "incident/old"]
    [moved] = projection.earlier_at("kendall-9421")
    assert (moved.stream, moved.label, moved.point) == ("incident/wrong", NEXT_DOOR.label, NEXT_DOOR.point)
    assert projection.earlier_at("nowhere") == []
    assert projection.earlier_at("kendall-9417", access={Access.PUBLIC}) == []


async def test_earlier_calls_near_a_point_come_nearest_first(
    projection: Projection, journal: MemoryJournal, facts: SampleFacts
) -> None:
    def fix(lat: float) -> FixRecorded:
        circle = Circle(Point(lat, -82.9988), 40.0)
        return FixRecorded(FixClass.PHASE_II, circle, 40.0, 90.0, "A-GPS", "by value")

    calls = [facts.of(fix(lat), f"call/{name}") for name, lat in (("far", 39.99), ("near", 39.9616), ("here", 39.9612))]
    unplaced = facts.of(FixRecorded(FixClass.PHASE_I, None, None, None, "Cell", "by value"), "call/none")
    projection.apply(await recorded(journal, *calls, unplaced), {})
    found = projection.earlier_near(Point(39.9612, -82.9988), 100)
    assert [place.stream for place in found] == ["call/here", "call/near"]
    assert found[1].distance_m == pytest.approx(44.5, abs=0.5)
    assert [place.stream for place in projection.earlier_near(Point(39.9612, -82.9988), 5000, limit=3)][
        -1
    ] == "call/far"
    assert projection.earlier_near(Point(-39.0, 120.0), 100) == []


async def test_command_is_found_by_its_key(projection: Projection, journal: MemoryJournal, facts: SampleFacts) -> None:
    led_to = [facts.of(NarrativeAdded(text), command_id="key-7") for text in ("one", "two")]
    records = await recorded(journal, facts.note(), *led_to)
    projection.apply(records, {})
    assert projection.command(CommandId("key-7")) == [record.header for record in records[1:]]
    assert projection.command(CommandId("key-8")) == []


async def test_states_are_those_of_the_last_event(
    projection: Projection, journal: MemoryJournal, facts: SampleFacts
) -> None:
    projection.apply(await recorded(journal, facts.note()), {("incident", "a"): b"1", ("call", "x"): b"ringing"})
    ended = {("call", "x"): BEGAN}
    projection.apply(await recorded(journal, facts.note()), {("call", "x"): b"over"}, finished=ended)
    assert projection.states() == {("incident", "a"): b"1", ("call", "x"): b"over"}
    assert projection.states(since=BEGAN) == {("incident", "a"): b"1"}
    assert projection.states(since=BEGAN - timedelta(seconds=1)) == projection.states()
    assert (projection.state("call", "x"), projection.state("call", "y")) == (b"over", None)
    projection.apply(await recorded(journal, facts.note()), {("call", "x"): b"again"})
    assert ("call", "x") in projection.states(since=BEGAN)


async def test_one_state_is_found_while_a_page_is_being_taken_in(
    projection: Projection, journal: MemoryJournal, facts: SampleFacts
) -> None:
    projection.apply(await recorded(journal, facts.note()), {("call", "x"): b"1"})
    with projection._lock:
        found = await asyncio.wait_for(asyncio.to_thread(projection.state, "call", "x"), 5)
    assert found == b"1"


async def test_calls_of_a_number_are_found_newest_first(
    projection: Projection, journal: MemoryJournal, facts: SampleFacts
) -> None:
    for name, ani in (("call1", "614-555-0137"), ("call2", "911-442-7186"), ("call3", "614-555-0137")):
        received = CallReceived(CallId(name), IncidentId("i"), True, ani, None, "s", name, "UDP", "h")
        told = replace(facts.note(), stream=call_stream(CallId(name)), event=received)
        projection.apply(await recorded(journal, told), {})
    assert [row.stream for row in projection.earlier_of("614-555-0137")] == ["call/call3", "call/call1"]
    assert projection.earlier_of("614-555-0137", access=()) == projection.earlier_of("nobody") == []


async def test_restarted_read_side_goes_on_where_it_was(
    path: Path, projection: Projection, journal: MemoryJournal, facts: SampleFacts
) -> None:
    first = await recorded(journal, facts.note(), facts.note())
    projection.apply(first, {("incident", "a"): b"{}"})
    projection.close()
    again = Projection.open(path)
    assert again.head == await journal.head()
    more = await recorded(journal, facts.note())
    again.apply([*first, *more], {})
    assert [row.seq for row in again.facts()] == [1, 2, 3]
    assert again.states() == {("incident", "a"): b"{}"}
    again.close()


async def test_missing_records_are_refused(projection: Projection, journal: MemoryJournal, facts: SampleFacts) -> None:
    records = await recorded(journal, *(facts.note() for _ in range(3)))
    projection.apply(records[:1], {})
    with pytest.raises(RecordBroken, match="event 1 and was given 3"):
        projection.apply(records[2:], {("incident", "a"): b"{}"})
    assert (projection.last_seq, projection.states()) == (1, {})


async def test_failed_apply_leaves_nothing_behind(
    projection: Projection, journal: MemoryJournal, facts: SampleFacts
) -> None:
    records = await recorded(journal, facts.note(), facts.note())
    with pytest.raises(TypeError):
        projection.apply(records, {("incident", "a"): object()})  # type: ignore[dict-item]
    assert (projection.last_seq, projection.facts()) == (0, [])
    projection.apply(records, {})
    assert projection.last_seq == 2


async def test_event_that_nobody_can_read_is_shown_as_it_stands(
    projection: Projection, journal: MemoryJournal, facts: SampleFacts
) -> None:
    await recorded(journal, facts.note(text="from the future"))
    codec = Codec({})
    [(header, payload, _)] = await journal.headers()
    assert payload is not None
    projection.apply([Recorded(header, codec.decode(header.type, 1, payload))], {})
    [row] = projection.facts()
    assert bytes(row.payload or b"") == payload
    assert projection.search("future") == []


async def test_erased_payload_is_an_empty_row(
    projection: Projection, journal: MemoryJournal, facts: SampleFacts
) -> None:
    [record] = await recorded(journal, facts.note())
    projection.apply([Recorded(record.header, None)], {})
    [row] = projection.facts()
    assert row.payload is None


def _overwrite(path: Path) -> None:
    path.write_bytes(b"this is no database at all, but quite long: " * 400)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _of_another_version(path: Path) -> None:
    with apsw.Connection(str(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()


def _without_a_table(path: Path) -> None:
    with apsw.Connection(str(path)) as connection:
        connection.execute("DROP TABLE fact")
    connection.close()


@pytest.mark.parametrize("harm", [_overwrite, _empty, _of_another_version, _without_a_table, os.unlink])
async def test_damaged_or_older_read_side_is_made_anew(
    path: Path, projection: Projection, journal: MemoryJournal, facts: SampleFacts, harm: object
) -> None:
    records = await recorded(journal, facts.note())
    projection.apply(records, {("incident", "a"): b"{}"})
    projection.close()
    harm(path)  # type: ignore[operator]
    again = Projection.open(path)
    assert (again.last_seq, again.head.digest, again.states()) == (0, GENESIS, {})
    again.apply(records, {})
    assert again.last_seq == 1
    again.close()


def _scribble_over_the_oldest_facts(path: Path) -> None:
    connection = apsw.Connection(str(path))
    page = connection.execute("SELECT min(pageno) FROM dbstat WHERE name = 'fact' AND pagetype = 'leaf'").get
    connection.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)


async def test_damage_found_later_begins_anew_and_says_so(
    path: Path, projection: Projection, journal: MemoryJournal, facts: SampleFacts
) -> None:
    records = await recorded(journal, *(facts.note(text="word " * 200) for _ in range(500)))
    projection.apply(records, {})
    projection.close()
    _scribble_over_the_oldest_facts(path)
    again = Projection.open(path)
    assert again.last_seq == 500
    with pytest.raises(Unavailable, match="damaged"):
        again.facts()
    assert again.last_seq == 0
    again.apply(records, {})
    assert len(again.facts(limit=1000)) == 500
    again.close()


async def test_read_side_of_another_journal_is_noticed_by_its_head(
    projection: Projection, journal: MemoryJournal, facts: SampleFacts
) -> None:
    projection.apply(await recorded(journal, facts.note()), {})
    other = MemoryJournal(Codec(CATALOGUE))
    [record] = await recorded(other, facts.note())
    assert projection.head.digest != record.header.digest
    projection.begin_anew()
    projection.apply([record], {})
    assert projection.head == await other.head()


def test_read_side_is_private(path: Path, projection: Projection) -> None:
    assert path.stat().st_mode & 0o777 == 0o600
