"""`tenfour init`: a folder that reads back, or nothing at all."""

from pathlib import Path

import pytest

from tenfour.adapters.centre_folder import read_centre_folder
from tenfour.cli.main import main


def test_new_folder_reads_back_as_it_was_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "centre"
    asked = ["--name", "Harbor County 911", "--mode", "live", "--time-zone", "America/Chicago", "--post", "30.1,-90.5"]
    assert main(["init", str(folder), *asked]) == 0
    centre = read_centre_folder(folder)
    assert (centre.centre.name, centre.centre.mode) == ("Harbor County 911", "live")
    assert (centre.centre.id, centre.centre.time_zone) == ("harbor.county.911", "America/Chicago")
    assert (centre.roster[0].post.lat, centre.roster[0].post.lon) == (30.1, -90.5)
    assert "tenfour import roads" in capsys.readouterr().out


def test_secrets_are_for_the_owner_alone(tmp_path: Path) -> None:
    assert main(["init", str(tmp_path / "centre")]) == 0
    assert (tmp_path / "centre" / "secrets").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (["--time-zone", "Mars/North"], "time_zone 'Mars/North' is not known; expected an IANA name"),
        (["--post", "north pole"], "--post 'north pole' is no place; expected LAT,LON"),
        (["--post", "91,0"], "--post '91,0' is no place"),
        (["--name", 'a "quoted" name'], "cannot be used; expected words without quotation marks"),
        (["--name", "two\nlines"], "cannot be used; expected words"),
    ],
)
def test_bad_wish_leaves_nothing_behind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], asked: list[str], sentence: str
) -> None:
    folder = tmp_path / "centre"
    assert main(["init", str(folder), *asked]) == 1
    assert sentence in capsys.readouterr().err
    assert not folder.exists()


def test_folder_that_holds_something_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "letter.txt").write_text("dear all")
    assert main(["init", str(tmp_path)]) == 1
    assert "is there and not empty" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]
