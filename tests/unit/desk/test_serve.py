"""The socket that the pages and the API are served from."""

import asyncio
import socket

import pytest

from tenfour.desk.serve import listen
from tenfour.vocabulary.errors import Refused


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_answers_do_not_wait_for_delayed_acknowledgements(host: str) -> None:
    """Nagle's algorithm and the client's delayed ACK would make every answer 40 ms late."""
    without_delay: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served: socket.socket = writer.get_extra_info("socket")
        without_delay.set_result(served.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    try:
        listening = listen(host, 0)
    except Refused:
        assert host == "::1", "this machine has no IPv6"
        return
    async with await asyncio.start_server(answer, sock=listening):
        _, writer = await asyncio.open_connection(*listening.getsockname()[:2])
        async with asyncio.timeout(10):
            assert await without_delay
        writer.close()


def test_taken_address_is_refused_in_words() -> None:
    taken = listen("127.0.0.1", 0)
    taken.listen()
    with taken, pytest.raises(Refused, match="cannot be served: Address already in use"):
        listen("127.0.0.1", taken.getsockname()[1])
