"""The link between line and centre over its real socket: delivery, acknowledgement, and everything that breaks."""

import asyncio
import socket
import stat
import struct
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tenfour.adapters.frame_buffer import FRAME_LIMIT
from tenfour.adapters.identity import new_event_id
from tenfour.adapters.link import LineLink, LineServerLink
from tenfour.adapters.link_frame import LineCall, Order, SetClock
from tenfour.adapters.outbox import Outbox
from tenfour.calltaking.event import CallRinging
from tenfour.vocabulary.envelope import Actor, ActorKind, Fact
from tenfour.vocabulary.errors import Unavailable
from tenfour.vocabulary.ids import AgencyId, CallId, NodeId, PersonId, PositionId, call_stream

CALL = CallId("call0123456789")
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def fact() -> Fact:
    actor = Actor(ActorKind.DEVICE, "line-1")
    return Fact(new_event_id(), call_stream(CALL), CallRinging(), NOON, actor, AgencyId("larkspur"))


async def until(true: Callable[[], object]) -> None:
    """Wait for something that is to happen, as long as the test may run."""
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.005)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    yield tmp_path


class Ends:
    """Both ends of a link, with what came through."""

    def __init__(self, folder: Path) -> None:
        self.path = Path("run/line.sock")
        self.outbox = Outbox(folder / "outbox.sqlite")
        self.orders: list[Order] = []
        self.here: list[bool] = []
        self.greetings: list[Sequence[LineCall]] = []
        self.facts: list[Fact] = []
        self.lost = 0
        self.drained_after: list[int] = []
        self.refusing = False
        self.calls = [LineCall(CALL, True, False)]
        self.server = self.new_server()
        self.link = LineLink(
            self.path,
            catalogue={"CallRinging": CallRinging},
            on_facts=self.take,
            on_connected=self.greet,
            on_lost=self.lose,
            on_drained=self.hear_drained,
        )
        self.running: asyncio.Task[None] | None = None

    def new_server(self) -> LineServerLink:
        return LineServerLink(
            self.path,
            self.outbox,
            node=NodeId("line-1"),
            calls=lambda: self.calls,
            on_order=self.orders.append,
            on_presence=self.here.append,
        )

    async def take(self, facts: Sequence[Fact]) -> None:
        if self.refusing:
            raise Unavailable("The journal cannot write.")
        self.facts.extend(facts)

    async def greet(self, calls: Sequence[LineCall]) -> None:
        self.greetings.append(calls)

    async def hear_drained(self) -> None:
        self.drained_after.append(len(self.facts))

    def lose(self) -> None:
        self.lost += 1

    def run_link(self) -> None:
        self.running = asyncio.create_task(self.link.run())

    async def connect(self) -> None:
        self.run_link()
        await until(lambda: self.link.connected)

    async def close(self) -> None:
        if self.running is not None:
            self.running.cancel()
            await asyncio.wait([self.running])
        await self.server.close()
        await self.outbox.close()


async def outbox_is_empty(ends: Ends) -> None:
    async with asyncio.timeout(10):
        while await ends.outbox.waiting():
            await asyncio.sleep(0.005)


async def test_facts_come_through_in_order_and_are_trimmed_when_taken(folder: Path) -> None:
    ends = Ends(folder)
    early = [fact() for _ in range(300)]
    await ends.outbox.put(early)
    await ends.server.start()
    await ends.connect()
    late = [fact() for _ in range(50)]
    for one in late:
        ends.outbox.put([one])
    await until(lambda: len(ends.facts) == 350)
    assert ends.facts == [*early, *late]
    await outbox_is_empty(ends)
    await ends.close()


async def test_the_centre_hears_of_the_calls_in_progress_and_the_line_of_the_centre(folder: Path) -> None:
    ends = Ends(folder)
    await ends.server.start()
    await ends.connect()
    assert ends.greetings == [(LineCall(CALL, True, False),)]
    assert ends.here == [True]
    await ends.close()
    assert ends.here == [True, False]


async def test_orders_reach_the_line(folder: Path) -> None:
    ends = Ends(folder)
    await ends.server.start()
    await ends.connect()
    ends.link.answer(CALL, PositionId("04"), PersonId("adeyemi"))
    ends.link.release(CALL)
    ends.link.set_clock(NOON, NOON, 60)
    await until(lambda: len(ends.orders) == 3)
    assert [type(order).__name__ for order in ends.orders] == ["Answer", "Release", "SetClock"]
    assert ends.orders[2] == SetClock(NOON, NOON, 60)
    await ends.close()


async def test_orders_to_a_line_that_is_away_are_nothing(folder: Path) -> None:
    ends = Ends(folder)
    ends.link.answer(CALL, PositionId("04"), PersonId("adeyemi"))
    assert not ends.link.connected
    assert ends.orders == []
    await ends.close()


async def test_facts_the_journal_refused_are_delivered_again_until_it_takes_them(folder: Path) -> None:
    ends = Ends(folder)
    ends.refusing = True
    one = fact()
    await ends.outbox.put([one])
    await ends.server.start()
    ends.run_link()
    await until(lambda: ends.lost >= 2)
    assert [waiting.carried.id for waiting in await ends.outbox.waiting()] == [one.id]
    ends.refusing = False
    await until(lambda: ends.facts)
    assert ends.facts == [one]
    await outbox_is_empty(ends)
    await ends.close()


async def test_line_says_once_when_what_it_had_at_the_hello_is_delivered(folder: Path) -> None:
    ends = Ends(folder)
    await ends.outbox.put([fact() for _ in range(700)])
    await ends.server.start()
    await ends.connect()
    later = [fact() for _ in range(20)]
    await ends.outbox.put(later)
    await until(lambda: len(ends.facts) == 720)
    assert ends.drained_after == [700]
    await ends.close()


async def test_line_with_nothing_to_deliver_says_so_at_once(folder: Path) -> None:
    ends = Ends(folder)
    await ends.server.start()
    await ends.connect()
    await until(lambda: ends.drained_after)
    await ends.outbox.put([fact()])
    await until(lambda: ends.facts)
    assert ends.drained_after == [0]
    await ends.close()


async def test_nothing_counts_as_delivered_that_the_journal_refused(folder: Path) -> None:
    ends = Ends(folder)
    ends.refusing = True
    await ends.outbox.put([fact()])
    await ends.server.start()
    ends.run_link()
    await until(lambda: ends.lost >= 2)
    assert ends.drained_after == []
    ends.refusing = False
    await until(lambda: ends.drained_after)
    assert ends.drained_after == [1]
    await ends.close()


async def test_a_line_that_comes_back_is_found_within_a_second_and_nothing_is_lost(folder: Path) -> None:
    ends = Ends(folder)
    await ends.server.start()
    await ends.connect()
    await ends.server.close()
    await until(lambda: not ends.link.connected)
    one = fact()
    await ends.outbox.put([one])
    ends.server = ends.new_server()
    await ends.server.start()
    async with asyncio.timeout(1):
        await until(lambda: one in ends.facts)
    assert ends.lost == 1
    await ends.close()


async def test_a_new_centre_takes_the_place_of_the_old(folder: Path) -> None:
    ends = Ends(folder)
    await ends.server.start()
    reader, writer = await asyncio.open_unix_connection("run/line.sock")
    await reader.readexactly(4)
    await ends.connect()
    async with asyncio.timeout(5):
        await reader.read()
    writer.close()
    assert ends.server.connected
    await ends.close()


@pytest.mark.parametrize(
    "frame",
    [
        struct.pack("!I", FRAME_LIMIT + 1),
        struct.pack("!I", 3) + b"{{{",
        struct.pack("!I", 26) + b'{"frame":"open_the_doors"}',
        struct.pack("!I", 24) + b'{"frame":"ack","n":"one"}'[:24],
    ],
    ids=["too long", "no JSON", "unknown frame", "wrong type"],
)
async def test_a_broken_frame_closes_the_connection_and_nothing_else(folder: Path, frame: bytes) -> None:
    ends = Ends(folder)
    await ends.server.start()
    reader, writer = await asyncio.open_unix_connection("run/line.sock")
    writer.write(frame)
    async with asyncio.timeout(5):
        await reader.read()
    writer.close()
    await ends.connect()
    assert ends.server.connected
    await ends.close()


async def test_the_socket_is_for_its_owner_only(folder: Path) -> None:
    ends = Ends(folder)
    await ends.server.start()
    assert stat.S_IMODE(ends.path.stat().st_mode) == 0o600
    await ends.close()
    assert not ends.path.exists()


async def test_the_socket_of_a_dead_line_is_replaced(folder: Path) -> None:
    ends = Ends(folder)
    ends.path.parent.mkdir()
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(ends.path))
    await ends.server.start()
    await ends.connect()
    await ends.close()


async def test_a_second_line_in_the_same_folder_is_refused(folder: Path) -> None:
    ends = Ends(folder)
    await ends.server.start()
    with pytest.raises(Unavailable, match="one centre folder has one line"):
        await ends.new_server().start()
    await ends.connect()
    await ends.close()
