"""Add to the kept corpus what reaches lines that nothing kept reaches, the smallest first: `keep.py TARGET FOLDER`."""

import sys
from pathlib import Path
from types import FrameType

from tenfour.testing import fuzz_target

CORPUS = Path(__file__).parent / "corpus"
OURS = str(Path(fuzz_target.__file__).parents[1])
LARGEST = 2048

Step = tuple[str, int, int]


def steps_of(target: str, data: bytes) -> set[Step]:
    """The steps from line to line that an input takes through our code."""
    taken: set[Step] = set()
    last = [0]

    def trace(frame: FrameType, event: str, _: object):
        if not frame.f_code.co_filename.startswith(OURS):
            return None
        if event == "line":
            taken.add((frame.f_code.co_filename, last[0], frame.f_lineno))
            last[0] = frame.f_lineno
        return trace

    sys.settrace(trace)
    try:
        fuzz_target.TARGETS[target](data)
    finally:
        sys.settrace(None)
    return taken


def main() -> None:
    target, found = sys.argv[1], Path(sys.argv[2])
    kept = CORPUS / target
    known: set[Step] = set().union(*(steps_of(target, file.read_bytes()) for file in kept.iterdir()))
    added = 0
    for file in sorted(found.iterdir(), key=lambda file: (file.stat().st_size, file.name)):
        data = file.read_bytes()
        fresh = steps_of(target, data) - known if len(data) <= LARGEST else set()
        if fresh:
            known |= fresh
            (kept / file.name[:12]).write_bytes(data)
            added += 1
    print(f"fuzz: {target}: {added} inputs kept")


if __name__ == "__main__":
    main()
