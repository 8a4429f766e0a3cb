"""The wire of the tests loses, doubles and reorders as it is told."""

from random import Random

import pytest

from tenfour.telephony.flow import Flow
from tenfour.testing.lossy_wire import LossyWire

LEFT, RIGHT, NOWHERE = Flow("UDP", "192.0.2.1", 1), Flow("UDP", "192.0.2.2", 2), Flow("UDP", "192.0.2.3", 3)


class Box:
    """An endpoint that says what it is told to, and keeps what it hears with the time."""

    def __init__(self) -> None:
        self.saying: list[tuple[Flow, bytes]] = []
        self.heard: list[tuple[float, Flow, bytes]] = []
        self.woken: list[float] = []
        self.alarm: float | None = None

    def receive_datagram(self, data: bytes, flow: Flow, now: float) -> None:
        self.heard.append((now, flow, data))

    def next_timer(self) -> float | None:
        return self.alarm

    def handle_timer(self, now: float) -> None:
        if self.alarm is not None and self.alarm <= now:
            self.woken.append(now)
            self.alarm = None

    def take_outgoing(self) -> list[tuple[Flow, bytes]]:
        said, self.saying = self.saying, []
        return said


@pytest.fixture
def boxes() -> tuple[Box, Box]:
    return Box(), Box()


def wire(boxes, **how) -> LossyWire:
    return LossyWire({LEFT: boxes[0], RIGHT: boxes[1]}, random=Random(1), **how)


def test_good_wire_delivers_once_in_order_from_whom_it_came(boxes):
    boxes[0].saying = [(RIGHT, b"a"), (RIGHT, b"b")]
    wire(boxes).run(1)
    assert boxes[1].heard == [(0.01, LEFT, b"a"), (0.01, LEFT, b"b")]


def test_bad_wire_loses_about_as_many_as_it_should(boxes):
    boxes[0].saying = [(RIGHT, b"%d" % number) for number in range(1000)]
    wire(boxes, loss=0.3).run(1)
    assert 620 < len(boxes[1].heard) < 780


def test_bad_wire_doubles_and_reorders(boxes):
    sent = [b"%d" % number for number in range(200)]
    boxes[0].saying = [(RIGHT, data) for data in sent]
    wire(boxes, duplicate=0.5, delay_s=(0.1, 0.9)).run(1)
    heard = [data for *_, data in boxes[1].heard]
    assert 260 < len(heard) < 340
    assert set(heard) == set(sent)
    assert heard != sorted(heard, key=sent.index)
    assert all(0.1 <= time <= 0.9 for time, *_ in boxes[1].heard)


def test_chosen_datagrams_are_swallowed_and_still_kept_as_sent(boxes):
    line = wire(boxes)
    line.swallows = lambda data: data == b"b"
    boxes[0].saying = [(RIGHT, b"a"), (RIGHT, b"b"), (NOWHERE, b"c")]
    line.run(1)
    assert [data for *_, data in boxes[1].heard] == [b"a"]
    assert line.sent == [(0.0, LEFT, RIGHT, b"a"), (0.0, LEFT, RIGHT, b"b"), (0.0, LEFT, NOWHERE, b"c")]


def test_endpoints_are_woken_when_they_ask_for_it_and_time_stands_at_the_end(boxes):
    boxes[0].alarm, boxes[1].alarm = 0.5, 7.0
    line = wire(boxes)
    line.run(2)
    assert (boxes[0].woken, boxes[1].woken, line.now) == ([0.5], [], 2)


def test_what_happens_may_be_acted_on_at_once(boxes):
    line = wire(boxes)
    boxes[0].saying = [(RIGHT, b"ping")]

    def answer() -> None:
        if boxes[1].heard and not boxes[0].heard:
            boxes[1].saying = [(LEFT, b"pong")]

    line.run(1, answer)
    assert boxes[0].heard[0] == (0.02, RIGHT, b"pong")
