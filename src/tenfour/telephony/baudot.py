"""TTY in the audio (TIA-825-A, ITU-T V.18 annex A): 45.45 baud, mark 1400 Hz, space 1800 Hz, five bits a character."""

import unicodedata
from collections import deque
from typing import Final

import numpy as np
import numpy.typing as npt

from tenfour.telephony.g711 import Samples
from tenfour.telephony.t140 import BACKSPACE, LINE_SEPARATOR, MISSING, NEW_LINE

RATE = 8000
FRAME = 160
BIT = 176
"""Samples of one bit: 22 ms."""

STOP = BIT * 3 // 2
MARK_HZ, SPACE_HZ = 1400, 1800
LEAD_IN = 1200
"""Samples of mark before the first character after a pause: 150 ms."""

HOLD = 2400
"""Samples of mark after the last one: 300 ms."""

SHIFT_AGAIN = 72
"""After so many characters the shift is said again, so that one that was lost does no harm for long."""

ZERO_DBM0 = 22_300
"""The peak of a tone of 0 dBm0 (G.711: full load is 3.17 dBm0)."""

LEVEL_DBM0 = -10.0

LETTERS, FIGURES = 31, 27
IN_LETTERS: Final = "\bE\nA SIU\rDRJNFCKTZLWHYPQOBG\0MXV\0"
IN_FIGURES: Final = "\b3\n- -87\r$4',!:(5\")2=6019?+\0./;\0"
"""By code; the two shifts are no characters."""

_LIKE = {"%": "/", "&": "+", "*": ".", "<": "(", ">": ")", "[": "(", "]": ")", "{": "(", "}": ")", "@": "X", "#": "$"}
"""What stands for a character that TTY does not have, as V.18 says."""

_Wave = npt.NDArray[np.float64]


# ---- saying ----


class BaudotSender:
    """What was typed, as 20 ms of tones at a time. `level_dbm0`: how loud."""

    def __init__(self, level_dbm0: float = LEVEL_DBM0) -> None:
        self._peak = ZERO_DBM0 * 10 ** (level_dbm0 / 20)
        self._tones: deque[tuple[int, int]] = deque()
        self._shift: int | None = None
        self._since_shift = 0
        self._waiting: deque[str] = deque()
        self._phase = 0.0

    @property
    def busy(self) -> bool:
        """Is there something to be heard?"""
        return bool(self._tones or self._waiting)

    @property
    def waiting(self) -> int:
        """Characters that have not begun to be said."""
        return len(self._waiting)

    def type(self, text: str) -> None:
        """Say this, too: in capitals, and what TTY does not have by what is like it."""
        self._waiting.extend(for_tty(text))

    def frame(self) -> Samples | None:
        """The next 20 ms; None where nothing is said."""
        if not self.busy:
            return None
        tones = np.zeros(FRAME)
        at = 0
        while at < FRAME and (self._tones or self._next()):
            hertz, left = self._tones.popleft()
            taken = min(left, FRAME - at)
            tones[at : at + taken] = hertz
            at += taken
            if left > taken:
                self._tones.appendleft((hertz, left - taken))
        phases = self._phase + np.cumsum(tones) * (2 * np.pi / RATE)
        self._phase = float(phases[-1] % (2 * np.pi))
        wave = np.where(tones > 0, np.sin(phases), 0.0) * self._peak
        told: Samples = np.rint(wave).astype(np.int16)
        return told

    def _next(self) -> bool:
        """Put the next character, or the end of all, among the tones; False where there is nothing more."""
        if not self._waiting:
            is_over, self._shift = self._shift is None, None
            if is_over:
                return False
            self._tones.append((MARK_HZ, HOLD))
            return True
        if self._shift is None:
            self._tones.append((MARK_HZ, LEAD_IN))
        self._say(self._waiting.popleft())
        return True

    def _say(self, character: str) -> None:
        shift, code = _code(character, self._shift)
        if shift != self._shift or self._since_shift >= SHIFT_AGAIN:
            self._shift, self._since_shift = shift, 0
            self._put(shift)
        self._since_shift += 1
        self._put(code)

    def _put(self, code: int) -> None:
        bits = (code >> number & 1 for number in range(5))
        self._tones.append((SPACE_HZ, BIT))
        self._tones.extend((MARK_HZ if bit else SPACE_HZ, BIT) for bit in bits)
        self._tones.append((MARK_HZ, STOP))


def for_tty(text: str) -> str:
    """The characters that are said for a text: `\\r\\n` for a new line, `?` for what nothing is like."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace(LINE_SEPARATOR, "\n").replace("\n", "\r\n")
    return "".join(filter(None, map(_like, plain)))


def _like(character: str) -> str:
    if character in "\r\n\b":
        return character
    base = unicodedata.normalize("NFKD", character)[:1].upper()
    found = _LIKE.get(base, base)
    if found in IN_LETTERS or found in IN_FIGURES:
        return "" if found in ("", "\0") else found
    return "" if unicodedata.category(character)[0] in "CM" else "?"


def _code(character: str, shift: int | None) -> tuple[int, int]:
    """Shift and code; what stands in both is said in the one that holds."""
    first, second = (IN_FIGURES, IN_LETTERS) if shift == FIGURES else (IN_LETTERS, IN_FIGURES)
    table = first if character in first else second
    return (FIGURES if table is IN_FIGURES else LETTERS), table.index(character)


# ---- hearing ----

STEP = 20
"""Samples between two looks: 2.5 ms. Both tones turn by a half in it, so that one table does for all."""

WINDOW = 6
"""Looks that are heard together: 15 ms, over which the two tones are not mistaken for each other."""

LOOKS_A_BIT = BIT / STEP
PURE = 0.6
"""How much of what is heard must be these two tones."""

BETWEEN = 0.4
"""The same where one tone gives way to the other."""

QUIETEST = (ZERO_DBM0 * 10 ** (-45 / 20)) ** 2 / 2
"""The power below which nothing is a TTY: -45 dBm0."""

LOUDER = 16.0
"""Within a character no bit has so many times the power of another: a TTY does not modulate its loudness."""

CARRIER = 3
"""Looks of mark before a start bit."""

SURE_AFTER = 2
"""Characters within `SURE_WITHIN` until it is taken for a TTY; they are told then."""

SURE_WITHIN = 800
"""Looks: 2 s."""

_STEP_TURNS = np.exp(-2j * np.pi * np.outer(np.arange(STEP), (MARK_HZ, SPACE_HZ)) / RATE)
_TURNS = np.concatenate((_STEP_TURNS.real, _STEP_TURNS.imag, np.zeros((STEP, 1))), axis=1)
_BEFORE = (WINDOW - 1) * STEP
"""Samples that are heard again with the next ones."""

_LOOK_AT = tuple(round(bits * LOOKS_A_BIT) for bits in (0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.6))
"""When the start bit, five of data, and the stop bit are read: looks after the edge."""


class BaudotReader:
    """Listens for a TTY in the audio of one caller and gives what it says. Voice, keys, tones and noise say nothing."""

    def __init__(self) -> None:
        self._before: Samples = np.zeros(_BEFORE, dtype=np.int16)
        self._look = 0
        self._marks = 0
        self._edge: int | None = None
        self._bits: list[tuple[float, float]] = []
        self._table = IN_LETTERS
        self._ended_by = ""
        self._unsure: list[tuple[int, int]] = []
        self.sure = False
        """Has a TTY been heard?"""

    def take(self, samples: Samples) -> str:
        """What was said with these samples. `MISSING` stands for a character that could not be read."""
        wave = np.concatenate((self._before, samples))
        count = (wave.size - _BEFORE) // STEP
        self._before = wave[count * STEP :]
        if not count:
            return ""
        tilts, purities, powers = _looks(wave[: _BEFORE + count * STEP].astype(np.float64).reshape(-1, STEP))
        purities[powers < QUIETEST] = 0.0
        if self._edge is None and self._marks < CARRIER and purities.max() < PURE:
            return self._pass_over(tilts, purities)
        told = ""
        for tilt, purity, power in zip(tilts.tolist(), purities.tolist(), powers.tolist(), strict=True):
            told += self._take_look(tilt, purity, power)
        return told

    def _pass_over(self, tilts: _Wave, purities: _Wave) -> str:
        """Looks of which none can begin or go on with a carrier: nearly all that is said in a call."""
        self._look += tilts.size
        if tilts.min() < 0 or purities.min() < BETWEEN:
            self._marks = 0
        return ""

    def _take_look(self, tilt: float, purity: float, power: float) -> str:
        self._look += 1
        if self._edge is None:
            if tilt < 0 and self._marks >= CARRIER:
                self._edge, self._bits = self._look, []
            if tilt < 0 or purity < BETWEEN:
                self._marks = 0
            elif purity >= PURE:
                self._marks += 1
            return ""
        if self._look - self._edge < _LOOK_AT[len(self._bits)]:
            return ""
        wanted = BETWEEN if self._bits else PURE
        self._bits.append((tilt if purity >= wanted else 0.0, power))
        if len(self._bits) == 1 and tilt >= -PURE / 2:
            self._edge, self._marks = None, 0
        if len(self._bits) < len(_LOOK_AT):
            return ""
        self._edge, self._marks = None, CARRIER
        return self._take_character([bit for bit, _ in self._bits], [loud for _, loud in self._bits])

    def _take_character(self, bits: list[float], powers: list[float]) -> str:
        unread = sum(bit == 0.0 for bit in bits)
        is_whole = unread == 0 and bits[-1] > 0 and max(powers) < LOUDER * min(powers)
        if not is_whole:
            self._marks = 0 if bits[-1] <= 0 else CARRIER
            is_damaged = self.sure and unread <= SURE_AFTER and bits[0] < 0
            return MISSING if is_damaged else ""
        code = sum(1 << number for number, bit in enumerate(bits[1:6]) if bit > 0)
        if self.sure:
            return self._read(code)
        self._unsure = [each for each in self._unsure if self._look - each[0] < SURE_WITHIN] + [(self._look, code)]
        if len(self._unsure) < SURE_AFTER:
            return ""
        self.sure = True
        return "".join(self._read(code) for _, code in self._unsure)

    def _read(self, code: int) -> str:
        if code in (LETTERS, FIGURES):
            self._table = IN_LETTERS if code == LETTERS else IN_FIGURES
            return ""
        character = self._table[code]
        if character not in "\r\n":
            self._ended_by = ""
            return BACKSPACE if character == "\b" else character
        is_pair = bool(self._ended_by) and self._ended_by != character
        self._ended_by = "" if is_pair else character
        return "" if is_pair else NEW_LINE


def _looks(blocks: _Wave) -> tuple[_Wave, _Wave, _Wave]:
    """At each look: mark against space (1 to -1), how pure both are (0 to 1), the power of all that is heard."""
    steps = blocks @ _TURNS
    steps[1::2] *= -1.0
    steps[:, 4] = np.einsum("ij,ij->i", blocks, blocks)
    sums = np.concatenate((np.zeros((1, 5)), np.cumsum(steps, axis=0)))
    heard = sums[WINDOW:] - sums[:-WINDOW]
    total = heard[:, 4]
    length = WINDOW * STEP
    heard[:, :4] *= heard[:, :4]
    mark, space = (heard[:, 0] + heard[:, 2]), (heard[:, 1] + heard[:, 3])
    scale = 2 / (length * np.maximum(total, 1.0))
    return (mark - space) * scale, (mark + space) * scale, total / length
