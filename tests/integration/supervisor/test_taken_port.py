"""A port that another program uses is told in one sentence before anything starts."""

import asyncio
import socket
from collections.abc import Iterator

import pytest

from tenfour.adapters.supervisor import Supervisor
from tenfour.adapters.taken_port import refuse_taken_port
from tenfour.vocabulary.errors import BadInput, Unavailable


@pytest.fixture(params=[socket.SOCK_STREAM, socket.SOCK_DGRAM], ids=["tcp", "udp"])
def taken(request: pytest.FixtureRequest) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, request.param) as other:
        other.bind(("127.0.0.1", 0))
        if request.param is socket.SOCK_STREAM:
            other.listen(1)
        yield other


def address_of(bound: socket.socket) -> str:
    return f"127.0.0.1:{bound.getsockname()[1]}"


async def test_a_taken_port_is_refused_by_name(taken: socket.socket) -> None:
    with pytest.raises(
        Unavailable, match=f"SIP on {address_of(taken)} cannot be served: another program uses that port"
    ):
        await refuse_taken_port("SIP on", address_of(taken), udp=True, patience_s=0)


async def test_a_program_that_is_just_ending_may_let_go(taken: socket.socket) -> None:
    asyncio.get_running_loop().call_later(0.2, taken.close)
    await refuse_taken_port("SIP on", address_of(taken), udp=True, patience_s=5)


async def test_nothing_is_started_where_sip_is_taken(taken: socket.socket, tmp_path) -> None:
    said: list[str] = []
    supervisor = Supervisor(tmp_path, http="127.0.0.1:0", sip=address_of(taken), say=said.append)
    with pytest.raises(Unavailable, match="SIP on"):
        await supervisor.run(asyncio.Event())
    assert said == []
    assert list((tmp_path / "log").iterdir()) == []


@pytest.mark.parametrize("address", ["nonsense", "127.0.0.1:99999", "127.0.0.1:", ":5060", "127.0.0.1:x"])
async def test_no_address_is_bad_input(address: str) -> None:
    with pytest.raises(BadInput, match="expected host:port"):
        await refuse_taken_port("SIP on", address)


async def test_another_machines_address_is_told() -> None:
    with pytest.raises(Unavailable, match="cannot be served"):
        await refuse_taken_port("SIP on", "198.51.100.77:5060", udp=True, patience_s=0)
