"""A small location server (HELD, RFC 5985) for the callers of a story: asked again, it answers better."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

from tenfour.play.fix import Fix
from tenfour.play.pidf import document

HELD_NAMESPACE = "urn:ietf:params:xml:ns:geopriv:held"
LIMIT_BYTES = 65_536


class LocationServer:
    """Answers `POST /held/NAME` with the next fix of that caller; the last one is given again and again."""

    def __init__(self) -> None:
        self._fixes: dict[str, Sequence[Fix]] = {}
        self._asked: dict[str, int] = {}
        self._server: asyncio.Server | None = None
        self._host = ""

    async def start(self, host: str) -> None:
        """Listen on `host`, any free port."""
        self._server = await asyncio.start_server(self._serve, host, 0, limit=LIMIT_BYTES)
        self._host = host

    def register(self, name: str, fixes: Sequence[Fix]) -> str:
        """Be the location server of a caller; returns the URI that its telephone names in its call."""
        assert self._server is not None
        self._fixes[name] = fixes
        address = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{address}:{self._server.sockets[0].getsockname()[1]}/held/{name.replace(' ', '-')}"

    def latest(self, name: str) -> Fix | None:
        """What was answered last for this caller; None while nobody has asked."""
        fixes, asked = self._fixes.get(name, ()), self._asked.get(name, 0)
        return fixes[min(asked, len(fixes)) - 1] if fixes and asked else None

    async def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request on one connection; a peer that goes away in the middle gets nothing."""
        try:
            with suppress(asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                await reader.readexactly(_length(head))
                writer.write(await self._answer(_path(head).rpartition("/")[2]))
                await writer.drain()
        finally:
            writer.close()

    async def _answer(self, path_name: str) -> bytes:
        name = next((name for name in self._fixes if name.replace(" ", "-") == path_name), None)
        fixes = self._fixes[name] if name is not None else ()
        if name is None or not fixes:
            return _response(held_error("locationUnknown", "no location for this device"))
        asked = self._asked.get(name, 0)
        self._asked[name] = asked + 1
        fix = fixes[min(asked, len(fixes) - 1)]
        await asyncio.sleep(fix.delay_s)  # the network takes this long to find the handset: the story says so
        presence = document(fix, entity=f"pres:{path_name}@location.invalid", now=datetime.now(UTC))
        return _response(held_response(presence))


def held_response(presence: str) -> str:
    """A locationResponse around a PIDF-LO document (RFC 5985 section 6.2)."""
    inner = presence.partition("?>")[2].strip()
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<locationResponse xmlns="{HELD_NAMESPACE}">{inner}</locationResponse>'
    )


def held_error(code: str, words: str) -> str:
    """An error document (RFC 5985 section 6.3)."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<error xmlns="{HELD_NAMESPACE}" code="{code}">'
        f'<message xml:lang="en">{words}</message></error>'
    )


def _path(head: str) -> str:
    words = head.split("\r\n", 1)[0].split(" ")
    return words[1] if len(words) > 1 else ""


def _length(head: str) -> int:
    lines = (line.partition(":") for line in head.split("\r\n")[1:])
    said = next((value.strip() for name, _, value in lines if name.strip().lower() == "content-length"), "")
    return min(int(said), LIMIT_BYTES) if said.isascii() and said.isdigit() else 0


def _response(body: str) -> bytes:
    content = body.encode()
    head = (
        "HTTP/1.1 200 OK\r\nContent-Type: application/held+xml\r\n"
        f"Content-Length: {len(content)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + content
