"""The kept corpus through every reader of the wire, as it is and bent in ways that are the same in every run.

Finding new ways is the work of `make fuzz`; what it found once stays found here.
"""

from pathlib import Path
from random import Random

import pytest

from tenfour.testing.fuzz_target import BETWEEN, TARGETS

CORPUS = Path(__file__).parent / "corpus"
KEPT = [file for name in TARGETS for file in sorted((CORPUS / name).iterdir())]
BENT_EACH = 12


def bent(data: bytes, random: Random) -> bytes:
    """One of the things that happen to bytes: a bit turned, a piece lost, doubled, moved, or put in."""
    at, end = sorted((random.randrange(len(data) + 1), random.randrange(len(data) + 1)))
    ways = (
        lambda: data[:at] + bytes([random.randrange(256)]) + data[at + 1 :],
        lambda: data[:at] + data[end:],
        lambda: data[:end] + data[at:end] + data[end:],
        lambda: data[end:] + data[at:end] + data[:at],
        lambda: data[:at] + random.choice((b"\0", b"\r\n", b";", b'"', b"<", b"\xff" * 9, b"--", BETWEEN)) + data[at:],
    )
    return random.choice(ways)()


def test_every_target_has_a_corpus_and_every_corpus_a_target():
    assert {folder.name for folder in CORPUS.iterdir()} == set(TARGETS)


@pytest.mark.parametrize("name", TARGETS)
def test_kept_corpus_is_small(name):
    sizes = [file.stat().st_size for file in KEPT if file.parent.name == name]
    assert 1 <= len(sizes) <= 400
    assert sum(sizes) <= 400_000


@pytest.mark.parametrize("name", TARGETS)
def test_what_was_kept_breaks_nothing_as_it_is_or_bent(name):
    for file in (file for file in KEPT if file.parent.name == name):
        data, random = file.read_bytes(), Random(file.name)
        TARGETS[name](data)
        for _ in range(BENT_EACH):
            data = bent(data, random)
            TARGETS[name](data)


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_at_all_breaks_nothing(name):
    TARGETS[name](b"")
