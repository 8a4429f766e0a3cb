"""A map is checked before it is taken, and read in pieces."""

import gzip
import json
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.adapters.map_file import HEADER_BYTES, MapFile, import_map, read_header
from tenfour.demo.make import MAP
from tenfour.vocabulary.errors import BadFile

LAYERS = [{"id": "road"}, {"id": "water"}, {"id": "building"}]


def archive(
    metadata: object = None, *, box: tuple[float, ...] = (-83.2, 39.8, -82.7, 40.1), tile_type: int = 1, packed: int = 2
) -> bytes:
    """A PMTiles archive as the specification lays it out, with an empty root and some tile data."""
    told = {"vector_layers": LAYERS, "attribution": "(c) <a href='x'>OpenStreetMap</a> contributors"}
    text = json.dumps(told if metadata is None else metadata).encode()
    body = gzip.compress(text) if packed == 2 else text
    tiles = b"\x01" * 1000
    at = HEADER_BYTES
    parts = (at, 0, at, len(body), at + len(body), 0, at + len(body), len(tiles))
    degrees = [round(value * 1e7) for value in box]
    head = struct.pack("<7sB8Q3Q6B4i", b"PMTiles", 3, *parts, 1, 1, 1, 1, packed, 2, tile_type, 9, 15, *degrees)
    return head.ljust(HEADER_BYTES, b"\0") + body + tiles


def written(folder: Path, content: bytes) -> Path:
    file = folder / "some.pmtiles"
    file.write_bytes(content)
    return file


def test_map_says_what_it_covers_and_whose_it_is(tmp_path: Path) -> None:
    header = read_header(written(tmp_path, archive()))
    assert (header.west, header.south, header.east, header.north) == (-83.2, 39.8, -82.7, 40.1)
    assert header.credit == "© OpenStreetMap contributors"
    assert header.length == len(archive())


def test_layers_that_a_converter_left_in_a_text_are_found(tmp_path: Path) -> None:
    inner = json.dumps({"vector_layers": LAYERS})
    assert read_header(written(tmp_path, archive({"json": inner}, packed=1))).credit == ""


def test_map_of_the_demo_covers_its_units() -> None:
    header = read_header(MAP)
    assert header.west < -83.015 < header.east
    assert header.south < 39.958 < header.north
    assert "OpenStreetMap contributors" in header.credit


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is no PMTiles archive"),
        (b"SQLite format 3\0" + bytes(200), "is no PMTiles archive"),
        (b"PMTiles\x02" + bytes(200), "version 02; expected 3"),
        (b"PMTiles\x03" + bytes(20), "ends within its header, after 28 bytes"),
        (archive()[:-1], r"is cut off: [\d,]+ bytes of [\d,]+"),
        (archive(tile_type=2), "holds pictures"),
        (archive({"vector_layers": [{"id": "transportation"}]}), "has the layers transportation; expected those of"),
        (archive([1]), "has metadata that cannot be read"),
        (archive({"json": "{"}), "has metadata that cannot be read"),
        (archive(box=(0, 0, 0, 0)), "expected west, south, east, north"),
    ],
)
def test_what_is_no_map_is_told_in_a_sentence_and_changes_nothing(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    target = tmp_path / "data" / "map.pmtiles"
    target.parent.mkdir()
    target.write_bytes(b"the one before")
    with pytest.raises(BadFile, match=sentence):
        import_map(written(tmp_path, content), target)
    assert target.read_bytes() == b"the one before"
    assert [file.name for file in target.parent.iterdir()] == ["map.pmtiles"]


@given(st.binary(max_size=400), st.integers(0, 200))
def test_no_file_ends_otherwise_than_with_a_map_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int
) -> None:
    content = archive()
    file = written(tmp_path_factory.getbasetemp(), content[:at] + noise + content[at + len(noise) :])
    try:
        read_header(file)
    except BadFile as error:
        assert str(error).startswith(str(file))


def test_map_replaced_while_it_is_served_stays_the_one_it_was(tmp_path: Path) -> None:
    target = tmp_path / "map.pmtiles"
    import_map(written(tmp_path, archive()), target)
    served = MapFile(target)
    stamp, before = served.stamp, served.read(0, 5000)
    import_map(MAP, target)
    assert served.read(0, 5000) == before == archive()
    later = MapFile(target)
    assert later.stamp != stamp
    for one in (served, later):
        one.close()
