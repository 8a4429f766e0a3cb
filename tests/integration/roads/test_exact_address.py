"""An address that came in words is found in the index exactly, or not at all."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from tenfour.adapters.address_index import AddressIndex, AddressRow, address_id, write_addresses
from tenfour.adapters.places import CentrePlaces
from tenfour.vocabulary.place import CivicAddress


def house(number: int, name: str, kind: str, **more: str) -> AddressRow:
    row = AddressRow(NGUID="", Add_Number=number, St_Name=name, St_PosTyp=kind, Lat=39.96, Long=-82.96, **more)
    return replace(row, NGUID=address_id(row))


TOWN = {"Inc_Muni": "Larkspur", "State": "OH"}
ROWS = [
    house(9417, "Kendall", "Place", **TOWN, Post_Code="43205"),
    house(9417, "Kendall", "Drive", **TOWN),
    house(94, "Kendall", "Place", **TOWN),
    house(12, "Saint James", "Street", St_PreDir="East", **TOWN),
    house(7, "Main", "Street", AddNum_Suf="1/2", **TOWN),
    house(9, "Main", "Street", AddNum_Suf="B", **TOWN),
    house(20, "O'Hara", "Court", Unit="Apt 4", **TOWN),
    house(20, "O'Hara", "Court", Unit="Apt 5", **TOWN),
    house(20, "O'Hara", "Court", **TOWN),
    house(30, "O'Hara", "Court", Unit="Apt 1", **TOWN),
    house(30, "O'Hara", "Court", Unit="Apt 2", **TOWN),
]


@pytest.fixture
def places(tmp_path: Path) -> CentrePlaces:
    write_addresses(tmp_path / "addresses.sqlite", ROWS)
    return CentrePlaces(AddressIndex(tmp_path / "addresses.sqlite"))


def labels(places: CentrePlaces, number: str, street: str, **more: str) -> list[str]:
    return [found.label for found in places.exactly(CivicAddress(house_number=number, street=street, **more))]


@pytest.mark.parametrize(
    ("number", "street", "label"),
    [
        ("9417", "Kendall Place", "9417 Kendall Place"),
        ("9417", "KENDALL PL", "9417 Kendall Place"),
        ("9417", "Kendall Dr.", "9417 Kendall Drive"),
        ("12", "E Saint James St", "12 East Saint James Street"),
        ("7 1/2", "Main Street", "7 1/2 Main Street"),
        ("9B", "Main St", "9 B Main Street"),
        ("9 b", "Main St", "9 B Main Street"),
    ],
)
def test_address_is_found_however_its_street_is_spelled(
    places: CentrePlaces, number: str, street: str, label: str
) -> None:
    assert labels(places, number, street) == [label]


@pytest.mark.parametrize(
    ("number", "street"),
    [
        ("94170", "Kendall Place"), ("941", "Kendall Place"), ("9417", "Kendall"), ("9417", "Kendall Pla"),
        ("", "Kendall Place"), ("9417", ""), ("9", "Main Street"), ("12", "Saint James Street"), ("9417", '" OR *'),
    ],
)  # fmt: skip
def test_address_that_is_only_like_one_is_none(places: CentrePlaces, number: str, street: str) -> None:
    assert labels(places, number, street) == []


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({"city": "LARKSPUR", "state": "oh"}, True),
        ({"postal_code": "43205-1234"}, True),
        ({"country": "US", "county": "Larkspur County"}, True),
        ({"city": "Elsewhere"}, False),
        ({"state": "IN"}, False),
        ({"postal_code": "43206"}, False),
    ],
)
def test_town_state_and_postal_code_must_not_contradict(
    places: CentrePlaces, more: dict[str, str], found: bool
) -> None:
    assert bool(labels(places, "9417", "Kendall Place", **more)) == found


def test_unit_is_found_where_it_is_said_and_the_building_where_it_is_not(places: CentrePlaces) -> None:
    assert labels(places, "20", "O'Hara Court") == ["20 O'Hara Court"]
    assert labels(places, "20", "O'Hara Ct", unit="apt 4") == ["20 O'Hara Court, Apt 4"]
    assert labels(places, "20", "O'Hara Ct", unit="Apt 9") == ["20 O'Hara Court"]
    assert labels(places, "30", "O'Hara Court") == ["30 O'Hara Court, Apt 1", "30 O'Hara Court, Apt 2"]
    assert labels(places, "9417", "Kendall Place", unit="Rear") == ["9417 Kendall Place"]
