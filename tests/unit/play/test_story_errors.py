"""A story with an error is told with file, line and what was expected; nothing of it is played."""

import wave
from pathlib import Path

import pytest

from tenfour.play.check import read_script
from tenfour.vocabulary.errors import BadFile

STORY = """title = "A call"
about = "Somebody calls."
invented = true

[centre]
modes = ["demo"]

[[callers]]
name = "boy"
number = "911-442-7186"
transport = "UDP"

[callers.location]
shape = "circle"
lat = 39.95
lon = -82.98
radius_m = 38

[[callers.rebids]]
shape = "point"
lat = 39.95
lon = -82.98

[callers.clips]
hello = "hello.wav"

[[people]]
name = "Adeyemi"
person = "adeyemi"
position = "04"

[[people]]
name = "Novak"
person = "novak"

[[units]]
unit = "12A3"
person = "brandt"

[[steps]]
who = "boy"
does = "dials"

[[steps]]
who = "Adeyemi"
does = "answers"
until = { event = "CallConnected", of = "first" }

[[steps]]
who = "boy"
does = "speaks"
clip = "hello"

[[steps]]
who = "Adeyemi"
does = "sees"
name = "the card"
view = "call"
where = { state = "talking" }

[[steps]]
who = "12A3"
does = "drives"
through = [[39.95, -82.98], [39.96, -82.97]]
seconds = 60

[[steps]]
who = "12A3"
does = "status"
status = "EnRoute"

[[steps]]
who = "clock"
does = "runs"
speed = 2

[[steps]]
who = "boy"
does = "drops"

[[expectations]]
name = "answered"
event = "CallAnswered"
of = "first"
where = { position = "04" }

[[expectations]]
name = "dropped"
event = "CallerDisconnected"
after = "answered"
within_s = { of = "answered", seconds = 60 }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    sound(tmp_path / "hello.wav")
    return tmp_path


def sound(path: Path, *, rate_hz: int = 8000, channels: int = 1) -> None:
    with wave.open(str(path), "wb") as wav:
        wav.setparams((channels, 2, rate_hz, 0, "NONE", ""))
        wav.writeframes(bytes(320))


def error_of(folder: Path, text: str) -> BadFile:
    file = folder / "call.toml"
    file.write_text(text)
    with pytest.raises(BadFile) as raised:
        read_script(file)
    assert raised.value.path == file
    return raised.value


def test_a_sound_story_is_read(folder: Path) -> None:
    file = folder / "call.toml"
    file.write_text(STORY)
    script = read_script(file)
    assert (script.name, len(script.story.steps)) == ("call", 8)
    assert script.clips == {("boy", "hello"): folder / "hello.wav"}


STATUS = 'does = "status"\nstatus = "EnRoute"\n'
ADDS = """does = "adds exhibit"
file = "hello.wav"
kind = "doorbell"
title = "t"
owner = "o"
consent = "c"
scope = "s"
"""
CHANGES = [
    (STATUS, ADDS.replace("hello.wav", "../hello.wav"), "file = ", "no file '../hello.wav' beside the story"),
    (STATUS, ADDS.replace("doorbell", "bell"), "kind = ", "no kind of exhibit"),
    (STATUS, f"{ADDS}pieces = 0\n", "pieces = ", "expected 1 to 100"),
    ('name = "boy"', 'name = "boy"\nnumer = "1"', 'numer = "1"', "`numer` is not known"),
    ("invented = true", "invented = false", "invented = false", "must be true"),
    ('modes = ["demo"]', 'modes = ["demo", "live"]', "modes", "never plays in a live centre"),
    ('title = "A call"', 'title = " "', "title", "`title` is empty"),
    ('number = "911-442-7186"', 'number = "nine"', "number", "no telephone number"),
    ('number = "911-442-7186"\n', "", "[[callers]]", "`number` is missing"),
    ('transport = "UDP"', 'called = "home"', "called", "no telephone number"),
    ('transport = "UDP"', 'transport = "SCTP"', "transport", "expected UDP or TCP"),
    ('transport = "UDP"', 'class_of_service = "NSI"', "class_of_service", "expected RES, BUS, WPH1, WPH2, VOIP"),
    ('shape = "circle"', 'shape = "blob"', 'shape = "blob"', "blob"),
    ("radius_m = 38", "radius_m = -1", "[callers.location]", "expected more than 0"),
    ("radius_m = 38", "radius = 38", "radius = 38", "`radius` is not known"),
    ('shape = "point"\nlat = 39.95', 'shape = "point"\nlat = 99.0', "[[callers.rebids]]", "no place on earth"),
    ('hello = "hello.wav"', 'hello = "nothing.wav"', "hello =", "there is no sound file"),
    ('name = "Novak"', 'name = "Adeyemi"', 'name = "Adeyemi"\nperson = "novak"', "is taken"),
    ('name = "Novak"', 'name = "clock"', 'name = "clock"', "is taken"),
    ('name = "Novak"', 'name = ""', 'name = ""', "is no name"),
    ('does = "dials"', 'does = "dails"', 'does = "dails"', "'dails' is no verb; expected one of"),
    ('who = "boy"\ndoes = "dials"', 'who = "girl"\ndoes = "dials"', 'who = "girl"', "'girl' is not in the cast"),
    ('who = "boy"\ndoes = "dials"', 'who = "Novak"\ndoes = "dials"', 'who = "Novak"\ndoes', "cannot 'dials'"),
    ('who = "clock"', 'who = "boy"', 'who = "boy"\ndoes = "runs"', "only `clock` runs"),
    ('does = "runs"\nspeed = 2', 'does = "drops"', 'who = "clock"', "the clock cannot 'drops'"),
    (
        'who = "Adeyemi"\ndoes = "answers"',
        'who = "Novak"\ndoes = "answers"',
        'who = "Novak"\ndoes',
        "sits at no position",
    ),
    ('clip = "hello"', 'clip = "bye"', 'clip = "bye"', "has no clip 'bye'; expected one of hello"),
    ('status = "EnRoute"', 'status = "Driving"', 'status = "Driving"', "expected one of Available"),
    ("speed = 2", "speed = 0", "speed = 0", "more than 0"),
    ("seconds = 60\n\n[[steps]]", "seconds = 0\n\n[[steps]]", "seconds = 0", "more than 0"),
    ("[[39.95, -82.98], [39.96, -82.97]]", "[[39.95, -82.98]]", "through", "two or more points"),
    ("speed = 2", "speed = 2\nafter_s = -1", "after_s", "expected 0 or more"),
    ("speed = 2", 'speed = 2\nrefused = "("', "refused", "no regular expression"),
    ('event = "CallConnected", of', 'event = "CallConected", of', "until", "'CallConected' is no type of fact"),
    ('of = "first" }', 'of = "third" }', "until", "there is no call 'third'"),
    ('view = "call"', 'view = "wall"', "view", "no screen; expected one of call"),
    ('name = "the card"\n', "", 'does = "sees"', "an expectation"),
    ('{ state = "talking" }', '{ stat = "talking" }', "where = { stat =", "`stat` is no field of CallView"),
    (
        'who = "boy"\ndoes = "drops"',
        'who = "boy"\ndoes = "dials"\nas = "b"',
        'who = "boy"\ndoes = "dials"\nas',
        "already in the call",
    ),
    ('event = "CallAnswered"', 'event = "Answered"', 'event = "Answered"', "no type of fact"),
    (
        '{ position = "04" }',
        '{ positon = "04" }',
        "where = { positon",
        "`positon` is no field of CallAnswered; it has position",
    ),
    ('{ position = "04" }', '{ position.matches = "(" }', "where = { position.m", "no regular expression"),
    ('{ position = "04" }', '{ position = "{call third}" }', "where = { position", "refers to nothing"),
    (
        'event = "CallAnswered"\nof = "first"',
        'event = "CallAnswered"\nof = "last"',
        'of = "last"',
        "there is no call 'last'",
    ),
    ('event = "CallAnswered"', 'event = "CallAnswered"\nstream = "kall"', "stream", "no kind of stream"),
    (
        'event = "CallAnswered"',
        'event = "CallAnswered"\nenvelope = { who = "x" }',
        "envelope",
        "`who` is no field of SeenFact",
    ),
    ('event = "CallAnswered"', 'event = "CallAnswered"\ncount = -1', "count", "expected 0 or more"),
    ('event = "CallAnswered"', 'event = "CallAnswered"\ncount = { at_least = 3, at_most = 2 }', "count", "cannot be"),
    (
        'event = "CallAnswered"',
        'event = "CallAnswered"\nbefore = "drooped"',
        "before",
        "there is no expectation 'drooped'",
    ),
    ('event = "CallAnswered"', 'event = "CallAnswered"\nafter = "dropped"', "[[expectations]]", "in a circle"),
    ('{ of = "answered", seconds = 60 }', '{ of = "anwsered", seconds = 60 }', "within_s", "no expectation 'anwsered'"),
    ('after = "answered"\n', "count = 0\n", "count", "a fact that is not there has no time"),
    ('name = "dropped"', 'name = "answered"', 'name = "answered"\nevent = "CallerD', "is there twice"),
    ('name = "dropped"', 'name = "the card"', 'name = "the card"\nevent', "is there twice"),
    ('about = "Somebody calls."', 'about = "Somebody calls.', "about", "not TOML"),
]


@pytest.mark.parametrize(("old", "new", "at", "words"), CHANGES, ids=[change[3][:40] for change in CHANGES])
def test_an_error_is_told_with_its_line(folder: Path, old: str, new: str, at: str, words: str) -> None:
    assert STORY.count(old) >= 1, old
    text = STORY.replace(old, new, 1)
    error = error_of(folder, text)
    assert words in error.problem
    wanted = [number for number, _ in enumerate(text.splitlines(), 1) if stands_at(text, number, at)]
    assert error.line in wanted, f"{error} should name one of the lines {wanted}"


def stands_at(text: str, line: int, what: str) -> bool:
    """Whether `what` begins in this line (1-based), or in the table that begins with this line."""
    rest = "\n".join(text.splitlines()[line - 1 :]) + "\n"
    here = rest.splitlines()[0]
    table = rest.partition("\n\n")[0]
    return (here.startswith(what.splitlines()[0]) and what in table) or (here.startswith("[[steps]]") and what in table)


def test_dropping_a_line_twice_is_told(folder: Path) -> None:
    text = STORY.replace('does = "speaks"\nclip = "hello"', 'does = "drops"', 1)
    error = error_of(folder, text)
    assert "boy is in no call at this step" in error.problem
    assert error.line == text[: text.rindex("[[steps]]")].count("\n") + 1


def test_working_on_a_call_before_it_began_is_told(folder: Path) -> None:
    early = '[[steps]]\nwho = "Adeyemi"\ndoes = "rebids"\n\n'
    error = error_of(folder, STORY.replace("[[steps]]", early + "[[steps]]", 1))
    assert "nothing called 'first' has begun at this step; calls so far: none" in error.problem


def test_two_calls_of_one_name_are_told(folder: Path) -> None:
    again = '[[steps]]\nwho = "boy"\ndoes = "redials"\n\n[[expectations]]'
    error = error_of(folder, STORY.replace("[[expectations]]", again, 1))
    assert "something is called 'first' already" in error.problem


def test_a_clip_that_a_telephone_cannot_carry_is_told(folder: Path) -> None:
    sound(folder / "hello.wav", rate_hz=44_100)
    assert "44100 Hz, 1 channels, 16 bit; expected 8000 Hz" in error_of(folder, STORY).problem
    (folder / "hello.wav").write_bytes(b"no sound")
    assert "is no WAV file" in error_of(folder, STORY).problem


def test_a_story_without_expectations_proves_nothing(folder: Path) -> None:
    text = STORY[: STORY.index("[[expectations]]")].replace("title", "expectations = []\ntitle", 1)
    assert "at least one [[expectations]]" in error_of(folder, text).problem


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="cannot be read"):
        read_script(tmp_path / "none.toml")
