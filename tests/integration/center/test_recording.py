"""Recordings over HTTP: while they grow, in ranges, and never from outside their folder."""

import struct

from tenfour.calltaking import event as c

from .conftest import CentreProcess, OurLine, Person, until


async def test_growing_recording_is_served_whole_and_in_ranges(line: OurLine, dispatcher: Person) -> None:
    folder = line.folder / "recordings"
    head = b"RIFF\0\0\0\0WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16) + b"data\0\0\0\0"
    (folder / "a.wav").write_bytes(head + b"\x01\x00" * 8000)
    call_id = await line.ring()
    await line.say(call_id, c.RecordingStarted("a.wav", 1), c.RecordingStarted("../secrets/session.key", 2))

    async def recorded() -> bool:
        answer = await dispatcher.client.get(f"/api/calls/{call_id}")
        return answer.is_success and len(answer.json()["recordings"]) == 2

    await until(recorded)
    url = (await dispatcher.get(f"/api/calls/{call_id}"))["recordings"][0]["url"]
    whole = await dispatcher.client.get(url)
    assert (whole.status_code, whole.headers["content-type"]) == (200, "audio/wav")
    assert struct.unpack_from("<I", whole.content, 40)[0] == 16000
    with (folder / "a.wav").open("ab") as file:
        file.write(b"\x02\x00" * 100)
    piece = await dispatcher.client.get(url, headers={"Range": "bytes=16044-"})
    assert piece.status_code == 206
    assert piece.headers["content-range"] == "bytes 16044-16243/16244"
    assert piece.content == b"\x02\x00" * 100
    beyond = await dispatcher.client.get(url, headers={"Range": "bytes=99999-"})
    assert beyond.status_code == 416
    await dispatcher.get(f"/api/calls/{call_id}/recordings/2.wav", status=404)
    await dispatcher.get(f"/api/calls/{call_id}/recordings/3.wav", status=404)


async def test_waveform_grows_with_the_recording_and_is_for_those_who_may_hear_it(
    running: CentreProcess, line: OurLine, dispatcher: Person
) -> None:
    file = line.folder / "recordings" / "b.wav"
    head = b"RIFF\0\0\0\0WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16) + b"data\0\0\0\0"
    file.write_bytes(head + b"\x00\x00" * 8000 + struct.pack("<h", -12345) * 800)
    call_id = await line.ring()
    await line.say(call_id, c.RecordingStarted("b.wav", 1), c.RecordingStarted("../secrets/session.key", 2))
    address = f"/api/calls/{call_id}/recordings"

    async def recorded() -> bool:
        answer = await dispatcher.client.get(f"/api/calls/{call_id}")
        return answer.is_success and len(answer.json()["recordings"]) == 2

    await until(recorded)
    shown = await dispatcher.get(f"{address}/1/waveform")
    assert shown == {"step_s": 0.1, "first": 0, "peaks": [0] * 10 + [12345], "settled": 0, "length_s": 1.1, "heard": []}
    with file.open("ab") as more:
        more.write(struct.pack("<h", 99) * 400)
    assert (await dispatcher.get(f"{address}/1/waveform", after=11))["peaks"] == [99]
    cut = await dispatcher.client.get(f"{address}/1.wav", params={"until": 1.0})
    assert (cut.status_code, len(cut.content)) == (200, 44 + 16000)
    await dispatcher.get(f"{address}/1/waveform", after=-1, status=400)
    await dispatcher.get(f"{address}/2/waveform", status=404)
    await dispatcher.get(f"{address}/3/waveform", status=404)
    crew = await Person(running).log_in("unit", "brandt", unit="12A3")
    assert (await crew.client.get(f"{address}/1/waveform")).status_code == 403
    await crew.client.aclose()
