"""The stored network."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from tenfour.adapters.road_store import load_roads, save_roads
from tenfour.roads.graph import RoadGraph
from tenfour.vocabulary.errors import BadFile


def test_what_was_saved_is_loaded(columbus: RoadGraph, tmp_path: Path) -> None:
    save_roads(columbus, tmp_path / "roads.npz")
    again = load_roads(tmp_path / "roads.npz")
    for field in fields(columbus):
        before, after = getattr(columbus, field.name), getattr(again, field.name)
        if isinstance(before, np.ndarray):
            assert before.dtype == after.dtype
            assert np.array_equal(before, after)
        else:
            assert before == after


def test_missing_network_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"no road network; make one with: tenfour import roads"):
        load_roads(tmp_path / "roads.npz")


@pytest.mark.parametrize("content", [b"", b"no network", b"PK\x03\x04 torn"], ids=["empty", "text", "torn"])
def test_file_that_is_no_network_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "roads.npz"
    path.write_bytes(content)
    with pytest.raises(BadFile, match="is not a stored road network"):
        load_roads(path)


def test_network_of_another_version_is_to_be_imported_again(tmp_path: Path) -> None:
    path = tmp_path / "roads.npz"
    np.savez(path, format=np.array([99]))
    with pytest.raises(BadFile, match="another version; import the roads again"):
        load_roads(path)


def test_nothing_is_left_beside_the_file(columbus: RoadGraph, tmp_path: Path) -> None:
    save_roads(columbus, tmp_path / "data" / "roads.npz")
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["roads.npz"]
