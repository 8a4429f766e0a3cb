"""Whether the centre lives and is ready, its figures, its API's description, its pages."""

from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.serialization import encode_json
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from tenfour.desk.description import described
from tenfour.desk.given import GivenDesk, GivenRegistry

NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Tenfour</title>
<h1>The centre runs; its pages are not built</h1>
<p>Run <code>make setup</code> in the checkout, then reload. The API is described at
<a href="/openapi.json">/openapi.json</a>.</p></html>
"""


@get("/healthz", summary="Does the process answer?", tags=["health"], media_type="text/plain")
async def healthz() -> str:
    """Always `ok`."""
    return "ok\n"


@get("/readyz", summary="Can calls be taken?", tags=["health"], media_type="text/plain")
async def readyz(desk: GivenDesk) -> Response[str]:
    """200 when the record can be written; 503 with a sentence while it is away. Says whether the line is there."""
    if desk.ledger.away or desk.ledger.failing:
        return Response("The record is away.\n", status_code=503, media_type="text/plain")
    line = "the line is connected" if desk.line.connected else "the line is away"
    return Response(f"ready at {desk.ledger.shown.seq}; {line}\n", media_type="text/plain")


@get("/metrics", summary="Figures for Prometheus", tags=["health"], media_type=CONTENT_TYPE_LATEST)
async def metrics(registry: GivenRegistry) -> Response[bytes]:
    """In the text format of Prometheus."""
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


@get("/openapi.json", include_in_schema=False, sync_to_thread=True)
def openapi(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The OpenAPI 3.1 document of everything here."""
    return Response(encode_json(described(request.app.openapi_schema.to_schema())), media_type="application/json")


class Pages:
    """The built web pages in a folder: `index.html`, `field.html`, `assets/`."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder.resolve() if folder is not None else None

    def page(self, name: str) -> Response[bytes]:
        """A page, or a page that says how to build it."""
        file = self._folder / name if self._folder else None
        if file is None or not file.is_file():
            return Response(NOT_BUILT.encode(), media_type="text/html; charset=utf-8")
        headers = {"cache-control": "no-cache"}
        return Response(file.read_bytes(), media_type="text/html; charset=utf-8", headers=headers)

    def asset(self, name: str, accepted: str = "") -> Response[bytes]:
        """A file beside the pages; its name carries a hash, so it may be kept. 404 for anything else.

        As the build squeezed it, where that is `accepted` (Accept-Encoding, RFC 9110 section 12.5.3).
        """
        file = (self._folder / name).resolve() if self._folder else None
        if file is None or self._folder is None or not file.is_relative_to(self._folder) or not file.is_file():
            raise NotFoundException("There is no such file.")
        headers = {"cache-control": "public, max-age=31536000, immutable"}
        squeezed = file.with_name(f"{file.name}.gz")
        if squeezed.is_file():
            headers["vary"] = "accept-encoding"
            if _takes_gzip(accepted):
                headers["content-encoding"] = "gzip"
                return Response(squeezed.read_bytes(), media_type=_media_type(file), headers=headers)
        return Response(file.read_bytes(), media_type=_media_type(file), headers=headers)


_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".wav": "audio/wav",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}


def _media_type(file: Path) -> str:
    return _MEDIA_TYPES.get(file.suffix, "application/octet-stream")


def _takes_gzip(accepted: str) -> bool:
    """Is gzip among the codings accepted, and not with weight nought?"""
    codings = (coding.replace(" ", "").lower().partition(";") for coding in accepted.split(","))
    return any(name == "gzip" and weight.rstrip("0.") != "q=" for name, _, weight in codings)


def registry_with(figures: Any) -> CollectorRegistry:
    """A registry of this centre's own."""
    registry = CollectorRegistry()
    registry.register(figures)
    return registry


ROUTES = (healthz, readyz, metrics, openapi)
