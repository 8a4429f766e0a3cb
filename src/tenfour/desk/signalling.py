"""What the line kept of the signalling of a call, read while it may still be written."""

from pathlib import Path

from tenfour.desk.view import PartyView, RungView, SignallingView
from tenfour.telephony.ladder import Ladder, ladder_of
from tenfour.telephony.signalling import KeptLine, decode
from tenfour.vocabulary.errors import Unavailable

LARGEST_FILE = 8 * 1024 * 1024
"""Bytes that are read of a file; the line writes less."""


def read_signalling(path: Path) -> tuple[list[KeptLine], int]:
    """The lines of a call, and how many cannot be read; none where there is no file. Raises `Unavailable`.

    A last line without its end is being written just now, and is left for the next look.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE)
    except FileNotFoundError:
        return [], 0
    except OSError as error:
        raise Unavailable("The signalling of this call cannot be read.") from error
    whole, _, _ = content.rpartition(b"\n")
    return decode(whole.split(b"\n"))


def ladder_from(path: Path) -> tuple[Ladder, int]:
    """The ladder of a call, and how many lines cannot be read. Raises `Unavailable`."""
    lines, unreadable = read_signalling(path)
    return ladder_of(lines), unreadable


def signalling_view(call_id: str, ladder: Ladder, unreadable: int) -> SignallingView:
    """The ladder as screens show it."""
    return SignallingView(
        call_id=call_id,
        sip_call_id=ladder.sip_call_id,
        began_at=ladder.began_at,
        parties=tuple(PartyView(party.name, party.words) for party in ladder.parties),
        rungs=tuple(
            RungView(
                kind=rung.kind.value,
                at=rung.at,
                after_s=rung.after_s,
                sender=rung.sender,
                receiver=rung.receiver,
                label=rung.label,
                cseq=rung.cseq,
                carries=rung.carries,
                again=rung.again,
                words=rung.words,
                raw=rung.raw,
            )
            for rung in ladder.rungs
        ),
        words=_words(ladder, unreadable),
    )


def _words(ladder: Ladder, unreadable: int) -> str:
    if unreadable:
        return f"{unreadable} line{'s' if unreadable > 1 else ''} of what was kept cannot be read."
    return "" if ladder.rungs else "Nothing is kept of its signalling."
