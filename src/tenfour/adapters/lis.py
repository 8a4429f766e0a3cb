"""Asking a location server again: HELD (RFC 5985) over HTTP, to the URI that came with the call (RFC 6753)."""

import asyncio
from collections.abc import Sequence
from urllib.parse import urlsplit

import httpx

from tenfour.location.held import CONTENT_TYPE, LARGEST_ANSWER, HeldLocation, location_request, read_answer
from tenfour.vocabulary.errors import TenfourError


class NoLocation(TenfourError):
    """The location server gave nothing that can be used; the sentence says why."""


class LocationServer:
    """Asks location servers. Only `hosts` (names or addresses, no ports) are ever asked; redirects are not followed."""

    def __init__(self, hosts: Sequence[str], timeout_s: float = 4.0) -> None:
        self._hosts = frozenset(host.lower() for host in hosts)
        self._timeout_s = timeout_s
        self._client = httpx.AsyncClient(timeout=timeout_s, follow_redirects=False, trust_env=False)

    def may_ask(self, uri: str) -> bool:
        """Is this an http(s) URI at a host that may be asked?"""
        try:
            parts = urlsplit(uri)
        except ValueError:
            return False
        return parts.scheme in {"http", "https"} and (parts.hostname or "").lower() in self._hosts

    async def ask(self, uri: str) -> str:
        """The PIDF-LO document (text) of the answer; raises `NoLocation`, `HeldUnreadable`."""
        if not self.may_ask(uri):
            raise NoLocation("The location server named in the call is not one that this centre may ask.")
        try:
            async with asyncio.timeout(self._timeout_s):
                body = await self._post(uri)
        except TimeoutError as error:
            raise NoLocation(f"The location server did not answer within {self._timeout_s:g} s.") from error
        except httpx.HTTPError as error:
            raise NoLocation(f"The location server could not be asked ({type(error).__name__}).") from error
        answer = read_answer(body)
        if isinstance(answer, HeldLocation):
            return answer.pidf_lo
        raise NoLocation(f"The location server has no location: {answer.words or answer.code}.")

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def _post(self, uri: str) -> bytes:
        headers = {"Content-Type": CONTENT_TYPE, "Accept": CONTENT_TYPE}
        async with self._client.stream("POST", uri, content=location_request(), headers=headers) as response:
            if response.status_code != httpx.codes.OK:
                raise NoLocation(f"The location server answered {response.status_code}.")
            body = b""
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > LARGEST_ANSWER:
                    raise NoLocation(f"The location server's answer is longer than {LARGEST_ANSWER} bytes.")
            return body
