"""One line of an export says everything, and can be checked by itself."""

import hashlib
import json

from tenfour.journal.codec import Codec
from tenfour.journal.export import export_line
from tenfour.journal.port import Batch
from tenfour.testing.memory_journal import MemoryJournal
from tenfour.testing.sample_fact import BEGAN, SampleFacts
from tenfour.vocabulary.envelope import Header
from tenfour.workflow.catalogue import CATALOGUE


async def one() -> tuple[Header, bytes, bytes]:
    journal = MemoryJournal(Codec(CATALOGUE))
    await journal.append(Batch((SampleFacts().note(text="¿Dónde?\nHere."),)), recorded_at=BEGAN)
    [(header, payload, salt)] = await journal.headers()
    assert payload is not None
    return header, payload, salt


async def test_line_has_the_envelope_and_the_payload() -> None:
    header, payload, salt = await one()
    line = json.loads(export_line(header, payload, salt))
    assert line["payload"] == {"text": "¿Dónde?\nHere."}
    assert (line["seq"], line["stream"], line["type"], line["version"]) == (1, "incident/a", "NarrativeAdded", 1)
    assert (line["actor_kind"], line["actor_id"], line["actor_position"]) == ("person", "adeyemi", "04")
    assert line["at"] == "2026-11-14T21:41:09.120000Z"
    assert line["digest"] == header.digest


async def test_line_is_one_line_of_which_both_digests_can_be_checked() -> None:
    header, payload, salt = await one()
    raw = export_line(header, payload, salt)
    assert b"\n" not in raw
    line = json.loads(raw)
    stored = raw.rpartition(b'"payload":')[2][:-1]
    assert hashlib.sha256(bytes.fromhex(line["salt"]) + stored).hexdigest() == line["payload_digest"]
    columns = [value for name, value in line.items() if name not in {"digest", "salt", "payload"}]
    array = json.dumps(columns, ensure_ascii=False, separators=(",", ":"))
    assert hashlib.sha256(("0" * 64 + array).encode()).hexdigest() == line["digest"]


async def test_erased_payload_is_null() -> None:
    header, _, _ = await one()
    line = json.loads(export_line(header, None, b""))
    assert (line["payload"], line["salt"]) == (None, "")


async def test_payload_that_is_not_json_any_more_is_given_as_text() -> None:
    header, _, salt = await one()
    assert json.loads(export_line(header, b"{torn \xff", salt))["payload"] == "{torn \ufffd"
