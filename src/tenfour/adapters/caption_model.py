"""The files of a live speech model: moonshine-voice brings its smallest English one, others are the agency's own.

Moonshine names a model's folder by its size and language (`tiny-en`, `medium-streaming-en`): so both are known by it.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Final

import msgspec

from tenfour.vocabulary.errors import Unavailable

PACKAGE: Final = "moonshine_voice"
OURS: Final = "tiny-en"
WORDS: Final = "tokenizer.bin"
"""What every model of Moonshine has."""

SIZES: Final = ("tiny", "base", "tiny-streaming", "base-streaming", "small-streaming", "medium-streaming")

NOT_THERE = "There are no captions: the extra is not installed; expected `pip install tenfour[speech]`."
ENGLISH = 'There are no captions in "{}": the extra brings an English model; expected [speech] caption_model.'


class CaptionModel(msgspec.Struct, frozen=True):
    """A model that can be loaded: its folder, one of `SIZES`, and the language it understands."""

    folder: Path
    size: str
    language: str

    @property
    def name(self) -> str:
        """As the record names it."""
        return f"moonshine-{self.size}-{self.language}"


def caption_model(own: Path | None, language: str) -> CaptionModel:
    """The model to caption with: `own`, or what the extra brings. Raises `Unavailable`, with why there is none."""
    package = find_spec(PACKAGE)
    if package is None or package.origin is None:
        raise Unavailable(NOT_THERE)
    if own is None and language != "en":
        raise Unavailable(ENGLISH.format(language))
    folder = own or Path(package.origin).parent / "assets" / OURS
    size, _, understands = folder.name.rpartition("-")
    if size not in SIZES or not (folder / WORDS).is_file():
        raise Unavailable(
            f"There are no captions: {folder} is no model of Moonshine; expected a folder named SIZE-LANGUAGE, "
            "as tiny-en, with its tokenizer.bin."
        )
    return CaptionModel(folder, size, understands)
