"""Payloads as bytes: msgspec JSON without a tag, the type and its schema standing in the header.

An old payload is brought up to today's shape by upcasters, one step each. A payload that no step can bring up, or
whose type nobody knows any more, is still there to be read as text: a reader never stops at it.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.errors import BadInput

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
"""Takes the fields of a payload of one schema and gives those of the next schema."""


class UnknownEvent(Event, frozen=True):
    """An event whose payload this Tenfour cannot read: the payload as text, and why, as a sentence."""

    text: str
    problem: str


class Codec:
    """Encodes and decodes the payloads of a catalogue of events.

    `catalogue` maps an event's type name to its class; `upcasters` maps (type, schema) to the function that
    brings a payload of that schema to the next one.
    """

    def __init__(
        self, catalogue: Mapping[str, type[Event]], upcasters: Mapping[tuple[str, int], Upcaster] | None = None
    ) -> None:
        self._catalogue = dict(catalogue)
        self._upcasters = dict(upcasters or {})
        self._encoder = msgspec.json.Encoder()
        self._decoders = {name: msgspec.json.Decoder(cls) for name, cls in self._catalogue.items()}

    def encode(self, event: Event) -> bytes:
        """The payload of an event, tried by reading it back: what cannot be read must not be recorded.

        Raises `BadInput` for an event that is not in the catalogue, or whose fields are not what its class says.
        """
        name = type(event).__name__
        if self._catalogue.get(name) is not type(event):
            raise BadInput(f"{name} is not an event of the catalogue; nothing was recorded.")
        try:
            payload = self._encoder.encode(event)
            self._decoders[name].decode(payload)
        except (msgspec.MsgspecError, TypeError, ValueError) as error:
            raise BadInput(f"{name} cannot be recorded: {error}.") from error
        return payload

    def decode(self, name: str, schema: int, payload: bytes) -> Event:
        """The event of a payload, brought up to today's shape; an `UnknownEvent` where that cannot be done."""
        cls = self._catalogue.get(name)
        if cls is None:
            return _unknown(payload, f"{name} is not an event that this Tenfour knows.")
        if schema > cls.SCHEMA:
            return _unknown(payload, f"{name} has schema {schema}; this Tenfour knows up to {cls.SCHEMA}.")
        try:
            if schema == cls.SCHEMA:
                return self._decoders[name].decode(payload)
            return msgspec.convert(self._brought_up(name, schema, cls.SCHEMA, payload), cls)
        except (msgspec.MsgspecError, ValueError, TypeError, LookupError) as error:
            return _unknown(payload, f"{name} of schema {schema} cannot be read: {error}.")

    def _brought_up(self, name: str, schema: int, wanted: int, payload: bytes) -> dict[str, Any]:
        fields: dict[str, Any] = msgspec.json.decode(payload, type=dict[str, Any])
        for step in range(schema, wanted):
            upcaster = self._upcasters.get((name, step))
            if upcaster is None:
                raise ValueError(f"there is no upcaster from schema {step}")
            fields = upcaster(fields)
        return fields


def _unknown(payload: bytes, problem: str) -> UnknownEvent:
    return UnknownEvent(text=payload.decode("utf-8", "replace"), problem=problem)
