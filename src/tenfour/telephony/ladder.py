"""The signalling of a call as a ladder: parties side by side, time going down, decisions beside the messages.

`ladder_of` makes it from what was kept; `as_text` draws it for a terminal, a mail or a court file.
"""

import re
import textwrap
from collections.abc import Sequence
from datetime import datetime
from enum import Enum

import msgspec

from tenfour.telephony.signalling import KeptCall, KeptDecision, KeptLine, KeptMessage, KeptNote, KeptProblem, raw_text

LINE = 0
"""The place of our own line among the parties."""

WIDTH = 100
"""Columns of the text."""

NARROWEST_NOTE = 30
FIRST_LANE = 15
WIDEST_STEP = 40
NARROWEST_STEP = 14

_CARRIES = re.compile(r"\n(?:content-type|c)[ \t]*:[ \t]*([^\s;]+)", re.IGNORECASE)


class Kind(Enum):
    """What stands on a rung."""

    MESSAGE = "message"
    DECISION = "decision"
    PROBLEM = "problem"
    NOTE = "note"


class Party(msgspec.Struct, frozen=True):
    """Who speaks: HOST:PORT, and what it is to the call."""

    name: str
    words: str


class Rung(msgspec.Struct, frozen=True, kw_only=True):
    """One step. `after_s`: seconds after the first INVITE (or whatever came first), below 0 before it.

    A message has `sender` and `receiver` (places among the parties), a `label` such as `INVITE` or `180 Ringing`, its
    CSeq, the type of the body that it `carries`, whether the same bytes went before (`again`), and all of it as `raw`.
    The others have `words`.
    """

    kind: Kind
    at: datetime
    after_s: float
    sender: int = LINE
    receiver: int = LINE
    label: str = ""
    cseq: str = ""
    carries: str = ""
    again: bool = False
    words: str = ""
    raw: str = ""


class Ladder(msgspec.Struct, frozen=True):
    """The whole of it. `parties[0]` is our line. `after_s` counts from `began_at`, None where nothing is kept."""

    sip_call_id: str
    parties: tuple[Party, ...]
    began_at: datetime | None
    rungs: tuple[Rung, ...]


def ladder_of(lines: Sequence[KeptLine]) -> Ladder:
    """The ladder of what was kept, in its order."""
    messages = [line for line in lines if isinstance(line, KeptMessage)]
    began = _began(lines, messages)
    peers = tuple(dict.fromkeys((message.transport, message.peer) for message in messages))
    ours = tuple(dict.fromkeys(message.local for message in messages))
    parties = [Party("this line", ", ".join(ours))]
    for place, (transport, peer) in enumerate(peers):
        parties.append(Party(peer, transport if place else f"{transport}, {_first_words(messages)}"))
    places = {peer: place for place, peer in enumerate(peers, 1)}
    seen: set[tuple[str, str, str]] = set()
    rungs = []
    for line in lines:
        after_s = (line.at - began).total_seconds() if began is not None else 0.0
        if isinstance(line, KeptMessage):
            rungs.append(_message(line, after_s, places[line.transport, line.peer], seen))
        elif not isinstance(line, KeptCall):
            rungs.append(Rung(kind=_KINDS[type(line)], at=line.at, after_s=after_s, words=line.what))
    call_id = next((line.sip_call_id for line in lines if isinstance(line, KeptCall)), "")
    return Ladder(call_id, tuple(parties), began, tuple(rungs))


_KINDS = {KeptDecision: Kind.DECISION, KeptProblem: Kind.PROBLEM, KeptNote: Kind.NOTE}


def _began(lines: Sequence[KeptLine], messages: Sequence[KeptMessage]) -> datetime | None:
    invite = next((message.at for message in messages if message.start.startswith("INVITE ")), None)
    first = next((line.at for line in lines if not isinstance(line, KeptCall)), None)
    return invite or first


def _first_words(messages: Sequence[KeptMessage]) -> str:
    return "called by us" if messages[0].way == "out" and not messages[0].start.startswith("SIP/") else "calls us"


def _message(line: KeptMessage, after_s: float, peer: int, seen: set[tuple[str, str, str]]) -> Rung:
    raw = raw_text(line)
    same = (line.way, line.peer, raw)
    again = same in seen
    seen.add(same)
    carries = _CARRIES.search(raw.partition("\r\n\r\n")[0])
    body = raw.partition("\r\n\r\n")[2]
    left_out = f"\n... {line.left_out} more were not kept" if line.left_out else ""
    return Rung(
        kind=Kind.MESSAGE,
        at=line.at,
        after_s=after_s,
        sender=peer if line.way == "in" else LINE,
        receiver=LINE if line.way == "in" else peer,
        label=label_of(line.start),
        cseq=line.cseq,
        carries=printable(carries[1][:64]) if carries and body else "",
        again=again,
        raw=raw + left_out,
    )


def label_of(start: str) -> str:
    """`INVITE` or `180 Ringing` of a first line; the beginning of one that is neither."""
    if start[:8].upper() == "SIP/2.0 ":
        return printable(start[8:48].strip())
    method = start.partition(" ")[0]
    is_request = " SIP/" in start.upper() and method.isascii() and method.isalpha() and len(method) <= 20
    return method if is_request else printable(start[:32])


def printable(text: str) -> str:
    """The text on one line, with nothing in it that moves a cursor."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


# ---- as text ----


def as_text(ladder: Ladder, title: str) -> str:
    """The ladder in `WIDTH` columns: peers on the left, our line on the right, decisions beside it."""
    head = [*textwrap.wrap(printable(title), WIDTH), f"SIP Call-ID {printable(ladder.sip_call_id)}"[:WIDTH]]
    if ladder.began_at is None:
        return "\n".join([*head, "", "Nothing is kept of its signalling.", ""])
    head.append(f"Seconds after {ladder.began_at:%Y-%m-%d %H:%M:%S.%f} UTC")
    lanes = _Lanes(len(ladder.parties))
    rows = [*lanes.heads(ladder.parties), lanes.row("")]
    for rung in ladder.rungs:
        rows += lanes.arrow(rung) if rung.kind is Kind.MESSAGE else lanes.note(rung)
    return "\n".join([*head, "", *(row.rstrip() for row in rows), ""])


class _Lanes:
    """Where each party's line runs. More peers than have room share the last lane on the left."""

    def __init__(self, parties: int) -> None:
        peers = max(1, parties - 1)
        room = WIDTH - 2 - FIRST_LANE
        step = max(NARROWEST_STEP, min(WIDEST_STEP, room // peers))
        self._count = min(peers, room // step)
        self._step = step
        self._ours = FIRST_LANE + step * self._count

    def heads(self, parties: Sequence[Party]) -> list[str]:
        """Names over the lanes, and what they are under them."""
        shown = [*parties[1 : self._count + 1], parties[LINE]] if len(parties) > 1 else [parties[LINE]]
        names = [list(" " * WIDTH) for _ in range(2)]
        for place, party in enumerate(shown, 1):
            at = self._at(place if party is not parties[LINE] else LINE)
            for row, words in zip(names, (party.name, party.words), strict=True):
                text = _short(printable(words), self._step - 2)
                start = max(0, min(at - len(text) // 2, WIDTH - len(text)))
                row[start : start + len(text)] = text
        return ["".join(row) for row in names]

    def row(self, time: str) -> str:
        """The lanes with nothing between them."""
        row = list(f"{time:>{FIRST_LANE - 2}}".ljust(WIDTH))
        for place in range(self._count + 1):
            row[self._at(place)] = "|"
        return "".join(row)

    def arrow(self, rung: Rung) -> list[str]:
        """A message between two lanes."""
        source, target = self._at(rung.sender), self._at(rung.receiver)
        left, right = min(source, target), max(source, target)
        label = rung.label if rung.label.isupper() and rung.label.isalpha() else f"{rung.label}{_method_of(rung.cseq)}"
        label += " +SDP" if rung.carries == "application/sdp" else f" +{rung.carries}" if rung.carries else ""
        shaft = f" {_short(label + (' (again)' if rung.again else ''), right - left - 7)} ".center(
            right - left - 1, "-"
        )
        shaft = f"{shaft[:-1]}>" if target > source else f"<{shaft[1:]}"
        row = self.row(f"{rung.after_s:.6f}")
        return [row[: left + 1] + shaft + row[right:]]

    def note(self, rung: Rung) -> list[str]:
        """A decision beside our lane, or over the others where there is no room beside it."""
        at = self._ours + 3 if WIDTH - self._ours - 3 >= NARROWEST_NOTE else FIRST_LANE + 2
        mark = {Kind.PROBLEM: "! ", Kind.NOTE: "# "}.get(rung.kind, "* ")
        lines = textwrap.wrap(mark + printable(rung.words), WIDTH - at, subsequent_indent="  ")
        rows = []
        for text in lines:
            row = self.row("")
            rows.append(row[:at] + text + row[at + len(text) :] if at < self._ours else row[:at] + text)
        return rows

    def _at(self, place: int) -> int:
        return self._ours if place == LINE else FIRST_LANE + self._step * (min(place, self._count) - 1)


def _method_of(cseq: str) -> str:
    method = printable(cseq.partition(" ")[2].strip())
    return f" ({method})" if method and method != "INVITE" else ""


def _short(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: max(0, width - 2)]}.."
