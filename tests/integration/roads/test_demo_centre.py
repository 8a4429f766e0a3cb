"""The demo centre: what is in it, and that it is the same every time."""

import asyncio
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

from tenfour.adapters.address_index import AddressIndex
from tenfour.adapters.boundaries import Boundaries
from tenfour.adapters.centre_folder import read_centre_folder
from tenfour.adapters.line_settings import read_line_settings
from tenfour.adapters.places import CentrePlaces
from tenfour.adapters.road_times import NoRoads, RoadTimes
from tenfour.demo.houses import County, synthesise
from tenfour.demo.make import DERIVED, FIRST_NUMBERS, LARKSPUR, main, make_centre, prepare
from tenfour.roads.graph import RoadGraph
from tenfour.roads.near import StreetNames
from tenfour.roads.travel import TravelTimes
from tenfour.vocabulary.code import Service
from tenfour.vocabulary.errors import BadInput, Refused
from tenfour.vocabulary.place import Circle, Point, distance_m

GOLDEN = "9417-kendall-place"


@pytest.fixture
def centre(demo_cache: Path, tmp_path: Path) -> Path:
    make_centre(tmp_path / "centre", demo_cache)
    return tmp_path / "centre"


def test_demo_centre_is_a_good_centre_folder(centre: Path) -> None:
    folder = read_centre_folder(centre)
    assert (folder.centre.name, folder.centre.mode) == ("Larkspur County 911", "demo")
    assert [agency.service for agency in folder.centre.agency] == [Service.POLICE, Service.FIRE, Service.EMS]
    assert [position.id for position in folder.centre.position] == ["01", "02", "03", "04", "05", "06"]
    assert len(folder.roster) == 24
    assert read_line_settings(centre).sip.bind == "127.0.0.1:5060"


def test_everything_that_a_centre_needs_is_in_its_folder(centre: Path) -> None:
    names = {str(path.relative_to(centre)) for path in centre.rglob("*") if path.is_file()}
    assert names >= {"centre.toml", "units.toml", "policy.toml", *(f"data/{name}" for name in DERIVED)}


def test_second_centre_from_the_same_cache_derives_nothing_again(demo_cache: Path, tmp_path: Path) -> None:
    before = {name: (demo_cache / name).stat().st_mtime_ns for name in DERIVED}
    make_centre(tmp_path / "second", demo_cache)
    assert {name: (demo_cache / name).stat().st_mtime_ns for name in DERIVED} == before
    for name in DERIVED:
        assert (tmp_path / "second" / "data" / name).read_bytes() == (demo_cache / name).read_bytes()


def test_addresses_to_serve_and_listen_at_are_set_as_asked(demo_cache: Path, tmp_path: Path) -> None:
    ports = {"http": "127.0.0.1:18911", "sip": "127.0.0.1:15060", "rtp_ports": (50_000, 50_100)}
    make_centre(tmp_path / "centre", demo_cache, **ports)
    settings = tomllib.loads((tmp_path / "centre" / "centre.toml").read_text())
    assert settings["http"] == {"host": "127.0.0.1", "port": 18_911}
    assert settings["sip"] == {"bind": "127.0.0.1:15060", "rtp_ports": [50_000, 50_100]}


@pytest.mark.parametrize("text", ["8911", "127.0.0.1:http", ":1", "127.0.0.1:70000", 'a"b:1'])
def test_address_that_is_none_makes_no_centre(demo_cache: Path, tmp_path: Path, text: str) -> None:
    with pytest.raises(BadInput, match="is no HOST:PORT"):
        make_centre(tmp_path / "centre", demo_cache, http=text)
    assert not (tmp_path / "centre").exists()


def test_folder_in_use_is_left_alone(demo_cache: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(Refused, match="not empty; a new centre needs a folder of its own"):
        make_centre(tmp_path, demo_cache)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_prepared_data_is_not_derived_again(demo_cache: Path) -> None:
    before = {name: (demo_cache / name).stat().st_mtime_ns for name in DERIVED}
    prepare(demo_cache)
    assert {name: (demo_cache / name).stat().st_mtime_ns for name in DERIVED} == before


def test_command_without_a_folder_says_how_it_is_called(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "usage: python -m tenfour.demo.make CACHE" in capsys.readouterr().err


def test_golden_block_has_its_doors_marked_as_made_up(centre: Path) -> None:
    index = AddressIndex(centre / "data" / "addresses.sqlite")
    golden = index.get(GOLDEN)
    assert golden.label == "9417 Kendall Place"
    near = {found.address.label for found in index.inside(Circle(golden.point, 45.0), 20)}
    assert {f"{number} Kendall Place" for number in (9409, 9414, 9417, 9421)} <= near
    assert golden.synthetic
    assert index.count > 40_000


def test_golden_door_lies_in_its_beat_between_its_cross_streets(centre: Path, columbus: RoadGraph) -> None:
    index = AddressIndex(centre / "data" / "addresses.sqlite")
    places = CentrePlaces(index, StreetNames(columbus), Boundaries(centre / "data" / "boundaries.geojson"))
    golden = places.get(GOLDEN)
    assert places.beat(golden.point) == "12A"
    assert places.beat(Point(0.0, 0.0)) == ""
    assert places.street(golden.point) == "Kendall Place"
    assert places.between(golden.point) == "Between Main Street and Carrie Avenue"
    assert places.find("9417 kendall pl")[0] == golden
    assert golden in places.inside(Circle(golden.point, 10.0), 100.0)


async def test_centre_without_roads_and_boundaries_knows_no_streets_and_says_so(centre: Path) -> None:
    places = CentrePlaces(AddressIndex(centre / "data" / "addresses.sqlite"))
    golden = places.get(GOLDEN).point
    assert (places.street(golden), places.between(golden), places.beat(golden)) == ("", "", "")
    with pytest.raises(Refused, match="This centre has no road network: import one with"):
        await NoRoads().travels({"12A3": golden}, golden)


async def test_network_made_ready_on_another_thread_answers_on_this_one(columbus: RoadGraph) -> None:
    travel_times = await asyncio.to_thread(TravelTimes, columbus)
    travel_times.place_units({"12A3": Point(39.9577, -82.9641)})
    travel_times.close_edges([0])
    assert travel_times.to(Point(39.9586, -82.9644))["12A3"].travel_time_s < 60


def test_every_post_is_on_the_street_it_names_and_in_a_beat(centre: Path, columbus: RoadGraph) -> None:
    streets, boundaries = StreetNames(columbus), Boundaries(centre / "data" / "boundaries.geojson")
    for unit in read_centre_folder(centre).roster:
        assert streets.near(unit.post) == unit.post_name, unit.id
        assert boundaries.beat_of(unit.post), unit.id


async def test_deputy_nearest_by_road_is_12a3_though_another_is_nearer_on_the_map(
    centre: Path, columbus: RoadGraph
) -> None:
    folder = read_centre_folder(centre)
    golden = AddressIndex(centre / "data" / "addresses.sqlite").get(GOLDEN).point
    posts = {unit.id: unit.post for unit in folder.roster}
    travels = await RoadTimes(TravelTimes(columbus)).travels(posts, golden)
    assert len(travels) == 24
    deputies = [unit.id for unit in folder.roster if unit.agency == "sheriff"]
    ranked = sorted(deputies, key=lambda unit: travels[unit].travel_time_s)
    assert ranked[:2] == ["12A3", "14B2"]
    assert distance_m(posts["14B2"], golden) < distance_m(posts["12A3"], golden)
    assert travels["12A3"].via[-1] == "Kendall Place"
    assert 1_500 < (travels["12A3"].distance_m or 0) < 4_000


async def test_road_times_follow_the_units(columbus: RoadGraph) -> None:
    road_times = RoadTimes(TravelTimes(columbus))
    golden, near, far = Point(39.9586, -82.9644), Point(39.9577, -82.9641), Point(40.02, -82.96)
    units = {f"U{n}": far for n in range(12)}
    assert (await road_times.travels(units, golden))["U3"].travel_time_s > 300
    assert (await road_times.travels(units | {"U3": near}, golden))["U3"].travel_time_s < 60
    everyone_near = dict.fromkeys(units, near)
    assert all(travel.travel_time_s < 60 for travel in (await road_times.travels(everyone_near, golden)).values())
    assert set(await road_times.travels({"U1": far}, golden)) == {"U1"}
    assert await road_times.travels({}, golden) == {}
    with pytest.raises(Refused, match="from the nearest road of the network"):
        await road_times.travels(units, Point(0.0, 0.0))


def test_same_network_always_gives_the_same_houses(columbus: RoadGraph) -> None:
    first, second = (list(synthesise(columbus, LARKSPUR, FIRST_NUMBERS)) for _ in range(2))
    assert first == second
    assert len({house.NGUID for house in first}) == len(first)
    assert all(house.synthetic for house in first)


def test_numbers_of_a_block_run_on_with_odd_ones_across_the_street_from_even(columbus: RoadGraph) -> None:
    block = [house for house in synthesise(columbus, County("", "", ""), FIRST_NUMBERS) if house.St_Name == "Kendall"]
    odd, even = ([house for house in block if house.Add_Number % 2 == rest] for rest in (1, 0))
    assert [house.Add_Number for house in odd][:5] == [9401, 9405, 9409, 9413, 9417]
    assert len(odd) == len(even)
    for one, other in zip(odd, even, strict=True):
        assert 20 < distance_m(Point(one.Lat, one.Long), Point(other.Lat, other.Long)) < 32
    for one, other in pairwise(odd):
        assert 15 < distance_m(Point(one.Lat, one.Long), Point(other.Lat, other.Long)) < 45
