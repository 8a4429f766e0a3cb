"""TCP callers whose messages do not come whole: their calls are taken, and nobody else notices."""

import asyncio
import contextlib
import itertools
from collections.abc import Callable

import pytest

from tenfour.calltaking.event import CallAbandoned, CallConnected, CallReceived, CallRinging

COUNT = itertools.count()


def invite(port: int, length: str, sdp: bytes) -> bytes:
    name = f"broken{next(COUNT)}"
    head = (
        f"INVITE urn:service:sos SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:{port};branch=z9hG4bK{name}\r\n"
        f"From: <sip:9114427186@127.0.0.1>;tag={name}\r\nTo: <urn:service:sos>\r\nCall-ID: {name}\r\nCSeq: 1 INVITE\r\n"
        f"Contact: <sip:c@127.0.0.1:{port};transport=tcp>\r\nContent-Type: application/sdp\r\n{length}"
    )
    return head.encode() + sdp


def follow(method: str, received: bytes, port: int) -> bytes:
    """An ACK or BYE of the call that this answer belongs to."""
    lines = dict(line.split(": ", 1) for line in received.decode().split("\r\n\r\n")[0].split("\r\n")[1:])
    number = 1 if method == "ACK" else 2
    return (
        f"{method} sip:911@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:{port};branch=z9hG4bK{next(COUNT)}x\r\n"
        f"From: {lines['From']}\r\nTo: {lines['To']}\r\nCall-ID: {lines['Call-ID']}\r\nCSeq: {number} {method}\r\n"
        f"Content-Length: 0\r\n\r\n"
    ).encode()


class Broken:
    """A TCP peer that writes what it likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.port = int(writer.get_extra_info("sockname")[1])

    async def hear(self, start: bytes) -> bytes:
        """The next message that begins so; others are passed over."""
        async with asyncio.timeout(12):
            while True:
                head = await self.reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                body = await self.reader.readexactly(length)
                if head.startswith(start):
                    return head + body

    async def hung_up_on(self) -> None:
        """Wait until the line has closed it."""
        async with asyncio.timeout(12):
            with contextlib.suppress(ConnectionResetError):
                assert await self.reader.read() == b""

    def say(self, data: bytes) -> None:
        self.writer.write(data)


@pytest.fixture
async def broken(line):
    """Opens connections to the line; they are closed when the test is over."""
    opened: list[Broken] = []

    async def open_one() -> Broken:
        opened.append(Broken(*await asyncio.open_connection("127.0.0.1", line.sip_port)))
        return opened[-1]

    yield open_one
    for peer in opened:
        peer.writer.close()


LENGTHS = {
    "too long": "Content-Length: 4000\r\n\r\n",
    "missing": "\r\n",
    "no number": "Content-Length: many\r\n\r\n",
    "above all bounds": "Content-Length: 99999999\r\n\r\n",
}


@pytest.mark.parametrize("length", LENGTHS.values(), ids=LENGTHS)
async def test_invite_with_a_wrong_length_is_answered_and_its_connection_goes_on(
    length: str, centre, new_caller, broken: Callable[[], object], wait_until
) -> None:
    other = new_caller()
    await other.listen()
    other.dial()
    centre.answer((await centre.heard_of(CallReceived)).call_id)
    await other.answered()
    other.speak()

    peer = await broken()
    peer.say(invite(peer.port, length, other.sdp))
    await peer.hear(b"SIP/2.0 180")
    received = await centre.heard_of(CallReceived, 2)
    assert any("Content-Length" in problem for problem in received.problems)
    centre.answer(received.call_id)
    ok = await peer.hear(b"SIP/2.0 200")
    assert b"m=audio" in ok
    peer.say(b"a=sendrecv\r\n" + follow("ACK", ok, peer.port))  # the rest that was missing, late
    assert (await centre.heard_of(CallConnected, 2)).media_address == f"127.0.0.1:{other.rtp_port}"
    peer.say(follow("BYE", ok, peer.port))
    await peer.hear(b"SIP/2.0 200")
    before = len(other.heard)
    await wait_until(lambda: len(other.heard) > before + 10)


async def test_half_an_invite_is_a_call_and_junk_behind_it_leaves_the_connection_open(centre, broken) -> None:
    peer = await broken()
    peer.say(invite(peer.port, "", b"")[:-2])  # neither the last line's end nor the empty line comes
    await peer.hear(b"SIP/2.0 180")
    received = await centre.heard_of(CallReceived)
    peer.say(b"\x00\xff no message\r\n" * 10_000)
    centre.answer(received.call_id)
    ok = await peer.hear(b"SIP/2.0 200")
    peer.say(follow("ACK", ok, peer.port))
    await centre.heard_of(CallConnected)


async def test_peer_that_sends_junk_alone_is_hung_up_on(line, centre, broken) -> None:
    peer = await broken()
    peer.say(b"\x00\xff no message\r\n" * 10_000)
    await peer.hung_up_on()
    assert not centre.events(CallReceived)


async def test_when_a_source_has_all_its_connections_the_longest_idle_makes_room(line, centre, broken) -> None:
    ringing = await broken()
    ringing.say(invite(ringing.port, "Content-Length: 0\r\n\r\n", b""))
    await ringing.hear(b"SIP/2.0 180")
    await centre.heard_of(CallRinging)
    idle = [await broken() for _ in range(99)]
    await asyncio.sleep(1.2)  # until they count as idle
    late = await broken()
    late.say(invite(late.port, "Content-Length: 0\r\n\r\n", b""))
    await late.hear(b"SIP/2.0 180")
    await idle[0].hung_up_on()
    assert not idle[-1].reader.at_eof()
    assert not ringing.reader.at_eof()
    assert not centre.events(CallAbandoned)
