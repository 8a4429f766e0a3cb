"""What line and centre say to each other on their link (see `link`): frames, and their bytes.

Each frame is four bytes of length (big-endian) and one JSON object with a `frame` tag.
"""

import struct
from datetime import datetime

import msgspec

from tenfour.adapters.frame_buffer import FRAME_LIMIT
from tenfour.adapters.line_fact import CarriedFact
from tenfour.adapters.voice_frame import HeadsetAnswer, HeadsetAway, HeadsetOffer, Voices
from tenfour.calltaking.line_status import LineStatus
from tenfour.calltaking.outgoing_event import CallPlaced
from tenfour.calltaking.text_event import TextTyped
from tenfour.vocabulary.errors import BadInput
from tenfour.vocabulary.ids import CallId, NodeId, PersonId, PositionId


class LineCall(msgspec.Struct, frozen=True):
    """A call in progress, as the line tells it: `connected` is ACKed, `answered` that a person's answer is known."""

    call_id: CallId
    connected: bool
    answered: bool


# ---- centre → line ----


class CentreHello(msgspec.Struct, frozen=True, tag_field="frame", tag="hello"):
    """The centre is here: the line may deliver."""

    node: NodeId


class Ack(msgspec.Struct, frozen=True, tag_field="frame", tag="ack"):
    """Everything delivered up to `n` is journalled and fsynced."""

    n: int


class Answer(msgspec.Struct, frozen=True, tag_field="frame", tag="answer"):
    """A person at a position answered this call."""

    call_id: CallId
    position: PositionId
    person: PersonId


class Release(msgspec.Struct, frozen=True, tag_field="frame", tag="release"):
    """End this call."""

    call_id: CallId


class SendText(msgspec.Struct, frozen=True, tag_field="frame", tag="send_text"):
    """Somebody typed to the caller."""

    call_id: CallId
    typed: TextTyped


class PassOn(msgspec.Struct, frozen=True, tag_field="frame", tag="pass_on"):
    """Ask the caller's side to call this URI, or whoever is on `to_call`, instead of us."""

    call_id: CallId
    target: str
    to_call: CallId | None = None


class Place(msgspec.Struct, frozen=True, tag_field="frame", tag="place"):
    """Place this call."""

    placed: CallPlaced


class SetClock(msgspec.Struct, frozen=True, tag_field="frame", tag="set_clock"):
    """Set the domain clock (see `DomainClock.set`)."""

    real_at: datetime
    domain_at: datetime
    speed: float


class RecordAway(msgspec.Struct, frozen=True, tag_field="frame", tag="record_away"):
    """The centre is here but its record cannot be written (a full disk), so nobody can answer; or it can again."""

    away: bool


Order = Answer | Release | SendText | Place | PassOn | SetClock | RecordAway | HeadsetOffer | HeadsetAway | Voices
FromCentre = CentreHello | Ack | Order
"""What the centre wants of the line."""


# ---- line → centre ----


class LineHello(msgspec.Struct, frozen=True, tag_field="frame", tag="hello"):
    """The line is here, with these calls in progress and the headsets of these positions."""

    node: NodeId
    calls: tuple[LineCall, ...]
    headsets: tuple[PositionId, ...] = ()


class Deliver(msgspec.Struct, frozen=True, tag_field="frame", tag="deliver"):
    """A fact from the outbox, and its place there."""

    n: int
    fact: CarriedFact


class DeliverAsKept(msgspec.Struct, frozen=True, tag_field="frame", tag="deliver"):
    """The same, with the fact as it stands in the outbox: it is not decoded to be encoded again."""

    n: int
    fact: msgspec.Raw


class Drained(msgspec.Struct, frozen=True, tag_field="frame", tag="drained"):
    """Everything that was in the outbox at the hello has been delivered: of its calls, none other is in progress."""


class Status(msgspec.Struct, frozen=True, tag_field="frame", tag="status"):
    """How busy the line is; told when it changed, every `STATUS_EVERY_S` at most."""

    status: LineStatus


FromLine = LineHello | Deliver | Drained | Status | HeadsetAnswer

_encode = msgspec.json.Encoder().encode
decode_centre = msgspec.json.Decoder(FromCentre).decode
decode_line = msgspec.json.Decoder(FromLine).decode


def packed(frame: FromCentre | FromLine | DeliverAsKept) -> bytes:
    """The frame with its length in front.

    Raises `BadInput` when it is longer than `FRAME_LIMIT`.
    """
    body = _encode(frame)
    if len(body) > FRAME_LIMIT:
        raise BadInput(f"A frame of {len(body)} bytes is longer than the link takes ({FRAME_LIMIT}).")
    return struct.pack("!I", len(body)) + body
