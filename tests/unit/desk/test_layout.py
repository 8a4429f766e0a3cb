"""A person's layout of the desk is kept beside the record, one file a person."""

from pathlib import Path

import msgspec
import pytest

from tenfour.desk.layout import Arrangement, Cell, Column, DeskLayout, DeskLayouts, Row
from tenfour.vocabulary.errors import Unavailable
from tenfour.vocabulary.ids import PersonId

ADEYEMI, BRANDT = PersonId("adeyemi"), PersonId("brandt")
UNITS_ALONE = DeskLayout(wide=Arrangement((Column((Row((Cell("units"),), 3),), 1),), hidden=("map",)))


def test_layout_is_kept_for_its_person_only(tmp_path: Path) -> None:
    DeskLayouts(tmp_path / "people").keep(ADEYEMI, UNITS_ALONE)
    again = DeskLayouts(tmp_path / "people")
    assert again.of(ADEYEMI) == UNITS_ALONE
    assert again.of(BRANDT) == DeskLayout()


@pytest.mark.parametrize("name", ["../secrets/session.key", "a/b", "..", ".", "Ä person", "a.desk"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    people = tmp_path / "people"
    DeskLayouts(people).keep(PersonId(name), UNITS_ALONE)
    assert DeskLayouts(people).of(PersonId(name)) == UNITS_ALONE
    assert [path.parent for path in tmp_path.rglob("*.json")] == [people]


def test_file_that_cannot_be_read_is_as_none(tmp_path: Path) -> None:
    layouts = DeskLayouts(tmp_path)
    layouts.keep(ADEYEMI, UNITS_ALONE)
    file = next(tmp_path.glob("*.json"))
    assert file.stat().st_mode & 0o077 == 0
    file.write_text('{"wide": {"columns": "left')
    assert layouts.of(ADEYEMI) == DeskLayout()


def test_layout_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "people").write_text("a file where the folder should be")
    with pytest.raises(Unavailable, match="layout could not be written"):
        DeskLayouts(tmp_path / "people").keep(ADEYEMI, UNITS_ALONE)


@pytest.mark.parametrize(
    "body",
    [
        {"wide": {"columns": [{"rows": [{"cells": [{"region": "../etc"}]}]}]}},
        {"wide": {"columns": [{"rows": [{"cells": [{"region": "units", "share": -1}]}]}]}},
        {"wide": {"columns": [{"rows": [{"cells": [{"region": "units"}]}]}] * 7}},
        {"wide": {"columns": [], "hidden": ["map"] * 30}},
        {"widest": None},
    ],
)
def test_layout_that_no_screen_could_show_is_refused(body: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(body, DeskLayout)
