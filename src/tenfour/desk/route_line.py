"""How busy the line is."""

from litestar import get

from tenfour.calltaking.line_status import LineStatus
from tenfour.desk.given import GivenDesk, GivenPrincipal
from tenfour.desk.permission import Permission
from tenfour.vocabulary.errors import Unavailable


@get("/api/line", summary="How busy the line is", tags=["line"])
async def read_line(desk: GivenDesk, principal: GivenPrincipal) -> LineStatus:
    """Calls, connections, sources that send most, what was shed, how late it is; told by the line every two seconds.

    503 while the line is away or has not told yet.
    """
    principal.require(Permission.READ_BOARD)
    if desk.line_status is None or not desk.line.connected:
        raise Unavailable("The line process is away; how busy it is cannot be said.")
    return desk.line_status


ROUTES = (read_line,)
