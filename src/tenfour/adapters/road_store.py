"""The road network in one file of the centre folder, `data/roads.npz`: NumPy arrays under the names of `RoadGraph`.

Street names are stored as UTF-8, one a line. The file is written beside its place and then renamed onto it, so that
it is whole or not there.
"""

import os
import zipfile
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from tenfour.roads.graph import RoadGraph
from tenfour.vocabulary.errors import BadFile

FORMAT = 1
"""Counts the shapes of the file; a file of another shape is to be imported again."""

_TEXTS = ("names", "source")


def save_roads(graph: RoadGraph, path: Path) -> None:
    """Write `graph` to `path`, all or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, Any] = {"format": np.array([FORMAT])}
    for field in fields(graph):
        value = getattr(graph, field.name)
        text = "\n".join(value) if field.name == "names" else value
        arrays[field.name] = np.frombuffer(text.encode(), dtype=np.uint8) if field.name in _TEXTS else value
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with beside.open("wb") as file:
            np.savez(file, **arrays)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def load_roads(path: Path) -> RoadGraph:
    """Read a stored network; raises `BadFile` when it is not there, or not one of ours."""
    if not path.exists():
        raise BadFile(path, None, "there is no road network; make one with: tenfour import roads FILE.osm.pbf")
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            if stored["format"].tolist() != [FORMAT]:
                raise BadFile(path, None, "was written by another version; import the roads again.")
            values: dict[str, Any] = {field.name: stored[field.name] for field in fields(RoadGraph)}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise BadFile(path, None, f"is not a stored road network ({error}); import the roads again.") from error
    source, names = (values.pop(name).tobytes().decode() for name in ("source", "names"))
    return RoadGraph(**values, names=tuple(names.split("\n")), source=source)
