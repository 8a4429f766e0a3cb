"""HTTP/1.1 without ado, for benchmarks whose client must not take the CPU that is to be measured."""

import asyncio
import re
import uuid
from typing import Any
from urllib.parse import urlsplit

import msgspec

from tenfour.play.api import CentreSaidNo

_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")


class HttpWire:
    """One person's kept connection: commands one after the other, whoever asks."""

    def __init__(self, url: str) -> None:
        self._host, self._port = urlsplit(url).hostname or "", urlsplit(url).port or 80
        self._turn = asyncio.Lock()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.token = ""

    async def log_in(self, who: dict[str, str]) -> None:
        """Take a login; raises `CentreSaidNo`."""
        self.token = str((await self.post("/api/session", who))["token"])

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Give a command and have its answer; raises `CentreSaidNo`."""
        data = msgspec.json.encode(body)
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\nAuthorization: Bearer {self.token}\r\n"
            f"Idempotency-Key: {uuid.uuid4()}\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
        )
        async with self._turn:
            try:
                answer, content = await self._said(head.encode() + data)
            except (ConnectionError, asyncio.IncompleteReadError):  # closed while nobody spoke; the key makes it safe
                self._streams = None
                answer, content = await self._said(head.encode() + data)
        status = int(answer.split(b" ", 2)[1])
        told: dict[str, Any] = msgspec.json.decode(content) if content else {}
        if status >= 400:
            raise CentreSaidNo(status, str(told.get("error", "")))
        return told

    async def _said(self, request: bytes) -> tuple[bytes, bytes]:
        """Head and content of the answer."""
        self._streams = self._streams or await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        writer.write(request)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(answer)
        return answer, await reader.readexactly(int(length[1]) if length else 0)
