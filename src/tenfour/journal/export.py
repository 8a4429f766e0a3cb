"""The journal for others: one JSON object a line, the envelope with its payload, oldest first."""

import msgspec

from tenfour.journal.digest import COLUMNS, columns_of
from tenfour.vocabulary.envelope import Header

_encoder = msgspec.json.Encoder()


def export_line(header: Header, payload: bytes | None, salt: bytes) -> bytes:
    """One line of an export, without the line's end: the columns of the header, `digest`, `salt` (hex), `payload`.

    The payload is the recorded JSON, byte for byte, so that `SHA-256(salt + payload)` can be checked from the line;
    null if it was erased. Stored bytes that are not JSON are given as one JSON text.
    """
    line: dict[str, int | str | msgspec.Raw | None] = dict(zip(COLUMNS, columns_of(header), strict=True))
    line["digest"] = header.digest
    line["salt"] = salt.hex()
    line["payload"] = None if payload is None else _json(payload)
    return _encoder.encode(line)


def _json(payload: bytes) -> msgspec.Raw:
    try:
        msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return msgspec.Raw(_encoder.encode(payload.decode("utf-8", "replace")))
    return msgspec.Raw(payload)
