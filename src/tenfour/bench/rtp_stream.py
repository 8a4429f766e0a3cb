"""Calls' audio as a load: `python -m tenfour.bench.rtp_stream send FD FD` speaks, `... hear FD FD` listens.

The two file descriptors are UDP sockets, one for all callers and one for all on the other side: every stream is 50
packets a second of a voice, in which one packet a second is loud. Orders come as JSON lines on stdin: `{"add": [[side,
port], ...]}` begins streams, `{"look": true}` is answered with what was sent or heard since the last. When a packet was
heard is the kernel's word, so that a listener who is late himself is no matter.
"""

import os
import select
import socket
import struct
import sys
import time
from contextlib import suppress
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from tenfour.adapters.announcement import DEFAULT, read_announcement
from tenfour.adapters.audio_ports import came_at
from tenfour.telephony.g711 import encode_ulaw

SLOTS = 20
"""Packets are spread over the 20 ms in steps of one millisecond."""

SLOT_S = 0.001
PACKET_S = 0.02
LOUD_EVERY = 50
LOUDEST_VOICE = 8000
LOUD = encode_ulaw(np.full(160, 30_000, dtype=np.int16))
"""No voice of ours, and no mix of two, comes near to this."""

LOUD_BEGINS = LOUD[:4]
LATE_S = 0.04
"""A packet that comes so long after its turn, by the clock of the stream's earliest ones, is late."""

TAKE_AT_ONCE = 512


class Order(msgspec.Struct):
    """What a line of stdin says."""

    add: list[tuple[int, int]] = []
    look: bool = False


class Sent(msgspec.Struct):
    """Loud packets: the stream's number, from 1 on in order of their beginning, and when it went out (s since 1970)."""

    loud: list[tuple[int, float]]
    packets: int


class Heard(msgspec.Struct):
    """`loud`: side, from which port, SSRC, and when the first loud sample of a packet was there."""

    packets: int
    streams: int
    late: int
    lost: int
    worst_s: float
    loud: list[tuple[int, int, int, float]]


# ---- speaking ----


class Stream:
    """One direction of a call."""

    def __init__(self, number: int, bound: socket.socket, port: int) -> None:
        self.number, self._socket, self._to = number, bound, ("127.0.0.1", port)
        self.sent = 0

    def send(self, payload: bytes) -> None:
        """The next 20 ms."""
        head = struct.pack("!BBHII", 128, 0, self.sent & 0xFFFF, 160 * self.sent & 0xFFFFFFFF, self.number)
        self.sent += 1
        with suppress(OSError):
            self._socket.sendto(head + payload, self._to)


def speak(sides: list[socket.socket]) -> None:
    """Send until stdin ends."""
    slots: list[list[Stream]] = [[] for _ in range(SLOTS)]
    voice, count, loud, packets = _voice(), 0, list[tuple[int, float]](), 0
    orders, began, tick = Orders(), time.monotonic(), 0
    while not orders.over:
        for stream in slots[tick % SLOTS]:
            if (stream.sent + 7 * stream.number) % LOUD_EVERY == 0 and stream.sent:
                loud.append((stream.number, time.time()))
                stream.send(LOUD)
            else:
                stream.send(voice[(stream.sent + 31 * stream.number) % len(voice)])
            packets += 1
        tick += 1
        for order in orders.read() if tick % SLOTS == 0 else ():
            for side, port in order.add:
                slots[count // 2 % SLOTS].append(Stream(count + 1, sides[side], port))
                count += 1
            if order.look:
                _say(Sent(loud, packets))
                loud, packets = [], 0
        time.sleep(max(0.0, began + tick * SLOT_S - time.monotonic()))


def _voice() -> list[bytes]:
    frames = [np.frombuffer(frame, dtype=np.int16) for frame in read_announcement(Path(str(DEFAULT)))]
    quieter = LOUDEST_VOICE / max(int(np.abs(frame.astype(np.int32)).max()) for frame in frames)
    return [encode_ulaw((frame * min(1.0, quieter)).astype(np.int16)) for frame in frames]


# ---- listening ----


class Listener:
    """What was heard since the last look, by stream."""

    def __init__(self) -> None:
        self._came: dict[tuple[int, int, int], list[tuple[int, float]]] = {}
        self._loud: list[tuple[int, int, int, float]] = []

    def take(self, side: int, bound: socket.socket) -> None:
        """Read what waits."""
        for _ in range(TAKE_AT_ONCE):
            try:
                data, ancillary, _, address = bound.recvmsg(2048, 64)
            except OSError:
                return
            at = came_at(ancillary)
            if len(data) < 13 or data[0] != 0x80 or at is None:
                continue
            sequence, ssrc = int.from_bytes(data[2:4], "big"), int.from_bytes(data[8:12], "big")
            self._came.setdefault((side, address[1], ssrc), []).append((sequence, at))
            loud = data.find(LOUD_BEGINS, 12)
            if loud >= 0:
                self._loud.append((side, address[1], ssrc, at + (loud - 12) / 8000))

    def look(self) -> Heard:
        """All of it, and begin anew."""
        came, loud, self._came, self._loud = self._came, self._loud, {}, []
        paces = [pace(np.array(stream)) for stream in came.values()]
        return Heard(
            packets=sum(map(len, came.values())),
            streams=len(came),
            late=sum(late for late, _, _ in paces),
            lost=sum(lost for _, lost, _ in paces),
            worst_s=max((worst_s for _, _, worst_s in paces), default=0.0),
            loud=loud,
        )


def pace(stream: npt.NDArray[np.float64]) -> tuple[int, int, float]:
    """Of one stream: late packets, lost ones, and how late the latest was (s)."""
    sequence = np.unwrap(stream[:, 0], period=65536)
    behind = stream[:, 1] - PACKET_S * sequence
    behind -= behind.min()
    lost = sequence.max() - sequence.min() + 1 - np.unique(sequence).size
    return int((behind > LATE_S).sum()), int(lost), float(behind.max())


def hear(sides: list[socket.socket]) -> None:
    """Listen until stdin ends."""
    listener, poll = Listener(), select.poll()
    by_fd = {bound.fileno(): (side, bound) for side, bound in enumerate(sides)}
    for fd in (*by_fd, 0):
        poll.register(fd, select.POLLIN)
    orders = Orders()
    while not orders.over:
        for fd, _ in poll.poll():
            if fd:
                listener.take(*by_fd[fd])
            elif any(order.look for order in orders.read()):
                _say(listener.look())


# ---- both ----


class Orders:
    """What stdin says; `over` when it has ended."""

    def __init__(self) -> None:
        os.set_blocking(0, False)
        self._waiting = b""
        self.over = False

    def read(self) -> list[Order]:
        """What came by now."""
        try:
            chunk = os.read(0, 65536)
        except BlockingIOError:
            return []
        self.over = not chunk
        *lines, self._waiting = (self._waiting + chunk).split(b"\n")
        return [msgspec.json.decode(line, type=Order) for line in lines]


def _say(told: Sent | Heard) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(told) + b"\n")
    sys.stdout.buffer.flush()


def main() -> None:
    """The command."""
    sides = [socket.socket(fileno=int(descriptor)) for descriptor in sys.argv[2:]]
    {"send": speak, "hear": hear}[sys.argv[1]](sides)


if __name__ == "__main__":
    main()
