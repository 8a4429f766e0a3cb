"""A file's bytes as an answer, whole or the range that was asked for, in pieces: never all of it in memory."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Protocol

from litestar import Response
from litestar.response import Stream

from tenfour.desk.byte_range import byte_range
from tenfour.desk.wav import open_recording

READ_AT_ONCE = 256 * 1024
"""Of a recording that is FLAC by now: 16 s of both lanes, decoded in some milliseconds."""


class Readable(Protocol):
    """Something with so many bytes."""

    @property
    def length(self) -> int:
        """Bytes of it as served."""
        ...

    def read(self, start: int, end: int) -> bytes:
        """Bytes `start` to `end` (not included). Blocks. Raises `NotFound` where it is there no more."""
        ...


class AsItLies:
    """A file as it is on the disk. A recording that is compressed meanwhile is had back from its FLAC."""

    def __init__(self, path: Path) -> None:
        """Raises `NotFound`."""
        self._path = path
        try:
            self.length = path.stat().st_size
        except FileNotFoundError:
            self.length = open_recording(path).length

    def read(self, start: int, end: int) -> bytes:
        """Bytes of the file. Raises `NotFound`."""
        try:
            with self._path.open("rb") as file:
                file.seek(start)
                return file.read(end - start)
        except FileNotFoundError:
            return open_recording(self._path).read(start, end)


def answer(
    source: Readable, asked: str | None, headers: Mapping[str, str], media_type: str
) -> Response[bytes] | Stream:
    """The whole, or the range of a `Range` header: 200, 206 or 416 (RFC 9110 section 14 and 15.5.17)."""
    length = source.length
    known = {**headers, "accept-ranges": "bytes", "cache-control": "private, no-store"}
    try:
        wanted = byte_range(asked, length)
    except ValueError:
        known["content-range"] = f"bytes */{length}"
        return Response(b"", status_code=416, headers=known, media_type=media_type)
    start, end = wanted or (0, length)
    known["content-length"] = str(end - start)
    if wanted is not None:
        known["content-range"] = f"bytes {start}-{end - 1}/{length}"
    return Stream(_pieces(source, start, end), status_code=206 if wanted else 200, headers=known, media_type=media_type)


async def _pieces(source: Readable, start: int, end: int) -> AsyncIterator[bytes]:
    """Nothing is read before the one who asked has taken what came before. What has become shorter ends there."""
    while start < end and (piece := await asyncio.to_thread(source.read, start, min(end, start + READ_AT_ONCE))):
        start += len(piece)
        yield piece
