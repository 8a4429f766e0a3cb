"""Addresses by words, by place and by id."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.adapters.address_index import AddressIndex, AddressRow, address_id, write_addresses
from tenfour.adapters.street_words import long_form, street_parts, words
from tenfour.vocabulary.errors import BadFile, NotFound
from tenfour.vocabulary.place import Circle, Point, Polygon, Spot


def house(number: int, name: str, kind: str, lat: float, lon: float, **more: str) -> AddressRow:
    row = AddressRow(NGUID="", Add_Number=number, St_Name=name, St_PosTyp=kind, Lat=lat, Long=lon, **more)
    return AddressRow(**{field: getattr(row, field) for field in row.__struct_fields__} | {"NGUID": address_id(row)})


ROWS = [
    house(9417, "Kendall", "Place", 39.9586, -82.9644),
    house(9409, "Kendall", "Place", 39.9582, -82.9644),
    house(94, "Kendall", "Place", 39.9572, -82.9644),
    house(9417, "Kendallwood", "Drive", 39.99, -82.9),
    house(12, "Saint James", "Street", 39.97, -82.97, St_PreDir="East", Inc_Muni="Larkspur"),
    house(12, "O'Hara", "Court", 39.971, -82.97, Unit="Apt 4", Post_Code="00001"),
    house(7, "Main", "Street", 39.972, -82.97, AddNum_Suf="1/2"),
]


@pytest.fixture
def index(tmp_path: Path) -> AddressIndex:
    write_addresses(tmp_path / "addresses.sqlite", ROWS)
    return AddressIndex(tmp_path / "addresses.sqlite")


@pytest.mark.parametrize(
    "typed", ["9417 Kendall Place", "9417 kendall pl", "9417 KENDALL PL.", "  9417, kendall  plac", "9417 kendall p"]
)
def test_address_is_found_however_it_is_typed(index: AddressIndex, typed: str) -> None:
    assert index.find(typed)[0].label == "9417 Kendall Place"


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("12 e saint james st", "12 East Saint James Street"),
        ("12 east saint james street larkspur", "12 East Saint James Street"),
        ("12 ohara ct", "12 O'Hara Court, Apt 4"),
        ("12 o'hara", "12 O'Hara Court, Apt 4"),
    ],
)
def test_directions_types_and_apostrophes_are_forgiven(index: AddressIndex, typed: str, label: str) -> None:
    assert [address.label for address in index.find(typed)] == [label]


def test_exact_number_comes_before_numbers_that_begin_so(index: AddressIndex) -> None:
    assert [a.civic.house_number for a in index.find("94")] == ["94", "9409", "9417", "9417"]


def test_unfinished_name_finds_the_shorter_one_first(index: AddressIndex) -> None:
    assert [address.label for address in index.find("9417 kend")] == ["9417 Kendall Place", "9417 Kendallwood Drive"]


@pytest.mark.parametrize("typed", ["", "  ", "?!", "kendall oak", '"', "* OR (", "9417 kendall NOT"])
def test_words_that_fit_nothing_find_nothing_and_break_nothing(index: AddressIndex, typed: str) -> None:
    assert index.find(typed) == []


def test_no_more_are_found_than_asked_for(index: AddressIndex) -> None:
    assert len(index.find("kendall", 2)) == 2
    assert index.find("kendall", 0) == []


def test_address_has_its_parts_and_its_point(index: AddressIndex) -> None:
    address = index.get("12-east-saint-james-street")
    assert address.civic.street == "East Saint James Street"
    assert address.civic.city == "Larkspur"
    assert address.point == Point(39.97, -82.97)
    assert not address.synthetic
    assert index.get("71-2-main-street").civic.house_number == "7 1/2"


def test_unknown_address_is_not_found(index: AddressIndex) -> None:
    with pytest.raises(NotFound, match="There is no address 'nowhere'"):
        index.get("nowhere")


def test_addresses_in_a_circle_come_nearest_first_with_their_distance(index: AddressIndex) -> None:
    near = index.inside(Circle(Point(39.9586, -82.9644), 50.0), 10)
    assert [(n.address.label, round(n.distance_m)) for n in near] == [
        ("9417 Kendall Place", 0),
        ("9409 Kendall Place", 44),
    ]


def test_address_on_the_corner_of_the_square_is_outside_the_circle(index: AddressIndex) -> None:
    assert index.inside(Circle(Point(39.95896, -82.96487), 50.0)) == []
    assert index.inside(Circle(Point(39.95896, -82.96487), 60.0)) != []


def test_bare_point_is_searched_as_far_as_told(index: AddressIndex) -> None:
    spot = Spot(Point(39.9583, -82.9644))
    assert len(index.inside(spot, spot_radius_m=20)) == 1
    assert len(index.inside(spot, spot_radius_m=200)) == 3


def test_only_addresses_within_a_polygon_are_taken(index: AddressIndex) -> None:
    corners = (Point(39.958, -82.965), Point(39.958, -82.964), Point(39.9584, -82.964), Point(39.9584, -82.965))
    assert [near.address.label for near in index.inside(Polygon(corners))] == ["9409 Kendall Place"]


@given(st.floats(1, 3000), st.floats(-0.02, 0.02), st.floats(-0.02, 0.02))
def test_larger_circle_never_loses_an_address(tmp_path_factory, radius: float, dlat: float, dlon: float) -> None:
    path = tmp_path_factory.getbasetemp() / "law.sqlite"
    if not path.exists():
        write_addresses(path, ROWS)
    index = AddressIndex(path)
    centre = Point(39.9586 + dlat, -82.9644 + dlon)
    smaller = {near.address.address_id for near in index.inside(Circle(centre, radius))}
    larger = {near.address.address_id for near in index.inside(Circle(centre, radius * 1.5))}
    index.close()
    assert smaller <= larger


def test_centre_without_addresses_finds_none(tmp_path: Path) -> None:
    index = AddressIndex(tmp_path / "addresses.sqlite")
    assert index.count == 0
    assert index.find("9417 kendall") == []
    assert index.inside(Circle(Point(39.9586, -82.9644), 50.0)) == []


def test_file_that_is_no_index_is_refused(tmp_path: Path) -> None:
    (tmp_path / "addresses.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(BadFile, match="is not an address index"):
        AddressIndex(tmp_path / "addresses.sqlite")


def test_rows_that_break_off_leave_the_index_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "addresses.sqlite"
    write_addresses(path, ROWS[:1])

    def breaking():
        yield ROWS[1]
        raise BadFile("source.csv", 3, "is wrong")

    with pytest.raises(BadFile, match="is wrong"):
        write_addresses(path, breaking())
    assert AddressIndex(path).count == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["addresses.sqlite"]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Kendall Place", ("", "Kendall", "Place")),
        ("East Main Street", ("East", "Main", "Street")),
        ("North Street", ("", "North", "Street")),
        ("Broadway", ("", "Broadway", "")),
        ("Avenue", ("", "Avenue", "")),
        ("West Grove", ("", "West Grove", "")),
    ],
)
def test_street_name_is_split_into_its_parts(name: str, parts: tuple[str, str, str]) -> None:
    assert street_parts(name) == parts


@given(st.text())
def test_long_form_of_a_long_form_is_itself(text: str) -> None:
    assert [long_form(long_form(word)) for word in words(text)] == [long_form(word) for word in words(text)]
