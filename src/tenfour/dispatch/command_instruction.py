"""What a complete command line asks for, and its two spellings: the sentence that is read back, and the keyed form."""

from collections.abc import Sequence
from typing import Final

import msgspec

from tenfour.dispatch.command_context import Context, KnownIncident
from tenfour.dispatch.command_verb import Act, Verb
from tenfour.dispatch.words import travel
from tenfour.vocabulary.ids import UnitId

SHOWN_WORDS = 120


class Instruction(msgspec.Struct, frozen=True):
    """What is to be done, with everything named that it needs. `text`: the note, the reason, the place, the words."""

    act: Act
    units: tuple[UnitId, ...] = ()
    number: int | None = None
    text: str = ""
    dispositions: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    tried: tuple[str, ...] = ()
    kind: str | None = None
    about: str = ""
    """The verb that help is asked for."""
    tried_first: bool = False
    """`tried:` was typed before the words."""


class Echo(msgspec.Struct, frozen=True):
    """A piece of what is understood, to be shown. `kind`: verb, unit, incident, words, aside. `letter`: of a unit."""

    kind: str
    name: str
    words: str = ""
    letter: str = ""


_TEXT_KEYS: Final = {Act.SEND: "r", Act.HOLD: "r", Act.SELF_INITIATE: "p"}


def canonical(verb: Verb, asked: Instruction) -> str:
    """The line with every argument under its key; it reads as the same instruction whatever is selected."""
    keyed = [verb.name]
    if asked.act is Act.HELP:
        return f"{verb.name} {asked.about}".strip()
    if asked.units:
        keyed.append("u:" + ",".join(_spelled(unit) for unit in asked.units))
    if asked.number is not None:
        keyed.append(f"c:{asked.number}")
    if asked.dispositions:
        keyed.append("d:" + ",".join(asked.dispositions))
    if asked.seen:
        keyed.append("seen:" + ",".join(asked.seen))
    if asked.kind is not None:
        keyed.append(f"k:{asked.kind}")
    own = f"{_TEXT_KEYS.get(verb.act, 't')}:{asked.text}" if asked.text else ""
    texts = [f"tried:{';'.join(asked.tried)}" if asked.tried else "", own]
    keyed += [text for text in (texts if asked.tried_first else reversed(texts)) if text]
    return " ".join(keyed)


def _spelled(unit: UnitId) -> str:
    """A call sign without what would part it: it is found all the same."""
    return "".join(letter for letter in unit if letter.isalnum())


def sentence(asked: Instruction, context: Context, *, done: bool = False) -> str:
    """What Enter will do, or has done: `Dispatch 12A3 to 417, Hang-up, 9417 Kendall Place`."""
    units = _listed(asked.units)
    incident = context.incidents.get(asked.number) if asked.number is not None else None
    at = _of(incident) or (str(asked.number) if asked.number is not None else "")
    because = f": {asked.text}" if asked.text else ""
    quoted = f": “{shown(asked.text)}”" if asked.text else ""
    match asked.act:
        case Act.SEND:
            return f"{'Dispatched' if done else 'Dispatch'} {units} to {at}{because}"
        case Act.EN_ROUTE:
            return f"{units} en route{_to(asked, context)}"
        case Act.ON_SCENE:
            return f"{units} on scene{_to(asked, context)}"
        case Act.CLEAR_UNIT:
            return f"{'Cleared' if done else 'Clear'} {units}{_from(asked, context)}{because}"
        case Act.CLOSE:
            return f"{'Closed' if done else 'Close'} {at}{quoted}"
        case Act.NOTE:
            return f"{'Noted' if done else 'Note'} on {at}{quoted}"
        case Act.HOLD:
            return f"{'Held' if done else 'Hold'} {at} without a unit{because}"
        case Act.SELF_INITIATE:
            kind = f", {context.kinds.get(asked.kind, asked.kind)}" if asked.kind else ""
            return f"{'Opened' if done else 'Open'} an incident with {units} on scene at {shown(asked.text)}{kind}"
        case _:
            return _question(asked, units, at, done)


def _question(asked: Instruction, units: str, at: str, done: bool) -> str:
    match asked.act:
        case Act.SELECT:
            return f"{'Selected' if done else 'Select'} {units or at}"
        case Act.HISTORY:
            return f"History of {units}"
        case Act.RESET_TIMER:
            return f"{'Started' if done else 'Start'} the safety timer of {units} anew"
        case _:
            return f"Help on {asked.about}" if asked.about else "Help: all verbs"


def echo(verb: Verb, asked: Instruction, context: Context) -> tuple[Echo, ...]:
    """The pieces of the sentence, with what is known of each unit and incident named."""
    pieces = [Echo("verb", "Close" if asked.act is Act.CLOSE else verb.title)]
    known = (context.units.get(unit) for unit in asked.units)
    pieces += [Echo("unit", unit.unit_id, unit.words, unit.letter) for unit in known if unit is not None]
    incident = context.incidents.get(asked.number) if asked.number is not None else None
    if incident is not None:
        pieces.append(Echo("incident", str(incident.number), incident.words))
    if asked.kind is not None:
        pieces.append(Echo("words", asked.kind, context.kinds.get(asked.kind, "")))
    if asked.text:
        pieces.append(Echo("words", "", f"“{shown(asked.text)}”"))
    if incident is not None and asked.units and asked.act is Act.SEND:
        pieces += _asides(asked, incident)
    return tuple(pieces)


def _asides(asked: Instruction, incident: KnownIncident) -> list[Echo]:
    times = [incident.travel_times_s[unit] for unit in asked.units if unit in incident.travel_times_s]
    by_road = [Echo("aside", travel(max(times)), "by road")] if times and len(times) == len(asked.units) else []
    said = read_back(incident.place)
    return [*by_road, *([Echo("aside", "", f"Read back: {said}")] if said else [])]


_FIGURES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def read_back(place: str) -> str:
    """A place as it is read back: `nine four one seven, Kendall Place`; one without a house number as it stands."""
    number, _, street = place.partition(" ")
    if not (number.isascii() and number.isdigit() and street):
        return place
    return f"{' '.join(_FIGURES[int(figure)] for figure in number)}, {street}"


def shown(text: str) -> str:
    """A text as far as a line shows it."""
    return text if len(text) <= SHOWN_WORDS else f"{text[: SHOWN_WORDS - 1].rstrip()}…"


def _listed(units: Sequence[UnitId]) -> str:
    return " and ".join([", ".join(units[:-1]), units[-1]] if len(units) > 1 else units)


def _of(incident: KnownIncident | None) -> str:
    return "" if incident is None else ", ".join(part for part in (str(incident.number), incident.words) if part)


def _to(asked: Instruction, context: Context) -> str:
    """To which incident: the one named, else the one the units are on."""
    if asked.number is not None:
        return f" to {_of(context.incidents.get(asked.number)) or asked.number}"
    numbers = {unit.number for unit in (context.units.get(name) for name in asked.units) if unit is not None}
    (number,) = numbers if len(numbers) == 1 else (None,)
    if number is None:
        return ""
    return f" to {_of(context.incidents.get(number)) or number}"


def _from(asked: Instruction, context: Context) -> str:
    where = _to(asked, context)
    return where.replace(" to ", " from ", 1)
