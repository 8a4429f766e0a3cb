"""Writes recordings down, in a process of its own: `python -m tenfour.adapters.speech_worker MODEL_FOLDER LANGUAGE`.

A line with a path comes in; a line with JSON goes out: the spoken lines, or why there are none. It works at the lowest
priority, one recording at a time, and ends when nothing more comes.
"""

import os
import sys
from pathlib import Path

import msgspec
from faster_whisper import WhisperModel

from tenfour.adapters.speech_model import Written
from tenfour.adapters.speech_sound import stretches
from tenfour.calltaking.speech_event import SpokenLine


def write_down(model: WhisperModel, path: Path, language: str) -> tuple[SpokenLine, ...]:
    """The spoken lines of every channel, in their order. Raises `soundfile.LibsndfileError`."""
    lines = [
        SpokenLine(
            round(heard.from_s + said.start, 2), round(heard.from_s + said.end, 2), said.text.strip(), heard.channel
        )
        for heard in stretches(path)
        for said in model.transcribe(
            heard.samples, language=language, beam_size=2, vad_filter=True, condition_on_previous_text=False
        )[0]
        if said.text.strip()
    ]
    return tuple(sorted(lines, key=lambda line: (line.from_s, line.channel)))


def main(model_folder: str, language: str) -> None:
    """Serve until the input ends."""
    os.nice(19)
    model = WhisperModel(model_folder, device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True)
    for line in sys.stdin:
        try:
            done = Written(write_down(model, Path(line.rstrip("\n")), language))
        except (OSError, EOFError, ValueError, RuntimeError) as error:
            done = Written(why_not=f"{type(error).__name__}: {error}"[:500])
        sys.stdout.write(msgspec.json.encode(done).decode() + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
