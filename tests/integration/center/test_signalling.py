"""The signalling of a call over HTTP: as rows and as text, for the desk and not for crews."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tenfour.telephony.signalling import KeptCall, KeptDecision, KeptProblem, encode, kept_message
from tenfour.vocabulary.ids import CallId

from .conftest import CentreProcess, OurLine, Person, until

AT = datetime(2026, 3, 1, 16, 41, 37, 123456, tzinfo=UTC)


def keep(folder: Path, call_id: CallId) -> Path:
    """A file as the line writes it, half a line at its end."""
    (folder / "signalling").mkdir(mode=0o700)
    path = folder / "signalling" / f"{call_id}.jsonl"
    data = b"INVITE urn:service:sos SIP/2.0\r\nCall-ID: one\r\nCSeq: 1 INVITE\r\nAuthorization: Digest x\r\n\r\n"
    there = {"transport": "UDP", "local": "127.0.0.1:5060", "peer": "127.0.0.1:5062"}
    path.write_bytes(
        encode(KeptCall(at=AT, call_id=call_id, sip_call_id="one"))
        + encode(kept_message(data, at=AT, way="in", **there))  # type: ignore[arg-type]
        + encode(KeptDecision(at=AT, what="a new call"))
        + encode(kept_message(b"SIP/2.0 100 Trying\r\nCSeq: 1 INVITE\r\n\r\n", at=AT, way="out", **there))  # type: ignore[arg-type]
        + encode(kept_message(b"\xff\xfe", at=AT, way="in", **there))  # type: ignore[arg-type]
        + encode(KeptProblem(at=AT, what="It is no request line."))
        + b'{"is": "decis'
    )
    return path


async def known(line: OurLine, person: Person) -> CallId:
    call_id = await line.ring()

    async def there() -> bool:
        return (await person.client.get(f"/api/calls/{call_id}")).is_success

    await until(there)
    return call_id


async def test_desk_reads_the_ladder_and_its_text(line: OurLine, dispatcher: Person) -> None:
    call_id = await known(line, dispatcher)
    empty = await dispatcher.get(f"/api/calls/{call_id}/signalling")
    assert (empty["rungs"], empty["words"]) == ([], "Nothing is kept of its signalling.")
    path = keep(line.folder, call_id)
    view: dict[str, Any] = await dispatcher.get(f"/api/calls/{call_id}/signalling")
    assert [party["name"] for party in view["parties"]] == ["this line", "127.0.0.1:5062"]
    assert [(rung["kind"], rung["label"] or rung["words"]) for rung in view["rungs"]] == [
        ("message", "INVITE"),
        ("decision", "a new call"),
        ("message", "100 Trying"),
        ("message", "\N{LATIN SMALL LETTER Y WITH DIAERESIS}\N{LATIN SMALL LETTER THORN}"),
        ("problem", "It is no request line."),
    ]
    assert "Authorization: ***" in view["rungs"][0]["raw"]
    assert (view["sip_call_id"], view["words"]) == ("one", "")
    text = await dispatcher.client.get(f"/api/calls/{call_id}/signalling.txt")
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert text.headers["cache-control"] == "private, no-store"
    assert "INVITE" in text.text and "* a new call" in text.text and "911-442-7186" in text.text
    path.write_bytes(path.read_bytes() + b"\n")
    broken = await dispatcher.get(f"/api/calls/{call_id}/signalling")
    assert broken["words"] == "1 line of what was kept cannot be read."


async def test_crew_and_stranger_and_wrong_name_read_none(
    line: OurLine, dispatcher: Person, running: CentreProcess
) -> None:
    call_id = await known(line, dispatcher)
    keep(line.folder, call_id)
    crew = await Person(running).log_in("unit", "brandt", unit="12A3")
    for form in ("signalling", "signalling.txt"):
        assert (await crew.client.get(f"/api/calls/{call_id}/{form}")).status_code == 403
        assert (await dispatcher.client.get(f"/api/calls/unheard-of/{form}")).status_code == 404
        assert (await dispatcher.client.get(f"/api/calls/..%2F..%2Fcentre/{form}")).status_code == 404
    await crew.client.aclose()


async def test_file_that_cannot_be_read_is_said(line: OurLine, dispatcher: Person) -> None:
    call_id = await known(line, dispatcher)
    (line.folder / "signalling" / f"{call_id}.jsonl").mkdir(parents=True)
    answer = await dispatcher.get(f"/api/calls/{call_id}/signalling", status=503)
    assert answer["error"] == "The signalling of this call cannot be read."
