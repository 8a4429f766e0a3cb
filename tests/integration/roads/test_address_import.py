"""Addresses from files: all of them, or none and a sentence."""

import json
from pathlib import Path

import pytest

from tenfour.adapters.address_import import import_addresses
from tenfour.adapters.address_index import AddressIndex
from tenfour.vocabulary.errors import BadFile

HEADER = "NGUID,Add_Number,St_PreDir,St_Name,St_PosTyp,Inc_Muni,Long,Lat,Owner"
GOOD = f"{HEADER}\na1,9417,,Kendall,Place,Larkspur,-82.9644,39.9586,nobody\n,12,East,Oak,Street,,-82.97,39.96,\n"


def imported(tmp_path: Path, content: str, name: str = "addresses.csv") -> AddressIndex:
    (tmp_path / name).write_text(content, encoding="utf-8")
    import_addresses(tmp_path / name, tmp_path / "data" / "addresses.sqlite")
    return AddressIndex(tmp_path / "data" / "addresses.sqlite")


def test_csv_with_nena_names_is_imported(tmp_path: Path) -> None:
    index = imported(tmp_path, GOOD)
    assert index.count == 2
    assert index.get("a1").label == "9417 Kendall Place"
    assert index.get("12-east-oak-street").civic.street == "East Oak Street"


def test_names_of_version_3_of_the_data_model_are_understood(tmp_path: Path) -> None:
    index = imported(tmp_path, "Add_Number,St_Name,A3,Longitude,Latitude\n5,Oak,Larkspur,-82.9,39.9\n")
    assert index.get("5-oak").civic.city == "Larkspur"


def test_byte_order_mark_and_blank_lines_do_no_harm(tmp_path: Path) -> None:
    assert imported(tmp_path, "\ufeff" + GOOD + "\n\n").count == 2


def test_same_words_twice_without_an_id_get_ids_of_their_own(tmp_path: Path) -> None:
    rows = "Add_Number,St_Name,Long,Lat\n5,Oak,-82.9,39.9\n5,Oak,-82.91,39.9\n"
    index = imported(tmp_path, rows)
    assert index.get("5-oak").point != index.get("5-oak-2").point


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "addresses.csv: is empty."),
        (f"{HEADER}\n", "addresses.csv: has no addresses."),
        ("Add_Number,St_Name\n1,Oak\n", "addresses.csv:1: the header lacks Long, Lat; expected NENA GIS field names."),
        ("Lat,Lat,Long,Add_Number,St_Name\n", "addresses.csv:1: the header has Lat twice."),
        (GOOD + "a2,x1,,Oak,Street,,-82.9,39.9,\n", "addresses.csv:4: Add_Number is 'x1'; expected a whole number"),
        (GOOD + "a2,1,,,Street,,-82.9,39.9,\n", "addresses.csv:4: St_Name is empty; expected the name of a street."),
        (GOOD + "a2,1,,Oak,Street,,-82.9,99.9,\n", "addresses.csv:4: Lat is '99.9'; expected degrees from -90 to 90."),
        (GOOD + "a2,1,,Oak,Street,,west,39.9,\n", "addresses.csv:4: Long is 'west'; expected degrees"),
        (GOOD + "a2,1,,Oak,Street,,nan,39.9,\n", "addresses.csv:4: Long is 'nan'; expected degrees"),
        (GOOD + "a1,1,,Oak,Street,,-82.9,39.9,\n", "addresses.csv:4: NGUID 'a1' was already used at line 2."),
        (GOOD + "a2,1,,Oak\n", "addresses.csv:4: has 4 fields; expected 9 as above."),
        (GOOD + 'a2,1,,"Oak', "is not CSV: unexpected end of data."),
    ],
)
def test_error_in_a_csv_file_names_line_and_expectation_and_nothing_is_imported(
    tmp_path: Path, content: str, said: str
) -> None:
    imported(tmp_path, GOOD).close()
    with pytest.raises(BadFile) as caught:
        imported(tmp_path, content)
    assert said in str(caught.value)
    assert AddressIndex(tmp_path / "data" / "addresses.sqlite").count == 2


def feature(
    lon: object = -82.9644, lat: object = 39.9586, kind: str = "Point", **properties: object
) -> dict[str, object]:
    return {"type": "Feature", "geometry": {"type": kind, "coordinates": [lon, lat]}, "properties": properties}


def collection(*features: object) -> str:
    lines = ",\n".join(json.dumps(one) for one in features)
    return '{"type": "FeatureCollection", "features": [\n' + lines + "\n]}"


def test_geojson_points_are_imported(tmp_path: Path) -> None:
    index = imported(tmp_path, collection(feature(Add_Number=9417, St_Name="Kendall", Unit=None)), "a.geojson")
    assert index.get("9417-kendall").point.lat == 39.9586


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "a.geojson:1: not JSON"),
        ("[]", "a.geojson:1: expected a GeoJSON FeatureCollection."),
        (collection(), "a.geojson: has no addresses."),
        (
            collection(feature(Add_Number=1, St_Name="Oak"), {"type": "Feature"}),
            "a.geojson:3: the feature has no geometry",
        ),
        (collection(feature(Add_Number=1, St_Name="Oak"), 7), "a.geojson:3: expected a GeoJSON Feature."),
        (
            collection(feature(kind="LineString", Add_Number=1)),
            "a.geojson:2: an address must be a Point; found LineStr",
        ),
        (collection(feature(Add_Number=1)), "a.geojson:2: St_Name is empty"),
        (collection(feature(lat=None, Add_Number=1, St_Name="Oak")), "a.geojson:2: Lat is 'None'; expected degrees"),
    ],
)
def test_error_in_a_geojson_file_names_its_line(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(BadFile) as caught:
        imported(tmp_path, content, "a.geojson")
    assert said in str(caught.value)
    assert not (tmp_path / "data" / "addresses.sqlite").exists()


def test_file_that_is_not_text_or_not_there_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"Add_\nNumber\xff\xfe")
    with pytest.raises(BadFile, match=r"a.csv:2: is not UTF-8 text \(byte 11\)"):
        import_addresses(tmp_path / "a.csv", tmp_path / "addresses.sqlite")
    with pytest.raises(BadFile, match="cannot be read: No such file"):
        import_addresses(tmp_path / "b.csv", tmp_path / "addresses.sqlite")
