"""Recordings are FLAC after the call: a real centre, killed at any moment, with the exhibit it was from the first."""

import asyncio
import random
import signal
from pathlib import Path
from typing import Any

import numpy as np

from tenfour.adapters.flac_file import digest_of
from tenfour.adapters.recording_file import Lane, Recording
from tenfour.calltaking import event as c
from tenfour.vocabulary.ids import CallId

from .conftest import CentreProcess, OurLine, Person, until

KILLS = 6


def recorded(path: Path, seconds: float) -> c.RecordingEnded:
    """A sealed recording of two lanes, as the line writes it."""
    at = np.arange(int(8000 * seconds)) / 8000
    recording = Recording(path)
    for lane, hertz in ((Lane.CALLER, 440), (Lane.HEARD_BY_CALLER, 700)):
        recording.write(0, (9000 * np.sin(2 * np.pi * hertz * at)).astype(np.int16), lane)
    ended = recording.end()
    return c.RecordingEnded(path.name, 1, ended.duration_s, ended.sha256)


async def recorded_call(line: OurLine, person: Person, seconds: float = 2.0) -> tuple[CallId, str, bytes]:
    """An answered call with a sealed recording: its id, its incident, and what was sealed."""
    call_id = await line.ring()
    wav = line.folder / "recordings" / f"{call_id}-1.wav"
    await line.say(call_id, c.RecordingStarted(wav.name, 1))

    async def ringing() -> bool:
        return (await person.client.get(f"/api/calls/{call_id}")).is_success

    await until(ringing)
    view = await person.post(f"/api/calls/{call_id}/answer")
    ended = recorded(wav, seconds)
    sealed = wav.read_bytes()
    await line.say(call_id, ended)
    return call_id, view["incident_id"], sealed


async def exhibit_of(person: Person, incident_id: str) -> dict[str, Any]:
    """The exhibit, as soon as it is kept as FLAC."""

    async def kept() -> Any:
        answer = await person.client.get(f"/api/incidents/{incident_id}")
        exhibits = answer.json()["exhibits"] if answer.is_success else []
        return exhibits if exhibits and exhibits[0]["flac_sha256"] else None

    (exhibit,) = await until(kept, patience_s=60)
    return dict(exhibit)


async def test_sealed_recording_becomes_flac_and_stays_the_exhibit_it_was(line: OurLine, dispatcher: Person) -> None:
    call_id, incident_id, sealed = await recorded_call(line, dispatcher)
    folder = line.folder / "recordings"
    exhibit = await exhibit_of(dispatcher, incident_id)

    async def wav_is_gone() -> bool:
        return [path.suffix for path in folder.iterdir()] == [".flac"]

    await until(wav_is_gone, patience_s=60)
    (flac,) = folder.iterdir()
    assert exhibit["flac_sha256"] == digest_of(flac)
    assert (await dispatcher.client.get(exhibit["url"])).content == sealed
    piece = await dispatcher.client.get(exhibit["url"], headers={"Range": "bytes=9001-12000"})
    assert (piece.status_code, piece.content) == (206, sealed[9001:12001])
    lies = await dispatcher.client.get(exhibit["url"], params={"stored": True})
    assert lies.content == flac.read_bytes()
    assert ".flac" in lies.headers["content-disposition"]
    call = await dispatcher.get(f"/api/calls/{call_id}")
    assert call["recordings"][0]["sha256"] == exhibit["sha256"]
    played = await dispatcher.client.get(call["recordings"][0]["url"], headers={"Range": "bytes=44-32043"})
    assert played.content == sealed[44:32044]
    drawn = await dispatcher.get(f"/api/calls/{call_id}/recordings/1/waveform")
    assert (drawn["length_s"], len(drawn["peaks"]), max(drawn["peaks"])) == (2.0, 20, 9000)
    assert (len(drawn["heard"]), min(drawn["heard"]) > 8000) == (20, True)

    verify = f"/api/exhibits/{exhibit['exhibit_id']}/verify"
    assert (await dispatcher.post(verify))["state"] == "verified"
    whole = flac.read_bytes()
    flac.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert (await dispatcher.post(verify))["state"] == "damaged"
    flac.unlink()
    assert (await dispatcher.post(verify))["state"] == "damaged"


async def test_centre_killed_at_any_moment_keeps_a_good_copy_and_says_it_once(
    centre: CentreProcess, line: OurLine
) -> None:
    centre.start()
    await centre.ready()
    person = await Person(centre).log_in("dispatcher", "adeyemi", position="04")
    call_id, incident_id, sealed = await recorded_call(line, person, seconds=600)
    folder = line.folder / "recordings"
    for _ in range(KILLS):
        await asyncio.sleep(random.uniform(0.0, 0.4))  # any moment will do
        centre.end(signal.SIGKILL)
        assert [path for path in folder.iterdir() if path.suffix in (".wav", ".flac")], "no copy is left"
        centre.start()
        await centre.ready()
    exhibit = await exhibit_of(person, incident_id)

    async def wav_is_gone() -> bool:
        return [path.suffix for path in folder.iterdir()] == [".flac"]

    await until(wav_is_gone, patience_s=60)
    facts = await person.get("/api/facts", stream=f"call/{call_id}")
    assert [fact["type"] for fact in facts].count("RecordingCompressed") == 1
    assert (await person.client.get(exhibit["url"])).content == sealed
    assert (await person.post(f"/api/exhibits/{exhibit['exhibit_id']}/verify"))["state"] == "verified"
    await person.client.aclose()


async def test_agency_that_keeps_wav_keeps_it_and_what_lies_there_is_found_later(
    centre: CentreProcess, line: OurLine
) -> None:
    settings = centre.folder / "centre.toml"
    as_it_came = settings.read_text()
    settings.write_text(as_it_came + "\n[recording]\nkeep_wav = true\n")
    centre.start()
    await centre.ready()
    person = await Person(centre).log_in("dispatcher", "adeyemi", position="04")
    call_id, incident_id, sealed = await recorded_call(line, person)

    async def there() -> bool:
        return bool((await person.get(f"/api/incidents/{incident_id}"))["exhibits"])

    await until(there)
    centre.end(signal.SIGTERM)
    assert [path.name for path in (line.folder / "recordings").iterdir()] == [f"{call_id}-1.wav"]
    settings.write_text(as_it_came)
    centre.start()
    await centre.ready()
    assert (await person.client.get((await exhibit_of(person, incident_id))["url"])).content == sealed
    await person.client.aclose()


async def test_wav_that_is_not_what_was_sealed_is_left_for_a_person(line: OurLine, dispatcher: Person) -> None:
    wav = line.folder / "recordings" / "forged-1.wav"
    call_id = await line.ring()
    ended = recorded(wav, 1.0)
    wav.write_bytes(wav.read_bytes()[:-2] + b"\0\1")
    await line.say(call_id, c.RecordingStarted(wav.name, 1), ended)
    _, incident_id, _ = await recorded_call(line, dispatcher)
    await exhibit_of(dispatcher, incident_id)  # the forged one came first, and was passed over
    assert wav.exists() and not wav.with_suffix(".flac").exists()
