"""A press text: its newest version, and what people may do with it."""

import re
from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec

from tenfour.release import event as e
from tenfour.release.event import PressSentence
from tenfour.vocabulary.envelope import Actor, Event
from tenfour.vocabulary.errors import BadInput, Conflict, Refused
from tenfour.vocabulary.ids import IncidentId

SENTENCES = 40


class PressText(msgspec.Struct, frozen=True):
    """The newest version. `edited`: a person wrote it; otherwise it stands as drafted."""

    version: int
    sentences: tuple[PressSentence, ...]
    at: datetime
    actor: Actor
    edited: bool


def apply(text: PressText | None, event: Event, *, at: datetime, actor: Actor) -> PressText | None:
    """Fold one fact."""
    match event:
        case e.PressDrafted(version=version, sentences=sentences):
            return PressText(version, sentences, at, actor, edited=False)
        case e.PressEdited(version=version, sentences=sentences):
            return PressText(version, sentences, at, actor, edited=True)
        case _:
            return text


def draft(
    incident_id: IncidentId, before: PressText | None, based_on: int, sentences: Sequence[PressSentence]
) -> e.PressDrafted:
    """A new version, drafted from facts. Raises `Refused` when the facts say nothing yet, `Conflict` as `edit`."""
    _must_be_newest(before, based_on)
    if not sentences:
        raise Refused("There is no fact yet that could be told to the press.")
    return e.PressDrafted(incident_id, based_on + 1, tuple(sentences))


def edit(
    incident_id: IncidentId,
    before: PressText | None,
    based_on: int,
    sentences: Sequence[PressSentence],
    *,
    facts: Collection[int],
    private: Collection[str],
) -> e.PressEdited:
    """A person's version, written over `based_on`. `facts`: journal positions it may rest on.

    Raises `Conflict` when somebody else wrote meanwhile, `BadInput` for a sentence without a fact under it, `Refused`
    for one that tells what is private.
    """
    _must_be_newest(before, based_on)
    kept = tuple(PressSentence(s.text.strip(), tuple(dict.fromkeys(s.rests_on))) for s in sentences if s.text.strip())
    if not 0 < len(kept) <= SENTENCES:
        raise BadInput(f"A press text has 1 to {SENTENCES} sentences, not {len(kept)}.")
    for number, sentence in enumerate(kept, start=1):
        wrong = [seq for seq in sentence.rests_on if seq not in facts]
        if wrong or not sentence.rests_on:
            named = f"names fact {wrong[0]}, which is not of this incident" if wrong else "names no fact it rests on"
            raise BadInput(f"Sentence {number} {named}; nothing was saved.")
        told = private_in(sentence.text, private)
        if told:
            raise Refused(f"Sentence {number} holds “{told}”, which could identify somebody; nothing was saved.")
    return e.PressEdited(incident_id, based_on + 1, kept)


def private_in(text: str, private: Collection[str]) -> str:
    """The first of these private strings that stands in a text, whatever its case and spacing; empty: none."""
    plain = f" {_plain(text)} "
    return next((one for one in private if _plain(one) and f" {_plain(one)} " in plain), "")


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _must_be_newest(before: PressText | None, based_on: int) -> None:
    newest = before.version if before else 0
    if based_on != newest:
        raise Conflict(
            f"The press text is at version {newest}, not {based_on}: somebody wrote meanwhile. Read it again."
        )
