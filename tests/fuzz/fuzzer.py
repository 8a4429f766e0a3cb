"""One coverage-guided fuzzer: `fuzzer.py TARGET [libFuzzer options] FOLDER...`. Run by scripts/fuzz."""

import sys

import atheris

with atheris.instrument_imports(include=["tenfour.telephony", "tenfour.location", "tenfour.adapters"]):
    from tenfour.testing.fuzz_target import TARGETS


def main() -> None:
    name = sys.argv.pop(1)
    atheris.Setup(sys.argv, TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
