"""A caller's TTY: a teletypewriter that says letters as tones into the telephone, and prints what it hears."""

import asyncio

import numpy as np

from tenfour.play.sound import SAMPLES, SILENCE
from tenfour.play.texter import corrected
from tenfour.play.voice import Voice
from tenfour.telephony.baudot import BaudotReader, BaudotSender
from tenfour.telephony.g711 import Samples, encode_ulaw

PAUSE_PACKETS = 10
"""Silence behind what was typed: the set takes its hand off the line."""


class Teletypewriter:
    """Sits on the sound of one call. `read` is all that was printed, corrections included."""

    def __init__(self, voice: Voice) -> None:
        self.read = ""
        self._voice, self._reader, self._some = voice, BaudotReader(), asyncio.Event()
        voice.on_sound = self._hear

    async def type(self, text: str, letters_per_s: float) -> None:
        """Type it, as fast as its hand or the tones go; returns when all of it was said."""
        sender = BaudotSender()
        sender.type(text)
        self._voice.speak(tones_of(sender))
        await asyncio.sleep(len(text) / letters_per_s)
        await self._voice.until_spoken()

    async def until_read(self, words: str) -> None:
        """Return when these words were printed."""
        while words.upper() not in corrected(self.read):
            self._some.clear()
            await self._some.wait()

    async def close(self) -> None:
        """Nothing of its own is open."""

    def _hear(self, samples: Samples) -> None:
        self.read += self._reader.take(samples)
        self._some.set()


def tones_of(sender: BaudotSender) -> tuple[bytes, ...]:
    """All that it has to say, as payloads of 20 ms."""
    packets = []
    while (frame := sender.frame()) is not None:
        packets.append(encode_ulaw(np.resize(frame, SAMPLES)))
    return (*packets, *[SILENCE] * PAUSE_PACKETS)
