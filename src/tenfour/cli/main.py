"""The `tenfour` command: one file a subcommand; errors in one clear sentence."""

import argparse
import sys
from collections.abc import Sequence

from tenfour.cli import benchmark, doctor, imports, init, journal, run, story
from tenfour.vocabulary.errors import TenfourError

SUBCOMMANDS = (init, run, story, journal, imports, benchmark, doctor)


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(prog="tenfour", description="Tenfour: an open 911 centre.")
    subcommands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in SUBCOMMANDS:
        module.add_to(subcommands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 when it did what it says, 1 with a sentence when not, 130 when interrupted."""
    chosen = parser().parse_args(arguments)
    try:
        return int(chosen.run(chosen))
    except TenfourError as error:
        sys.stderr.write(f"tenfour: {error}\n")
        return 1
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
