"""Command lines: what is understood of them, in every spelling; and the laws that hold for any text."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenfour.dispatch.command_argument import MOST_WORDS, PartKind
from tenfour.dispatch.command_context import Context, KnownIncident, KnownUnit
from tenfour.dispatch.command_instruction import Instruction, read_back
from tenfour.dispatch.command_line import Reading, State, read
from tenfour.dispatch.command_text import LONGEST_LINE, clean
from tenfour.dispatch.command_verb import BY_SPELLING, VERBS, Act
from tenfour.vocabulary.ids import IncidentId, UnitId

UNITS = {
    UnitId(name): KnownUnit(UnitId(name), words, letter, number)
    for name, words, letter, number in (
        ("12A3", "L. Brandt, available", "A", None),
        ("14B2", "K. Osei, available", "A", None),
        ("13B2", "D. Moreau, on scene", "S", 415),
        ("14B7", "T. Vance, available", "A", None),
        ("M7", "Medic, en route", "E", 416),
        ("77", "Engine, available", "A", None),
    )
}
KENDALL = KnownIncident(
    IncidentId("i417"), 417, "Hang-up, 9417 Kendall Place", "9417 Kendall Place", travel_times_s={UnitId("12A3"): 250}
)
CRASH = KnownIncident(IncidentId("i416"), 416, "Crash, East Freeway", "East Freeway", units=(UnitId("M7"),))
OAK = KnownIncident(IncidentId("i415"), 415, "Welfare check, Oak Street", "Oak Street", units=(UnitId("13B2"),))
OLD = KnownIncident(IncidentId("i400"), 400, "Found property", is_open=False)
SEVENTY_SEVEN = KnownIncident(IncidentId("i77"), 77, "Open line, Town Street")
CONTEXT = Context(
    units=UNITS,
    incidents={one.number: one for one in (KENDALL, CRASH, OAK, OLD, SEVENTY_SEVEN)},
    kinds={"SUSP": "Suspicious circumstances", "CRASH": "Crash"},
    dispositions={"02": "No report", "14": "Gone or unable to locate", "18": "Settled by contact"},
    seen={"adult_seen": "an adult", "child_seen": "a child"},
)
SELECTED = Context(
    **{name: getattr(CONTEXT, name) for name in ("units", "incidents", "kinds", "dispositions", "seen")},
    unit=UnitId("14B2"),
    number=417,
)


def asked(text: str, context: Context = CONTEXT) -> Instruction:
    """What a complete line asks for."""
    reading = read(text, context)
    assert reading.instruction is not None, reading.problem
    return reading.instruction


def units(*names: str) -> tuple[UnitId, ...]:
    return tuple(UnitId(name) for name in names)


SEND = Instruction(Act.SEND, units("12A3"), 417)


@pytest.mark.parametrize(
    "text",
    [
        "D 12A3 417",
        "d 12a3 417",
        "D.12A3.417",
        "d.12a3,417",
        "D/12A3/417",
        "  D   12A3 ,, 417  ",
        "D 417 12A3",
        "D u:12A3 c:417",
        "D c:417 u:12a3",
        "D u: 12A3 c: 417",
        "D i:417,12A3",
        "D #417 12A3",
        "D u:12A3.417",
        "dispatch 12A 417",
        "/D 12A3 417",
        "\uff24 \uff11\uff12\uff21\uff13 \uff14\uff11\uff17",
        "D 12A3 12a3 417",
        "MD 12A3 417",
        "D\t12A3\n417",
    ],
)
def test_all_spellings_mean_the_same(text: str) -> None:
    assert asked(text) == SEND


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("D 12A3 14B2 417", Instruction(Act.SEND, units("12A3", "14B2"), 417)),
        ("MD u:12A3,14B2 c:417", Instruction(Act.SEND, units("12A3", "14B2"), 417)),
        ("D 14B2 417 r:knows the family", Instruction(Act.SEND, units("14B2"), 417, "knows the family")),
        ("D 14B2 417 r: knows u:12A3", Instruction(Act.SEND, units("14B2"), 417, "knows u:12A3")),
        ("EN 12A3", Instruction(Act.EN_ROUTE, units("12A3"))),
        ("EN 416", Instruction(Act.EN_ROUTE, units("M7"), 416)),
        ("OS M7", Instruction(Act.ON_SCENE, units("M7"))),
        ("A m7", Instruction(Act.ON_SCENE, units("M7"))),
        ("C 417 Just wanted a hug.", Instruction(Act.CLOSE, (), 417, "Just wanted a hug.")),
        ("CU 12A3", Instruction(Act.CLEAR_UNIT, units("12A3"))),
        ("C 13B gone on arrival", Instruction(Act.CLEAR_UNIT, units("13B2"), None, "gone on arrival")),
        (
            "C 417 d:18,2 seen:adult,child fine",
            Instruction(Act.CLOSE, (), 417, "fine", ("18", "02"), ("adult_seen", "child_seen")),
        ),
        (
            "C 417 d:14 tried:knocked; asked next door t:Gone",
            Instruction(Act.CLOSE, (), 417, "Gone", ("14",), (), ("knocked", "asked next door"), tried_first=True),
        ),
        (
            "C 417 d:14 Gone, tried:knocked",
            Instruction(Act.CLOSE, (), 417, "Gone,", ("14",), (), ("knocked",)),
        ),
        ("N 417 Replayed last 15 s", Instruction(Act.NOTE, (), 417, "Replayed last 15 s")),
        ("N 417 D 12A3 416 r:x", Instruction(Act.NOTE, (), 417, "D 12A3 416 r:x")),
        ("N 400 found its owner", Instruction(Act.NOTE, (), 400, "found its owner")),
        ("H 417 all units are at the fire", Instruction(Act.HOLD, (), 417, "all units are at the fire")),
        ("T 12A3 9417 Kendall Place", Instruction(Act.SELF_INITIATE, units("12A3"), None, "9417 Kendall Place")),
        (
            "T 12A3 k:susp Oak at Main",
            Instruction(Act.SELF_INITIATE, units("12A3"), None, "Oak at Main", kind="SUSP"),
        ),
        ("S 417", Instruction(Act.SELECT, (), 417)),
        ("S 12A3", Instruction(Act.SELECT, units("12A3"))),
        ("UH 12A3", Instruction(Act.HISTORY, units("12A3"))),
        ("RTU 13B2 M7", Instruction(Act.RESET_TIMER, units("13B2", "M7"))),
        ("?", Instruction(Act.HELP)),
        ("?D", Instruction(Act.HELP, about="D")),
        ("help move", Instruction(Act.HELP, about="MD")),
        ("D u:77 c:77", Instruction(Act.SEND, units("77"), 77)),
    ],
)
def test_complete_line_asks_for(text: str, expected: Instruction) -> None:
    assert asked(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("D", Instruction(Act.SEND, units("14B2"), 417)),
        ("D 12A3", Instruction(Act.SEND, units("12A3"), 417)),
        ("D 416", Instruction(Act.SEND, units("14B2"), 416)),
        ("EN", Instruction(Act.EN_ROUTE, units("14B2"))),
        ("N mother called back", Instruction(Act.NOTE, (), 417, "mother called back")),
        ("N t:2 people left", Instruction(Act.NOTE, (), 417, "2 people left")),
        ("C Just wanted a hug", Instruction(Act.CLOSE, (), 417, "Just wanted a hug")),
        ("T 5th Avenue", Instruction(Act.SELF_INITIATE, units("14B2"), None, "5th Avenue")),
        ("UH", Instruction(Act.HISTORY, units("14B2"))),
    ],
)
def test_what_is_selected_is_meant_where_nothing_is_named(text: str, expected: Instruction) -> None:
    assert asked(text, SELECTED) == expected


@pytest.mark.parametrize(
    ("text", "state", "problem"),
    [
        ("D", State.INCOMPLETE, "Understood: Dispatch. Missing: which unit; which incident."),
        ("D 12A3", State.INCOMPLETE, "Understood: Dispatch, 12A3. Missing: which incident."),
        ("N 417", State.INCOMPLETE, "Understood: Note, incident 417. Missing: note."),
        ("xyzzy 12A3", State.UNKNOWN, "Not understood: “xyzzy” is no verb (? lists them)."),
        (
            "D 12A3 knows 417",
            State.UNKNOWN,
            "Understood: Dispatch, 12A3, incident 417. Not understood: “knows” is no unit or incident on the board.",
        ),
        (
            "D 14B 417",
            State.UNKNOWN,
            "Understood: Dispatch, incident 417. Not understood: “14B” can be 14B2, 14B7. Missing: which unit.",
        ),
        (
            "D 12A3 999",
            State.UNKNOWN,
            "Understood: Dispatch, 12A3. Not understood: “999” is no incident on the board. Missing: which incident.",
        ),
        (
            "D 77 417",
            State.UNKNOWN,
            "Understood: Dispatch, incident 417. Not understood: “77” is a unit and an incident: u:77 or c:77. "
            "Missing: which unit.",
        ),
        (
            "D 12A3 417 416",
            State.UNKNOWN,
            "Understood: Dispatch, 12A3, incident 417. Not understood: “416” is a second incident beside 417.",
        ),
        (
            "C 417 d:99 fine",
            State.UNKNOWN,
            "Understood: Clear, incident 417, “fine”. Not understood: “99” is no disposition of this centre.",
        ),
        ("UH 12A3 14B2", State.UNKNOWN, "Understood: Unit history, 12A3. Not understood: “14B2” is one unit too many."),
        (
            "D u: ",
            State.UNKNOWN,
            "Understood: Dispatch. Not understood: “u:” is followed by nothing. Missing: which unit; which incident.",
        ),
        ("S", State.INCOMPLETE, "Understood: Select. Missing: which incident or unit, one of them."),
    ],
)
def test_line_that_makes_no_sense_says_what_was_understood_and_what_not(text: str, state: State, problem: str) -> None:
    reading = read(text, CONTEXT)
    assert (reading.state, reading.problem) == (state, problem)
    assert reading.instruction is None


def test_note_on_a_number_that_is_no_incident_does_not_go_to_the_selected_one() -> None:
    reading = read("N 9999 he came back", SELECTED)
    assert reading.instruction is None
    assert "“9999” is no incident on the board, or t:9999 for a text" in reading.problem


def test_closed_incident_is_not_meant_by_being_selected() -> None:
    closed = Context(units=UNITS, incidents=CONTEXT.incidents, number=400)
    assert read("D 12A3", closed).missing == ("which incident",)
    assert asked("N found its owner", closed).number == 400


def test_echo_says_what_enter_will_do() -> None:
    reading = read("d.12a3,417", CONTEXT)
    assert reading.sentence == "Dispatch 12A3 to 417, Hang-up, 9417 Kendall Place"
    assert [(one.kind, one.name, one.words) for one in reading.echo] == [
        ("verb", "Dispatch", ""),
        ("unit", "12A3", "L. Brandt, available"),
        ("incident", "417", "Hang-up, 9417 Kendall Place"),
        ("aside", "4 min 10 s", "by road"),
        ("aside", "", "Read back: nine four one seven, Kendall Place"),
    ]
    assert read("EN M7", CONTEXT).sentence == "M7 en route to 416, Crash, East Freeway"
    assert read("C M7", CONTEXT).sentence == "Clear M7 from 416, Crash, East Freeway"
    assert read("D 12A3 14B2 417 r:two callers", CONTEXT).sentence.startswith("Dispatch 12A3 and 14B2 to 417")


def test_place_is_read_back_by_its_figures() -> None:
    assert read_back("9417 Kendall Place") == "nine four one seven, Kendall Place"
    assert read_back("Oak Street") == "Oak Street"
    assert read_back("") == ""


@pytest.mark.parametrize(
    ("text", "caret", "offered"),
    [
        ("r", None, ["RTU"]),
        ("D 14", None, ["14B2", "14B7"]),
        ("D 12A3 41", None, ["417", "416", "415"]),
        ("D 14 417", 4, ["14B2", "14B7"]),
        ("D u:m", None, ["u:M7"]),
        ("C 417 d:1", None, ["d:14", "d:18"]),
        ("T 12A3 k:s", None, ["k:SUSP"]),
        ("D 12A3 417 r", None, ["r:"]),
        ("N 417 he said D", None, []),
        ("D 12A3", None, []),
        ("D 77", None, []),
        ("D 4", None, ["417", "416", "415", "400"]),
        ("", None, []),
        ("xyzzy", None, []),
    ],
)
def test_completions_fit_the_caret(text: str, caret: int | None, offered: list[str]) -> None:
    assert [one.text for one in read(text, CONTEXT, caret).completions] == offered


def test_completion_replaces_the_word_it_completes() -> None:
    (first, _) = read("D 14 417", CONTEXT, 4).completions
    assert ("D 14 417"[: first.start] + first.text + "D 14 417"[first.end :]) == "D 14B2 417"


def test_every_example_of_the_table_is_a_line_of_its_verb() -> None:
    incidents = {number: KnownIncident(IncidentId(f"i{number}"), number) for number in (412, 417)}
    context = Context(units=UNITS, incidents=incidents, kinds=CONTEXT.kinds)
    for verb in VERBS:
        reading = read(verb.example, context)
        assert reading.verb is verb, verb.example
        assert reading.state is State.READY, reading.problem


def test_no_spelling_means_two_verbs() -> None:
    assert len(BY_SPELLING) == sum(len(verb.spellings) for verb in VERBS)


def test_control_characters_are_left_out_and_that_is_said() -> None:
    reading = read("D\x00 12A3\u202e 417\x07", CONTEXT)
    assert reading.instruction == SEND
    assert reading.said == ("3 characters that cannot be seen were left out.",)


def test_other_scripts_and_combining_letters_are_kept_as_they_are() -> None:
    words = "الأم تقول إنه بخير. e\u0301tage 2, שלום, 👨\u200d👩\u200d👧"
    assert asked(f"N 417 {words}").text == words


def test_a_hundred_thousand_characters_are_never_carried_out() -> None:
    reading = read("N 417 " + "x" * 100_000, CONTEXT)
    assert reading.state is State.UNKNOWN
    assert len(reading.text) == LONGEST_LINE
    assert "The line has 100,006 characters; at most 2,400 are read. Shorten it." in reading.problem
    assert read(" " * 100_000, CONTEXT).state is State.UNKNOWN


def test_words_without_end_are_one_thing_that_is_not_understood() -> None:
    reading = read("D 12A3 417 " + "zz9 " * 550, CONTEXT)
    assert len(reading.not_understood) == MOST_WORDS - 1
    assert "is more than a line of this verb has" in reading.not_understood[-1]
    assert "; and 59 more." in reading.problem


# ---- laws ----

ANY_TEXT = st.text(st.characters(), max_size=80)
PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            [verb for one in VERBS for verb in one.spellings]
            + ["12A3", "14b2", "14B", "M7", "77", "417", "416", "400", "999", "#417", "u:", "c:", "t:", "r:", "p:"]
            + ["u:12A3", "c:417", "d:18", "02", "seen:adult", "tried:", "k:susp", "knocked; rang", "Just wanted"]
            + ["u:M7,14B2", "tried:x", "t:y", " ", ".", ",", "/", "\u202e", "é", "ש"]
        ),
        st.text(st.sampled_from(string.ascii_letters + string.digits + " .,/:;?#\u0301\u200f"), max_size=6),
    ),
    max_size=9,
)
LINES = st.one_of(
    ANY_TEXT, st.builds(lambda pieces, gap: gap.join(pieces), PIECES, st.sampled_from([" ", "", ".", ", "]))
)
CONTEXTS = st.sampled_from([Context(), CONTEXT, SELECTED])


@settings(max_examples=400, deadline=None)
@given(LINES, CONTEXTS, st.one_of(st.none(), st.integers(-5, 200)))
def test_any_text_is_read_and_its_parts_cover_it(text: str, context: Context, caret: int | None) -> None:
    reading = read(text, context, caret)
    assert len(reading.text) == min(len(text), LONGEST_LINE)
    ends = [0, *(part.end for part in reading.parts)]
    assert [part.start for part in reading.parts] == ends[:-1]
    assert ends[-1] == len(reading.text)
    assert all(part.start < part.end for part in reading.parts)
    assert all(0 <= one.start <= one.end <= len(reading.text) for one in reading.completions)


@settings(max_examples=600, deadline=None)
@given(LINES, CONTEXTS)
def test_only_a_complete_line_says_what_to_do(text: str, context: Context) -> None:
    reading = read(text, context)
    assert (reading.instruction is not None) == (reading.state is State.READY)
    assert bool(reading.problem) == (reading.state in (State.UNKNOWN, State.INCOMPLETE))
    assert bool(reading.sentence) == bool(reading.canonical) == (reading.state is State.READY)
    odd = [part for part in reading.parts if part.kind is PartKind.UNKNOWN]
    assert not (odd and reading.instruction)
    if reading.instruction is not None:
        assert_names_what_is_there(reading.instruction, context)


def assert_names_what_is_there(instruction: Instruction, context: Context) -> None:
    assert set(instruction.units) <= set(context.units)
    assert instruction.number is None or instruction.number in context.incidents
    assert set(instruction.dispositions) <= set(context.dispositions)
    assert set(instruction.seen) <= set(context.seen)


def again(reading: Reading, context: Context) -> Reading:
    return read(reading.canonical, context)


@settings(max_examples=600, deadline=None)
@given(LINES, CONTEXTS)
def test_keyed_form_reads_as_the_same_whatever_is_selected(text: str, context: Context) -> None:
    first = read(text, context)
    if first.instruction is None:
        return
    for elsewhere in (context, CONTEXT if context.units else context):
        second = again(first, elsewhere)
        assert (second.instruction, second.canonical) == (first.instruction, first.canonical), first.canonical


@given(st.text(st.characters(), max_size=60))
def test_cleaning_is_done_once_and_keeps_every_place(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned.text) == len(text)
    assert clean(cleaned.text).text == cleaned.text
    assert not clean(cleaned.text).said
