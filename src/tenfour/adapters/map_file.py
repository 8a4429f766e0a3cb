"""The map of a centre: a PMTiles archive (specification version 3) of vector tiles, with the layers that desks draw.

The file is never read whole: a desk asks for the pieces it shows.
"""

import gzip
import os
import re
import shutil
import struct
import zlib
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from tenfour.vocabulary.errors import BadFile

MAGIC, VERSION, HEADER_BYTES = b"PMTiles", 3, 127
VECTOR_TILES = 1
UNCOMPRESSED, GZIP = 1, 2
LARGEST_METADATA = 1 << 20
LAYERS = frozenset({"road", "water"})
"""Without these there is nothing to know a place by."""

_HEADER = struct.Struct("<7sB 8Q 3Q BBBBBB 4i")
_TAG = re.compile(r"<[^>]*>")


class MapHeader(msgspec.Struct, frozen=True):
    """What a map says of itself: its size in bytes, the degrees it covers, whose data it is."""

    length: int
    west: float
    south: float
    east: float
    north: float
    credit: str


class MapFile:
    """A map, held open: a file that is put in its place later is served from the next start."""

    def __init__(self, path: Path) -> None:
        """Open and check it; raises `BadFile`."""
        self.header = read_header(path)
        try:
            self._file = os.open(path, os.O_RDONLY)
        except OSError as error:
            raise BadFile(path, None, f"cannot be read: {error.strerror}.") from error
        told = os.fstat(self._file)
        named = b"%d %d " % (told.st_size, told.st_mtime_ns) + self.read(0, HEADER_BYTES)
        self.stamp = sha256(named).hexdigest()[:16]

    def read(self, start: int, end: int) -> bytes:
        """Bytes `start` to `end` (not included); fewer where the file was cut off meanwhile."""
        return os.pread(self._file, end - start, start)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def read_header(path: Path) -> MapHeader:
    """Check that a file is a map that desks can draw; raises `BadFile` with one sentence of what it is instead."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            start = file.read(HEADER_BYTES)
            fields = _fields(path, start, size)
            file.seek(fields[4])
            metadata = _metadata(path, file.read(fields[5]), fields[14])
    except OSError as error:
        raise BadFile(path, None, f"cannot be read: {error.strerror}.") from error
    _check_layers(path, metadata)
    west, south, east, north = (value / 1e7 for value in fields[-4:])
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise BadFile(path, None, f"covers {west}, {south} to {east}, {north}; expected west, south, east, north.")
    return MapHeader(size, west, south, east, north, _credit(metadata))


def import_map(source: Path, target: Path) -> MapHeader:
    """Replace `target` by `source`, which must be a map. Raises `BadFile`; `target` is then as it was."""
    header = read_header(source)
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        with source.open("rb") as old, beside.open("wb") as new:
            shutil.copyfileobj(old, new, 1 << 20)
            new.flush()
            os.fsync(new.fileno())
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
    return header


def _fields(path: Path, start: bytes, size: int) -> tuple[Any, ...]:
    """The fixed header: magic, version, four pairs of offset and length, three counts, six small ones, the box."""
    if start[:7] != MAGIC:
        raise BadFile(path, None, "is no PMTiles archive; scripts/map/make makes one of an OpenStreetMap extract.")
    if start[7:8] != bytes([VERSION]):
        raise BadFile(path, None, f"is a PMTiles archive of version {start[7:8].hex() or '?'}; expected {VERSION}.")
    if len(start) < HEADER_BYTES:
        raise BadFile(path, None, f"ends within its header, after {len(start)} bytes.")
    fields = _HEADER.unpack_from(start)
    ends = max(offset + length for offset, length in zip(fields[2:10:2], fields[3:10:2], strict=True))
    if ends > size:
        raise BadFile(path, None, f"is cut off: {size:,} bytes of {ends:,}.")
    if fields[16] != VECTOR_TILES:
        raise BadFile(path, None, "holds pictures, not vector tiles; desks draw vector tiles.")
    if fields[15] not in {UNCOMPRESSED, GZIP}:
        raise BadFile(path, None, "holds tiles that browsers here cannot unpack; expected gzip.")
    if fields[5] > LARGEST_METADATA:
        raise BadFile(path, None, f"has {fields[5]:,} bytes of metadata; expected at most {LARGEST_METADATA:,}.")
    return fields


def _metadata(path: Path, packed: bytes, compression: int) -> dict[str, Any]:
    """The metadata object. MBTiles kept the layers in a text of their own, `json`; converters leave it there."""
    try:
        text = _unpacked(packed) if compression == GZIP else packed
        metadata = msgspec.json.decode(text, type=dict[str, Any])
        return metadata | msgspec.json.decode(metadata.get("json", "{}"), type=dict[str, Any])
    except (OSError, EOFError, zlib.error, ValueError, TypeError) as error:
        raise BadFile(path, None, f"has metadata that cannot be read ({error}).") from error


def _unpacked(packed: bytes) -> bytes:
    text = zlib.decompressobj(wbits=31).decompress(packed, LARGEST_METADATA)
    if not text:
        raise gzip.BadGzipFile("nothing in it")
    return text


def _check_layers(path: Path, metadata: dict[str, Any]) -> None:
    layers = metadata.get("vector_layers")
    named = {layer.get("id") for layer in layers if isinstance(layer, dict)} if isinstance(layers, list) else set()
    if not named >= LAYERS:
        have = ", ".join(sorted(str(name) for name in named)) or "none"
        raise BadFile(
            path, None, f"has the layers {have}; expected those of scripts/map/layers.json (road, water ...)."
        )


def _credit(metadata: dict[str, Any]) -> str:
    """Whose data it is, as plain words."""
    said = _TAG.sub("", str(metadata.get("attribution") or ""))
    return said.replace("(c)", "©").strip()
