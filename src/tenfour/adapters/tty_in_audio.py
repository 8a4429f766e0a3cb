"""A TTY in the audio of one call: heard in what the caller says, said in the place of what the caller would hear."""

import asyncio
from collections.abc import Callable, Sequence

from tenfour.adapters.media_protocol import CallReport, TtyRead, TtySaid, Typed
from tenfour.telephony.baudot import BaudotSender
from tenfour.telephony.g711 import Samples
from tenfour.telephony.rtp import RtpPacket
from tenfour.telephony.text_batch import TextBatch
from tenfour.telephony.tty_ear import TtyEar
from tenfour.telephony.typed_pieces import TypedPieces
from tenfour.vocabulary.ids import CallId


class TtyInAudio:
    """Tones that are said take the place of voices: whoever listens by TTY hears one of the two."""

    def __init__(self, call_id: CallId, report: Callable[[CallReport], None]) -> None:
        self._call_id, self._report = call_id, report
        self._ear, self._batch, self._sender = TtyEar(), TextBatch(), BaudotSender()
        self._loop = asyncio.get_running_loop()
        self._accepted, self._pieces = 0, TypedPieces()

    @property
    def speaks(self) -> bool:
        """Tones are to be said: nothing else is heard."""
        return self._sender.busy

    def hear(self, packet: RtpPacket, samples: Samples) -> None:
        """A packet of the caller, with its samples."""
        self._batch.add(self._ear.take(packet, samples), self._loop.time())
        due = self._batch.next_timer()
        if due is not None and due <= self._loop.time():
            self._tell()

    def finish(self) -> None:
        """Nothing more comes: what was heard is told now."""
        self._batch.add(self._ear.finish(), self._loop.time())
        self._tell()

    def _tell(self) -> None:
        text, ago_ms = self._batch.take(self._loop.time())
        if text:
            self._report(TtyRead(self._call_id, text, ago_ms))

    def type(self, pieces: Sequence[Typed]) -> None:
        """These are to be said; those that were accepted before are not said again."""
        for piece in pieces:
            if piece.number > self._accepted:
                self._accepted = piece.number
                before = self._sender.waiting
                self._sender.type(piece.text)
                self._pieces.add(piece.number, self._sender.waiting - before)

    def over(self, frame: bytes) -> bytes:
        """What the caller hears in these 20 ms: tones while there are some to be said, else the frame."""
        tones = self._sender.frame() if self._sender.busy else None
        for number in self._pieces.gone(self._sender.waiting):
            self._report(TtySaid(self._call_id, number))
        return frame if tones is None else tones.tobytes()
