"""A real centre process on a demo folder, and a line of our own on its socket."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tenfour.adapters.identity import new_event_id, new_i3_id
from tenfour.adapters.link import LineServerLink
from tenfour.adapters.link_frame import LineCall, Order
from tenfour.adapters.outbox import Outbox
from tenfour.calltaking import event as c
from tenfour.calltaking.line_status import LineStatus
from tenfour.cli.story import free_port
from tenfour.demo.make import make_centre
from tenfour.vocabulary.envelope import Actor, ActorKind, Event, Fact
from tenfour.vocabulary.ids import AgencyId, CallId, IncidentId, NodeId, call_stream

NSI = "911-442-7186"


class CentreProcess:
    """`python -m tenfour.center` on a folder; killed and started again by the test."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.url = f"http://127.0.0.1:{port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; `ready` waits until it answers."""
        log = (self.folder / "center.log").open("ab")
        arguments = [sys.executable, "-m", "tenfour.center", str(self.folder), "--port", str(self.port)]
        self._process = subprocess.Popen(arguments, stdout=log, stderr=log)
        log.close()

    @property
    def pid(self) -> int:
        """The process, while it runs."""
        assert self._process is not None
        assert self._process.poll() is None, (self.folder / "center.log").read_text()
        return self._process.pid

    async def ready(self) -> None:
        """Return when /readyz says so."""
        async with httpx.AsyncClient(trust_env=False) as client:
            for _ in range(400):
                assert self._process is not None
                assert self._process.poll() is None, (self.folder / "center.log").read_text()
                try:
                    if (await client.get(f"{self.url}/readyz")).is_success:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.05)
        raise AssertionError((self.folder / "center.log").read_text())

    def end(self, number: signal.Signals) -> int:
        """Send a signal and wait; the exit status."""
        assert self._process is not None
        self._process.send_signal(number)
        return self._process.wait(15)

    def stop(self) -> None:
        """End it if it still runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait(15)


class Person:
    """Somebody at a desk or in a unit, over HTTP."""

    def __init__(self, centre: CentreProcess) -> None:
        self.client = httpx.AsyncClient(base_url=centre.url, trust_env=False, timeout=15)

    async def log_in(self, role: str, person: str, **place: str) -> "Person":
        """Log in with the role picker; later requests carry the token."""
        answer = await self.client.post("/api/session", json={"role": role, "person": person, **place})
        assert answer.status_code == 200, answer.text
        self.client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        self.client.cookies.clear()
        return self

    async def post(
        self, path: str, body: dict[str, Any] | None = None, status: int = 200, key: str | None = None
    ) -> Any:
        """A command that is answered with `status`."""
        headers = {"Idempotency-Key": key} if key else {}
        answer = await self.client.post(path, json=body or {}, headers=headers)
        assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def get(self, path: str, status: int = 200, **query: Any) -> Any:
        """A question that is answered with `status`."""
        answer = await self.client.get(path, params=query)
        assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()


class OurLine:
    """The line's end of the link, with a real outbox: what a caller does, said by the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.orders: list[Order] = []
        self.calls: list[LineCall] = []
        self.status = LineStatus()
        self.outbox = Outbox(folder / "line" / "test-outbox.sqlite")
        self._link = LineServerLink(
            folder / "run" / "line.sock",
            self.outbox,
            node=NodeId("line-1"),
            calls=lambda: self.calls,
            on_order=self.orders.append,
            on_presence=lambda _: None,
            status=lambda: self.status,
        )

    async def start(self) -> None:
        """Listen for the centre, at a path short enough for a Unix socket."""
        await self._link.start()

    async def close(self) -> None:
        """Hang up on the centre and close the outbox."""
        await self._link.close()
        await self.outbox.close()

    async def say(self, call_id: CallId, *events: Event) -> Sequence[Fact]:
        """Facts of one call, into the outbox and so to the centre."""
        facts = [
            Fact(
                new_event_id(),
                call_stream(call_id),
                event,
                datetime.now(UTC),
                Actor(ActorKind.DEVICE, "line-1"),
                AgencyId("sheriff"),
            )
            for event in events
        ]
        await self.outbox.put(facts)
        return facts

    async def ring(self, ani: str = NSI) -> CallId:
        """A new call rings."""
        call_id = CallId(new_i3_id())
        received = c.CallReceived(
            call_id,
            IncidentId(new_i3_id()),
            True,
            ani,
            None,
            "urn:service:sos",
            f"{call_id}@test",
            "UDP",
            "127.0.0.1:5",
        )
        self.calls.append(LineCall(call_id, connected=False, answered=False))
        await self.say(call_id, received, c.CallRinging())
        return call_id


@pytest.fixture(scope="session")
def demo_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's derived data; made once, or taken from where `make setup` left it."""
    made = Path(os.environ.get("TENFOUR_DEMO_CACHE", ""))
    return made if made.name else tmp_path_factory.mktemp("demo-data")


@pytest.fixture
def centre(tmp_path: Path, demo_cache: Path) -> Iterator[CentreProcess]:
    """A demo centre that is started by the test and always ended."""
    folder = tmp_path / "c"
    make_centre(folder, demo_cache)
    process = CentreProcess(folder, free_port())
    yield process
    process.stop()


@pytest.fixture
async def running(centre: CentreProcess) -> CentreProcess:
    """A centre that answers."""
    centre.start()
    await centre.ready()
    return centre


@pytest.fixture
async def dispatcher(running: CentreProcess) -> AsyncIterator[Person]:
    """R. Adeyemi at position 04."""
    person = await Person(running).log_in("dispatcher", "adeyemi", position="04")
    yield person
    await person.client.aclose()


@pytest.fixture
async def line(centre: CentreProcess) -> AsyncIterator[OurLine]:
    """Our line, listening in the centre's folder."""
    ours = OurLine(centre.folder)
    await ours.start()
    yield ours
    await ours.close()


async def until(question: Any, patience_s: float = 8.0) -> Any:
    """Ask until the answer is true; it is what the test waits for, so it fails when it never comes."""
    async with asyncio.timeout(patience_s):
        while not (answer := await question()):
            await asyncio.sleep(0.02)
    return answer
