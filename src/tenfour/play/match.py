"""Compares a fact or a screen with what a story says of it.

A comparison is a value (equal to it), a table of operators, or a table that goes deeper. `a.b` and nested tables
mean the same; `*` means any item of a list, a number that item.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

Reference = Callable[[str], str | None]
"""What a name in braces stands for (`call first`, `incident first`); None while nobody knows."""

OPERATORS: dict[str, str] = {
    "is": "is exactly this",
    "is_not": "is anything but this",
    "matches": "is text in which this regular expression is found, case ignored",
    "contains": "is a list with this item, or text with these words",
    "has_all": "is a list with all of these items",
    "one_of": "is one of these",
    "at_least": "is this number or more",
    "at_most": "is this number or less",
    "given": "true: is there and not empty; false: is not there, or empty",
    "items_at_least": "is a list with this many items or more",
}
_REFERENCE = re.compile(r"\{([a-z]+ [^{}]+)\}")
MISSING = object()
"""What a path leads to where there is nothing."""


def mismatches(wanted: Mapping[str, Any], found: Any, refer: Reference, path: str = "") -> list[str]:
    """Every way in which `found` is not as `wanted`, as words; none when it is."""
    problems: list[str] = []
    for key, comparison in wanted.items():
        here = f"{path}.{key}" if path else key
        values = values_at(found, key.split("."))
        operators, deeper = parts_of(comparison)
        if not any(holds(operators, value, refer) for value in values):
            problems.append(f"{here} is {_spoken(values)}")
        elif deeper:
            attempts: list[list[str]] = [mismatches(deeper, value, refer, here) for value in values]
            problems += sorted(attempts, key=len)[0]
    return problems


def parts_of(comparison: Any) -> tuple[Any, dict[str, Any]]:
    """What is compared with the value itself, and what with the fields below it."""
    if not isinstance(comparison, Mapping):
        return comparison, {}
    here = {key: operand for key, operand in comparison.items() if key in OPERATORS}
    return here, {key: deeper for key, deeper in comparison.items() if key not in OPERATORS}


def values_at(found: Any, path: list[str]) -> list[Any]:
    """The values a path leads to: one, or as many as `*` finds; `[MISSING]` where there is none."""
    if not path:
        return [found]
    first, rest = path[0], path[1:]
    if isinstance(found, Mapping):
        return values_at(found[first], rest) if first in found else [MISSING]
    if isinstance(found, list | tuple):
        if first == "*":
            return [value for item in found for value in values_at(item, rest)] or [MISSING]
        if first.isdigit() and int(first) < len(found):
            return values_at(found[int(first)], rest)
    return [MISSING]


def holds(comparison: Any, value: Any, refer: Reference) -> bool:
    """Whether one value is as compared."""
    if not isinstance(comparison, Mapping):
        return value is not MISSING and _same(_resolved(comparison, refer), value)
    return all(_holds(operator, _resolved(operand, refer), value) for operator, operand in comparison.items())


def described(wanted: Mapping[str, Any]) -> str:
    """What was wanted, in words."""
    return ", ".join(f"{key} {_operand(comparison)}" for key, comparison in wanted.items())


def problem_of(wanted: Mapping[str, Any], path: str = "") -> str | None:
    """What is wrong with a comparison as written (an operator's operand of the wrong kind); None when it is sound."""
    for key, comparison in wanted.items():
        here = f"{path}.{key}" if path else key
        if not isinstance(comparison, Mapping):
            continue
        operators, deeper = parts_of(comparison)
        problem = problem_of(deeper, here) or _operands_problem(operators, here)
        if not comparison:
            problem = f"`{here}` compares with nothing; expected one of {', '.join(OPERATORS)}."
        if problem:
            return problem
    return None


def _operands_problem(comparison: Mapping[str, Any], here: str) -> str | None:
    for operator, operand in comparison.items():
        if operator == "matches":
            try:
                re.compile(operand)
            except (re.error, TypeError) as error:
                return f"`{here}.matches` is no regular expression: {error}."
        elif operator in ("at_least", "at_most", "items_at_least") and not _is_number(operand):
            return f"`{here}.{operator}` is {operand!r}; expected a number."
        elif operator in ("has_all", "one_of") and not isinstance(operand, list):
            return f"`{here}.{operator}` is {operand!r}; expected a list."
        elif operator == "given" and not isinstance(operand, bool):
            return f"`{here}.given` is {operand!r}; expected true or false."
    return None


def _holds(operator: str, operand: Any, value: Any) -> bool:
    if operator == "given":
        return bool(operand) is (value is not MISSING and value not in (None, "", [], {}))
    if operator == "is_not":
        return value is MISSING or not _same(operand, value)
    if value is MISSING or value is None:
        return False
    match operator:
        case "is":
            return _same(operand, value)
        case "matches":
            return isinstance(value, str) and re.search(str(operand), value, re.IGNORECASE) is not None
        case "contains":
            return isinstance(value, list | str) and operand in value
        case "has_all":
            return isinstance(value, list) and all(item in value for item in operand)
        case "one_of":
            return any(_same(item, value) for item in operand)
        case "at_least":
            return _is_number(value) and bool(value >= operand)
        case "at_most":
            return _is_number(value) and bool(value <= operand)
        case "items_at_least":
            return isinstance(value, list) and len(value) >= int(operand)
    raise ValueError(f"{operator} is no comparison")


def _same(wanted: Any, value: Any) -> bool:
    """Equal, and of one kind: true is not 1, and 1 is 1.0."""
    if isinstance(wanted, bool) or isinstance(value, bool):
        return wanted is value
    return bool(wanted == value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _resolved(operand: Any, refer: Reference) -> Any:
    if not isinstance(operand, str):
        return operand
    return _REFERENCE.sub(lambda named: refer(named[1]) or named[0], operand)


def _spoken(values: list[Any]) -> str:
    if values == [MISSING]:
        return "not there"
    return " / ".join("not there" if value is MISSING else _short(repr(value)) for value in values[:3])


def _operand(comparison: Any) -> str:
    if not isinstance(comparison, Mapping):
        return f"is {comparison!r}"
    operators, deeper = parts_of(comparison)
    said = [f"{operator.replace('_', ' ')} {operand!r}" for operator, operand in operators.items()]
    return " and ".join([*said, f"({described(deeper)})"] if deeper else said)


def _short(text: str) -> str:
    return text if len(text) <= 120 else text[:117] + "..."
