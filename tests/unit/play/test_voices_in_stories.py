"""What a story says of voices is checked before it is played; an error is told with its line and what was expected."""

from pathlib import Path

import pytest

from tenfour.play.check import read_script
from tenfour.vocabulary.errors import BadFile

STORY = """title = "A call with voices"
about = "Somebody calls and is heard."
invented = true

[[callers]]
name = "girl"
number = "614-555-0171"
voice_hz = 440

[[people]]
name = "Castellanos"
person = "castellanos"
position = "02"
voice_hz = 700

[[people]]
name = "Whitfield"
person = "whitfield"
role = "supervisor"

[[parties]]
name = "Marlow"
known_as = "Marlow County 911"
answers_to = "marlow"
voice_hz = 1300

[[steps]]
who = "Castellanos"
does = "puts on headset"

[[steps]]
who = "girl"
does = "dials"

[[steps]]
who = "Castellanos"
does = "hears voices"
voices = ["girl"]

[[steps]]
who = "girl"
does = "hears voices"
voices = ["Castellanos", "centre"]
seconds = 1
timeout_s = 5

[[steps]]
who = "Whitfield"
does = "supervises"
role = "listening"

[[steps]]
who = "Castellanos"
does = "calls in"
key = "1"

[[steps]]
who = "Castellanos"
does = "lets go"
party = "Marlow"

[[steps]]
who = "Castellanos"
does = "passes on"
to = "Marlow"

[[steps]]
who = "Marlow"
does = "turns away"
status = 486

[[steps]]
name = "what came along"
who = "Marlow"
does = "is told"
where = { call_id = "{call first}" }

[[steps]]
who = "Castellanos"
does = "loses headset"

[[expectations]]
name = "it was lost"
event = "HeadsetLost"
of = "02"
"""

CHANGES = [
    ('key = "1"', "hold = true", 'does = "calls in"', "either `to`, a party of the story, or `key`"),
    ('key = "1"', 'key = "1"\nto = "Marlow"', 'does = "calls in"', "either `to`, a party of the story, or `key`"),
    ('key = "1"', 'to = "nobody"', 'to = "nobody"', "'nobody' is no party of the story; expected one of Marlow"),
    ('party = "Marlow"', 'party = "centre"', 'party = "centre"', "'centre' is no party of the story"),
    (
        'to = "Marlow"',
        'to = "Franklin"',
        'to = "Franklin"',
        "'Franklin' is no party of the story; expected one of Marlow",
    ),
    ("status = 486", "status = 200", "status = 200", "expected 400 to 699"),
    ('name = "what came along"\n', "", 'does = "is told"', "an expectation"),
    ("{ call_id =", "{ kall_id =", "where = { kall_id", "`kall_id` is no field of Arrived; it has number"),
    ('"{call first}"', '"{call last}"', "where = { call_id", "refers to nothing"),
    ('does = "turns away"\nstatus', 'does = "cancels"\n#', 'who = "Marlow"', "cannot 'cancels'"),
    ("voice_hz = 440", "voice_hz = 100", "voice_hz = 100", "expected 200 to 3400"),
    ("voice_hz = 700", "voice_hz = 480", "voice_hz = 480", "of Castellanos and of girl are less than 50 Hz apart"),
    ('name = "Whitfield"', 'name = "centre"', 'name = "centre"', "is taken"),
    ('position = "02"\n', "", 'who = "Castellanos"', "sits at no position"),
    ('does = "loses headset"', 'does = "puts on headset"', 'who = "Castellanos"\ndoes', "has a headset on already"),
    ('who = "Castellanos"\ndoes = "loses', 'who = "Whitfield"\ndoes = "loses', 'who = "Whitfield"', "no headset on"),
    ('who = "Castellanos"\ndoes = "hears', 'who = "Whitfield"\ndoes = "hears', 'who = "Whitfield"', "no headset on"),
    ('does = "dials"', 'does = "hears voices"\nvoices = []', 'who = "girl"', "girl is in no call at this step"),
    ('voices = ["girl"]', 'voices = ["Castellanos"]', 'who = "Castellanos"', "nobody hears himself"),
    (
        'voices = ["girl"]',
        'voices = ["Whitfield"]',
        'who = "Castellanos"',
        "'Whitfield' is no voice; expected one of girl",
    ),
    ("seconds = 1\n", "seconds = 6\n", "seconds = 6", "`timeout_s` not below them"),
    (
        'role = "listening"',
        'role = "whispering"',
        'role = "whispering"',
        "expected one of listening, coaching, barged_in",
    ),
    ('does = "dials"', 'does = "puts on headset"', 'who = "girl"', "cannot 'puts on headset'"),
]


def test_a_story_with_voices_is_read(tmp_path: Path) -> None:
    file = tmp_path / "call.toml"
    file.write_text(STORY)
    assert read_script(file).story.voices == {"girl": 440, "Castellanos": 700, "Marlow": 1300}


@pytest.mark.parametrize(("old", "new", "at", "words"), CHANGES, ids=[change[3][:40] for change in CHANGES])
def test_an_error_is_told_with_its_line(tmp_path: Path, old: str, new: str, at: str, words: str) -> None:
    assert STORY.count(old) == 1, old
    file, text = tmp_path / "call.toml", STORY.replace(old, new)
    file.write_text(text)
    with pytest.raises(BadFile) as raised:
        read_script(file)
    assert words in raised.value.problem
    assert raised.value.line is not None
    assert at in "\n".join(text.splitlines()[raised.value.line - 1 :]).partition("\n\n")[0]
