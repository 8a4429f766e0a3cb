"""The application: routes, what they are given, and how errors are told."""

from pathlib import Path
from typing import Any

from litestar import Litestar, Response, get
from litestar.datastructures import State
from litestar.openapi import OpenAPIConfig
from litestar.params import FromPath
from prometheus_client import CollectorRegistry

from tenfour.desk import (
    route_board,
    route_call,
    route_command_line,
    route_conference,
    route_demo,
    route_dispatch,
    route_exhibit,
    route_health,
    route_incident,
    route_layout,
    route_line,
    route_map,
    route_outgoing,
    route_position,
    route_press,
    route_recording,
    route_session,
    route_signalling,
    route_transfer,
    route_unit,
    route_visit,
    route_voice,
)
from tenfour.desk.asked import note_asked
from tenfour.desk.desk import Desk
from tenfour.desk.failure import HANDLERS, DeskRequest
from tenfour.desk.feed import Feed
from tenfour.desk.given import PROVIDED
from tenfour.desk.route_health import Pages
from tenfour.desk.security import Guarded

LARGEST_BODY = 256 * 1024
ROUTES: list[Any] = [
    *route_session.ROUTES,
    *route_layout.ROUTES,
    *route_board.ROUTES,
    *route_position.ROUTES,
    *route_call.ROUTES,
    *route_outgoing.ROUTES,
    *route_conference.ROUTES,
    *route_transfer.ROUTES,
    *route_voice.ROUTES,
    *route_incident.ROUTES,
    *route_dispatch.ROUTES,
    *route_unit.ROUTES,
    *route_command_line.ROUTES,
    *route_recording.ROUTES,
    *route_signalling.ROUTES,
    *route_line.ROUTES,
    *route_demo.ROUTES,
    *route_map.ROUTES,
    *route_exhibit.ROUTES,
    *route_press.ROUTES,
    *route_visit.ROUTES,
    *route_health.ROUTES,
]


def build_app(desk: Desk, feed: Feed, registry: CollectorRegistry, pages: Path | None) -> Guarded:
    """The ASGI application of one centre. `pages`: the folder of the built web pages, if there is one."""
    app = Litestar(
        route_handlers=[*ROUTES, *_page_routes(Pages(pages))],
        dependencies=PROVIDED,
        exception_handlers=HANDLERS,
        before_request=note_asked,
        openapi_config=OpenAPIConfig(
            title="Tenfour",
            version="1",
            description="Everything a person can do on a screen. Errors are {error, status}; see docs/api.md.",
            path="/api/description",
            render_plugins=[],
            use_handler_docstrings=True,
        ),
        request_class=DeskRequest,
        request_max_body_size=LARGEST_BODY,
        state=State({"desk": desk, "feed": feed, "registry": registry}),
        logging_config=None,
    )
    return Guarded(app)


def _page_routes(pages: Pages) -> list[Any]:
    @get("/", include_in_schema=False)
    async def desk_page() -> Response[bytes]:
        return pages.page("index.html")

    @get("/field", include_in_schema=False)
    async def field_page() -> Response[bytes]:
        return pages.page("field.html")

    @get("/cheat-card", include_in_schema=False)
    async def cheat_card() -> Response[bytes]:
        return pages.page("cheat-card.html")

    @get("/assets/{name:path}", include_in_schema=False)
    async def asset(name: FromPath[Path], request: DeskRequest) -> Response[bytes]:
        return pages.asset(f"assets/{str(name).lstrip('/')}", request.headers.get("accept-encoding", ""))

    return [desk_page, field_page, cheat_card, asset]
