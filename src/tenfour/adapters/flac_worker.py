"""Compresses recordings, in a process of its own: `python -m tenfour.adapters.flac_worker`.

A line of JSON comes in, one goes out. It works at the lowest priority, one recording at a time, and ends when nothing
more comes.
"""

import os
import sys
from pathlib import Path

import msgspec

from tenfour.adapters.flac_file import Compressed, compress, drop_wav
from tenfour.vocabulary.errors import TenfourError


class Wanted(msgspec.Struct, frozen=True):
    """Compress a WAV whose SHA-256 (hex) is `sealed`; with `flac_sha256` its FLAC is in the record: delete it."""

    wav: str
    sealed: str
    flac_sha256: str = ""


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What came of it. `why_not`: a sentence; `again`: it may go better later."""

    made: Compressed | None = None
    why_not: str = ""
    again: bool = False


def done(wanted: Wanted) -> Answer:
    """Do what is wanted; what hinders it is said, not raised."""
    wav = Path(wanted.wav)
    try:
        if not wanted.flac_sha256:
            return Answer(compress(wav, wanted.sealed))
        drop_wav(wav, wanted.sealed, wanted.flac_sha256)
        return Answer()
    except TenfourError as error:
        return Answer(why_not=str(error))
    except OSError as error:
        return Answer(why_not=f"{wav.name} cannot be compressed just now: {error}", again=True)


def main() -> None:
    """Serve until the input ends."""
    os.nice(19)
    for line in sys.stdin.buffer:
        answer = done(msgspec.json.decode(line, type=Wanted))
        sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
