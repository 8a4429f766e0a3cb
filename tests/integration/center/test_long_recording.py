"""An hour of a call over HTTP: heard from any place, saved and compared with its seal, in bounded memory."""

import asyncio
import random
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tenfour.adapters.flac_file import compress
from tenfour.adapters.recording_file import FLAC, Lane, Recording
from tenfour.calltaking import event as c
from tenfour.calltaking.recording_event import RecordingCompressed
from tenfour.telephony.wav_head import HEAD_BYTES

from .conftest import CentreProcess, OurLine, Person, until

HOUR_S = 3600
MIB = 1024 * 1024


Hour = tuple[Path, c.RecordingEnded, RecordingCompressed]


@pytest.fixture(scope="module")
def hour(tmp_path_factory: pytest.TempPathFactory) -> Hour:
    """A sealed recording of an hour, as WAV, its seal, and the FLAC beside it: a tone that changes every minute."""
    path = tmp_path_factory.mktemp("hour") / "hour-1.wav"
    recording, at = Recording(path), np.arange(8000) / 8000
    for second in range(HOUR_S):
        tone = (9000 * np.sin(2 * np.pi * (300 + second // 60) * at)).astype(np.int16)
        for lane in Lane:
            recording.write(8000 * second, tone, lane)
    ended = recording.end()
    made = compress(path, ended.sha256)
    sealed = c.RecordingEnded(path.name, 1, ended.duration_s, ended.sha256)
    return path, sealed, RecordingCompressed(1, made.file, made.sha256, made.size)


async def put_in(line: OurLine, person: Person, hour: Hour, *, flac: bool) -> dict[str, Any]:
    """A call of an hour that is over, its recording on the disk as FLAC or as WAV; gives the call."""
    path, ended, compressed = hour
    there = line.folder / "recordings" / path.name
    there.parent.mkdir(exist_ok=True)
    if flac:
        there.with_suffix(FLAC).hardlink_to(path.with_suffix(FLAC))
    else:
        there.hardlink_to(path)
    call_id = await line.ring()
    await line.say(call_id, c.RecordingStarted(there.name, 1))

    async def rings() -> bool:
        return (await person.client.get(f"/api/calls/{call_id}")).is_success

    await until(rings)
    await person.post(f"/api/calls/{call_id}/answer")
    await line.say(call_id, ended, *([compressed] if flac else []))

    async def kept() -> Any:
        call = await person.get(f"/api/calls/{call_id}")
        exhibits = (await person.get(f"/api/incidents/{call['incident_id']}"))["exhibits"]
        return call if exhibits and (exhibits[0]["flac_sha256"] or not flac) else None

    return dict(await until(kept, patience_s=60))


def peak_mib(centre: CentreProcess) -> float:
    """The most memory that the centre had since it was asked last."""
    status = Path(f"/proc/{centre.pid}/status").read_text()
    Path(f"/proc/{centre.pid}/clear_refs").write_text("5")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


async def test_hour_is_heard_from_any_place_and_never_all_of_it_in_memory(
    running: CentreProcess, line: OurLine, dispatcher: Person, hour: Hour
) -> None:
    call = await put_in(line, dispatcher, hour, flac=True)
    url, length = call["recordings"][0]["url"], hour[0].stat().st_size
    peak_mib(running)
    before = peak_mib(running)
    for _ in range(5):
        begin = random.randrange(length - 100_000)  # any place will do
        async with dispatcher.client.stream("GET", url, headers={"Range": f"bytes={begin}-"}) as answer:
            assert answer.status_code == 206
            assert answer.headers["content-range"] == f"bytes {begin}-{length - 1}/{length}"
            assert int(answer.headers["content-length"]) == length - begin
            piece = await anext(answer.aiter_bytes(4096))
        with hour[0].open("rb") as sealed:
            sealed.seek(begin)
            assert piece == sealed.read(len(piece))
    last = await dispatcher.client.get(url, headers={"Range": "bytes=-2"})
    assert (last.status_code, last.headers["content-range"]) == (206, f"bytes {length - 2}-{length - 1}/{length}")
    for beyond in (f"bytes={length}-", "bytes=-0"):
        refused = await dispatcher.client.get(url, headers={"Range": beyond})
        assert (refused.status_code, refused.headers["content-range"]) == (416, f"bytes */{length}")
    drawn = await dispatcher.get(f"{url.removesuffix('.wav')}/waveform")
    assert (len(drawn["peaks"]), min(drawn["heard"]) > 8000) == (10 * HOUR_S, True)
    assert peak_mib(running) - before < 60, "an hour of audio is 110 MiB"


@pytest.mark.parametrize("flac", [True, False])
async def test_saved_file_has_the_hash_that_the_exhibit_is_listed_with(
    running: CentreProcess,
    line: OurLine,
    dispatcher: Person,
    hour: Hour,
    tmp_path: Path,
    *,
    flac: bool,
) -> None:
    """As docs/operating.md tells a prosecutor to do it."""
    call = await put_in(line, dispatcher, hour, flac=flac)
    (exhibit,) = (await dispatcher.get(f"/api/incidents/{call['incident_id']}"))["exhibits"]
    peak_mib(running)
    before = peak_mib(running)
    for number, url in enumerate((exhibit["url"], call["recordings"][0]["url"])):
        saved = tmp_path / f"saved-{number}.wav"
        async with dispatcher.client.stream("GET", url) as answer:
            assert answer.status_code == 200
            with saved.open("wb") as file:
                async for piece in answer.aiter_bytes():
                    file.write(piece)
        summed = await asyncio.to_thread(subprocess.check_output, ["sha256sum", str(saved)], text=True)
        assert summed.split()[0] == exhibit["sha256"] == hour[1].sha256
        assert saved.stat().st_size == HEAD_BYTES + 4 * 8000 * HOUR_S
    assert peak_mib(running) - before < 60, "an hour of audio is 110 MiB"
