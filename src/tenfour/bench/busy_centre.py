"""Life in a very busy centre, for benchmarks of its screens: people, units and callers, at a steady rate of events.

`python -m tenfour.bench.busy_centre HTTP SIP_HOST SIP_PORT EVENTS_A_SECOND` works until its input is closed. Incidents
are opened, told of in notes, dispatched, worked by their units step by step, and closed; calls ring by SIP, are
answered, heard and hung up; units say where they are. All but the ringing goes through the HTTP API, one command at a
time at a pace that keeps the journal growing so fast. One window's live feed is followed besides, bare, as the bound
for a browser's: at the end one JSON line says when it saw what (`Told`).
"""

import asyncio
import itertools
import random
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from functools import partial

import msgspec
from websockets.asyncio.client import connect

from tenfour.bench.http_wire import HttpWire
from tenfour.play.caller import PlacedCall, dial, drop, put_away
from tenfour.play.cast import Caller
from tenfour.play.fix import CircleGiven
from tenfour.vocabulary.errors import TenfourError

EVENTS_A_SECOND = 200
UNITS = tuple(f"V{number:03}" for number in range(1, 201))
HAND_EVENTS_A_SECOND = 2
"""What one person's work on incidents leaves in the journal: at that rate so many incidents are worked at once."""

CALL_EVERY_S, TALK_S = 1.0, 2.5
UNIT_SAYS_WHERE_EVERY_S = 4.0
KINDS = ("WELFARE", "FALL", "911H", "INFO")
STREETS = ("Kendall Place", "Franklin Avenue", "Oak Street", "Bryden Road")
WAY = ("AcknowledgedTransmission", "EnRoute", "OnScene")
SAID = (
    "Neighbour says a light is on in the kitchen.",
    "Back door is locked, front door is not.",
    "Caller will wait outside in a red coat.",
    "Dog in the yard, friendly.",
)
CLOSING = "Spoke with the person at the door; all is well."
LAT, LON = 39.962, -82.975
PACE_S = (0.001, 0.2)


class UnitSeen(msgspec.Struct, frozen=True):
    """A unit's row, as far as it is looked at."""

    unit_id: str
    status_words: str


class CallSeen(msgspec.Struct, frozen=True):
    """A call's row, as far as it is looked at."""

    call_id: str
    ani: str
    incident_id: str | None


class FrameSeen(msgspec.Struct, frozen=True):
    """A frame of the live feed, as far as it is looked at."""

    seq: int
    units: tuple[UnitSeen, ...] = ()
    calls: tuple[CallSeen, ...] = ()


class Told(msgspec.Struct, frozen=True):
    """What the bare window saw: unit, status in words, Unix time in milliseconds. And what went wrong."""

    seen: tuple[tuple[str, str, float], ...]
    refused: tuple[str, ...]


class Pace:
    """Lets one command go at a time, so often that the journal grows at the wanted rate."""

    def __init__(self, events_a_second: float) -> None:
        self._wanted = events_a_second
        self._every_s = 1 / events_a_second
        self._due = time.monotonic()

    async def turn(self) -> None:
        """Wait until the next command may go; never to catch up with what was missed."""
        self._due = max(self._due + self._every_s, time.monotonic() - self._every_s)
        await asyncio.sleep(max(0.0, self._due - time.monotonic()))

    def correct(self, events_a_second: float) -> None:
        """The journal grew so fast: go faster or slower, by a little."""
        least, most = PACE_S
        factor = min(1.15, max(0.87, events_a_second / self._wanted))
        self._every_s = min(most, max(least, self._every_s * factor))


class BusyCentre:
    """Everybody in and around the centre."""

    def __init__(self, url: str, sip: tuple[str, int], events_a_second: float) -> None:
        self._sip = sip
        self._feed = f"{url.replace('http', 'ws', 1)}/api/live?after=0"
        self._people = [HttpWire(url) for _ in range(2 + round(events_a_second / HAND_EVENTS_A_SECOND))]
        self._pace = Pace(events_a_second)
        self._dice = random.Random(911)  # noqa: S311
        self._units = itertools.cycle(UNITS)
        self._numbers = (f"614-5{number:02}-{last:04}" for number in itertools.count(20) for last in range(10_000))
        self._seq = 0
        self._calls: dict[str, asyncio.Future[CallSeen]] = {}
        self.seen: list[tuple[str, str, float]] = []
        self.refused: list[str] = []

    async def live(self) -> None:
        """Go on for ever."""
        for one in self._people:
            await one.log_in({"role": "dispatcher", "person": "whitfield", "position": "05"})
        *hands, telephone, radio = self._people
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch(hands[0].token))
            group.create_task(self._keep_pace())
            group.create_task(self._ring(telephone, group))
            group.create_task(self._say_where(radio))
            for hand in hands:
                group.create_task(self._for_ever(partial(self._incident, hand)))

    # ---- what goes on ----

    async def _incident(self, hand: HttpWire) -> None:
        """One incident from its opening to its close."""
        unit, street = next(self._units), self._dice.choice(STREETS)
        place = f"{self._dice.randrange(100, 9999)} {street}"
        opened = await self._do(hand, "/api/incidents", {"kind": self._dice.choice(KINDS), "place": place})
        path = f"/api/incidents/{opened['incident_id']}"
        await self._do(hand, f"{path}/priority", {"priority": self._dice.randrange(1, 6)})
        await self._notes(hand, path, 2)
        await self._do(hand, f"{path}/dispatch", {"units": [unit], "override_reason": "nearest by voice"})
        for status in WAY:
            await self._do(hand, f"/api/units/{unit}/status", {"status": status})
            await self._notes(hand, path, 1)
        await self._close(hand, path)

    async def _notes(self, hand: HttpWire, path: str, count: int) -> None:
        for _ in range(count):
            text = f"{self._dice.choice(SAID)} ({self._dice.randrange(10**9)})"
            await self._do(hand, f"{path}/notes", {"text": text})

    async def _close(self, hand: HttpWire, path: str) -> None:
        seen = {"dispositions": ["18"], "cause": "unknown", "seen": ["adult_seen"]}
        await self._do(hand, f"{path}/close", {"words": CLOSING, **seen})

    async def _call(self, hand: HttpWire) -> None:
        """One call from its ring to the close of what it opened."""
        number = next(self._numbers)
        place = CircleGiven(
            lat=LAT + self._dice.uniform(-0.02, 0.02), lon=LON + self._dice.uniform(-0.02, 0.02),
            radius_m=30, confidence_pct=90, method="A-GPS",
        )  # fmt: skip
        self._calls[number] = asyncio.get_running_loop().create_future()
        caller = Caller(name="caller", number=number, class_of_service="WPH2", location=place)
        placed = await dial(caller, sip=self._sip, bind="127.0.0.1", location_uri="")
        try:
            async with asyncio.timeout(20):
                seen = await self._calls[number]
                answered = await self._do(hand, f"/api/calls/{seen.call_id}/answer", {})
                await placed.answered.wait()
            await asyncio.sleep(TALK_S)
            await self._do(hand, f"/api/calls/{seen.call_id}/heard", {"heard": [], "text": "He fell on the stairs."})
            await self._hang_up(placed)
            await self._close(hand, f"/api/incidents/{answered['incident_id']}")
        finally:
            self._calls.pop(number, None)
            await put_away(placed)

    async def _hang_up(self, placed: PlacedCall) -> None:
        if not placed.over.is_set():
            await drop(placed)

    # ---- how often ----

    async def _ring(self, hand: HttpWire, group: asyncio.TaskGroup) -> None:
        """A call after the other, whether or not those before are over."""
        while True:
            group.create_task(self._once(partial(self._call, hand)))
            await asyncio.sleep(CALL_EVERY_S)

    async def _say_where(self, radio: HttpWire) -> None:
        """Each unit in its turn; a measurement, no event."""
        for unit in itertools.cycle(UNITS):
            lat, lon = LAT + self._dice.uniform(-0.03, 0.03), LON + self._dice.uniform(-0.03, 0.03)
            await radio.post(f"/api/units/{unit}/position", {"lat": lat, "lon": lon})
            await asyncio.sleep(UNIT_SAYS_WHERE_EVERY_S / len(UNITS))

    async def _for_ever(self, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            await self._once(work)

    async def _once(self, work: Callable[[], Awaitable[None]]) -> None:
        """What is refused is told at the end; others go on."""
        try:
            await work()
        except (TenfourError, TimeoutError) as error:
            self.refused.append(f"{type(error).__name__}: {error}")
            await asyncio.sleep(0.5)

    async def _do(self, hand: HttpWire, path: str, body: dict[str, object]) -> dict[str, str]:
        await self._pace.turn()
        return await hand.post(path, body)

    async def _keep_pace(self) -> None:
        while True:
            before, at = self._seq, time.monotonic()
            await asyncio.sleep(1.0)
            self._pace.correct((self._seq - before) / (time.monotonic() - at))

    # ---- what a window sees ----

    async def _watch(self, token: str) -> None:
        """Follow the live feed as one window does, and draw nothing."""
        decode = msgspec.json.Decoder(FrameSeen).decode
        before: dict[str, str] = {}
        async with connect(
            self._feed, additional_headers={"Authorization": f"Bearer {token}"}, proxy=None, max_size=None
        ) as socket:
            async for message in socket:
                at = time.time() * 1000
                frame = decode(message)
                self._seq = frame.seq
                for unit in frame.units:
                    if before.get(unit.unit_id) not in (None, unit.status_words):
                        self.seen.append((unit.unit_id, unit.status_words, at))
                    before[unit.unit_id] = unit.status_words
                for call in frame.calls:
                    waiting = self._calls.get(call.ani)
                    if waiting is not None and not waiting.done():
                        waiting.set_result(call)


def more_units() -> Iterator[str]:
    """The tables of `UNITS` for units.toml."""
    dice = random.Random(8)  # noqa: S311
    for unit in UNITS:
        lat, lon = LAT + dice.uniform(-0.03, 0.03), LON + dice.uniform(-0.03, 0.03)
        yield f'\n[[unit]]\nid = "{unit}"\nagency = "sheriff"\npost = {{ lat = {lat:.6f}, lon = {lon:.6f} }}\n'


async def _until_input_closes(url: str, sip: tuple[str, int], events_a_second: float) -> Told:
    centre = BusyCentre(url, sip, events_a_second)
    living = asyncio.create_task(centre.live())
    closed = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    await asyncio.wait((living, closed), return_when=asyncio.FIRST_COMPLETED)
    if living.done():
        living.result()
    living.cancel()
    with suppress(asyncio.CancelledError):
        await living
    return Told(tuple(centre.seen), tuple(centre.refused))


if __name__ == "__main__":
    told = asyncio.run(_until_input_closes(sys.argv[1], (sys.argv[2], int(sys.argv[3])), float(sys.argv[4])))
    sys.stdout.write(msgspec.json.encode(told).decode() + "\n")
