"""What closing with these words would record. It proposes; a person confirms."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from tenfour.incident.code import Codes
from tenfour.incident.decision import needs_disposition, why_not_closed
from tenfour.incident.incident import Incident, people_seen
from tenfour.vocabulary.code import REFERRED, UNABLE_TO_LOCATE


class WordRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the closing words match (a regular expression, any case), what is proposed; `cause` if it tells one."""

    words: str
    dispositions: tuple[str, ...]
    cause: str = ""


DEFAULT_WORDS: Final[tuple[WordRule, ...]] = (
    WordRule(r"\b(unable to locate|utl|gone on arrival|goa|nobody (there|found)|no one (there|found))\b", ("14",)),
    WordRule(r"\b(arrest(ed)?|in custody|10-?15)\b", ("03", "01"), "real_emergency"),
    WordRule(r"\b(transport(ed|ing)?|to (the )?hospital)\b", ("25", "01"), "real_emergency"),
    WordRule(r"\b(duplicate|same (call|incident) as)\b", ("22",)),
    WordRule(r"\b(report (taken|made|to follow)|case number)\b", ("01",)),
    WordRule(r"\b(pocket|butt) ?dial(led|ed)?\b", ("18", "02"), "pocket_dial"),
    WordRule(
        r"\b(misdial(led|ed)?|by mistake|accident(al(ly)?)?( call| dial)?|wrong number)\b", ("18", "02"), "misdial"
    ),
    WordRule(r"\b(watch|fall detect\w*|crash detect\w*|alarm)\b", ("18", "02"), "device_alarm"),
    WordRule(
        r"\b(hug|lonely|friend|playing|play(ed)? with|all (is )?(well|okay|ok|good|fine)|no problem|okay)\b",
        ("18", "02"),
    ),
    WordRule(r"\b(building secure|secured?)\b", ("20",)),
    WordRule(r"\b(refer(red)?( to)?)\b", ("15",)),
)
"""The preset, in order; the first rule that matches is taken."""

_SETTLED: Final = ("18", "02")


class Circumstances(msgspec.Struct, frozen=True):
    """What is known beside the words: did a phone without service call, was a child seen or heard, and which other
    centres have its calls?
    """

    deactivated_phone: bool = False
    child: bool = False
    passed_on: tuple[str, ...] = ()


class Proposal(msgspec.Struct, frozen=True):
    """What would be recorded. `why` says why it may or may not be closed with it, as a sentence."""

    words: str
    dispositions: tuple[str, ...]
    cause: str
    seen: tuple[str, ...]
    may_close: bool
    why: str


def propose(
    incident: Incident,
    words: str,
    circumstances: Circumstances,
    *,
    dispositions: Sequence[str] | None = None,
    cause: str | None = None,
    seen: Sequence[str] = (),
    tried: Sequence[str] = (),
    rules: Sequence[WordRule] = DEFAULT_WORDS,
) -> Proposal:
    """Dispositions and cause for the closing words; those that a person chose already stand as they are.

    Without a rule that matches: settled by contact and no report where a person was seen, else referred where another
    centre has its calls, nothing otherwise.
    """
    people = tuple(dict.fromkeys((*people_seen(incident.done_items), *people_seen(seen))))
    rule = next((rule for rule in rules if re.search(rule.words, words, re.IGNORECASE)), None)
    others = circumstances.passed_on
    proposed = rule.dispositions if rule else _SETTLED if people else (REFERRED,) if others else ()
    chosen = proposed if dispositions is None else tuple(dict.fromkeys(dispositions))
    because = cause or (rule.cause if rule else "") or _cause(circumstances)
    refusal = why_not_closed(incident, chosen, people, tuple(tried), others)
    refusal = refusal or ("" if chosen else needs_disposition(incident))
    with_others = others if REFERRED in chosen else ()
    return Proposal(words.strip(), chosen, because, people, not refusal, refusal or _entitled(people, with_others))


def _cause(circumstances: Circumstances) -> str:
    """Never a blame: who held the phone is counted for prevention, and only when it is known."""
    if not circumstances.child:
        return "unknown"
    return "child_deactivated_phone" if circumstances.deactivated_phone else "child_phone"


_SEEN_WORDS: Final[Mapping[str, str]] = {"adult_seen": "an adult", "child_seen": "a child"}


def _entitled(people: Sequence[str], passed_on: Sequence[str]) -> str:
    if people:
        names = " and ".join(_SEEN_WORDS.get(item, item) for item in people)
        return f"May be closed: {names} {'was' if len(people) == 1 else 'were'} seen."
    if passed_on:
        return f"May be closed with {REFERRED}: passed on to {' and '.join(passed_on)}."
    return f"May be closed with {UNABLE_TO_LOCATE}: what was tried is given."


def will_be_written(proposal: Proposal, codes: Codes) -> str:
    """The line that the record would get."""
    labels = ", ".join(f"{code} {codes.dispositions.get(code, '')}".strip() for code in proposal.dispositions)
    return (
        f'"{proposal.words}" {labels or "no disposition"}; cause: {codes.causes.get(proposal.cause, proposal.cause)}.'
    )
