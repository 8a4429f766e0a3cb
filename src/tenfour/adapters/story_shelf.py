"""The stories that are here: found by name, and what each says of itself."""

from pathlib import Path

import msgspec

import tenfour
from tenfour.vocabulary.errors import NotFound


class Caller(msgspec.Struct, frozen=True):
    """Somebody who calls in a story, by the number that is delivered."""

    number: str


class Wanted(msgspec.Struct, frozen=True):
    """Which centres a story can be played on: their modes, and the one centre whose places it tells of, if any."""

    modes: tuple[str, ...] = ("demo", "training")
    id: str = ""


class StoryHead(msgspec.Struct, frozen=True):
    """What a story says of itself. A file that is no story has no head; one that is may still not be playable."""

    title: str
    about: str
    centre: Wanted = Wanted()
    callers: tuple[Caller, ...] = ()


def story_folders() -> list[Path]:
    """Where stories are looked for: here, beside the sources, in the installed package."""
    package = Path(tenfour.__file__).parent
    folders = (Path("stories"), package.parent.parent / "stories", package / "_stories")
    return [folder for folder in folders if folder.is_dir()]


def story_names() -> list[str]:
    """The stories that are here, by name."""
    return sorted({file.stem for folder in story_folders() for file in folder.glob("*.toml")})


def story_file(name: str) -> Path:
    """The file of a story given by name (`-` and `_` are one) or path; raises `NotFound`."""
    return Path(name) if name.endswith(".toml") else shelved(name)


def shelved(name: str) -> Path:
    """The file of a story given by name; raises `NotFound`."""
    for folder in story_folders():
        for file in folder.glob("*.toml"):
            if file.stem.replace("-", "_") == name.replace("-", "_"):
                return file
    raise NotFound("story", name, f"Known here: {', '.join(story_names()) or 'none'}; or give a .toml file.")


def story_head(file: Path) -> StoryHead | None:
    """What a story says of itself; None for a file that is none."""
    try:
        return msgspec.toml.decode(file.read_bytes(), type=StoryHead)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
