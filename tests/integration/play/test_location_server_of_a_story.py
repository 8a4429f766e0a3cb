"""The location server that a story's callers name, asked as the centre asks it (HELD over loopback)."""

import asyncio
import time

import pytest

from tenfour.adapters import lis
from tenfour.location.event import FixClass
from tenfour.location.pidf import read_pidf_lo
from tenfour.play.fix import CircleGiven, SectorGiven
from tenfour.play.held import LocationServer

SECTOR = SectorGiven(lat=39.953, lon=-82.97, outer_m=900, start_deg=340, opening_deg=120, method="Cell")
CIRCLE = CircleGiven(lat=39.95865, lon=-82.96435, radius_m=38, confidence_pct=90, method="A-GPS")


@pytest.fixture
async def server():  # type: ignore[no-untyped-def]
    server = LocationServer()
    await server.start("127.0.0.1")
    yield server
    await server.close()


@pytest.fixture
async def centre():  # type: ignore[no-untyped-def]
    centre = lis.LocationServer(["127.0.0.1"])
    yield centre
    await centre.close()


async def test_each_time_it_is_asked_the_next_fix_is_given(server: LocationServer, centre: lis.LocationServer) -> None:
    uri = server.register("little boy", [SECTOR, CIRCLE])
    fixes = []
    for _ in range(3):
        document = await centre.ask(uri)
        fixes += read_pidf_lo(document, source="rebid", tower_radius_m=300)
    assert [fix.fix_class for fix in fixes] == [FixClass.PHASE_I, FixClass.PHASE_II, FixClass.PHASE_II]
    assert (fixes[1].uncertainty_m, fixes[1].confidence_pct, fixes[1].method) == (38, 90, "A-GPS")


async def test_a_fix_that_takes_time_takes_it(server: LocationServer, centre: lis.LocationServer) -> None:
    slow = CircleGiven(lat=39.95865, lon=-82.96435, radius_m=38, delay_s=0.3)
    began = time.monotonic()
    await centre.ask(server.register("boy", [slow]))
    assert time.monotonic() - began >= 0.3


async def test_a_caller_that_it_does_not_know_has_no_location(
    server: LocationServer, centre: lis.LocationServer
) -> None:
    uri = server.register("boy", [CIRCLE])
    with pytest.raises(lis.NoLocation, match="no location for this device"):
        await centre.ask(uri.replace("boy", "girl"))


async def test_a_peer_that_hangs_up_in_the_middle_harms_nobody(
    server: LocationServer, centre: lis.LocationServer
) -> None:
    uri = server.register("boy", [CIRCLE])
    port = int(uri.split(":")[2].split("/")[0])
    for words in (
        b"",
        b"POST /held/boy HTTP/1.1\r\n",
        b"POST /held/boy HTTP/1.1\r\nContent-Length: 9\r\n\r\nx",
        b"\r\n\r\n",
    ):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(words)
        writer.close()
        await writer.wait_closed()
    assert "Circle" in await centre.ask(uri)
