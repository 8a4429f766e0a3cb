"""A call's audio as the line keeps it, while workers come and go, without any process."""

import asyncio
import socket
from pathlib import Path

import numpy as np
import pytest

from tenfour.adapters import line_media
from tenfour.adapters.audio_ports import AudioPorts, bind_audio, handed_over
from tenfour.adapters.left_recordings import MISSING_LIMIT, LeftRecordings
from tenfour.adapters.line_media import CallMedia
from tenfour.adapters.media_channel import MediaChannel
from tenfour.adapters.media_protocol import (
    Alter,
    CallerAudio,
    Close,
    Closed,
    LetGo,
    Open,
    Opened,
    RecordingBegan,
    Sound,
    decode_order,
    decode_report,
)
from tenfour.adapters.recording_file import Ended, Recording
from tenfour.calltaking.event import AudioMeasured
from tenfour.telephony.sdp import Codec
from tenfour.vocabulary.errors import Unavailable
from tenfour.vocabulary.ids import CallId

CALL = CallId("call0123456789")
MEASURED = AudioMeasured(1, 0, 0, 0, 0.0, 1, 0)


class Told:
    """Keeps by name what a call is told of its audio."""

    def __init__(self) -> None:
        self.heard: list[tuple] = []

    def __getattr__(self, name: str):
        return lambda *said: self.heard.append((name, *said))

    def names(self) -> list[str]:
        return [name for name, *_ in self.heard]


class Worker:
    """The other end of a channel, without a process: what it was ordered."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        self.orders: list[object] = []
        self.ports: list[int] = []
        self.line_end = MediaChannel(ours, decode_report, lambda _: None, lambda _: None)
        self._end = MediaChannel(theirs, decode_order, self._take, lambda _: None)

    def _take(self, order) -> None:
        self.orders.append(order)
        if isinstance(order, Open):
            ports = handed_over(self._end.taken_fds(order.sockets))
            self.ports.append(ports.port)
            ports.close()

    def kinds(self) -> list[type]:
        return [type(order) for order in self.orders]

    def close(self) -> None:
        self.line_end.close()
        self._end.close()


class Place:
    """A folder of recordings, calls that wait, and workers."""

    def __init__(self, folder: Path) -> None:
        self.left, self.told = LeftRecordings(folder), Told()
        self.waiting: list[CallMedia] = []
        self.workers: list[Worker] = []
        self.ports: list[AudioPorts] = []

    def take(self, media: CallMedia) -> None:
        self.waiting.append(media)

    def forget(self, media: CallMedia) -> None:
        if media in self.waiting:
            self.waiting.remove(media)

    def media(self) -> CallMedia:
        caller = CallerAudio(("127.0.0.1", 4000), Codec.PCMU, 0, 101, silence_s=3.0)
        ports = bind_audio("127.0.0.1", (20000, 29999))
        self.ports.append(ports)
        return CallMedia(CALL, self.told, ports, caller, carriers=self, left=self.left)

    def worker(self) -> Worker:
        self.workers.append(Worker())
        return self.workers[-1]


@pytest.fixture
async def place(tmp_path: Path):
    made = Place(tmp_path)
    yield made
    for each in (*made.workers, *made.ports):
        each.close()
    await made.left.close()


async def test_next_worker_is_told_all_that_the_one_before_was(place: Place, tmp_path: Path, wait_until) -> None:
    media, first, second = place.media(), place.worker(), place.worker()
    media.start(segment=1)
    media.play(Sound.ANNOUNCEMENT)
    media.carry(first.line_end)
    media.take(Opened(CALL))
    recording = Recording(tmp_path / f"{CALL}-1.wav")
    recording.write(0, np.zeros(160, dtype=np.int16))
    media.take(RecordingBegan(CALL, f"{CALL}-1.wav", 1, 0.0))
    media.play(Sound.BEEPS)
    await wait_until(lambda: first.kinds() == [Open, Alter])
    assert first.orders[0].caller.recorded.segment == 1
    media.lose("killed", asyncio.get_running_loop().time())
    await asyncio.sleep(0.2)
    media.carry(second.line_end)
    media.take(Opened(CALL))
    await wait_until(lambda: second.kinds() == [Open])
    again = second.orders[0].caller
    assert (again.recorded.segment, again.playing.sound, again.watched) == (2, Sound.BEEPS, True)
    assert second.ports == first.ports == [media.port]
    assert again.recorded.since_s >= 0.2
    await wait_until(lambda: "recording_ended" in place.told.names())
    told = {name: said for name, *said in place.told.heard}
    assert told["recording_ended"][:2] == [f"{CALL}-1.wav", 1]
    assert told["audio_picked_up"][0] >= 0.2
    assert told["audio_picked_up"][1] == "killed"
    recording.end()
    media.end()


async def test_call_that_ends_without_a_worker_is_taken_by_the_next_and_closed(place: Place, wait_until) -> None:
    media, worker = place.media(), place.worker()
    media.start(segment=1)
    media.end()
    assert place.told.names() == []
    media.carry(worker.line_end)
    await wait_until(lambda: worker.kinds() == [Open, Close])
    media.take(Opened(CALL))
    media.take(RecordingBegan(CALL, "a.wav", 1, 0.0))
    media.take(LetGo(CALL, MEASURED))
    media.take(Closed(CALL, Ended(1.0, "ab")))
    assert place.told.names() == ["recording_started", "audio_measured", "recording_ended", "audio_over"]
    assert not place.waiting


async def test_call_that_ends_while_no_worker_comes_is_over_and_its_port_free(place: Place, monkeypatch) -> None:
    media = place.media()
    media.start(segment=1)
    media.end()
    media.wait("none can start")
    assert place.told.names() == []
    with pytest.raises(Unavailable):
        bind_audio("127.0.0.1", (media.port, media.port + 1))
    monkeypatch.setattr(line_media, "ENDED_WAIT_S", 0.0)
    media.wait("none can start")
    media.wait("none can start")
    assert place.told.names() == ["audio_over"]
    assert not place.waiting
    bind_audio("127.0.0.1", (media.port, media.port + 1)).close()


async def test_worker_that_dies_while_it_closes_a_call_leaves_it_over(place: Place, tmp_path: Path, wait_until) -> None:
    media, worker = place.media(), place.worker()
    media.start(segment=1)
    media.carry(worker.line_end)
    Recording(tmp_path / "a.wav").end()
    media.take(RecordingBegan(CALL, "a.wav", 1, 0.0))
    media.end()
    media.take(LetGo(CALL, MEASURED))
    media.lose("killed", 0.0)
    closed = ["recording_started", "audio_measured", "recording_ended", "audio_over"]
    await wait_until(lambda: place.told.names() == closed)
    assert not place.waiting


async def test_what_a_dying_worker_did_not_take_of_an_ended_call_is_taken_by_the_next(
    place: Place, tmp_path: Path, wait_until
) -> None:
    media, first, second = place.media(), place.worker(), place.worker()
    media.start(segment=1)
    media.carry(first.line_end)
    Recording(tmp_path / "a.wav").end()
    media.take(RecordingBegan(CALL, "a.wav", 1, 0.0))
    media.end()
    media.lose("did not answer", asyncio.get_running_loop().time())
    await wait_until(lambda: place.told.names() == ["recording_started", "recording_ended"])
    assert place.waiting == [media]
    media.carry(second.line_end)
    await wait_until(lambda: second.kinds() == [Open, Close])
    assert second.ports == [media.port]
    media.take(Opened(CALL))
    media.take(LetGo(CALL, MEASURED))
    media.take(Closed(CALL, None))
    assert place.told.names()[2:] == ["audio_measured", "audio_over"]
    assert not place.waiting
    bind_audio("127.0.0.1", (media.port, media.port + 1)).close()


async def test_ended_call_that_workers_die_of_is_given_to_no_third(place: Place, wait_until) -> None:
    media = place.media()
    media.end()
    for _ in range(2):
        worker = place.worker()
        media.carry(worker.line_end)
        await wait_until(lambda worker=worker: worker.kinds() == [Open, Close])
        media.lose("killed", 0.0)
    assert place.told.names() == ["audio_over"]
    assert not place.waiting
    bind_audio("127.0.0.1", (media.port, media.port + 1)).close()


async def test_that_nobody_carries_a_call_is_told_once_and_that_somebody_does_again(place: Place, monkeypatch) -> None:
    monkeypatch.setattr(line_media, "AWAY_AFTER_S", 0.0)
    media, worker = place.media(), place.worker()
    media.wait("it has not started")
    media.wait("it has not started")
    assert place.told.heard == [("audio_interrupted", "it has not started")]
    media.carry(worker.line_end)
    media.take(Opened(CALL))
    assert place.told.names() == ["audio_interrupted", "audio_picked_up"]
    media.end()


async def test_file_that_a_worker_made_and_did_not_tell_of_is_found_at_once(
    place: Place, tmp_path: Path, wait_until
) -> None:
    media, first, second = place.media(), place.worker(), place.worker()
    media.start(segment=1)
    media.carry(first.line_end)
    recording = Recording(tmp_path / f"{CALL}-1.wav")
    recording.write(0, np.ones(160, dtype=np.int16))
    recording.flush()
    media.lose("killed", asyncio.get_running_loop().time())
    media.carry(second.line_end)
    await wait_until(lambda: second.kinds() == [Open])
    assert second.orders[0].caller.recorded.segment == 2, "what the next one makes is not taken for it"
    await wait_until(lambda: "recording_found" in place.told.names())
    (found,) = [said for name, *said in place.told.heard if name == "recording_found"]
    assert found[:2] == [f"{CALL}-1.wav", 1]
    assert found[2].ended.duration_s == 0.02
    assert place.told.names().count("recording_sought") == 1
    media.end()


async def test_worker_that_dies_before_it_makes_a_file_leaves_none_to_be_told_of(
    place: Place, caplog: pytest.LogCaptureFixture, wait_until
) -> None:
    media, worker = place.media(), place.worker()
    media.start(segment=1)
    media.carry(worker.line_end)
    media.end()
    media.take(LetGo(CALL, MEASURED))
    media.lose("killed", 0.0)
    told = ["audio_measured", "recording_sought", "recording_found", "audio_over"]
    await wait_until(lambda: place.told.names() == told)
    assert place.told.heard[2][-1] is None
    assert not place.waiting


async def test_recordings_that_nobody_told_of_are_found_over_missing_numbers(place: Place, tmp_path: Path) -> None:
    for segment in (2, 3, 6):
        Recording(tmp_path / f"{CALL}-{segment}.wav").end()
    Recording(tmp_path / "other-4.wav").end()
    assert list(place.left.untold(CALL, 1)) == [(f"{CALL}-{n}.wav", n) for n in (2, 3, 6)]
    assert list(place.left.untold(CALL, 6)) == []


async def test_recordings_that_are_flac_by_now_were_told_of_and_end_no_search(place: Place, tmp_path: Path) -> None:
    for segment in range(2, 2 + 2 * MISSING_LIMIT):
        (tmp_path / f"{CALL}-{segment}.flac").touch()
    Recording(tmp_path / f"{CALL}-3.wav").end()
    last = 2 + 2 * MISSING_LIMIT
    Recording(tmp_path / f"{CALL}-{last}.wav").end()
    assert list(place.left.untold(CALL, 1)) == [(f"{CALL}-{last}.wav", last)]
