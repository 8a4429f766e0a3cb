"""`tenfour bench NAME`: run a benchmark; one JSON line per figure on stdout."""

import argparse
import importlib

from tenfour.adapters.log import log_to_stderr
from tenfour.vocabulary.errors import NotFound

BENCHMARKS = ("answer", "calls", "captions", "journal", "keys", "media", "recommend", "replay", "screens", "wire")
"""One module of `tenfour.bench` each, with a `main()`."""


def add_to(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `bench` to the command line."""
    command = subcommands.add_parser("bench", help="measure; one JSON line per figure")
    command.add_argument("name", metavar="NAME", help=f"all, {', '.join(BENCHMARKS)}")
    command.set_defaults(run=lambda chosen: run(chosen.name))


def run(name: str) -> int:
    """Run one benchmark, or all; raises `NotFound` for a name that is none."""
    if name != "all" and name not in BENCHMARKS:
        raise NotFound("benchmark", name, f"There are: all, {', '.join(BENCHMARKS)}.")
    log_to_stderr()
    for each in BENCHMARKS if name == "all" else (name,):
        importlib.import_module(f"tenfour.bench.{each}").main()
    return 0
