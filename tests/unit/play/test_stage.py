"""Which centre may play a story, and how its addresses are read."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from tenfour.play.api import CentreCard, PersonOfCentre, ThirdPartyOfCentre, UnitOfCentre
from tenfour.play.cast import Crew, Party, Person
from tenfour.play.stage import refuse_misfit, refuse_mode, sip_address
from tenfour.play.story import Needs, Script, Story
from tenfour.vocabulary.errors import BadInput, Refused

STORY = Story(
    title="A call",
    about="Somebody calls.",
    invented=True,
    steps=(),
    expectations=(),
    centre=Needs(id="larkspur.demo"),
    people=(Person(name="Adeyemi", person="adeyemi", role="dispatcher", position="04"),),
    units=(Crew(unit="12A3", person="brandt"),),
)
SCRIPT = Script("call", Path("call.toml"), STORY, {})
CENTRE = CentreCard(
    centre_id="larkspur.demo",
    name="Larkspur County 911",
    mode="demo",
    sip="127.0.0.1:5060",
    people=(
        PersonOfCentre("adeyemi", "R. Adeyemi", ("dispatcher",)),
        PersonOfCentre("brandt", "L. Brandt", ("unit",)),
        PersonOfCentre("whitfield", "D. Whitfield", ("supervisor",)),
    ),
    positions=("03", "04"),
    units=(UnitOfCentre("12A3"),),
)


def test_a_centre_that_has_everybody_may_play() -> None:
    refuse_mode(CENTRE, SCRIPT)
    refuse_misfit(CENTRE, SCRIPT)


def test_a_live_centre_is_refused_by_name() -> None:
    with pytest.raises(Refused, match="Larkspur County 911 is a live centre: no story is ever played there"):
        refuse_mode(replace(CENTRE, mode="live"), SCRIPT)


def test_a_live_centre_is_refused_whatever_the_story_says() -> None:
    open_to_all = replace(SCRIPT, story=replace(STORY, centre=Needs(modes=("live", "demo"))))
    with pytest.raises(Refused, match="live"):
        refuse_mode(replace(CENTRE, mode="live"), open_to_all)


def test_a_mode_that_the_story_is_not_for_is_refused() -> None:
    with pytest.raises(Refused, match="is a practice centre; the story call plays in: demo, training"):
        refuse_mode(replace(CENTRE, mode="practice"), SCRIPT)


@pytest.mark.parametrize(
    ("centre", "words"),
    [
        (replace(CENTRE, centre_id="other"), "it is other, not larkspur.demo"),
        (replace(CENTRE, positions=("03",)), "there is no position 04"),
        (replace(CENTRE, units=()), "there is no unit 12A3"),
        (replace(CENTRE, people=CENTRE.people[1:]), "adeyemi does not work there as dispatcher"),
        (replace(CENTRE, people=CENTRE.people[:2]), "nobody works there as supervisor"),
        (replace(CENTRE, people=CENTRE.people[::2]), "brandt does not work there as unit"),
    ],
)
def test_what_a_centre_lacks_is_told(centre: CentreCard, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        refuse_misfit(centre, SCRIPT)


MARLOW = Party(name="Marlow", known_as="Marlow County 911", answers_to="marlow")
WITH_PARTY = replace(SCRIPT, story=replace(STORY, parties=(MARLOW,)))


@pytest.mark.parametrize(
    "centre",
    [
        replace(CENTRE, transfers=("Marlow County 911",)),
        replace(CENTRE, third_parties=(ThirdPartyOfCentre("Marlow County 911", "3"),)),
    ],
)
def test_whoever_is_outside_may_be_another_centre_or_a_third_party(centre: CentreCard) -> None:
    refuse_misfit(centre, WITH_PARTY)


def test_a_centre_whose_settings_name_nobody_outside_cannot_play_them() -> None:
    with pytest.raises(BadInput, match="cannot play the story call: its settings name nobody 'Marlow County 911'"):
        refuse_misfit(CENTRE, WITH_PARTY)
    refuse_misfit(CENTRE, WITH_PARTY, only_callers=True)


def test_everything_that_is_missing_is_told_at_once() -> None:
    with pytest.raises(BadInput, match=r"no position 04; there is no unit 12A3\."):
        refuse_misfit(replace(CENTRE, positions=(), units=()), SCRIPT)


@pytest.mark.parametrize(
    ("text", "address"),
    [("127.0.0.1:5060", ("127.0.0.1", 5060)), ("[::1]:5062", ("::1", 5062)), ("psap:5", ("psap", 5))],
)
def test_a_sip_address_is_read(text: str, address: tuple[str, int]) -> None:
    assert sip_address(text) == address


@pytest.mark.parametrize("text", ["", "127.0.0.1", ":5060", "127.0.0.1:x", "127.0.0.1:99999"])
def test_what_is_no_sip_address_is_told(text: str) -> None:
    with pytest.raises(BadInput, match="HOST:PORT"):
        sip_address(text)
