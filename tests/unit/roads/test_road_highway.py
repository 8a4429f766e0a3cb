"""What tags of a way mean to a responding unit."""

import pytest

from tenfour.roads.graph import ROAD_CLASSES
from tenfour.roads.highway import SPEED_KMH, drivable, posted_kmh


def test_every_class_with_a_speed_can_be_in_a_network() -> None:
    assert set(SPEED_KMH) == set(ROAD_CLASSES)


@pytest.mark.parametrize(
    ("text", "kmh"),
    [
        ("65 mph", 104.607),
        ("89", 89.0),
        ("50 km/h", 50.0),
        ("30mph", 48.280),
        ("walk", None),
        ("25;35", None),
        ("0", None),
    ],
)
def test_posted_limit_is_read_with_its_unit(text: str, kmh: float | None) -> None:
    assert posted_kmh(text) == (None if kmh is None else pytest.approx(kmh, abs=0.001))


def test_limit_of_a_street_leaves_time_for_its_junctions_and_that_of_a_motorway_does_not() -> None:
    street = drivable({"highway": "secondary", "maxspeed": "60"})
    motorway = drivable({"highway": "motorway", "maxspeed": "100"})
    assert street is not None
    assert motorway is not None
    assert street.speed_kmh == pytest.approx(51.0)
    assert motorway.speed_kmh == pytest.approx(100.0)


@pytest.mark.parametrize(
    ("tags", "directions"),
    [
        ({}, (True, True)),
        ({"oneway": "yes"}, (True, False)),
        ({"oneway": "-1"}, (False, True)),
        ({"oneway": "no"}, (True, True)),
        ({"junction": "roundabout"}, (True, False)),
        ({"junction": "roundabout", "oneway": "-1"}, (False, True)),
        ({"highway": "motorway"}, (True, False)),
        ({"highway": "motorway_link"}, (True, False)),
        ({"highway": "motorway_link", "oneway": "no"}, (True, True)),
        ({"oneway": "yes", "oneway:emergency": "no"}, (True, True)),
    ],
)
def test_direction_of_a_way(tags: dict[str, str], directions: tuple[bool, bool]) -> None:
    way = drivable({"highway": "residential"} | tags)
    assert way is not None
    assert (way.forward, way.backward) == directions


@pytest.mark.parametrize(
    "tags",
    [
        {"highway": "construction"},
        {"highway": "proposed"},
        {"highway": "steps"},
        {"building": "yes"},
        {"highway": "footway"},
        {"highway": "cycleway"},
        {"highway": "residential", "access": "no"},
        {"highway": "residential", "motor_vehicle": "no"},
        {"highway": "service", "emergency": "no"},
        {"highway": "pedestrian", "area": "yes", "emergency": "yes"},
        {"highway": "primary", "oneway": "reversible"},
    ],
)
def test_way_that_a_unit_may_not_drive(tags: dict[str, str]) -> None:
    assert drivable(tags) is None


@pytest.mark.parametrize(
    "tags",
    [
        {"highway": "residential", "access": "no", "emergency": "yes"},
        {"highway": "residential", "access": "no", "motor_vehicle": "yes"},
        {"highway": "footway", "emergency": "designated"},
        {"highway": "service", "access": "destination"},
    ],
)
def test_way_that_a_responder_may_drive_all_the_same(tags: dict[str, str]) -> None:
    assert drivable(tags) is not None


def test_private_way_is_open_to_responders_at_half_speed() -> None:
    private, public = drivable({"highway": "residential", "access": "private"}), drivable({"highway": "residential"})
    assert private is not None
    assert public is not None
    assert private.speed_kmh == public.speed_kmh / 2


def test_speed_stays_within_reason_whatever_is_posted() -> None:
    fast = drivable({"highway": "motorway", "maxspeed": "900"})
    slow = drivable({"highway": "service", "maxspeed": "1", "access": "private"})
    assert fast is not None
    assert slow is not None
    assert (slow.speed_kmh, fast.speed_kmh) == (5.0, 130.0)
