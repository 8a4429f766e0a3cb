"""Captions calls, in a process of its own: `python -m tenfour.adapters.caption_worker SOCKET MODEL_FOLDER SIZE`.

Media workers send it audio by a Unix socket; what it understands goes out as lines of JSON (`Said`), and every second
how far behind it is (`Pace`). It works at the lowest priority, and ends with the centre that started it.
"""

import itertools
import os
import selectors
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Protocol

import msgspec
from moonshine_voice.moonshine_api import string_to_model_arch
from moonshine_voice.transcriber import Transcriber

from tenfour.adapters.caption_backlog import Backlog, Piece, Side
from tenfour.adapters.caption_ear import Ear, Line, LiveStream
from tenfour.adapters.caption_protocol import bound, decode_heard, encode_told
from tenfour.adapters.parent_death import die_with_parent
from tenfour.calltaking.caption import Pace, Said

UNDERSTOOD_EVERY = "0.8"
"""So many seconds of speech, and an open line is understood anew."""

TELL_EVERY_S = 1.0
LOOK_EVERY_S = 0.1

PAUSE_S = 1.0
"""A line that is open when nothing came for so long is final."""

FORGOTTEN_S = 600.0
"""A side that says nothing for so long is taken for over: its media worker may have died."""

LARGEST = 64 * 1024


class Model(Protocol):
    """The transcriber of moonshine-voice."""

    def create_stream(self, update_interval: float) -> LiveStream:
        """Another stream."""
        ...


class CaptionWorker:
    """`listen` in one thread, `run` in another. `out`: where the centre reads, or we wait; then what comes is lost."""

    def __init__(self, model: Model, out: BinaryIO) -> None:
        self._model, self._out = model, out
        self._backlog = Backlog()
        self._ears: dict[Side, Ear] = {}
        self._numbers = itertools.count(1)
        self._some = threading.Event()
        self._told_at = 0.0

    def listen(self, listening: socket.socket) -> None:
        """Take what media workers send, for ever."""
        ready = selectors.DefaultSelector()
        ready.register(listening, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                if key.fileobj is listening:
                    ready.register(listening.accept()[0], selectors.EVENT_READ)
                elif isinstance(key.fileobj, socket.socket) and not self._take(key.fileobj):
                    ready.unregister(key.fileobj)
                    key.fileobj.close()

    def run(self) -> None:
        """Understand what waits, for ever."""
        while True:
            piece = self._backlog.take()
            if piece is not None:
                self._understand(piece)
            self._tell_pace()
            if piece is None:
                self._pause()
                self._some.wait(LOOK_EVERY_S)
                self._some.clear()

    def _take(self, joined: socket.socket) -> bool:
        """A datagram of a worker; False where there are no more that can be used."""
        try:
            data = joined.recv(LARGEST)
            if data:
                self._backlog.put(decode_heard(data), time.monotonic())
        except (OSError, msgspec.MsgspecError):
            return False
        self._some.set()
        return bool(data)

    def _understand(self, piece: Piece) -> None:
        ear = self._ears.get(piece.side)
        if ear is not None and piece.gap:
            self._tell(piece.side, ear.rest())
        if piece.pcm:
            if ear is None:
                ear = self._ears[piece.side] = Ear(self._model.create_stream(update_interval=1e9), self._numbers)
            self._tell(piece.side, ear.hear(piece.pcm, piece.at))
        if piece.ends and ear is not None:
            self._tell(piece.side, ear.close())
            del self._ears[piece.side]

    def _pause(self) -> None:
        """Sides that say nothing any more have said their line."""
        now = time.monotonic()
        for side, ear in list(self._ears.items()):
            if now - ear.heard_at >= FORGOTTEN_S:
                self._tell(side, self._ears.pop(side).close())
            elif ear.is_open and now - ear.heard_at >= PAUSE_S:
                self._tell(side, ear.rest())

    def _tell(self, side: Side, lines: list[Line]) -> None:
        now = time.monotonic()
        for line in lines:
            ago = (round(max(0.0, now - at), 3) for at in (line.began_at, line.ended_at))
            self._write(Said(*side, line.number, line.text, line.final, *ago))

    def _tell_pace(self) -> None:
        now = time.monotonic()
        if now - self._told_at >= TELL_EVERY_S:
            self._told_at = now
            self._write(Pace(round(self._backlog.behind_s(now), 1), round(self._backlog.lost_s(), 1)))

    def _write(self, told: Said | Pace) -> None:
        self._out.write(encode_told(told) + b"\n")
        self._out.flush()


def main(path: str, folder: str, size: str) -> None:
    """Serve until killed, or the centre listens no more."""
    die_with_parent(signal.SIGKILL)
    os.nice(19)
    options = {"return_audio_data": "false", "identify_speakers": "false", "transcription_interval": UNDERSTOOD_EVERY}
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a library that prints must not speak to the centre
    worker = CaptionWorker(Transcriber(folder, string_to_model_arch(size), options=options), out)
    threading.Thread(target=worker.listen, args=(bound(Path(path)),), daemon=True).start()
    with suppress(BrokenPipeError):  # the centre is gone
        worker.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
