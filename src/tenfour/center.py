"""The centre process: `python -m tenfour.center DIR [--port N] [--host H]`. The record, the rules, the desk's API."""

import argparse
import asyncio
import os
import signal
import sys
import time
from collections.abc import Coroutine, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from prometheus_client.core import GaugeMetricFamily, Metric

from tenfour.adapters.address_index import AddressIndex
from tenfour.adapters.boundaries import Boundaries
from tenfour.adapters.captioner import Captioner
from tenfour.adapters.centre_folder import CentreFolder, read_centre_folder, refuse_open_bind
from tenfour.adapters.compressor import Compressor
from tenfour.adapters.domain_clock import DomainClock, real_now
from tenfour.adapters.evidence_store import EvidenceStore
from tenfour.adapters.garbage import leave_alone_what_is_there
from tenfour.adapters.identity import new_event_id, new_i3_id
from tenfour.adapters.link import LineLink
from tenfour.adapters.link_frame import LineCall
from tenfour.adapters.lis import LocationServer
from tenfour.adapters.log import log_to_stderr
from tenfour.adapters.places import CentrePlaces
from tenfour.adapters.projection import Projection
from tenfour.adapters.road_thread import RoadThread
from tenfour.adapters.road_times import NoRoads
from tenfour.adapters.sqlite_journal import SqliteJournal
from tenfour.adapters.sqlite_journal_reader import JournalFile
from tenfour.adapters.story_calls import StoryCalls
from tenfour.adapters.supervisor import WILL_NOT_START
from tenfour.adapters.third_party_setting import listed
from tenfour.adapters.tracks import Measurement, Tracks
from tenfour.adapters.transcriber import Transcriber
from tenfour.calltaking.line_status import LineStatus
from tenfour.desk.app import build_app
from tenfour.desk.board import Shown
from tenfour.desk.captioning import Captioning
from tenfour.desk.chronicle import Chronicle
from tenfour.desk.compression import Compression
from tenfour.desk.desk import Desk
from tenfour.desk.feed import Feed
from tenfour.desk.founding import found, list_roster
from tenfour.desk.layout import DeskLayouts
from tenfour.desk.ledger import Ledger
from tenfour.desk.line import LineDesk
from tenfour.desk.line_figures import line_figures
from tenfour.desk.live_captions import not_captioned
from tenfour.desk.read_side import KeptReadSide, restored
from tenfour.desk.route_health import registry_with
from tenfour.desk.route_map import map_card
from tenfour.desk.security import Guarded
from tenfour.desk.serve import Server, listen
from tenfour.desk.story import tell_whole
from tenfour.desk.transcription import Transcription
from tenfour.desk.uploads import Uploads
from tenfour.equipment import built_pages, card_of, labels_of, map_of, part_of_map, roads_of, sessions_of
from tenfour.journal.codec import Codec
from tenfour.journal.event import ClockSet
from tenfour.roads.near import StreetNames
from tenfour.vocabulary.envelope import Fact
from tenfour.vocabulary.errors import TenfourError, Unavailable
from tenfour.vocabulary.ids import AgencyId, CommandId, NodeId, PersonId, PositionId, UnitId
from tenfour.vocabulary.place import Point
from tenfour.workflow.catalogue import CATALOGUE
from tenfour.workflow.timer import due

NODE = NodeId("center-1")
SOCKET = Path("run/line.sock")
TIMERS_EVERY_S, TIMERS_AT_LEAST_EVERY_S = 0.1, 1.0
TIMERS_REST = 20
"""With very much open the clocks are looked at less often: that takes a twentieth of the time at most."""

LET_GO_EVERY_S = 2.0

log = structlog.get_logger("tenfour.center")


class Center:
    """Everything of one centre process, built and running between `open` and `close`."""

    def __init__(self, folder: CentreFolder, http: tuple[str, int]) -> None:
        self.folder = folder
        card = folder.centre
        self.story_calls = StoryCalls(
            card.id, card.mode, http=http, sip_host=card.sip.bind.rpartition(":")[0].strip("[]")
        )
        self.clock = DomainClock()
        self.line_since = real_now()
        self._keep = timedelta(minutes=folder.centre.desk.keep_finished_min)
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> Guarded:
        """Catch up with the record, start what runs beside the API, and build the application."""
        folder = self.folder
        roads = asyncio.create_task(asyncio.to_thread(roads_of, folder.data("roads.npz")))
        self.journal = await SqliteJournal.open(folder.data("journal.sqlite"), node=NODE, codec=Codec(CATALOGUE))
        self.projection = Projection.open(folder.data("projection.sqlite"))
        self.tracks = Tracks(folder.data("tracks.sqlite"))
        self.journal_file = JournalFile(folder.data("journal.sqlite"), Codec(CATALOGUE))
        self.read_side = KeptReadSide(self.projection, self.journal, self.journal_file.stream)
        self.ledger = Ledger(
            self.journal,
            folder.policy,
            agency=AgencyId(folder.centre.agency[0].id),
            now=self.clock.now,
            recorded_now=real_now,
            new_id=new_event_id,
            find_command=self.read_side.command,
        )
        self.link = LineLink(
            SOCKET,
            catalogue=CATALOGUE,
            on_facts=self._on_facts,
            on_connected=self._on_connected,
            on_drained=self._on_drained,
            on_lost=self._on_lost,
            on_status=self._on_status,
            on_headsets=self._on_headsets,
            node=NODE,
        )
        self.line_desk = LineDesk(self.ledger, self.link, self.clock, _new_command)
        self.addresses = part_of_map(AddressIndex, folder.data("addresses.sqlite"))
        self.location_server = LocationServer(folder.lis_hosts(), folder.centre.location.lis_timeout_s)
        streets, self.road_times = await roads
        speech, model = folder.centre.speech, folder.centre.speech.model
        self.transcriber = Transcriber(folder.path / model if model else None, folder.data("speech"), speech.language)
        self.transcription = Transcription(self.ledger, self.transcriber, folder.path / "recordings", _new_command)
        self.compressor = Compressor()
        self.compression = Compression(self.ledger, self.compressor, folder.path / "recordings", _new_command)
        own = speech.caption_model
        self.captioning = Captioning(
            self.ledger,
            Captioner(folder.path / own if own else None, speech.language),
            self.clock.now,
            _new_command,
            lambda call: self.feed.mark(Shown(calls=frozenset([call]))),
        )
        self.desk = self._desk(streets, self.road_times)
        self.feed = Feed(self.desk, self._keep)
        await self._catch_up()
        return build_app(self.desk, self.feed, registry_with(self), built_pages())

    async def close(self) -> None:
        """End what runs, and write what waits."""
        await self.story_calls.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.transcriber.close()
        await self.compressor.close()
        await self._keep_up()
        await self.tracks.close()
        await self.location_server.close()
        self.road_times.close()
        self.journal_file.close()
        await self.journal.close()
        self.projection.close()
        self.addresses.close()
        if self.map_tiles is not None:
            self.map_tiles.close()

    def collect(self) -> Iterable[Metric]:
        """The figures of this centre, for Prometheus."""
        world = self.ledger.shown
        tests = sum(world.calls[call_id].test for call_id in world.calls_in_progress)
        figures = {
            "tenfour_record_seq": ("Last event on disk.", world.seq),
            "tenfour_record_waiting": ("Requests that wait for the disk.", self.ledger.waiting),
            "tenfour_record_away": ("1 while the record cannot be written.", int(self.ledger.failing)),
            "tenfour_read_side_seq": ("Last event of the read side.", self.projection.last_seq),
            "tenfour_line_connected": ("1 while the line process is there.", int(self.link.connected)),
            "tenfour_calls_in_progress": ("Calls in progress.", len(world.calls_in_progress) - tests),
            "tenfour_test_calls_in_progress": ("Test calls in progress.", tests),
            "tenfour_calls_carried": ("Calls in memory: in progress, or ended a short while ago.", len(world.calls)),
            "tenfour_incidents_carried": ("Incidents in memory: open, or just closed.", len(world.incidents)),
            "tenfour_incidents_open": ("Open incidents.", len(world.open_incidents)),
            "tenfour_live_clients": ("Windows that follow the live feed.", self.feed.clients),
        }
        gauges = [GaugeMetricFamily(name, words, value=value) for name, (words, value) in figures.items()]
        status = self.desk.line_status if self.link.connected else None
        return [*gauges, *(line_figures(status) if status is not None else ())]

    # ---- starting ----

    async def _catch_up(self) -> None:
        world = await restored(self.projection, self.journal, self.read_side, self._carried_since)
        self.ledger.listen(self.read_side.on_records)
        self.ledger.listen(self.line_desk.on_records)
        await self.ledger.catch_up(world, self._let_go)
        self.ledger.listen(lambda records, _: self.desk.chronicle.add(records, self.ledger.shown))
        self._start(self.ledger.run(), "ledger")
        await found(self.ledger, self.folder.founded(), _new_command())
        await self._list_roster()
        for unit in self.ledger.shown.units:
            if (latest := self.tracks.latest(unit)) is not None:
                self.ledger.sight(unit, latest.point, latest.at)
        self.feed.begin()
        for incident_id in sorted(self.feed.on_board.incidents):
            await tell_whole(self.ledger, self.desk.chronicle, incident_id)
        self.desk.chronicle.keep(self.feed.on_board.streams())
        self.ledger.listen(self.feed.on_records)
        self._start(self.feed.run(), "feed")
        self._start(self.read_side.run(self.ledger), "read side")
        self._start(self.tracks.flush_for_ever(), "tracks")
        self._start(self._watch_timers(), "timers")
        await self.desk.uploads.resume()
        self._start(self._let_go_for_ever(), "letting go")
        self._start(self.link.run(), "link")
        if self.folder.centre.speech.transcripts:
            self.ledger.listen(self.transcription.on_records)
            self.transcription.begin()
            self._start(self.transcription.run(), "transcription")
        if not self.folder.centre.recording.keep_wav:
            self.ledger.listen(self.compression.on_records)
            self._start(self.compression.run(), "compression")
        if self.folder.centre.speech.captions:
            self._start(self.captioning.run(), "captions")
            self._start(self.captioning.record_for_ever(), "recording captions")

    def _carried_since(self, clock: ClockSet | None) -> datetime:
        """What was finished before stands on the shelf only; the domain clock goes on as it was set last."""
        if clock is not None:
            self.clock.set(clock.real_at, clock.domain_at, clock.speed)
        return self.clock.now() - self._keep

    async def _let_go(self) -> None:
        """Save what came, and carry no longer what was finished long enough ago."""
        await self._keep_up()
        self.ledger.let_go(self.clock.now() - self._keep, self.read_side.unsaved)

    async def _keep_up(self) -> None:
        try:
            await self.read_side.keep_up(self.ledger)
        except (Unavailable, OSError) as error:
            log.warning("the read side is behind the record; it goes on from there later", problem=str(error))

    async def _list_roster(self) -> None:
        roster = [(self.folder.listed(unit), AgencyId(unit.agency)) for unit in self.folder.roster]
        positions = {PositionId(one.id): one.auto_answer for one in self.folder.centre.position}
        await list_roster(self.ledger, roster, positions, _new_command())

    def _desk(self, streets: StreetNames | None, road_times: RoadThread | NoRoads) -> Desk:
        folder, centre = self.folder, self.folder.centre
        people = {PersonId(one.id): one.name for one in centre.person}
        labels = labels_of(folder)
        self.map_tiles, map_words = map_of(folder)
        return Desk(
            ledger=self.ledger,
            uploads=self._uploads(),
            clock=self.clock,
            sessions=sessions_of(folder),
            card=card_of(folder, map_card(self.map_tiles, map_words)),
            zone=ZoneInfo(centre.time_zone),
            people=people,
            agencies={AgencyId(one.id): one.name for one in centre.agency},
            places=CentrePlaces(self.addresses, streets),
            beat_of=part_of_map(Boundaries, folder.data("boundaries.geojson")).beat_of,
            read_side=self.read_side,
            chronicle=Chronicle(
                lambda person: people.get(PersonId(person), person), lambda kind, code: labels[kind].get(code, code)
            ),
            line=self.link,
            transfers={one.name: one.uri for one in folder.centre.transfer},
            outside=listed(folder.centre.third_party, folder.centre.transfer),
            roads=road_times,
            location_server=self.location_server,
            sight=self._sight,
            new_i3_id=new_i3_id,
            recordings=folder.path / "recordings",
            signalling=folder.path / "signalling",
            map_tiles=self.map_tiles,
            layouts=DeskLayouts(folder.path / "people"),
            story_calls=self.story_calls,
            captions=self.captioning.live if centre.speech.captions else not_captioned,
            line_since=self.line_since,
        )

    def _uploads(self) -> Uploads:
        evidence = self.folder.centre.evidence
        waits = timedelta(hours=evidence.keep_unfinished_h)
        return Uploads(
            EvidenceStore(self.folder.path, waits),
            self.ledger,
            largest=int(evidence.largest_mb * 1_000_000),
            at_once=evidence.at_once,
            waits=waits,
            new_id=new_i3_id,
            real_now=real_now,
        )

    def _start(self, work: Coroutine[None, None, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(_tell_end)
        self._tasks.append(task)

    # ---- running ----

    def _sight(self, unit: UnitId, point: Point, at: datetime) -> None:
        if self.tracks.add(Measurement(unit, point, at)):
            self.ledger.sight(unit, point, at)
            self.feed.mark_unit(unit)

    async def _on_facts(self, facts: Sequence[Fact]) -> None:
        await self.line_desk.on_facts(facts)

    def _on_headsets(self, has: Sequence[PositionId]) -> None:
        self.line_desk.on_headsets(has)

    async def _on_connected(self, calls: Sequence[LineCall]) -> None:
        log.info("the line is connected", calls=len(calls))
        self.desk.line_since = self.clock.now()
        self.line_desk.on_connected([call.call_id for call in calls])
        self.feed.mark_line()

    async def _on_drained(self) -> None:
        self.line_desk.on_drained()

    def _on_status(self, status: LineStatus) -> None:
        self.desk.line_status = status

    def _on_lost(self) -> None:
        self.desk.line_status = None
        log.warning("the line is away")
        self.desk.line_since = self.clock.now()
        self.feed.mark_line()

    async def _let_go_for_ever(self) -> None:
        while True:
            await asyncio.sleep(LET_GO_EVERY_S)
            self.ledger.let_go(self.clock.now() - self._keep, self.read_side.unsaved)

    async def _watch_timers(self) -> None:
        """State what the clocks of the policy say, on the domain clock."""
        pause_s = TIMERS_EVERY_S
        while True:
            await asyncio.sleep(pause_s)
            began = time.thread_time()
            try:
                await self.ledger.state_rule(lambda world, now: due(world, self.folder.policy, now))
            except TenfourError as error:
                log.warning("a timer could not be recorded; it will be said again", problem=str(error))
            took_s = time.thread_time() - began
            pause_s = min(max(TIMERS_EVERY_S, TIMERS_REST * took_s), TIMERS_AT_LEAST_EVERY_S)


def _tell_end(task: "asyncio.Task[None]") -> None:
    """A part of the centre must not end by itself: the process ends, and is started again from the record."""
    if task.cancelled():
        return
    log.error("a part of the centre ended", part=task.get_name(), exc_info=task.exception())
    os.kill(os.getpid(), signal.SIGTERM)


def _new_command() -> CommandId:
    return CommandId(str(new_event_id()))


async def serve(folder: CentreFolder, host: str, port: int) -> None:
    """Run the centre until SIGTERM or SIGINT. Raises `TenfourError` when it cannot start."""
    began = time.monotonic()
    listening = listen(host, port)
    center = Center(folder, listening.getsockname()[:2])
    leave_alone_what_is_there()  # before a long record is folded, and what came of it after
    app = await center.open()
    leave_alone_what_is_there()
    server = Server.of(app)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, server.leave)
    seconds = round(time.monotonic() - began, 2)
    log.info("the centre is up", host=host, port=listening.getsockname()[1], seconds=seconds)
    try:
        await server.serve(sockets=[listening])
    finally:
        await center.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """The process; returns its exit status."""
    parser = argparse.ArgumentParser(prog="tenfour.center", description="The centre process of one centre folder.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--host", default=None, help="bind address, instead of [http] host")
    parser.add_argument("--port", type=int, default=None, help="port, instead of [http] port")
    parser.add_argument("--sip", default=None, help="where the line listens, instead of [sip] bind; people are told it")
    given = parser.parse_args(arguments)
    log_to_stderr()
    try:
        folder = read_centre_folder(given.folder.resolve(), sip=given.sip)
        host = given.host or folder.centre.http.host
        refuse_open_bind(host)
        os.chdir(folder.path)
        asyncio.run(serve(folder, host, folder.centre.http.port if given.port is None else given.port))
    except Unavailable as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except TenfourError as error:
        sys.stderr.write(f"{error}\n")
        return WILL_NOT_START
    return 0


if __name__ == "__main__":
    sys.exit(main())
