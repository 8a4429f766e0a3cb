"""Payloads as bytes, today's and yesterday's."""

import msgspec
import pytest

from tenfour.incident.event import KindSet, NarrativeAdded, PrioritySet
from tenfour.journal.codec import Codec, UnknownEvent
from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.errors import BadInput
from tenfour.workflow.catalogue import CATALOGUE


class Heard(Event, frozen=True):
    """An event that has changed its shape twice."""

    SCHEMA = 3

    words: tuple[str, ...]
    loud: bool


def words_from_text(payload: dict[str, object]) -> dict[str, object]:
    return {"words": str(payload["text"]).split()}


def loud_was_not_asked(payload: dict[str, object]) -> dict[str, object]:
    return {**payload, "loud": False}


UPCASTERS = {("Heard", 1): words_from_text, ("Heard", 2): loud_was_not_asked}


@pytest.fixture
def codec() -> Codec:
    return Codec({"Heard": Heard, "KindSet": KindSet}, UPCASTERS)


def test_payload_is_the_events_json_without_a_tag(codec: Codec) -> None:
    assert codec.encode(KindSet("911H", "silent")) == b'{"kind":"911H","rule":"silent"}'


def test_decoded_payload_is_the_event(codec: Codec) -> None:
    event = Heard(("laughter", "child"), loud=True)
    assert codec.decode("Heard", 3, codec.encode(event)) == event


@pytest.mark.parametrize(
    ("schema", "payload", "event"),
    [
        (1, b'{"text":"laughter child"}', Heard(("laughter", "child"), loud=False)),
        (2, b'{"words":["laughter"]}', Heard(("laughter",), loud=False)),
    ],
)
def test_old_payload_is_brought_up_step_by_step(codec: Codec, schema: int, payload: bytes, event: Event) -> None:
    assert codec.decode("Heard", schema, payload) == event


@pytest.mark.parametrize(
    ("name", "schema", "payload", "problem"),
    [
        ("Vanished", 1, b"{}", "not an event that this Tenfour knows"),
        ("Heard", 4, b"{}", "schema 4; this Tenfour knows up to 3"),
        ("Heard", 3, b'{"words":["x"]}', "loud"),
        ("Heard", 1, b'{"sound":"x"}', "text"),
        ("Heard", 0, b"{}", "no upcaster from schema 0"),
        ("KindSet", 1, b'{"kind":7}', "kind"),
        ("KindSet", 1, b"not JSON", "malformed"),
        ("KindSet", 1, b'{"kind":"\xff"}', "cannot be read"),
        ("Heard", 2, b"[]", "cannot be read"),
    ],
)
def test_payload_that_cannot_be_read_is_kept_as_text(
    codec: Codec, name: str, schema: int, payload: bytes, problem: str
) -> None:
    event = codec.decode(name, schema, payload)
    assert isinstance(event, UnknownEvent)
    assert problem in event.problem
    assert event.text == payload.decode("utf-8", "replace")


@pytest.mark.parametrize(
    "event", [NarrativeAdded("not listed here"), KindSet(7), Heard(("a",), loud="yes")], ids=["unlisted", "int", "str"]
)
def test_event_that_could_not_be_read_back_is_not_encoded(codec: Codec, event: Event) -> None:
    with pytest.raises(BadInput, match=type(event).__name__):
        codec.encode(event)


def test_another_class_of_the_same_name_is_not_taken_for_the_listed_one() -> None:
    codec = Codec({"PrioritySet": NarrativeAdded})
    with pytest.raises(BadInput):
        codec.encode(PrioritySet(1))


def test_every_event_of_the_catalogue_has_a_decoder_and_a_schema() -> None:
    codec = Codec(CATALOGUE)
    for name, cls in CATALOGUE.items():
        assert cls.SCHEMA >= 1
        assert cls.__name__ == name
        assert isinstance(codec.decode(name, cls.SCHEMA, b"[]"), UnknownEvent)


def test_field_that_a_later_tenfour_added_is_passed_over(codec: Codec) -> None:
    payload = msgspec.json.encode({"kind": "911H", "rule": "", "colour": "red"})
    assert codec.decode("KindSet", 1, payload) == KindSet("911H")
