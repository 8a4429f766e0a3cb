"""A copy of the audio of calls for the captioner, out of a media worker. Nothing is waited for, nothing is kept.

Where no captioner listens nothing is sent. What it does not take in time is lost: to the captions, never to the call.
"""

import socket
import time
from collections.abc import Callable
from pathlib import Path

from tenfour.adapters.caption_protocol import SOCKET, Heard, encode_heard
from tenfour.calltaking.text_event import Party
from tenfour.vocabulary.ids import CallId

PIECE = 3200
"""Bytes that go at once: 200 ms."""

QUIET_SENT = 5
"""Pieces without a sound that still go after one with, so that the captioner hears a line's end; no more of them."""

ASK_AGAIN_S = 2.0
"""So often is looked whether a captioner listens."""


class CaptionFeed:
    """One of a media worker. `lost`: pieces that were not taken in time."""

    def __init__(self, path: Path = SOCKET, now: Callable[[], float] = time.monotonic) -> None:
        self._path, self._now = str(path), now
        self._socket: socket.socket | None = None
        self._ask_at = 0.0
        self._gathered: dict[tuple[CallId, Party], bytearray] = {}
        self._quiet: dict[tuple[CallId, Party], int] = {}
        """How many pieces in a row were without a sound."""
        self.lost = 0

    @property
    def gathered(self) -> int:
        """Bytes that wait until a piece is whole."""
        return sum(map(len, self._gathered.values()))

    def hear(self, call_id: CallId, party: Party, pcm: bytes | memoryview) -> None:
        """One side said this: PCM16, little-endian."""
        if self._socket is None and not self._is_joined():
            return
        side = (call_id, party)
        gathered = self._gathered.setdefault(side, bytearray())
        gathered += pcm
        if len(gathered) >= PIECE:
            del self._gathered[side]
            self._quiet[side] = 0 if any(gathered) else self._quiet.get(side, QUIET_SENT) + 1
            if self._quiet[side] <= QUIET_SENT:
                self._send(Heard(call_id, party, bytes(gathered)))

    def end(self, call_id: CallId) -> None:
        """Nothing more comes of this call."""
        for party in Party:
            rest = self._gathered.pop((call_id, party), b"")
            self._quiet.pop((call_id, party), None)
            if self._socket is not None:
                if any(rest):
                    self._send(Heard(call_id, party, bytes(rest)))
                self._send(Heard(call_id, party, b""))

    def close(self) -> None:
        """Let go of the captioner."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._gathered.clear()
        self._quiet.clear()

    def _is_joined(self) -> bool:
        now = self._now()
        if now < self._ask_at:
            return False
        self._ask_at = now + ASK_AGAIN_S
        joined = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        joined.setblocking(False)
        try:
            joined.connect(self._path)
        except OSError:
            joined.close()
            return False
        self._socket = joined
        return True

    def _send(self, heard: Heard) -> None:
        if self._socket is None:
            return
        try:
            self._socket.send(encode_heard(heard))
        except BlockingIOError:
            self.lost += 1
        except OSError:
            self.close()
