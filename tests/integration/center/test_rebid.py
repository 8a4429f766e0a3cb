"""A rebid asks the location server named in the call, over real HTTP; what it says is one more fix, or words."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tenfour.adapters.lis import LocationServer, NoLocation
from tenfour.calltaking import event as c

from .conftest import OurLine, Person, until
from .test_thread_of_a_call import PIDF

HELD = '<locationResponse xmlns="urn:ietf:params:xml:ns:geopriv:held">{}</locationResponse>'
Serve = Callable[[bytes], Awaitable[str]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Starts a location server that gives one answer; its URI."""
    servers: list[asyncio.Server] = []

    async def start(answer: bytes) -> str:
        async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"</locationRequest>")
            writer.write(answer)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

        server = await asyncio.start_server(speak, "127.0.0.1", 0)
        servers.append(server)
        return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/held"

    yield start
    for server in servers:
        server.close()


def http(body: str, status: str = "200 OK") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/held+xml\r\nContent-Length: {len(body.encode())}\r\n"
    return f"{head}Connection: close\r\n\r\n{body}".encode()


async def ringing_with(line: OurLine, person: Person, uri: str) -> str:
    call_id = await line.ring()
    await line.say(call_id, c.LocationReferenced(uri))

    async def known() -> bool:
        answer = await person.client.get(f"/api/calls/{call_id}")
        return answer.is_success and bool(answer.json()["may_rebid"])

    await until(known)
    return call_id


async def test_better_fix_is_one_more_row(line: OurLine, dispatcher: Person, serve: Serve) -> None:
    document = PIDF.partition("?>")[2]
    call_id = await ringing_with(line, dispatcher, await serve(http(HELD.format(document))))
    call = await dispatcher.post(f"/api/calls/{call_id}/rebid")
    assert [(fix["source"], fix["uncertainty_m"]) for fix in call["fixes"]] == [("rebid", 38.0)]


async def test_server_without_a_location_is_told_in_words(line: OurLine, dispatcher: Person, serve: Serve) -> None:
    error = '<error xmlns="urn:ietf:params:xml:ns:geopriv:held" code="locationUnknown"/>'
    call_id = await ringing_with(line, dispatcher, await serve(http(error)))
    call = await dispatcher.post(f"/api/calls/{call_id}/rebid")
    assert call["fixes"] == []
    assert "locationUnknown" in call["rebid_words"]


async def test_server_of_somebody_else_is_never_asked(line: OurLine, dispatcher: Person) -> None:
    call_id = await ringing_with(line, dispatcher, "http://metadata.example/latest")
    refused = await dispatcher.post(f"/api/calls/{call_id}/rebid", status=409)
    assert "not one that this centre may ask" in refused["error"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (http("gone", "404 Not Found"), "answered 404"),
        (http("", "302 Found"), "answered 302"),
        (http("x" * 300_000), "longer than"),
    ],
)
async def test_answer_that_is_no_location_is_refused_in_words(serve: Serve, answer: bytes, words: str) -> None:
    server = LocationServer(["127.0.0.1"], 2.0)
    with pytest.raises(NoLocation, match=words):
        await server.ask(await serve(answer))
    await server.close()


async def test_silent_server_is_given_up_in_time() -> None:
    gone = asyncio.Event()

    async def listen_only(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        gone.set()

    silent = await asyncio.start_server(listen_only, "127.0.0.1", 0)
    server = LocationServer(["127.0.0.1"], 0.2)
    with pytest.raises(NoLocation):
        await server.ask(f"http://127.0.0.1:{silent.sockets[0].getsockname()[1]}/")
    await server.close()
    await gone.wait()
    silent.close()


@pytest.mark.parametrize(
    "uri", ["ftp://127.0.0.1/x", "http://[broken", "sip:x@127.0.0.1", "http://127.0.0.1.evil.example/"]
)
def test_only_named_hosts_over_http_may_be_asked(uri: str) -> None:
    assert not LocationServer(["127.0.0.1"]).may_ask(uri)
