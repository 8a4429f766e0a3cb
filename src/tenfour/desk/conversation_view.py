"""The conversation of a call as the desk shows it."""

from datetime import datetime

import msgspec

from tenfour.calltaking.call import Call
from tenfour.calltaking.conversation import Conversation, Utterance
from tenfour.calltaking.text_event import LanguagesOffered, TextMedium

SHOWN = 200
"""Lines in a call's row; `GET /api/calls/{id}/conversation` has all that are carried."""

OVER = "The call was over before it was on the wire."

MEDIUM_WORDS: dict[TextMedium, str] = {
    TextMedium.RTT: "real-time text",
    TextMedium.MESSAGE: "SIP message",
    TextMedium.MSRP: "MSRP message",
    TextMedium.TTY: "TTY",
}


class UtteranceView(msgspec.Struct, frozen=True):
    """A line. `party`: caller or centre. `typed`: as it was typed, backspaces (U+0008) and all.

    `whole`: it is ended; `sent`: all of ours is on the wire; `problem`: why something did not reach the caller.
    """

    number: int
    party: str
    medium: str
    at: datetime
    text: str
    typed: str
    whole: bool
    sent: bool
    problem: str = ""


class ConversationView(msgspec.Struct, frozen=True):
    """Lines in the order they began. `answers_by`: by what our text goes (rtt, tty, msrp, message), and in words.

    `as_typed`: each character goes as it is typed, else a message when it is whole. `may_type`: somebody is there.
    `languages`: what the caller's side says of its languages, in sentences. `more`: earlier lines that are not here.
    """

    lines: tuple[UtteranceView, ...] = ()
    answers_by: str = "message"
    answers_by_words: str = "SIP message"
    as_typed: bool = False
    may_type: bool = False
    open: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    more: int = 0


def conversation_view(call: Call, most: int | None = SHOWN) -> ConversationView:
    """The conversation of a call; `most` None: every line that is carried."""
    talk = call.conversation
    lines = talk.lines if most is None else talk.lines[-most:]
    medium = talk.answers_by
    return ConversationView(
        lines=tuple(_utterance(line, talk, call.in_progress) for line in lines),
        answers_by=medium.value,
        answers_by_words=MEDIUM_WORDS[medium],
        as_typed=medium.as_typed,
        may_type=call.in_progress and call.answered_at is not None,
        open=tuple(each.value for each in talk.media),
        languages=tuple(map(languages_words, talk.languages)),
        more=talk.count - len(lines),
    )


def _utterance(line: Utterance, talk: Conversation, in_progress: bool) -> UtteranceView:
    is_sent = line.piece <= talk.sent
    return UtteranceView(
        line.number,
        line.party.value,
        line.medium.value,
        line.at,
        line.text,
        line.typed,
        line.whole,
        is_sent,
        line.problem or ("" if is_sent or in_progress else OVER),
    )


def languages_words(offer: LanguagesOffered) -> str:
    """`Audio: says es, en; understands es. Answered es.`"""
    parts = []
    if offer.send:
        parts.append(f"says {', '.join(offer.send)}")
    if offer.receive:
        parts.append(f"understands {', '.join(offer.receive)}")
    answered = f" Answered {', '.join(dict.fromkeys(offer.answered))}." if offer.answered else ""
    return f"{offer.medium.capitalize()}: {'; '.join(parts)}{' (or any)' if offer.any_will_do else ''}.{answered}"
