"""Whom the settings of a centre list as third parties: their kinds, and whose interpreter speaks what."""

from collections.abc import Iterable
from typing import Final

import msgspec

PSAP: Final = "psap"
"""The kind of a third party that is another centre."""

INTERPRETER: Final = "interpreter"

KIND_WORDS: Final[dict[str, str]] = {
    INTERPRETER: "Interpreter",
    "poison_control": "Poison control",
    "crisis_line": "Crisis line",
    "hospital": "Hospital",
    "utility": "Utility",
    "other": "Third party",
}
"""What a screen says for each kind that may be set; other centres are `psap`."""


class Listed(msgspec.Struct, frozen=True):
    """Somebody of outside by name. `uri` of one that has a SIP, tel or service URI; else `number` is dialled.

    `key`: the digit that calls it. `languages`: what an interpreter speaks.
    """

    name: str
    kind: str = ""
    uri: str = ""
    number: str = ""
    key: str = ""
    languages: tuple[str, ...] = ()
    bridged: bool = False
    """Of another centre: a call is passed on to it through us, at once."""


def interpreter_for(languages: Iterable[str], listed: Iterable[Listed]) -> Listed | None:
    """The interpreter of the language that the caller's side asks for first, as far as there is one."""
    known = [one for one in listed if one.kind == INTERPRETER]
    for language in languages:
        wanted = language.partition("-")[0].lower()
        found = next((one for one in known if wanted in (tag.partition("-")[0].lower() for tag in one.languages)), None)
        if found is not None:
            return found
    return None
