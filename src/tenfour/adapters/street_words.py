"""Words of street addresses as people write them, `9417 kendall pl`. Abbreviations: USPS Publication 28."""

import re

STREET_TYPES: dict[str, str] = {
    "aly": "alley",
    "ave": "avenue",
    "av": "avenue",
    "blvd": "boulevard",
    "br": "bridge",
    "brg": "bridge",
    "cir": "circle",
    "cres": "crescent",
    "ct": "court",
    "cv": "cove",
    "dr": "drive",
    "expy": "expressway",
    "fwy": "freeway",
    "hwy": "highway",
    "ln": "lane",
    "lp": "loop",
    "pkwy": "parkway",
    "pl": "place",
    "plz": "plaza",
    "pt": "point",
    "rd": "road",
    "sq": "square",
    "st": "street",
    "ter": "terrace",
    "terr": "terrace",
    "tpke": "turnpike",
    "trl": "trail",
    "wy": "way",
}
DIRECTIONS: dict[str, str] = {
    "n": "north",
    "e": "east",
    "s": "south",
    "w": "west",
    "ne": "northeast",
    "nw": "northwest",
    "se": "southeast",
    "sw": "southwest",
}
FURTHER_TYPES = frozenset({"way", "run", "row", "walk", "path", "pass", "park", "close", "commons", "crossing"})

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*", re.UNICODE)
_TYPE_WORDS = frozenset(STREET_TYPES.values()) | FURTHER_TYPES


def words(text: str) -> list[str]:
    """Lower-case words and numbers, without punctuation."""
    return [word.replace("'", "").replace("’", "") for word in _WORD.findall(text.casefold())]


def long_form(word: str) -> str:
    """`pl` to `place`, `n` to `north`; any other word as it is."""
    return STREET_TYPES.get(word) or DIRECTIONS.get(word) or word


def street_parts(name: str) -> tuple[str, str, str]:
    """A street's name as NENA's St_PreDir, St_Name and St_PosTyp: `East Main Street` is East, Main, Street."""
    parts = name.split()
    direction = parts.pop(0) if len(parts) > 2 and parts[0].casefold() in DIRECTIONS.values() else ""
    kind = parts.pop() if len(parts) > 1 and parts[-1].casefold() in _TYPE_WORDS else ""
    return direction, " ".join(parts), kind
