"""The map over HTTP: in ranges, kept by browsers, for who is logged in."""

import httpx

from tenfour.demo.make import MAP

from .conftest import CentreProcess, Person


async def test_map_is_served_in_the_pieces_that_are_asked_for(centre: CentreProcess, dispatcher: Person) -> None:
    card = (await dispatcher.get("/api/centre"))["map"]
    assert "OpenStreetMap contributors" in card["credit"]
    assert card["words"] == ""
    west, south, east, north = card["bounds"]
    assert west < east
    assert south < north
    content = MAP.read_bytes()

    piece = await dispatcher.client.get(card["url"], headers={"Range": "bytes=0-126"})
    assert (piece.status_code, piece.content) == (206, content[:127])
    assert piece.headers["content-range"] == f"bytes 0-126/{len(content)}"
    assert "immutable" in piece.headers["cache-control"]
    last = await dispatcher.client.get(card["url"], headers={"Range": "bytes=-10"})
    assert last.content == content[-10:]
    beyond = await dispatcher.client.get(card["url"], headers={"Range": f"bytes={len(content)}-"})
    assert beyond.status_code == 416
    assert beyond.headers["content-range"] == f"bytes */{len(content)}"

    whole = await dispatcher.client.get(card["url"])
    assert (whole.status_code, whole.content) == (200, content)
    tag = whole.headers["etag"]
    known = await dispatcher.client.get(card["url"], headers={"If-None-Match": tag})
    assert (known.status_code, known.content) == (304, b"")
    changed = await dispatcher.client.get(card["url"], headers={"Range": "bytes=0-9", "If-Range": '"another"'})
    assert (changed.status_code, changed.content) == (200, content)

    await dispatcher.get("/map/another.pmtiles", status=404)
    async with httpx.AsyncClient(base_url=centre.url, trust_env=False) as nobody:
        assert (await nobody.get(card["url"], headers={"Range": "bytes=0-126"})).status_code == 401


async def test_centre_without_a_map_says_so(centre: CentreProcess, dispatcher: Person) -> None:
    centre.stop()
    map_file = centre.folder / "data" / "map.pmtiles"
    map_file.unlink()
    centre.start()
    await centre.ready()
    card = (await dispatcher.get("/api/centre"))["map"]
    assert card["url"] == ""
    assert card["words"] == "This centre has no map (data/map.pmtiles); tenfour import map brings one."
    centre.stop()
    map_file.write_bytes(b"PMTiles\x03")
    centre.start()
    await centre.ready()
    card = (await dispatcher.get("/api/centre"))["map"]
    assert card["words"] == "The map data/map.pmtiles ends within its header, after 8 bytes."
    await dispatcher.get("/map/.pmtiles", status=404)
