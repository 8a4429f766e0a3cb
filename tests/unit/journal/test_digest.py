"""What is hashed, so that anybody can check it without Tenfour."""

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.journal.digest import COLUMNS, GENESIS, chained, columns_of, instant, payload_digest
from tenfour.vocabulary.envelope import Access, Actor, ActorKind, Header
from tenfour.vocabulary.ids import AgencyId, EventId, NodeId, StreamName

text = st.text(st.characters(codec="utf-8"), max_size=20)


def header(**fields: object) -> Header:
    given_fields: dict[str, object] = {
        "seq": 1,
        "id": EventId("019a0000-0000-7000-8000-000000000001"),
        "stream": StreamName("call/abc"),
        "version": 1,
        "type": "CallRinging",
        "schema": 1,
        "agency": AgencyId("sheriff"),
        "access": Access.CALL,
        "at": datetime(2026, 11, 14, 21, 41, 9, tzinfo=UTC),
        "recorded_at": datetime(2026, 11, 14, 21, 41, 9, 1500, tzinfo=UTC),
        "actor": Actor(ActorKind.DEVICE, "line-1"),
        "command_id": None,
        "cause": None,
        "node": NodeId("center-1"),
        "payload_digest": payload_digest(b"salt", b"{}"),
        "digest": "",
    }
    return Header(**(given_fields | fields))  # type: ignore[arg-type]


def by_hand(before: str, columns: tuple[object, ...]) -> str:
    """The digest by the words of docs/journal.md, with nothing but the standard library."""
    array = json.dumps(list(columns), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256((before + array).encode()).hexdigest()


def test_digest_of_a_known_header_never_changes() -> None:
    assert columns_of(header())[8:10] == ("2026-11-14T21:41:09.000000Z", "2026-11-14T21:41:09.001500Z")
    assert chained(GENESIS, columns_of(header())) == by_hand(GENESIS, columns_of(header()))
    assert chained(GENESIS, columns_of(header())) == "9abdb3a032205d701fee0683c4a57c8a7d5b20a1f0c8473316f24ce028f16abc"


@given(actor=text, command=st.none() | text, stream=text, before=st.binary(min_size=32, max_size=32))
def test_digest_can_be_made_by_any_json_writer(actor: str, command: str | None, stream: str, before: bytes) -> None:
    columns = columns_of(header(actor=Actor(ActorKind.RULE, actor), command_id=command, stream=StreamName(stream)))
    assert chained(before.hex(), columns) == by_hand(before.hex(), columns)


def test_columns_are_named_in_their_order() -> None:
    columns = dict(zip(COLUMNS, columns_of(header()), strict=True))
    assert (columns["seq"], columns["actor_kind"], columns["node"]) == (1, "device", "center-1")


@pytest.mark.parametrize(
    "fields",
    [
        {"seq": 2},
        {"id": EventId("other")},
        {"stream": StreamName("call/abd")},
        {"version": 2},
        {"type": "CallReleased"},
        {"schema": 2},
        {"agency": AgencyId("fire")},
        {"access": Access.PUBLIC},
        {"at": datetime(2026, 11, 14, 21, 41, 10, tzinfo=UTC)},
        {"recorded_at": datetime(2026, 11, 14, 21, 41, 10, tzinfo=UTC)},
        {"actor": Actor(ActorKind.PERSON, "line-1")},
        {"actor": Actor(ActorKind.DEVICE, "line-2")},
        {"actor": Actor(ActorKind.DEVICE, "line-1", role="x")},
        {"actor": Actor(ActorKind.DEVICE, "line-1", position="x")},
        {"command_id": "key"},
        {"cause": EventId("other")},
        {"node": NodeId("center-2")},
        {"payload_digest": "00"},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_digest_covers_every_field_of_the_envelope(fields: dict[str, object]) -> None:
    assert chained(GENESIS, columns_of(header(**fields))) != chained(GENESIS, columns_of(header()))


def test_digest_covers_the_one_before() -> None:
    assert chained("1" * 64, columns_of(header())) != chained(GENESIS, columns_of(header()))


@given(st.datetimes(datetime(1970, 1, 1), datetime(9999, 1, 1)), st.integers(-840, 840))  # noqa: DTZ001
def test_time_as_text_is_the_same_instant_and_sorts_as_time(at: datetime, minutes: int) -> None:
    zone = timezone(timedelta(minutes=minutes))
    utc = at.replace(tzinfo=UTC)
    written = instant(utc.astimezone(zone)) if at.year < 9998 else instant(utc)
    assert written == instant(utc)
    assert datetime.fromisoformat(written) == utc
    assert len(written) == 27
    assert instant(utc + timedelta(microseconds=1)) > written


def test_salt_makes_equal_payloads_different() -> None:
    assert payload_digest(b"a", b"{}") != payload_digest(b"b", b"{}")
    assert payload_digest(b"a", b"{}") == hashlib.sha256(b"a{}").hexdigest()
