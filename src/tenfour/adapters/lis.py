"""Asking a location server again: HELD locationRequest (RFC 5985) to the URI that came with the call (RFC 6442)."""

import asyncio
from collections.abc import Sequence
from urllib.parse import urlsplit

import httpx
from defusedxml import ElementTree as SafeXml
from defusedxml.common import DefusedXmlException

from tenfour.vocabulary.errors import TenfourError

HELD = "urn:ietf:params:xml:ns:geopriv:held"
PIDF = "urn:ietf:params:xml:ns:pidf"
CONTENT_TYPE = "application/held+xml;charset=utf-8"
LIMIT_BYTES = 64 * 1024
REQUEST = (
    f'<?xml version="1.0" encoding="UTF-8"?><locationRequest xmlns="{HELD}" responseTime="emergencyDispatch">'
    '<locationType exact="false">geodetic civic</locationType></locationRequest>'
)


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
        """The PIDF-LO document (text) of the answer; raises `NoLocation`."""
        if not self.may_ask(uri):
            raise NoLocation("The location server named in the call is not one that this centre may ask.")
        try:
            async with asyncio.timeout(self._timeout_s):
                body = await self._post(uri)
        except TimeoutError as error:
            raise NoLocation(f"The location server did not answer within {self._timeout_s:g} s.") from error
        except httpx.HTTPError as error:
            raise NoLocation(f"The location server could not be asked ({type(error).__name__}).") from error
        return _pidf_of(body)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def _post(self, uri: str) -> bytes:
        headers = {"Content-Type": CONTENT_TYPE, "Accept": "application/held+xml"}
        async with self._client.stream("POST", uri, content=REQUEST, headers=headers) as response:
            if response.status_code != httpx.codes.OK:
                raise NoLocation(f"The location server answered {response.status_code}.")
            body = b""
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > LIMIT_BYTES:
                    raise NoLocation(f"The location server's answer is longer than {LIMIT_BYTES} bytes.")
            return body


def _pidf_of(body: bytes) -> str:
    try:
        root = SafeXml.fromstring(body)
    except (SafeXml.ParseError, DefusedXmlException, ValueError) as error:
        raise NoLocation("The location server's answer is not XML that can be read.") from error
    if root.tag == f"{{{HELD}}}error":
        raise NoLocation(f"The location server answered: {root.get('code', 'error')}.")
    found = root if root.tag == f"{{{PIDF}}}presence" else root.find(f".//{{{PIDF}}}presence")
    if found is None:
        raise NoLocation("The location server's answer holds no location document.")
    text: str = SafeXml.tostring(found, encoding="unicode")
    return text
