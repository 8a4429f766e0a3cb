"""The channel between the line and a media worker: frames, file descriptors, and a side that does not keep up."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tenfour.adapters import media_channel
from tenfour.adapters.audio_ports import bind_audio, handed_over
from tenfour.adapters.media_channel import LEFT, NOT_READ, NOT_UNDERSTOOD, MediaChannel
from tenfour.adapters.media_protocol import CallerAudio, Close, Open, Ping, decode_order
from tenfour.telephony.sdp import Codec
from tenfour.vocabulary.ids import CallId

CALLER = CallerAudio(("127.0.0.1", 4000), Codec.PCMU, 0, 101, silence_s=3.0)


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


class End:
    """One end, and what it heard."""

    def __init__(self, bound: socket.socket) -> None:
        self.heard: list[object] = []
        self.ended: list[str] = []
        self.ports: list[int] = []
        self.channel = MediaChannel(bound, decode_order, self._take, self.ended.append)

    def _take(self, order) -> None:
        self.heard.append(order)
        if isinstance(order, Open):
            ports = handed_over(self.channel.taken_fds(order.sockets))
            self.ports.append(ports.port)
            ports.close()


@pytest.fixture
async def ends() -> Iterator[tuple[End, End]]:
    ours, theirs = (End(bound) for bound in socket.socketpair())
    yield ours, theirs
    ours.channel.close()
    theirs.channel.close()


async def test_sockets_come_with_the_frames_that_they_belong_to(ends, wait_until) -> None:
    ours, theirs = ends
    sent = []
    for at in range(50):
        ports = bind_audio("127.0.0.1", (20000, 29999))
        ours.channel.send(Ping(at))
        ours.channel.send(Open(CallId(f"call{at}"), CALLER, len(ports.filenos())), ports.filenos())
        ours.channel.send(Close(CallId("x" * 50_000)))
        sent.append(ports.port)
        ports.close()
    await wait_until(lambda: len(theirs.heard) == 150)
    assert theirs.ports == sent
    assert [order.n for order in theirs.heard if isinstance(order, Ping)] == list(range(50))


async def test_side_that_does_not_read_ends_the_channel_and_leaves_no_socket_open(monkeypatch) -> None:
    monkeypatch.setattr(media_channel, "UNSENT_LIMIT", 100_000)
    ours, theirs = socket.socketpair()
    end = End(ours)
    before = open_files()
    ports = bind_audio("127.0.0.1", (20000, 29999))
    while not end.ended:
        end.channel.send(Open(CallId("y" * 10_000), CALLER, 2), ports.filenos())
    assert end.ended == [NOT_READ]
    end.channel.send(Ping(1))
    ports.close()
    theirs.close()
    assert open_files() == before - 2


async def test_side_that_leaves_is_told_of_once(ends, wait_until) -> None:
    ours, theirs = ends
    theirs.channel.close()
    ours.channel.send(Ping(1))
    await wait_until(lambda: ours.ended)
    assert ours.ended[0].startswith(LEFT)
    assert len(ours.ended) == 1


@pytest.mark.parametrize("data", [b"\xff\xff\xff\xff", b"\x00\x00\x00\x02{}", b"\x00\x00\x00\x01\xc1"])
async def test_what_is_not_understood_ends_the_channel(wait_until, data) -> None:
    ours, theirs = socket.socketpair()
    end = End(ours)
    with theirs:
        theirs.sendall(data)
        await wait_until(lambda: end.ended)
    assert end.ended[0].startswith(NOT_UNDERSTOOD)


async def test_sockets_that_were_announced_and_did_not_come_end_the_channel(ends, wait_until) -> None:
    ours, theirs = ends
    ours.channel.send(Open(CallId("call"), CALLER, 2))
    await wait_until(lambda: theirs.ended)
    assert theirs.ended[0].startswith(NOT_UNDERSTOOD)
