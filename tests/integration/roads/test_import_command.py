"""`tenfour import`: an agency's own data into a centre folder."""

import argparse
import shutil
from pathlib import Path

import pytest

from tenfour.adapters.address_index import AddressIndex
from tenfour.adapters.progress import Progress
from tenfour.adapters.road_store import load_roads
from tenfour.cli import imports
from tenfour.demo.make import EXTRACT, HERE, MAP
from tenfour.vocabulary.errors import BadFile, Refused


@pytest.fixture
def centre(tmp_path: Path) -> Path:
    folder = tmp_path / "centre"
    folder.mkdir()
    shutil.copy(HERE / "centre.toml", folder)
    return folder


def tenfour(*arguments: object) -> int:
    """Run the command as the command line does."""
    parser = argparse.ArgumentParser()
    imports.add_to(parser.add_subparsers())
    chosen = parser.parse_args(["import", *(str(argument) for argument in arguments)])
    return int(chosen.run(chosen))


def test_roads_are_imported_and_told_with_their_attribution(centre: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert tenfour("roads", EXTRACT, centre) == 0
    told = capsys.readouterr().out
    assert "junctions" in told
    assert "(c) OpenStreetMap contributors" in told
    assert load_roads(centre / "data" / "roads.npz").node_count > 20_000
    assert not (centre / "data" / "addresses.sqlite").exists()


def test_house_numbers_are_made_up_where_asked_and_marked(centre: Path, write_extract) -> None:
    nodes = {1: (40.0, -83.0), 2: (40.0, -82.995), 3: (40.003, -82.995)}
    extract = write_extract(nodes, [([1, 2, 3], {"highway": "residential", "name": "Oak Street"})])
    assert tenfour("roads", extract, centre, "--synthesise") == 0
    index = AddressIndex(centre / "data" / "addresses.sqlite")
    assert index.count > 50
    assert all(address.synthetic for address in index.find("oak street", 200))


def test_live_centre_gets_no_made_up_houses(centre: Path) -> None:
    settings = (centre / "centre.toml").read_text().replace('mode = "demo"', 'mode = "live"')
    (centre / "centre.toml").write_text(settings)
    with pytest.raises(Refused, match="is a live centre; house numbers are made up only in demo, training, practice"):
        tenfour("roads", EXTRACT, centre, "--synthesise")
    assert not (centre / "data").exists()


def test_addresses_and_boundaries_are_imported(
    centre: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.csv").write_text("Add_Number,St_Name,Long,Lat\n5,Oak,-82.9,39.9\n")
    assert tenfour("addresses", tmp_path / "a.csv", centre) == 0
    assert tenfour("boundaries", HERE / "boundaries.geojson", centre) == 0
    assert "Imported 1 addresses." in capsys.readouterr().out
    assert (centre / "data" / "boundaries.geojson").exists()


@pytest.mark.parametrize("kind", ["roads", "addresses", "boundaries"])
def test_folder_that_is_no_centre_gets_nothing(kind: str, tmp_path: Path) -> None:
    with pytest.raises(
        BadFile, match=r"is no centre folder \(it has no centre.toml\); make one with: tenfour init DIR"
    ):
        tenfour(kind, EXTRACT, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["roads", "addresses", "boundaries"])
def test_bad_file_changes_nothing(kind: str, centre: Path, tmp_path: Path) -> None:
    (tmp_path / "bad").write_text("not what was expected")
    with pytest.raises(BadFile):
        tenfour(kind, tmp_path / "bad", centre)
    assert list(centre.rglob("data/*")) == []


def test_without_a_folder_the_centre_we_stand_in_is_meant(
    centre: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.csv").write_text("Add_Number,St_Name,Long,Lat\n5,Oak,-82.9,39.9\n")
    monkeypatch.chdir(centre)
    tenfour("addresses", tmp_path / "a.csv")
    assert AddressIndex(centre / "data" / "addresses.sqlite").count == 1


def test_work_that_lasts_says_at_which_step_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tenfour.adapters.progress.PATIENCE_S", 0.01)
    with Progress("import roads") as tell:
        tell("reading the ways")
        said = ""
        while "reading the ways" not in said:
            said += capsys.readouterr().err
    assert said.startswith("import roads: ")


def test_quick_work_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress("import roads") as tell:
        tell("reading the ways")
    assert capsys.readouterr().err == ""


def test_map_is_imported_where_the_setting_says(centre: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert tenfour("map", MAP, centre) == 0
    assert (centre / "data" / "map.pmtiles").read_bytes() == MAP.read_bytes()
    told = capsys.readouterr().out
    assert "Imported a map of 1.4 MB. © OpenStreetMap contributors" in told
    with (centre / "centre.toml").open("a") as settings:
        settings.write('[map]\nfile = "harbor.pmtiles"\n')
    assert tenfour("map", MAP, centre) == 0
    assert (centre / "harbor.pmtiles").exists()


def test_what_is_no_map_is_refused_in_one_sentence(centre: Path) -> None:
    with pytest.raises(BadFile, match="is no PMTiles archive"):
        tenfour("map", EXTRACT, centre)
    assert not (centre / "data").exists()
