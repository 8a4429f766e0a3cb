"""How the person who asks has laid out the desk."""

import asyncio

from litestar import get, put
from litestar.params import JSONBody

from tenfour.desk.given import GivenDesk, GivenPrincipal
from tenfour.desk.layout import DeskLayout

PATH = "/api/me/desk"


@get(PATH, summary="One's own layout of the desk", tags=["session"])
async def read_layout(desk: GivenDesk, principal: GivenPrincipal) -> DeskLayout:
    """As it was put last, on whatever screen; nulls where the desk stands as it comes."""
    return await asyncio.to_thread(desk.layouts.of, principal.person)


@put(PATH, summary="Keep one's own layout of the desk", tags=["session"])
async def keep_layout(desk: GivenDesk, principal: GivenPrincipal, data: JSONBody[DeskLayout]) -> DeskLayout:
    """Not a fact of the record. Nulls put the desk back as it comes."""
    await asyncio.to_thread(desk.layouts.keep, principal.person, data)
    return data


ROUTES = (read_layout, keep_layout)
