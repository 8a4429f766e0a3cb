"""Checks what a story expects: facts and fields that exist, names that are known, an order that can be."""

import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from tenfour.adapters.toml_file import KeyPath, TomlFile
from tenfour.desk.casework_view import PressView
from tenfour.desk.view import Board, CallView, IncidentView, ProposalView, UnitView
from tenfour.play.expectation import Count, Expectation, Wanted
from tenfour.play.match import problem_of
from tenfour.play.outside import Arrived
from tenfour.play.seen import SeenFact
from tenfour.play.shape import OF_INCIDENT, STREAMS, field_problem, home_stream
from tenfour.play.step import Proposes, Sees
from tenfour.play.step_voice import IsTold
from tenfour.play.story import Story
from tenfour.workflow.catalogue import CATALOGUE

VIEWS: dict[str, type] = {
    "call": CallView,
    "incident": IncidentView,
    "press": PressView,
    "unit": UnitView,
    "board": Board,
}
"""Screens that a story may look at."""

_REFERENCE = re.compile(r"\{([a-z]+) ([^{}]+)\}")


def check(file: TomlFile, story: Story, labels: tuple[str, ...]) -> None:
    """Check waits, screens and expectations; `labels` are the calls of the story. Raises `BadFile`."""
    _check_names(file, story)
    for key, wanted in _all_wanted(story):
        _check_wanted(file, key, wanted, story, labels)
    for index, step in enumerate(story.steps):
        if isinstance(step, Sees):
            _check_screen(file, ("steps", index), step, story, labels)
        elif isinstance(step, IsTold):
            _check_where(file, ("steps", index, "where"), Arrived, step.where, labels)
        elif isinstance(step, Proposes):
            _check_where(file, ("steps", index, "where"), ProposalView, step.where, labels)
    _check_order(file, story.expectations)


def _check_names(file: TomlFile, story: Story) -> None:
    seen: set[str] = set()
    named: list[tuple[KeyPath, str]] = [(("steps", i, "name"), s.name) for i, s in enumerate(story.steps) if s.name]
    named += [(("expectations", i, "name"), e.name) for i, e in enumerate(story.expectations)]
    for key, name in named:
        if not name.strip():
            raise file.error(key, "an expectation needs a `name`.")
        if name in seen:
            raise file.error(key, f"the name {name!r} is there twice.")
        seen.add(name)


def _all_wanted(story: Story) -> Iterator[tuple[KeyPath, Wanted]]:
    for index, step in enumerate(story.steps):
        if step.until is not None:
            yield ("steps", index, "until"), step.until
    yield from ((("expectations", index), expected) for index, expected in enumerate(story.expectations))


def _check_wanted(file: TomlFile, key: KeyPath, wanted: Wanted, story: Story, labels: tuple[str, ...]) -> None:
    kind = CATALOGUE.get(wanted.event)
    if kind is None:
        raise file.error(
            (*key, "event"), f"{wanted.event!r} is no type of fact; expected one of {', '.join(sorted(CATALOGUE))}."
        )
    if wanted.stream and wanted.stream not in STREAMS:
        raise file.error(
            (*key, "stream"), f"{wanted.stream!r} is no kind of stream; expected one of {', '.join(STREAMS)}."
        )
    if problem := _of_problem(wanted.of, wanted.stream or home_stream(wanted.event), story, labels):
        raise file.error((*key, "of"), problem)
    _check_where(file, (*key, "where"), kind, wanted.where, labels)
    _check_where(file, (*key, "envelope"), SeenFact, wanted.envelope, labels)


def _of_problem(of: str, stream: str, story: Story, labels: tuple[str, ...]) -> str | None:
    if not of:
        return None
    known: dict[str, tuple[str, ...]] = {
        "call": labels,
        **dict.fromkeys(OF_INCIDENT, labels),
        "unit": tuple(crew.unit for crew in story.units),
        "position": tuple(person.position for person in story.people if person.position),
        "centre": (),
    }
    if of in known[stream]:
        return None
    return f"there is no {stream} {of!r} in this story; expected one of {', '.join(known[stream]) or 'none'}."


def _check_screen(file: TomlFile, key: KeyPath, step: Sees, story: Story, labels: tuple[str, ...]) -> None:
    if not step.name:
        raise file.error(key, "`name` is missing: what is seen on a screen is an expectation.")
    if step.view not in VIEWS:
        raise file.error((*key, "view"), f"{step.view!r} is no screen; expected one of {', '.join(VIEWS)}.")
    if step.view == "unit" and (problem := _of_problem(step.of, "unit", story, labels)):
        raise file.error((*key, "of"), problem)
    _check_where(file, (*key, "where"), VIEWS[step.view], step.where, labels)


def _check_where(file: TomlFile, key: KeyPath, kind: type, where: Mapping[str, Any], labels: tuple[str, ...]) -> None:
    problem = field_problem(kind, where) or problem_of(where) or _reference_problem(where, labels)
    if problem:
        raise file.error(key, problem)


def _reference_problem(value: Any, labels: tuple[str, ...]) -> str | None:
    if isinstance(value, str):
        for kind, label in _REFERENCE.findall(value):
            if kind not in ("call", "incident") or label not in labels:
                return f"{{{kind} {label}}} refers to nothing; expected {{call NAME}} or {{incident NAME}}."
        return None
    inside = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return next((problem for item in inside if (problem := _reference_problem(item, labels))), None)


def _check_order(file: TomlFile, expectations: tuple[Expectation, ...]) -> None:
    names = [expected.name for expected in expectations]
    for index, expected in enumerate(expectations):
        for field, other in references(expected):
            if other not in names:
                raise file.error(
                    ("expectations", index, field), f"there is no expectation {other!r} that this could refer to."
                )
        if problem := _count_problem(expected):
            raise file.error(("expectations", index, "count"), problem)
    try:
        in_order(expectations)
    except CycleError as error:
        circle: list[str] = error.args[1]
        index = names.index(circle[0])
        raise file.error(
            ("expectations", index), f"these refer to each other in a circle: {' - '.join(circle)}."
        ) from error


def references(expected: Expectation) -> list[tuple[str, str]]:
    """The other expectations that this one refers to, with the field that does."""
    found = [("after", expected.after), ("before", expected.before)]
    if expected.within_s is not None:
        found.append(("within_s", expected.within_s.of))
    return [(field, other) for field, other in found if other]


def in_order(expectations: tuple[Expectation, ...]) -> list[Expectation]:
    """So that each comes behind those it refers to; raises `graphlib.CycleError` when that cannot be."""
    by_name = {expected.name: expected for expected in expectations}
    sorter = TopologicalSorter({e.name: [other for _, other in references(e)] for e in expectations})
    return [by_name[name] for name in sorter.static_order()]


def _count_problem(expected: Expectation) -> str | None:
    match expected.count:
        case int(number) if number < 0:
            return f"`count` is {number}; expected 0 or more."
        case Count(at_least=least, at_most=most) if most is not None and most < least:
            return f"`count` is at least {least} and at most {most}; that cannot be."
    if expected.count == 0 and expected.within_s is not None:
        return "`count` is 0 and `within_s` is given: a fact that is not there has no time."
    return None
