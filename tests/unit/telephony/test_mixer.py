"""Who hears whom: the laws of a call's mix, for any parties in any state."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.telephony.g711 import Samples
from tenfour.telephony.mixer import FRAME, SILENCE, lanes, mixes
from tenfour.telephony.party import HEARS, Party, Role, heard_by

PAGE = Path(__file__).parents[3] / "docs" / "voice.md"
HOLD_SOUND = np.full(FRAME, 7, np.int16)

parties = st.dictionaries(
    st.integers(0, 9), st.builds(Party, st.sampled_from(Role), muted=st.booleans(), held=st.booleans()), min_size=1
)


def bit(key: int) -> Samples:
    """A frame that shows in any sum whether it is in it."""
    return np.full(FRAME, 1 << key, np.int16)


def in_it(mix: Samples) -> set[int]:
    return {key for key in range(10) if int(mix[0]) >> key & 1}


@given(parties)
def test_a_mix_is_of_those_whom_the_table_names(there: dict[int, Party]) -> None:
    heard = mixes(there, {key: bit(key) for key in there}, HOLD_SOUND)
    assert set(heard) == set(there)
    for key, party in there.items():
        if party.held:
            assert heard[key] is HOLD_SOUND
        else:
            assert in_it(heard[key]) == set(heard_by(key, there))


@given(parties)
def test_nobody_hears_himself(there: dict[int, Party]) -> None:
    assert not any(key in heard_by(key, there) for key in there)


@given(parties)
def test_a_muted_and_a_held_one_are_heard_by_nobody(there: dict[int, Party]) -> None:
    silent = {key for key, party in there.items() if party.muted or party.held}
    assert not any(silent & set(heard_by(key, there)) for key in there)


@given(parties)
def test_a_supervisor_who_listens_hears_all_and_is_heard_by_nobody(there: dict[int, Party]) -> None:
    there = there | {99: Party(Role.LISTENING)}
    speaking = {
        key for key, party in there.items() if not party.muted and not party.held and party.role is not Role.LISTENING
    }
    assert set(heard_by(99, there)) == speaking
    assert not any(99 in heard_by(key, there) for key in there)


@given(parties)
def test_a_coach_is_heard_by_the_call_taker_and_never_by_the_caller_or_outside(there: dict[int, Party]) -> None:
    there = there | {99: Party(Role.COACHING)}
    hearing = {there[key].role for key in there if 99 in heard_by(key, there)}
    assert hearing <= {Role.CALL_TAKER, Role.LISTENING}
    assert all(99 in heard_by(key, there) for key, party in there.items() if party == Party(Role.CALL_TAKER))


@given(parties, st.booleans(), st.booleans())
def test_lanes_are_the_caller_alone_and_all_that_the_caller_hears(
    there: dict[int, Party], muted: bool, held: bool
) -> None:
    there = there | {0: Party(Role.CALLER, muted=muted, held=held)}
    frames = {key: bit(key) for key in there}
    alone, centre = lanes(0, there, frames, HOLD_SOUND)
    assert in_it(alone) == {0}
    assert (centre == mixes(there, frames, HOLD_SOUND)[0]).all()


@given(st.lists(st.integers(-32768, 32767), min_size=2, max_size=8))
def test_what_is_too_loud_is_as_loud_as_can_be(levels: list[int]) -> None:
    there = {key: Party(Role.CALL_TAKER) for key in range(len(levels))} | {99: Party(Role.CALLER)}
    frames = {key: np.full(FRAME, level, np.int16) for key, level in enumerate(levels)}
    heard = mixes(there, frames)[99]
    assert heard.dtype == np.int16
    assert int(heard[0]) == max(-32768, min(32767, sum(levels)))


def test_of_whom_nothing_came_nothing_is_heard() -> None:
    there = {"caller": Party(Role.CALLER), "04": Party(Role.CALL_TAKER)}
    assert mixes(there, {})["04"] is SILENCE
    assert lanes("caller", there, {})[0] is SILENCE


@pytest.mark.parametrize("role", Role)
def test_the_table_has_a_row_for_each_role(role: Role) -> None:
    assert role in HEARS
    assert Role.LISTENING not in HEARS[role]


def test_the_table_in_the_documentation_is_the_one_that_is_mixed_by() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for listener, speakers in HEARS.items():
        words = ", ".join(role.value for role in Role if role in speakers) or "nobody"
        assert f"| {listener.value} | {words} |" in page
