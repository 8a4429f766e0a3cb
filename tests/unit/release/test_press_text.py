"""Press texts: drafted of facts alone, each sentence on its facts, nothing in them that could identify somebody."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.calltaking.event import CallerDisconnected, CallReceived, Handset, HandsetRecognised, HeardOnCall
from tenfour.dispatch.event import UnitsDispatched
from tenfour.incident.event import (
    CallLinked,
    ChecklistMarked,
    DoorRuledOut,
    IncidentClosed,
    IncidentStatus,
    NarrativeAdded,
    PlaceSet,
    StatusMoved,
)
from tenfour.release import draft, press
from tenfour.release.event import PressSentence
from tenfour.release.press import PressText
from tenfour.release.private import private_strings
from tenfour.vocabulary.code import DISPOSITIONS
from tenfour.vocabulary.envelope import Access, Actor, ActorKind, Event, Header, Recorded
from tenfour.vocabulary.errors import BadInput, Conflict, Refused
from tenfour.vocabulary.ids import AgencyId, CallId, EventId, IncidentId, NodeId, StreamName, UnitId
from tenfour.vocabulary.place import Place, Point

BEGAN = datetime(2026, 11, 20, 23, 41, 7, tzinfo=UTC)
NAMES = draft.Names("Larkspur County 911", "Larkspur County Sheriff", DISPOSITIONS, ZoneInfo("America/New_York"))
INCIDENT, CALL, SECOND = IncidentId("i" * 24), CallId("c" * 24), CallId("d" * 24)
SOMEBODY = Actor(ActorKind.PERSON, "adeyemi")


def recorded(events: Sequence[Event], every_s: float = 60) -> list[Recorded]:
    return [
        Recorded(
            Header(
                seq,
                EventId(f"e{seq}"),
                StreamName(f"incident/{INCIDENT}"),
                seq,
                type(event).__name__,
                1,
                AgencyId("sheriff"),
                Access.CALL,
                BEGAN + timedelta(seconds=seq * every_s),
                BEGAN,
                SOMEBODY,
                None,
                None,
                NodeId("center-1"),
                "",
                "",
            ),
            event,
        )
        for seq, event in enumerate(events, start=101)
    ]


def thread(
    *, number: str = "911-442-7186", name: str = "Joey Miller", label: str = "9417 Kendall Place", child: bool = True
) -> list[Recorded]:
    """A call from dialling to close, with the private things in it wherever people put them."""
    heard = ("child_voice", "laughter") if child else ("calm",)
    items = ("adult_seen", "child_seen", "okay_asked", "lesson_given") if child else ("adult_seen",)
    return recorded(
        [
            CallReceived(CALL, INCIDENT, True, number, number, "urn:service:sos", "x@y", "UDP", "127.0.0.1:5"),
            HandsetRecognised(Handset.NSI, False, False, f"{name} cannot be called back"),
            HeardOnCall(heard, f"Says he is {name}, of {label}"),
            CallerDisconnected("BYE", name),  # type: ignore[arg-type]
            DoorRuledOut("a-1", f"{label} B", name),
            PlaceSet(Place(label, Point(39.9, -82.9), "a-9417"), 1, name),
            NarrativeAdded(f"{name}, mother at {label}, {number}"),
            UnitsDispatched((UnitId("12A3"),), None, name),
            CallLinked(SECOND, False, f"{name} again"),
            StatusMoved(IncidentStatus.RESOURCES_ONSCENE),
            *(ChecklistMarked(item, True) for item in items),
            IncidentClosed(f"{name} just wanted a hug.", ("18", "02"), "child_deactivated_phone"),
        ]
    )


def words(records: Sequence[Recorded]) -> str:
    return " ".join(sentence.text for sentence in draft.sentences(records, NAMES))


def test_golden_thread_reads_as_the_press_writes() -> None:
    assert words(thread()) == (
        "A child called 911 Friday evening on a cellphone without a service plan, Larkspur County 911 said. "
        "The call ended on the caller’s side, and such a phone cannot be called back. "
        "The Larkspur County Sheriff sent one unit; help was there within about two minutes. "
        "Another call about it came in meanwhile. "
        "They met an adult and a child there, asked whether everything was okay and explained when to call 911. "
        "The record was closed as: settled by contact, no report."
    )


def test_every_sentence_names_facts_that_are_there() -> None:
    records = thread()
    facts = {record.seq for record in records}
    for sentence in draft.sentences(records, NAMES):
        assert sentence.rests_on
        assert set(sentence.rests_on) <= facts


WORD = st.text(st.characters(categories=["Ll", "Nd"]), min_size=5, max_size=20)
NAME, STREET = WORD.map(lambda text: f"Zq{text}"), WORD.map(lambda text: f"Yx{text}")


@given(NAME, STREET, st.from_regex(r"[1-9]\d{2}-\d{3}-\d{4}", fullmatch=True), st.integers(1, 99_999), st.booleans())
def test_nothing_private_is_ever_drafted(name: str, street: str, number: str, house: int, child: bool) -> None:
    label = f"{house} {street} Street"
    records = thread(number=number, name=name, label=label, child=child)
    text = words(records)
    assert name not in text
    assert number not in text
    assert label not in text
    assert child is False or street not in text
    assert not any(f"{record.at.astimezone(NAMES.zone):%H:%M}" in text for record in records)
    numbers = {word.strip(".,") for word in text.split() if word.strip(".,").isdigit()}
    assert numbers <= {"911", str(house // 100 * 100)}
    assert house == 911 or str(house) not in numbers


def test_block_is_told_only_where_no_child_has_to_do_with_it() -> None:
    assert "from the 9400 block of Kendall Place" in words(thread(child=False))
    assert "Kendall" not in words(thread())


def test_place_in_somebodys_words_is_never_told() -> None:
    records = recorded([*(r.event for r in thread(child=False) if r.event), PlaceSet(Place("100 of Miller", None))])
    assert "Miller" not in words(records)


@pytest.mark.parametrize(
    ("label", "told"),
    [
        ("9417 Kendall Place", "the 9400 block of Kendall Place"),
        ("12 Oak Street", ""),
        ("9400 Oak Street", ""),
        ("Franklin Park", ""),
    ],
)
def test_block_of_an_address(label: str, told: str) -> None:
    assert draft.block(label) == told


@given(st.datetimes(timezones=st.just(UTC)))
def test_time_is_a_day_and_its_part(at: datetime) -> None:
    day, part = draft.day_part(at, NAMES.zone).split()
    assert day.endswith("day")
    assert part in {"morning", "afternoon", "evening", "night"}


def test_incident_without_facts_to_tell_is_not_drafted() -> None:
    assert draft.sentences([], NAMES) == ()
    with pytest.raises(Refused, match="no fact yet"):
        press.draft(INCIDENT, None, 0, ())


# ---- editing ----


def saved(text: str, *rests_on: int, before: PressText | None = None, based_on: int = 0) -> press.e.PressEdited:
    records = thread()
    facts = {record.seq for record in records}
    written = [PressSentence(text, rests_on)]
    return press.edit(INCIDENT, before, based_on, written, facts=facts, private=private_strings(records))


def test_edited_text_is_a_version_of_its_own() -> None:
    event = saved(" A child wanted a hug. ", 101, 101)
    assert event == press.e.PressEdited(INCIDENT, 1, (PressSentence("A child wanted a hug.", (101,)),))
    text = press.apply(None, event, at=BEGAN, actor=SOMEBODY)
    assert text is not None
    assert text.edited
    with pytest.raises(Conflict, match="version 1, not 0"):
        saved("Again.", 101, before=text)
    assert saved("Again.", 101, before=text, based_on=1).version == 2


@pytest.mark.parametrize(
    ("text", "rests_on", "problem"),
    [("A child called.", (), "no fact"), ("A child called.", (7,), "fact 7"), (" ", (101,), "1 to 40")],
)
def test_sentence_without_a_fact_under_it_is_not_saved(text: str, rests_on: tuple[int, ...], problem: str) -> None:
    with pytest.raises(BadInput, match=problem):
        saved(text, *rests_on)


@pytest.mark.parametrize(
    "text",
    [
        "He lives at 9417 kendall place.",
        "He lives at 9417, Kendall  Place.",
        "The house is number 9417.",
        "His phone is 911-442-7186.",
        "His phone is 9114427186.",
        "His phone ends in 442-7186.",
    ],
)
def test_number_or_address_that_a_person_writes_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="could identify"):
        saved(text, 101)
