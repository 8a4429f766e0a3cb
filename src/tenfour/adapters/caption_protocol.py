"""What media workers, the captioner and the centre say to each other.

A worker sends the captioner datagrams of audio, by a Unix socket that nobody waits for; the captioner writes lines of
JSON for the centre, which started it.
"""

import os
import socket
from pathlib import Path
from typing import Final

import msgspec

from tenfour.calltaking.caption import Pace, Said
from tenfour.calltaking.text_event import Party
from tenfour.vocabulary.ids import CallId

SOCKET: Final = Path("run/captions.sock")
"""In the centre folder, where every process of ours runs."""

RATE: Final = 8_000
"""Samples a second."""


class Heard(msgspec.Struct, frozen=True, array_like=True):
    """A piece of what one side of a call says: PCM16, little-endian. Without any, that side has ended."""

    call_id: CallId
    party: Party
    pcm: bytes


encode_heard = msgspec.msgpack.Encoder().encode
decode_heard = msgspec.msgpack.Decoder(Heard).decode
encode_told = msgspec.json.Encoder().encode
decode_told = msgspec.json.Decoder(Said | Pace).decode


def bound(path: Path) -> socket.socket:
    """A socket that only this user's processes can send to; an earlier one's is put away."""
    path.parent.mkdir(exist_ok=True, mode=0o700)
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    before = os.umask(0o177)
    try:
        listening.bind(str(path))
    finally:
        os.umask(before)
    listening.listen(64)
    return listening
