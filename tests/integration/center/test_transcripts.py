"""A machine writes sealed recordings down: a real model on a real voice, unverified, searchable, deciding nothing."""

import hashlib
import shutil
from pathlib import Path
from typing import Any

import pytest

from tenfour.adapters.transcriber import Transcriber
from tenfour.calltaking import event as c
from tenfour.calltaking.speech_event import RecordingNotTranscribed, RecordingTranscribed
from tenfour.vocabulary.errors import Unavailable
from tenfour.vocabulary.ids import CallId
from tenfour.workflow.rule import REACTIONS

from .conftest import CentreProcess, OurLine, Person, until

pytestmark = [pytest.mark.needs_speech, pytest.mark.usefixtures("speech")]

AGAIN = Path(__file__).resolve().parents[3] / "stories" / "audio" / "again.wav"
"""Says: Hi, it is me again."""


def want_transcripts(folder: Path) -> None:
    with (folder / "centre.toml").open("a") as settings:
        settings.write("\n[speech]\ntranscripts = true\n")


async def recorded_call(line: OurLine, *files: str) -> CallId:
    """A call that is over, with sealed recordings."""
    call_id = await line.ring()
    for segment, file in enumerate(files, 1):
        path = line.folder / "recordings" / file
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "0" * 64
        await line.say(call_id, c.RecordingStarted(file, segment), c.RecordingEnded(file, segment, 2.98, sha256))
    await line.say(call_id, c.CallAbandoned(c.Signal.CANCEL))
    return call_id


async def transcript_of(person: Person, call_id: CallId, count: int = 1) -> dict[str, Any]:
    told: list[dict[str, Any]] = []

    async def written() -> bool:
        facts = await person.get("/api/facts", stream=f"call/{call_id}")
        told[:] = [fact for fact in facts if "Transcribed" in fact["type"]]
        return len(told) == count

    await until(written, patience_s=120)
    shown: dict[str, Any] = (await person.get(f"/api/calls/{call_id}"))["transcript"]
    return shown


async def test_sealed_recording_is_written_down_found_and_marked(centre: CentreProcess, line: OurLine) -> None:
    want_transcripts(centre.folder)
    shutil.copy(AGAIN, line.folder / "recordings" / "a.wav")
    (line.folder / "recordings" / "b.wav").write_bytes(b"RIFF, but nothing more")
    centre.start()
    await centre.ready()
    person = await Person(centre).log_in("dispatcher", "adeyemi", position="04")
    call_id = await recorded_call(line, "a.wav", "b.wav", "../secrets/session.key")
    shown = await transcript_of(person, call_id, 3)
    assert "again" in " ".join(spoken["text"] for spoken in shown["lines"]).lower()
    assert {spoken["side"] for spoken in shown["lines"]} == {"caller"}
    assert "unverified" in shown["words"]
    assert shown["words"].count("could not be read") == 1
    assert shown["words"].count("not in the folder of recordings") == 1
    found = await person.get("/api/search", q="again")
    assert "RecordingTranscribed" in [hit["type"] for hit in found]
    await person.client.aclose()


async def test_what_was_sealed_while_the_centre_was_away_is_written_down_once(
    centre: CentreProcess, line: OurLine
) -> None:
    shutil.copy(AGAIN, line.folder / "recordings" / "a.wav")
    centre.start()
    await centre.ready()
    call_id = await recorded_call(line, "a.wav")
    person = await Person(centre).log_in("dispatcher", "adeyemi", position="04")

    async def sealed() -> bool:
        answer = await person.client.get(f"/api/calls/{call_id}")
        return answer.is_success and bool(answer.json()["ended_at"])

    await until(sealed)
    centre.stop()
    want_transcripts(centre.folder)
    for _ in range(2):
        centre.start()
        await centre.ready()
        await transcript_of(person, call_id)
        centre.stop()
    await person.client.aclose()


async def test_model_of_the_agency_that_is_none_is_named(tmp_path: Path) -> None:
    transcriber = Transcriber(tmp_path, tmp_path / "built", "en")
    with pytest.raises(Unavailable, match="holds no model"):
        await transcriber.transcribe(AGAIN, 1)
    await transcriber.close()


def test_no_rule_listens_to_what_a_machine_understood() -> None:
    sealed = c.RecordingEnded("a.wav", 1, 1.0, "0" * 64)
    assert REACTIONS.on(sealed)
    assert not REACTIONS.on(RecordingTranscribed(1, "m", "en"))
    assert not REACTIONS.on(RecordingNotTranscribed(1, "why"))
