"""Exhibits over HTTP: sent in pieces, torn and taken up again, killed in between, and nothing half."""

import asyncio
import hashlib
import resource
import signal
from pathlib import Path
from typing import Any

from tenfour.calltaking import event as c

from .conftest import CentreProcess, OurLine, Person, until

CLIP = bytes(range(256)) * 4096
DIGEST = hashlib.sha256(CLIP).hexdigest()
WHO = {"kind": "doorbell", "title": "Doorbell, front door", "owner": "K. Resident", "consent": "Yes, in writing."}


async def incident(person: Person) -> str:
    view = await person.post("/api/incidents", {"kind": "911H", "place": "9417 Kendall Place"}, status=201)
    return str(view["incident_id"])


async def announce(person: Person, incident_id: str, status: int = 201, **more: Any) -> Any:
    body = {**WHO, "scope": "This incident only.", "file_name": "clip.bin", "length": len(CLIP), **more}
    return await person.post(f"/api/incidents/{incident_id}/exhibits", body, status=status)


async def send(person: Person, location: str, offset: int, data: bytes, status: int = 204) -> Any:
    headers = {
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": str(offset),
        "Content-Type": "application/offset+octet-stream",
    }
    answer = await person.client.patch(location, content=data, headers=headers)
    assert answer.status_code == status, answer.text
    return answer


async def stands_at(person: Person, location: str) -> int:
    answer = await person.client.head(location)
    assert answer.status_code == 200, answer.text
    return int(answer.headers["upload-offset"])


async def exhibits_of(person: Person, incident_id: str) -> Any:
    return (await person.get(f"/api/incidents/{incident_id}"))["exhibits"]


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


async def test_file_sent_in_pieces_is_an_exhibit_with_its_own_digest(
    running: CentreProcess, dispatcher: Person
) -> None:
    incident_id = await incident(dispatcher)
    begun = await announce(dispatcher, incident_id, sha256=DIGEST)
    half = len(CLIP) // 2
    first = await send(dispatcher, begun["location"], 0, CLIP[:half])
    assert first.headers["upload-offset"] == str(half)
    assert await exhibits_of(dispatcher, incident_id) == []
    last = await send(dispatcher, begun["location"], half, CLIP[half:])
    (exhibit,) = await exhibits_of(dispatcher, incident_id)
    assert last.headers["tenfour-exhibit"] == exhibit["exhibit_id"] == f"{incident_id}-1"
    assert (exhibit["sha256"], exhibit["size"], exhibit["access"]) == (DIGEST, len(CLIP), "police")
    whole = await dispatcher.client.get(exhibit["url"])
    assert whole.content == CLIP
    assert whole.headers["content-disposition"].startswith("attachment")
    piece = await dispatcher.client.get(exhibit["url"], headers={"Range": "bytes=256-511"})
    assert (piece.status_code, piece.content) == (206, CLIP[256:512])
    (kept,) = (running.folder / "evidence").glob("*.bin")
    assert kept.stat().st_mode & 0o777 == 0o600
    assert await stands_at(dispatcher, begun["location"]) == len(CLIP)


async def test_upload_torn_by_a_kill_of_the_centre_goes_on_from_what_is_on_the_disk(
    running: CentreProcess, dispatcher: Person
) -> None:
    incident_id = await incident(dispatcher)
    begun = await announce(dispatcher, incident_id, sha256=DIGEST)
    await send(dispatcher, begun["location"], 0, CLIP[:300_000])
    running.end(signal.SIGKILL)
    part = next((running.folder / "evidence" / "incoming").glob("*.part"))
    with part.open("ab") as file:
        file.write(b"never acknowledged")
    running.start()
    await running.ready()
    assert await stands_at(dispatcher, begun["location"]) == 300_000
    await send(dispatcher, begun["location"], 300_000, CLIP[300_000:])
    (exhibit,) = await exhibits_of(dispatcher, incident_id)
    assert exhibit["sha256"] == DIGEST


async def test_centre_killed_between_the_last_byte_and_the_fact_makes_one_exhibit(
    running: CentreProcess, dispatcher: Person
) -> None:
    incident_id = await incident(dispatcher)
    begun = await announce(dispatcher, incident_id)
    await send(dispatcher, begun["location"], 0, CLIP[:-1])
    running.end(signal.SIGKILL)
    incoming = running.folder / "evidence" / "incoming"
    part, at = next(incoming.glob("*.part")), next(incoming.glob("*.at"))
    with part.open("ab") as file:
        file.write(CLIP[-1:])
    at.write_text(str(len(CLIP)))
    for _ in range(2):
        running.start()
        await running.ready()
        (exhibit,) = await exhibits_of(dispatcher, incident_id)
        assert exhibit["sha256"] == DIGEST
        running.end(signal.SIGKILL)


async def test_full_disk_is_told_in_words_and_the_upload_goes_on_when_there_is_room(
    running: CentreProcess, dispatcher: Person
) -> None:
    incident_id = await incident(dispatcher)
    begun = await announce(dispatcher, incident_id, sha256=DIGEST)
    await send(dispatcher, begun["location"], 0, CLIP[:300_000])
    _, most = resource.prlimit(running.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(running.pid, resource.RLIMIT_FSIZE, (400_000, most))
    refused = await send(dispatcher, begun["location"], 300_000, CLIP[300_000:], status=503)
    assert refused.json()["error"].startswith("The centre’s disk is full; what had arrived is kept")
    assert await stands_at(dispatcher, begun["location"]) == 300_000
    resource.prlimit(running.pid, resource.RLIMIT_FSIZE, (most, most))
    await send(dispatcher, begun["location"], 300_000, CLIP[300_000:])
    (exhibit,) = await exhibits_of(dispatcher, incident_id)
    assert exhibit["sha256"] == DIGEST


async def test_connection_torn_in_a_piece_keeps_what_came(running: CentreProcess, dispatcher: Person) -> None:
    incident_id = await incident(dispatcher)
    begun = await announce(dispatcher, incident_id, sha256=DIGEST)
    _, writer = await asyncio.open_connection("127.0.0.1", running.port)
    head = (
        f"PATCH {begun['location']} HTTP/1.1\r\nHost: 127.0.0.1:{running.port}\r\nTus-Resumable: 1.0.0\r\n"
        f"Authorization: {dispatcher.client.headers['Authorization']}\r\nUpload-Offset: 0\r\n"
        f"Content-Type: application/offset+octet-stream\r\nContent-Length: {len(CLIP)}\r\n\r\n"
    )
    writer.write(head.encode() + CLIP[:200_000])
    await writer.drain()
    writer.close()

    async def some() -> int:
        return await stands_at(dispatcher, begun["location"])

    offset = await until(some)
    assert 0 < offset <= 200_000
    headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": str(offset)}
    headers["Content-Type"] = "application/offset+octet-stream"

    async def rest() -> bool:
        return (await dispatcher.client.patch(begun["location"], content=CLIP[offset:], headers=headers)).is_success

    await until(rest)  # refused while the torn request still holds it
    (exhibit,) = await exhibits_of(dispatcher, incident_id)
    assert exhibit["sha256"] == DIGEST


async def test_wrong_digest_is_refused_and_nothing_is_left(running: CentreProcess, dispatcher: Person) -> None:
    incident_id = await incident(dispatcher)
    begun = await announce(dispatcher, incident_id, sha256="0" * 64)
    answer = await send(dispatcher, begun["location"], 0, CLIP, status=400)
    assert "did not arrive as it was sent" in answer.json()["error"]
    assert files_in(running.folder / "evidence") == []
    assert await exhibits_of(dispatcher, incident_id) == []
    assert (await dispatcher.client.head(begun["location"])).status_code == 404


async def test_names_lead_nowhere_and_are_shown_as_they_are(running: CentreProcess, dispatcher: Person) -> None:
    incident_id = await incident(dispatcher)
    name = "..\\..//../secrets/<img src=x onerror=alert(1)>.svg"
    begun = await announce(dispatcher, incident_id, file_name=name, length=3, title="<b>porch</b>")
    await send(dispatcher, begun["location"], 0, b"abc")
    (exhibit,) = await exhibits_of(dispatcher, incident_id)
    assert (exhibit["file_name"], exhibit["title"]) == ("<img src=x onerror=alert(1)>.svg", "<b>porch</b>")
    answer = await dispatcher.client.get(exhibit["url"])
    assert answer.headers["content-type"] == "application/octet-stream"
    assert "%3Cimg" in answer.headers["content-disposition"]
    assert all(".bin" in file or "incoming" in file for file in files_in(running.folder / "evidence"))
    for path in ("..%2F..%2Fsecrets%2Fsession", "x" * 24, "%2e%2e"):
        assert (await dispatcher.client.head(f"/api/uploads/{path}")).status_code == 404


async def test_two_uploads_at_once_become_two_exhibits(running: CentreProcess, dispatcher: Person) -> None:
    incident_id = await incident(dispatcher)
    begun = [await announce(dispatcher, incident_id, title=f"clip {n}") for n in range(2)]
    await asyncio.gather(*(send(dispatcher, one["location"], 0, CLIP) for one in begun))
    assert {one["number"] for one in await exhibits_of(dispatcher, incident_id)} == {1, 2}


async def test_what_does_not_fit_is_refused_in_a_sentence(dispatcher: Person) -> None:
    incident_id = await incident(dispatcher)
    large = await announce(dispatcher, incident_id, 409, length=10**13)
    assert "takes at most" in large["error"]
    assert "empty" in (await announce(dispatcher, incident_id, 400, length=0))["error"]
    assert "consent" in (await announce(dispatcher, incident_id, 400, consent=" "))["error"]
    begun = await announce(dispatcher, incident_id, length=10)
    assert "stands at 0" in (await send(dispatcher, begun["location"], 4, b"x", 409)).json()["error"]
    assert "More came" in (await send(dispatcher, begun["location"], 0, b"x" * 11, 400)).json()["error"]
    assert await stands_at(dispatcher, begun["location"]) == 0
    plain = await dispatcher.client.patch(begun["location"], content=b"x", headers={"Tus-Resumable": "1.0.0"})
    assert plain.status_code == 415


async def test_others_neither_read_nor_write_it(running: CentreProcess, dispatcher: Person) -> None:
    incident_id = await incident(dispatcher)
    begun = await announce(dispatcher, incident_id, length=3)
    novak = await Person(running).log_in("dispatcher", "novak", position="05")
    assert (await novak.client.head(begun["location"])).status_code == 404
    await send(dispatcher, begun["location"], 0, b"abc")
    taker = await Person(running).log_in("call_taker", "castellanos", position="06")
    assert await exhibits_of(taker, incident_id) == []
    await taker.get(f"/api/exhibits/{incident_id}-1", status=404)
    await taker.get(f"/api/exhibits/{incident_id}-1/file", status=404)
    crew = await Person(running).log_in("unit", "brandt", unit="12A3")
    await crew.get(f"/api/exhibits/{incident_id}-1", status=404)
    for one in (novak, taker, crew):
        await one.client.aclose()


async def test_exhibit_that_was_changed_on_the_disk_is_found_damaged(
    running: CentreProcess, dispatcher: Person
) -> None:
    incident_id = await incident(dispatcher)
    begun = await announce(dispatcher, incident_id, length=3)
    await send(dispatcher, begun["location"], 0, b"abc")
    path = f"/api/exhibits/{incident_id}-1"
    assert (await dispatcher.post(f"{path}/verify"))["state"] == "verified"
    noted = await dispatcher.post(f"{path}/custody", {"words": "Copied for the records office."})
    assert [one["words"] for one in noted["custody"]] == ["Copied for the records office."]
    next((running.folder / "evidence").glob("*.bin")).write_bytes(b"abd")
    assert (await dispatcher.post(f"{path}/verify"))["state"] == "damaged"
    next((running.folder / "evidence").glob("*.bin")).unlink()
    assert (await dispatcher.post(f"{path}/verify"))["state"] == "damaged"
    await dispatcher.get(f"{path}/file", status=404)


async def test_sealed_recording_of_a_call_is_an_exhibit_where_it_lies(line: OurLine, dispatcher: Person) -> None:
    (line.folder / "recordings" / "a.wav").write_bytes(CLIP)
    call_id = await line.ring()
    await line.say(call_id, c.RecordingStarted("a.wav", 1))

    async def ringing() -> bool:
        return (await dispatcher.client.get(f"/api/calls/{call_id}")).is_success

    await until(ringing)
    view = await dispatcher.post(f"/api/calls/{call_id}/answer")
    await line.say(call_id, c.RecordingEnded("a.wav", 1, 2.5, DIGEST))

    async def there() -> Any:
        return await exhibits_of(dispatcher, view["incident_id"])

    (exhibit,) = await until(there)
    assert (exhibit["kind"], exhibit["sha256"], exhibit["access"]) == ("911 audio", DIGEST, "call")
    assert (await dispatcher.client.get(exhibit["url"])).content == CLIP
    assert (await dispatcher.post(f"/api/exhibits/{exhibit['exhibit_id']}/verify"))["state"] == "verified"
    assert not (line.folder / "evidence").exists() or files_in(line.folder / "evidence") == []
    assert files_in(line.folder / "recordings") == ["a.wav"]
