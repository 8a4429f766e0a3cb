"""The demo county, derived once for all tests of this folder, and small extracts written by the tests."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tenfour.adapters.road_store import load_roads
from tenfour.demo.make import prepare
from tenfour.roads.graph import RoadGraph

WriteExtract = Callable[..., Path]


@pytest.fixture(scope="session")
def demo_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's derived data."""
    cache = tmp_path_factory.mktemp("demo-cache")
    prepare(cache)
    return cache


@pytest.fixture(scope="session")
def columbus(demo_cache: Path) -> RoadGraph:
    """The demo county's roads."""
    return load_roads(demo_cache / "roads.npz")


@pytest.fixture
def write_extract(tmp_path: Path) -> WriteExtract:
    """Writes an extract as OpenStreetMap XML: nodes id -> (lat, lon), ways as (node ids, tags)."""

    def write(
        nodes: dict[int, tuple[float, float]],
        ways: list[tuple[list[int], dict[str, str]]],
        *,
        unordered: bool = False,
        name: str = "town.osm",
    ) -> Path:
        points = [f'<node id="{n}" version="1" lat="{lat}" lon="{lon}"/>' for n, (lat, lon) in nodes.items()]
        lines = []
        for number, (refs, tags) in enumerate(ways, start=1):
            inside = "".join(f'<nd ref="{ref}"/>' for ref in refs)
            inside += "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
            lines.append(f'<way id="{number}" version="1">{inside}</way>')
        body = "\n".join([*lines, *points] if unordered else [*points, *lines])
        path = tmp_path / name
        path.write_text(f'<osm version="0.6">\n{body}\n</osm>\n')
        return path

    return write
