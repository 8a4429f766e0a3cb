"""Every fix is kept; which one is used; which doors it allows."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tenfour.location.door import CONVEYED_WORDS, Candidate, EarlierCall, rank_doors, search_of, sigma_m
from tenfour.location.event import FixClass, FixRecorded, LocationUnreadable
from tenfour.location.fix import CallerLocation, Fix, apply, conveyed_address, in_use
from tenfour.location.policy import LocationPolicy
from tenfour.vocabulary.place import Circle, CivicAddress, Place, Point, Polygon, Spot

T0 = datetime(2026, 11, 14, 21, 41, tzinfo=UTC)
P = Point(39.9573, -82.9401)
POLICY = LocationPolicy()


def fix(radius_m, second=0, kind=FixClass.PHASE_II, shape=None):
    """A fix of this radius (None: not said), taken so many seconds on."""
    circle = shape or (Spot(P) if radius_m is None else Circle(P, radius_m))
    return Fix(T0 + timedelta(seconds=second), kind, circle, radius_m, 90.0 if radius_m else None, "A-GPS", "by value")


def used(*fixes):
    return in_use(CallerLocation(fixes))


def test_no_fix_ever_replaces_another():
    event = FixRecorded(FixClass.PHASE_I, Circle(P, 900.0), 900.0, None, "Cell", "by value")
    location = apply(None, event, at=T0)
    location = apply(location, replace(event, uncertainty_m=38.0), at=T0 + timedelta(seconds=20))
    location = apply(location, LocationUnreadable("no XML"), at=T0)
    assert [row.uncertainty_m for row in location.fixes] == [900.0, 38.0]
    assert location.problems == ("no XML",)


@pytest.mark.parametrize(
    ("fixes", "expected"),
    [
        ((), None),
        ((fix(900, 0, FixClass.PHASE_I),), 0),
        ((fix(900, 0, FixClass.PHASE_I), fix(38, 20)), 1),
        ((fix(38, 0), fix(900, 20, FixClass.PHASE_I)), 0),
        ((fix(38, 0), fix(40, 20)), 1),
        ((fix(38, 0), fix(120, 20)), 0),
        ((fix(None, 0), fix(38, 20)), 1),
        ((fix(38, 0), fix(None, 20)), 0),
        ((fix(None, 0), fix(None, 20)), 1),
    ],
)
def test_newest_among_the_most_exact_is_used(fixes, expected):
    assert used(*fixes) == (None if expected is None else fixes[expected])


def test_address_without_a_shape_is_not_searched_with():
    civic = replace(fix(38), fix_class=FixClass.CIVIC, shape=None)
    assert used(civic) is None


def test_time_in_the_document_counts_before_the_time_it_came():
    late = replace(fix(38, 0), fixed_at=T0 + timedelta(seconds=60))
    assert used(late, fix(38, 30)) == late


@given(st.lists(st.tuples(st.floats(1, 2000), st.integers(0, 600)), min_size=1, max_size=8))
def test_fix_in_use_is_about_as_exact_as_the_most_exact_one(rows):
    chosen = used(*(fix(radius, second) for radius, second in rows))
    assert chosen.uncertainty_m <= min(radius for radius, _ in rows) * 1.25


# ---- doors ----


def door_at(name, metres_north, *earlier):
    """A candidate so many metres north of the fix."""
    point = Point(P.lat + math.degrees(metres_north / 6_371_008.8), P.lon)
    return Candidate(f"a-{name}", f"{name} Kendall Place", point, earlier)


HANG_UP = EarlierCall("2 Nov hang-up: child, settled by contact", likely=True)


def test_doors_are_ranked_by_distance_and_say_why():
    doors = rank_doors([door_at("9409", 32), door_at("9421", 15), door_at("9417", 11, HANG_UP)], fix(38), POLICY)
    assert [door.label for door in doors] == ["9417 Kendall Place", "9421 Kendall Place", "9409 Kendall Place"]
    assert doors[0].why == "11 m. 2 Nov hang-up: child, settled by contact"
    assert doors[2].why == "32 m, near the edge. No earlier calls"
    assert (doors[0].rank, doors[0].earlier_calls) == (1, 1)
    assert doors[0].place() == Place("9417 Kendall Place", doors[0].point, "a-9417", verified=False)


def test_earlier_hang_up_goes_before_a_slightly_nearer_door():
    doors = rank_doors([door_at("1", 10), door_at("2", 14, HANG_UP)], fix(38), POLICY)
    assert doors[0].address_id == "a-2"


def test_earlier_noise_complaint_makes_no_door_likelier():
    doors = rank_doors([door_at("1", 10), door_at("2", 14, EarlierCall("9 Aug noise"))], fix(38), POLICY)
    assert [door.address_id for door in doors] == ["a-1", "a-2"]


def test_doors_outside_the_fix_are_left_out():
    assert rank_doors([door_at("1", 39)], fix(38), POLICY) == ()


def test_fix_of_a_tower_gives_no_doors():
    assert rank_doors([door_at("1", 5)], fix(900, kind=FixClass.PHASE_I), POLICY) == ()
    assert rank_doors([door_at("1", 5)], None, POLICY) == ()


def test_bare_point_is_searched_as_far_as_the_policy_says():
    assert search_of(fix(None), POLICY).radius_m == POLICY.unstated_radius_m
    doors = rank_doors([door_at("1", 99), door_at("2", 101)], fix(None), POLICY)
    assert [door.address_id for door in doors] == ["a-1"]


def test_polygon_takes_in_only_what_lies_in_it():
    d = 0.0005
    corners = (Point(P.lat, P.lon - d), Point(P.lat + d, P.lon), Point(P.lat, P.lon + d))
    triangle = fix(60, shape=Polygon(corners))
    doors = rank_doors([door_at("in", 20), door_at("out", -20)], triangle, POLICY)
    assert [door.address_id for door in doors] == ["a-in"]


def test_only_so_many_doors_are_shown_and_their_likelihood_is_over_all():
    many = [door_at(str(n), n) for n in range(30)]
    doors = rank_doors(many, fix(38), POLICY)
    assert len(doors) == POLICY.doors_shown
    assert sum(door.likelihood for door in doors) < 1


@given(st.lists(st.integers(-37, 37), min_size=1, max_size=12, unique=True))
def test_likelihoods_fall_with_rank_and_add_up_to_one(metres):
    doors = rank_doors([door_at(str(m), m) for m in metres], fix(38), POLICY)
    likelihoods = [door.likelihood for door in doors]
    assert likelihoods == sorted(likelihoods, reverse=True)
    assert sum(likelihoods) == pytest.approx(1, abs=0.01)


def test_radius_at_a_confidence_is_turned_into_one_error():
    assert sigma_m(2.4477, 95.0) == pytest.approx(1.0, abs=1e-3)
    assert sigma_m(2.146, 90.0) == pytest.approx(1.0, abs=1e-3)
    assert sigma_m(38.0, None) == sigma_m(38.0, 95.0)
    assert sigma_m(38.0, 100.0) > 0


# ---- the address that came with the call ----

TOLD = CivicAddress(house_number="9417", street="Kendall Place")


def told_at(name, metres_north, *earlier):
    """The address that came with the call, so many metres north of the fix."""
    return replace(door_at(name, metres_north, *earlier), conveyed=True)


def names(doors):
    return [door.address_id.removeprefix("a-") for door in doors]


def address(second=0, kind=FixClass.CIVIC, civic=TOLD):
    return replace(fix(38, second), fix_class=kind, shape=None, civic=civic, method="Manual")


def test_address_without_a_fix_is_door_1_and_not_verified():
    [door] = rank_doors([told_at("9417", 0, HANG_UP)], None, POLICY)
    assert (door.rank, door.likelihood, door.distance_m) == (1, 1.0, 0.0)
    assert door.why == f"{CONVEYED_WORDS}. 2 Nov hang-up: child, settled by contact"
    assert not door.place().verified


def test_two_addresses_of_the_same_words_share_the_likelihood():
    doors = rank_doors([told_at("1", 0), told_at("2", 0)], None, POLICY)
    assert [door.likelihood for door in doors] == [0.5, 0.5]


def test_address_inside_the_fix_is_door_1_and_the_doors_around_it_share_the_rest():
    doors = rank_doors([door_at("1", 2), door_at("2", 4, HANG_UP), told_at("3", 30)], fix(38), POLICY)
    assert names(doors) == ["3", "2", "1"]
    assert doors[0].likelihood == pytest.approx(0.8)
    assert sum(door.likelihood for door in doors) == pytest.approx(1, abs=0.01)
    assert doors[0].why == f"{CONVEYED_WORDS}; 30 m from the fix. No earlier calls"


def test_address_outside_a_measured_fix_comes_last_and_says_how_far_it_is():
    doors = rank_doors([told_at("far", 3200), door_at("1", 2), door_at("2", 30)], fix(38), POLICY)
    assert names(doors) == ["1", "2", "far"]
    assert doors[2].why == f"{CONVEYED_WORDS}; 3.2 km from the fix, outside the fix. No earlier calls"


def test_address_outside_a_measured_fix_is_shown_among_however_many_doors():
    many = [door_at(str(n), n) for n in range(30)]
    doors = rank_doors([*many, told_at("far", 500)], fix(38), POLICY)
    assert (len(doors), doors[-1].address_id) == (POLICY.doors_shown, "a-far")
    assert doors[-1].likelihood <= doors[-2].likelihood


def test_address_outside_a_measured_fix_without_doors_is_the_only_one():
    assert names(rank_doors([told_at("far", 500)], fix(38), POLICY)) == ["far"]


def test_address_goes_before_a_point_that_was_written_down_as_well():
    written = replace(fix(38), method="Manual")
    doors = rank_doors([door_at("1", 2), told_at("2", 60)], written, POLICY)
    assert names(doors) == ["2", "1"]


def test_address_beside_a_tower_s_sector_is_door_1():
    doors = rank_doors([told_at("1", 700)], fix(900, kind=FixClass.PHASE_I), POLICY)
    assert (names(doors), doors[0].why) == (["1"], f"{CONVEYED_WORDS}. No earlier calls")


@given(
    st.lists(st.integers(-37, 37), max_size=12, unique=True),
    st.integers(-500, 500),
    st.sampled_from(["A-GPS", "Manual"]),
)
def test_likelihoods_fall_with_rank_wherever_the_address_lies(metres, told, method):
    candidates = [*(door_at(str(m), m) for m in metres), told_at("told", told)]
    doors = rank_doors(candidates, replace(fix(38), method=method), POLICY)
    likelihoods = [door.likelihood for door in doors]
    assert likelihoods == sorted(likelihoods, reverse=True)
    assert "a-told" in [door.address_id for door in doors]
    assert [door.rank for door in doors] == list(range(1, len(doors) + 1))


def test_newest_address_of_the_caller_is_taken_and_never_that_of_a_tower():
    tower = replace(fix(900, 40, FixClass.PHASE_I), civic=CivicAddress(street="Tower Road"))
    landmark = address(50, civic=CivicAddress(landmark="Sector 2"))
    moved = address(20, civic=CivicAddress(house_number="1", street="New Street"))
    assert conveyed_address(CallerLocation((address(), moved, tower, landmark))) == moved
    assert conveyed_address(CallerLocation((tower, landmark, fix(38)))) is None
    assert conveyed_address(None) is None
