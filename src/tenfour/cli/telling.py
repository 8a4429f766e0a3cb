"""Tells a person what happens while a story plays."""

import asyncio
import time
from typing import TextIO

from tenfour.play.story import Script
from tenfour.play.timeline import Moment, Result

QUIET_S = 2.0
WIDTH = 150
MARKS = {"done": " ", "refused": "✗", "failed": "!", "recorded": "·"}


class Telling:
    """Writes a story's timeline line by line, and a sign of life whenever nothing was to be said for two seconds."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._last = time.monotonic()

    def begin(self, script: Script) -> None:
        """Say which story this is."""
        self._line(f"{script.story.title} ({script.path})")
        self._line("Everybody in it is invented.")

    def say(self, words: str) -> None:
        """Say something that is no part of the story."""
        self._line(words)

    def moment(self, moment: Moment) -> None:
        """One line of the timeline: a step, or a fact that came into the record (indented, with its number)."""
        mark = MARKS[moment.outcome]
        if moment.kind == "fact":
            self._line(f"{moment.t_s:7.2f}   {mark} {moment.seq:>5}  {moment.what}")
        else:
            self._line(f"{moment.t_s:7.2f} {mark} {moment.who}: {moment.what}")

    def end(self, result: Result) -> None:
        """Say which expectations were met, and what was found instead of the others."""
        self._line("")
        for verdict in result.expectations:
            self._line(f"  {'met    ' if verdict.met else 'NOT MET'}  {verdict.name}")
            if not verdict.met:
                self._line(f"           expected: {verdict.expected}", whole=True)
                self._line(f"           found:    {verdict.found}", whole=True)
        self._line(f"{result.story}: {result.passed} met, {result.failed} not met.")

    async def tick(self) -> None:
        """A sign of life in every quiet stretch."""
        while True:
            await asyncio.sleep(QUIET_S / 4)
            if time.monotonic() - self._last >= QUIET_S:
                self._line("          ...")

    def _line(self, words: str, *, whole: bool = False) -> None:
        self._last = time.monotonic()
        self._out.write((words if whole or len(words) <= WIDTH else words[: WIDTH - 3] + "...") + "\n")
        self._out.flush()
