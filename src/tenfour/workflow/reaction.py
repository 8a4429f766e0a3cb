"""Reactions: what follows from a fact by a named rule. Pure and deterministic.

A reaction sees the world with the fact already in it and gives drafts; they become facts whose ids follow from the
cause's id, the rule's name and their place in the list. So the same cause, met twice, gives the same facts, and the
journal records them once.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from hashlib import sha256

import msgspec

from tenfour.vocabulary.envelope import Access, Actor, ActorKind, Event, Fact
from tenfour.vocabulary.ids import AgencyId, EventId, StreamName
from tenfour.workflow.policy import Policy
from tenfour.workflow.world import World


class Draft(msgspec.Struct, frozen=True):
    """A fact to be: what, and on which stream. `agency` None: the agency of its cause."""

    event: Event
    stream: StreamName
    access: Access = Access.CALL
    agency: AgencyId | None = None


React = Callable[[Fact, World, Policy], Iterable[Draft]]


class Reaction(msgspec.Struct, frozen=True):
    """A rule with its name, which is its file's: `answered_call_opens_incident`. It is asked of these events only."""

    name: str
    react: React
    on: tuple[type[Event], ...]


class Reactions:
    """Rules in the order they are asked."""

    def __init__(self, *rules: Reaction) -> None:
        self._rules = rules
        self._on: dict[type[Event], tuple[Reaction, ...]] = {}

    def __iter__(self) -> Iterator[Reaction]:
        return iter(self._rules)

    def on(self, event: Event) -> tuple[Reaction, ...]:
        """Those that are asked of such an event."""
        asked = self._on.get(type(event))
        if asked is None:
            asked = self._on[type(event)] = tuple(rule for rule in self._rules if isinstance(event, rule.on))
        return asked


def derived_id(cause: str, rule: str, index: int) -> EventId:
    """An event id in the shape of a UUID (RFC 9562 version 8) that follows from its cause, its rule and its place."""
    digest = bytearray(sha256(f"{cause}\n{rule}\n{index}".encode()).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x80
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return EventId(f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}")


def rule_fact(
    draft: Draft, *, rule: str, fact_id: EventId, at: datetime, agency: AgencyId, cause: EventId | None = None
) -> Fact:
    """The fact that `rule` states."""
    return Fact(
        id=fact_id,
        stream=draft.stream,
        event=draft.event,
        at=at,
        actor=Actor(ActorKind.RULE, rule),
        agency=draft.agency or agency,
        access=draft.access,
        cause=cause,
    )


def react_to(fact: Fact, world: World, policy: Policy, reaction: Reaction, *, now: datetime) -> list[Fact]:
    """What one rule makes of `fact`, which `world` already holds. Their time is `now`, when the rule was applied."""
    return [
        rule_fact(
            draft,
            rule=reaction.name,
            fact_id=derived_id(fact.id, reaction.name, index),
            at=now,
            agency=fact.agency,
            cause=fact.id,
        )
        for index, draft in enumerate(reaction.react(fact, world, policy))
    ]
