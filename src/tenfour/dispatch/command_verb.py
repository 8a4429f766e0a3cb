"""The verbs of the command line: one table that the reading, the help and the cheat card are made from."""

from enum import Enum
from typing import Final

import msgspec


class Act(Enum):
    """What a line asks for."""

    SEND = "send"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    CLOSE = "close"
    CLEAR_UNIT = "clear_unit"
    NOTE = "note"
    HOLD = "hold"
    SELF_INITIATE = "self_initiate"
    SELECT = "select"
    HISTORY = "history"
    RESET_TIMER = "reset_timer"
    HELP = "help"


class Argument(Enum):
    """What may stand behind a verb."""

    UNITS = "units"
    UNIT = "unit"
    INCIDENT = "incident"
    REASON = "reason"
    """A text that begins with its key only: `r:knows the family`."""
    WORDS = "words"
    """A text that begins by itself, where nothing else is meant any more."""
    DISPOSITION = "disposition"
    SEEN = "seen"
    TRIED = "tried"
    KIND = "kind"
    VERB = "verb"


class Verb(msgspec.Struct, frozen=True):
    """A verb. `spellings`: the first is the one printed. `words`: what the text behind it is, if it takes one."""

    act: Act
    spellings: tuple[str, ...]
    title: str
    takes: tuple[Argument, ...]
    pattern: str
    help: str
    example: str
    words: str = ""

    def may_take(self, argument: Argument) -> bool:
        """May this stand behind the verb?"""
        return argument in self.takes

    @property
    def name(self) -> str:
        """The spelling that is printed."""
        return self.spellings[0]


A = Argument

KEYS: Final[dict[str, Argument]] = {
    "u": A.UNITS,
    "c": A.INCIDENT,
    "i": A.INCIDENT,
    "r": A.REASON,
    "t": A.WORDS,
    "p": A.WORDS,
    "d": A.DISPOSITION,
    "seen": A.SEEN,
    "tried": A.TRIED,
    "k": A.KIND,
}
"""Key to what it names: `u:12A3 c:417`. `r`, `t` and `p` all begin the text of a verb."""

TEXTS: Final = frozenset({A.REASON, A.WORDS})

_MOVE = (A.UNITS, A.INCIDENT, A.REASON)

VERBS: Final[tuple[Verb, ...]] = (
    Verb(
        Act.SEND,
        ("D", "DISPATCH", "SEND"),
        "Dispatch",
        _MOVE,
        "D unit incident [r:reason]",
        "Send a unit. Another one than recommended asks for a reason.",
        "D 12A3 417 r:knows the family",
        "reason",
    ),
    Verb(
        Act.SEND,
        ("MD", "MOVE"),
        "Dispatch",
        _MOVE,
        "MD unit unit … incident [r:reason]",
        "Send several units, or move one that is on its way to something else; moving asks for a reason.",
        "MD 12A3 14B2 417 r:two callers",
        "reason",
    ),
    Verb(
        Act.EN_ROUTE,
        ("EN", "ENROUTE"),
        "En route",
        (A.UNITS, A.INCIDENT),
        "EN unit [incident]",
        "The unit is on its way.",
        "EN 12A3",
    ),
    Verb(
        Act.ON_SCENE,
        ("OS", "A", "ONSCENE", "ARRIVED"),
        "On scene",
        (A.UNITS, A.INCIDENT),
        "OS unit [incident]",
        "The unit is there.",
        "OS 12A3",
    ),
    Verb(
        Act.CLOSE,
        ("C", "CU", "CLEAR", "CLOSE"),
        "Clear",
        (A.UNITS, A.INCIDENT, A.DISPOSITION, A.SEEN, A.TRIED, A.WORDS),
        "C incident words [d:codes] [seen:adult] [tried:…]",
        "Close an incident with one line; dispositions are proposed from it. With a unit: that unit is free again.",
        "C 417 Just wanted a hug",
        "how it ended",
    ),
    Verb(
        Act.NOTE,
        ("N", "NOTE"),
        "Note",
        (A.INCIDENT, A.WORDS),
        "N [incident] words",
        "Add a line to the narrative. A note that begins with a figure: N t:2 people left.",
        "N 417 Replayed last 15 s",
        "note",
    ),
    Verb(
        Act.HOLD,
        ("H", "HOLD"),
        "Hold",
        (A.INCIDENT, A.WORDS),
        "H [incident] reason",
        "No unit can be sent now; the hold timer runs.",
        "H 412 all units are at the fire",
        "reason",
    ),
    Verb(
        Act.SELF_INITIATE,
        ("T", "TRAFFIC"),
        "Self-initiated",
        (A.UNIT, A.KIND, A.WORDS),
        "T unit [k:kind] place",
        "A unit stopped for something by itself: opens an incident there with the unit on scene.",
        "T 12A3 k:SUSP 9417 Kendall Place",
        "place",
    ),
    Verb(
        Act.SELECT,
        ("S", "SELECT"),
        "Select",
        (A.UNIT, A.INCIDENT),
        "S incident or unit",
        "Bring it into view; later lines mean it where they name nothing else.",
        "S 417",
    ),
    Verb(
        Act.HISTORY,
        ("UH", "HISTORY"),
        "Unit history",
        (A.UNIT,),
        "UH unit",
        "What the unit did last.",
        "UH 12A3",
    ),
    Verb(
        Act.RESET_TIMER,
        ("RTU", "RESET"),
        "Reset timer",
        (A.UNITS,),
        "RTU unit",
        "The unit is all right: its safety timer starts anew.",
        "RTU 13B2",
    ),
    Verb(
        Act.HELP,
        ("?", "HELP"),
        "Help",
        (A.VERB,),
        "? [verb]",
        "These verbs, or one of them.",
        "? D",
    ),
)

BY_SPELLING: Final[dict[str, Verb]] = {spelling.casefold(): verb for verb in VERBS for spelling in verb.spellings}
"""Spelling, in lower case, to verb."""
