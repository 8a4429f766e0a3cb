"""A rule is asked of the events it names, in the order of the rules, and has nothing to say to any other."""

from pathlib import Path

import pytest

from tenfour.journal.codec import Codec
from tenfour.vocabulary.envelope import Actor, ActorKind, Fact
from tenfour.vocabulary.ids import AgencyId, EventId, StreamName
from tenfour.workflow.catalogue import CATALOGUE
from tenfour.workflow.rule import REACTIONS

FIXTURES = Path(__file__).parent / "events"
EVENTS = [
    Codec(CATALOGUE).decode(name, kind.SCHEMA, (FIXTURES / f"{name}.{kind.SCHEMA}.json").read_bytes())
    for name, kind in CATALOGUE.items()
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_rule_that_is_not_asked_of_an_event_would_have_nothing_to_say(event, centre):
    incident = centre.opened()
    names = (f"call/{incident.call_ids[0]}", f"incident/{incident.incident_id}", "unit/12A3", "position/04")
    asked = REACTIONS.on(event)
    for stream in map(StreamName, names):
        fact = Fact(EventId("f"), stream, event, centre.now, Actor(ActorKind.DEVICE, "line-1"), AgencyId("sheriff"))
        for rule in REACTIONS:
            if rule not in asked:
                assert list(rule.react(fact, centre.world, centre.policy)) == [], rule.name


def test_rules_of_an_event_stand_in_the_order_of_all_rules():
    order = list(REACTIONS)
    for event in EVENTS:
        places = [order.index(rule) for rule in REACTIONS.on(event)]
        assert places == sorted(places)


def test_every_rule_is_asked_of_something():
    assert all(any(rule in REACTIONS.on(event) for event in EVENTS) for rule in REACTIONS)
