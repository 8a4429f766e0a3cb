"""The map's tiles: one PMTiles archive, served in the pieces that a desk asks for."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath
from litestar.response import Stream

from tenfour.desk.answer import MapCard
from tenfour.desk.byte_range import byte_range
from tenfour.desk.given import GivenDesk, GivenPrincipal
from tenfour.desk.port import MapTiles
from tenfour.vocabulary.errors import NotFound

PMTILES = "application/vnd.pmtiles"
LARGEST_PIECE = 4 << 20
STREAMED_PIECE = 256 << 10


@get("/map/{name:str}", summary="The map of the centre, in pieces", tags=["map"], media_type=PMTILES)
async def map_tiles(
    request: Request[Any, Any, Any], desk: GivenDesk, principal: GivenPrincipal, name: FromPath[str]
) -> Response[Any]:
    """A PMTiles archive at the address that `/api/centre` names. `Range` is served, at most 4 MiB at a time.

    The address changes with the file, so what came from it may be kept.
    """
    tiles = desk.map_tiles
    if tiles is None or name != _name(tiles):
        raise NotFound("map", name, desk.card.map.words)
    tag = f'"{tiles.stamp}"'
    headers = {"accept-ranges": "bytes", "etag": tag, "cache-control": "private, max-age=31536000, immutable"}
    if request.headers.get("if-none-match") == tag:
        return Response(b"", status_code=304, headers=headers, media_type=PMTILES)
    asked = request.headers.get("range") if request.headers.get("if-range", tag) == tag else None
    try:
        wanted = byte_range(asked, tiles.header.length)
    except ValueError:
        headers["content-range"] = f"bytes */{tiles.header.length}"
        return Response(b"", status_code=416, headers=headers, media_type=PMTILES)
    if wanted is None:
        headers["content-length"] = str(tiles.header.length)
        return Stream(_whole(tiles), headers=headers, media_type=PMTILES)
    start, end = wanted[0], min(wanted[1], wanted[0] + LARGEST_PIECE)
    headers["content-range"] = f"bytes {start}-{end - 1}/{tiles.header.length}"
    body = await asyncio.to_thread(tiles.read, start, end)
    return Response(body, status_code=206, headers=headers, media_type=PMTILES)


def map_card(tiles: MapTiles | None, words: str) -> MapCard:
    """What pages are told of the map; `words` say why there is none."""
    if tiles is None:
        return MapCard("", words, "", ())
    header = tiles.header
    return MapCard(f"/map/{_name(tiles)}", "", header.credit, (header.west, header.south, header.east, header.north))


def _name(tiles: MapTiles) -> str:
    return f"{tiles.stamp}.pmtiles"


async def _whole(tiles: MapTiles) -> AsyncIterator[bytes]:
    for start in range(0, tiles.header.length, STREAMED_PIECE):
        yield await asyncio.to_thread(tiles.read, start, min(start + STREAMED_PIECE, tiles.header.length))


ROUTES = (map_tiles,)
