"""What a machine wrote down of a call, as the desk shows it: always with the word that nobody verified it."""

from datetime import datetime, timedelta

import msgspec

from tenfour.calltaking.call import Call


class SpokenView(msgspec.Struct, frozen=True):
    """A line of a transcript: when it was said, by which side (`caller`, `centre`), and where in which recording."""

    at: datetime
    side: str
    text: str
    segment: int
    from_s: float


class TranscriptView(msgspec.Struct, frozen=True):
    """What a machine wrote down of a call, unverified; `words` says what it is, and what it could not read."""

    words: str
    lines: tuple[SpokenView, ...]


def transcript_view(call: Call) -> TranscriptView | None:
    """The transcript of a call; None where no machine has tried yet."""
    if not call.transcripts:
        return None
    began = {one.segment: one.started_at for one in call.recordings}
    lines = [
        SpokenView(
            began.get(told.segment, call.received_at) + timedelta(seconds=line.from_s),
            "centre" if line.channel else "caller",
            line.text,
            told.segment,
            line.from_s,
        )
        for told in call.transcripts
        for line in told.lines
    ]
    failed = " ".join(told.why_not for told in call.transcripts if told.why_not)
    models = ", ".join(dict.fromkeys(told.model for told in call.transcripts if told.model))
    words = f"Written by a machine ({models}), unverified. It decides nothing." if models else ""
    return TranscriptView(
        " ".join(filter(None, (words, failed))), tuple(sorted(lines, key=lambda line: (line.at, line.side)))
    )
