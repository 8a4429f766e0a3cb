"""Judges the record against what a story expects."""

from collections.abc import Sequence

import msgspec

from tenfour.play.expectation import Count, Expectation, Wanted
from tenfour.play.expectation_check import in_order
from tenfour.play.match import Reference, described, mismatches
from tenfour.play.seen import SeenFact
from tenfour.play.shape import OF_INCIDENT, home_stream


class Verdict(msgspec.Struct, frozen=True):
    """One expectation, and what was found. `seq` is the place of the fact in the journal."""

    name: str
    met: bool
    expected: str
    found: str
    seq: int | None = None


def is_wanted(wanted: Wanted, fact: SeenFact, refer: Reference) -> bool:
    """Whether this is such a fact."""
    return fact.type == wanted.event and not differences(wanted, fact, refer)


def differences(wanted: Wanted, fact: SeenFact, refer: Reference) -> list[str]:
    """In what a fact of the wanted type is not the one that is wanted."""
    stream = stream_of(wanted, refer)
    problems = [] if fact.stream.startswith(stream) else [f"it lies on {fact.stream}, not {stream}"]
    envelope = msgspec.to_builtins(fact)
    return problems + mismatches(wanted.envelope, envelope, refer) + mismatches(wanted.where, fact.payload, refer)


def stream_of(wanted: Wanted, refer: Reference) -> str:
    """The stream on which the fact must lie, as far as the story says (a prefix)."""
    kind = wanted.stream or (home_stream(wanted.event) if wanted.of else "")
    if not wanted.of:
        return f"{kind}/" if kind else ""
    name: str | None = wanted.of
    if kind in ("call", *OF_INCIDENT):
        name = refer(f"{'call' if kind == 'call' else 'incident'} {wanted.of}")
    return f"{kind}/{name or '(not begun: ' + wanted.of + ')'}"


def judge(expectations: tuple[Expectation, ...], facts: Sequence[SeenFact], refer: Reference) -> list[Verdict]:
    """One verdict for each expectation, in the story's order."""
    first: dict[str, SeenFact] = {}
    verdicts: dict[str, Verdict] = {}
    for expected in in_order(expectations):
        found = _found(expected, facts, first, refer)
        if found:
            first[expected.name] = found[0]
        verdicts[expected.name] = _verdict(expected, found, facts, first, refer)
    return [verdicts[expected.name] for expected in expectations]


def _found(
    expected: Expectation, facts: Sequence[SeenFact], first: dict[str, SeenFact], refer: Reference
) -> list[SeenFact]:
    """All facts that are as expected and in the expected order."""
    if any(other and other not in first for other in (expected.after, expected.before)):
        return []
    after = first[expected.after].seq if expected.after else 0
    before = first[expected.before].seq if expected.before else None
    return [
        fact
        for fact in facts
        if fact.seq > after and (before is None or fact.seq < before) and is_wanted(expected, fact, refer)
    ]


def _verdict(
    expected: Expectation,
    found: list[SeenFact],
    facts: Sequence[SeenFact],
    first: dict[str, SeenFact],
    refer: Reference,
) -> Verdict:
    problem = (
        _order_problem(expected, first) or _number_problem(expected, found) or _time_problem(expected, found, first)
    )
    seq = found[0].seq if found else None
    if problem is None:
        return Verdict(expected.name, True, words_of(expected), found[0].words() if found else "none, as expected", seq)
    if not found:
        problem = f"{problem}; {_nearest(expected, facts, refer)}"
    return Verdict(expected.name, False, words_of(expected), problem, seq)


def words_of(expected: Expectation) -> str:
    """What is expected, on one line."""
    parts = [_number_words(expected.count), expected.event]
    parts += [f"of {expected.of}"] if expected.of else []
    parts += [f"where {described(expected.where)}"] if expected.where else []
    parts += [f"with {described(expected.envelope)}"] if expected.envelope else []
    parts += [f"after {expected.after!r}"] if expected.after else []
    parts += [f"before {expected.before!r}"] if expected.before else []
    if expected.within_s:
        parts.append(f"at most {expected.within_s.seconds:g} s after {expected.within_s.of!r}")
    return " ".join(part for part in parts if part)


def _number_words(count: int | Count | None) -> str:
    match count:
        case None:
            return ""
        case Count(at_least=least, at_most=None):
            return f"at least {least}"
        case Count(at_least=least, at_most=most):
            return f"{least} to {most}"
        case number:
            return f"exactly {number}"


def _number_problem(expected: Expectation, found: list[SeenFact]) -> str | None:
    number = len(found)
    match expected.count:
        case None:
            return None if number else "none"
        case Count(at_least=least, at_most=most):
            return None if least <= number and (most is None or number <= most) else f"{number} of them"
        case exactly:
            return None if number == exactly else f"{number} of them"


def _order_problem(expected: Expectation, first: dict[str, SeenFact]) -> str | None:
    for other in (expected.after, expected.before):
        if other and other not in first:
            return f"{other!r}, to which it refers, is not there"
    return None


def _time_problem(expected: Expectation, found: list[SeenFact], first: dict[str, SeenFact]) -> str | None:
    if expected.within_s is None or not found:
        return None
    if expected.within_s.of not in first:
        return f"{expected.within_s.of!r}, from which it is measured, is not there"
    passed_s = (found[0].at - first[expected.within_s.of].at).total_seconds()
    return None if 0 <= passed_s <= expected.within_s.seconds else f"it came {passed_s:.1f} s after"


def _nearest(expected: Expectation, facts: Sequence[SeenFact], refer: Reference) -> str:
    """The fact that came closest, and in what it differs."""
    same_type = [fact for fact in facts if fact.type == expected.event]
    if not same_type:
        return f"no {expected.event} at all in this story's part of the record"
    differ = {fact.seq: differences(expected, fact, refer) for fact in same_type}
    nearest = min(same_type, key=lambda fact: len(differ[fact.seq]))
    why = "; ".join(differ[nearest.seq]) or "it is not in the expected place in the order"
    return f"nearest is event {nearest.seq} ({nearest.type} on {nearest.stream}): {why}"
