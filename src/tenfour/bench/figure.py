"""One figure of a benchmark, printed as one JSON line (the format is a contract; see docs/benchmarks.md)."""

import os
import sys
from collections.abc import Callable
from statistics import median

import msgspec


class Figure(msgspec.Struct, omit_defaults=False):
    """A measured figure beside its aim. `met` is None when it could not be measured; `skipped` says why."""

    bench: str
    figure: str
    value: float | None
    unit: str
    aim: float | None
    met: bool | None
    beside: str
    load: float
    skipped: str | None = None


def report(
    bench: str,
    figure: str,
    values: list[float],
    unit: str,
    *,
    aim: float | None,
    beside: str,
    more_is_better: bool = True,
) -> None:
    """Print the median of `values` (three runs) and whether it meets `aim`."""
    value = median(values)
    met = None if aim is None else (value >= aim if more_is_better else value <= aim)
    _print(Figure(bench, figure, round(value, 4), unit, aim, met, beside, round(os.getloadavg()[0], 2)))


def skip(bench: str, figure: str, unit: str, *, aim: float | None, why: str) -> None:
    """Print that a figure could not be measured, and why."""
    _print(Figure(bench, figure, None, unit, aim, None, "", round(os.getloadavg()[0], 2), skipped=why))


def three(run: Callable[[], float]) -> list[float]:
    """The values of three runs, in order."""
    return [run() for _ in range(3)]


def _print(figure: Figure) -> None:
    payload = {k: v for k, v in msgspec.to_builtins(figure).items() if k != "skipped" or v is not None}
    sys.stdout.write(msgspec.json.encode(payload).decode() + "\n")
    sys.stdout.flush()
