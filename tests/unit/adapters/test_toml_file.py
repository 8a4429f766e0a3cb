"""Hand-written TOML: every error names file, line and expectation."""

import re
from pathlib import Path

import msgspec
import pytest

from tenfour.adapters.toml_file import TomlFile, load
from tenfour.vocabulary.errors import BadFile


class Stop(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    wait_s: float = 0.0


class Route(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    stop: tuple[Stop, ...] = ()
    words: dict[str, int] = {}


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "route.toml"
    path.write_text(text, encoding="utf-8")
    return path


def failure(tmp_path: Path, text: str) -> BadFile:
    with pytest.raises(BadFile) as caught:
        load(written(tmp_path, text), Route)
    return caught.value


def test_good_file_becomes_the_struct(tmp_path: Path) -> None:
    route = load(written(tmp_path, 'title = "x"\n[[stop]]\nname = "a"\n[[stop]]\nname = "b"\nwait_s = 2\n'), Route)
    assert route == Route("x", (Stop("a"), Stop("b", 2.0)))


def test_wrong_type_is_told_at_its_line(tmp_path: Path) -> None:
    error = failure(tmp_path, 'title = "x"\n\n[[stop]]\nname = "a"\n\n[[stop]]\nname = "b"\nwait_s = "long"\n')
    assert error.line == 8
    assert "stop[2].wait_s" in str(error)
    assert "expected `float`" in str(error)


def test_unknown_key_is_told_at_its_own_line(tmp_path: Path) -> None:
    error = failure(tmp_path, 'title = "x"\n[[stop]]\nname = "a"\ncolour = "red"\n')
    assert error.line == 4
    assert "`colour` is not known here in `stop[1]`" in str(error)


def test_missing_key_is_told_at_its_table(tmp_path: Path) -> None:
    error = failure(tmp_path, 'title = "x"\n[[stop]]\nname = "a"\n# second\n[[stop]]\nwait_s = 1\n')
    assert error.line == 5
    assert "`name` is missing" in str(error)


def test_missing_key_of_the_document_has_no_line(tmp_path: Path) -> None:
    error = failure(tmp_path, "")
    assert error.line is None
    assert "`title` is missing" in str(error)


def test_syntax_error_has_its_line(tmp_path: Path) -> None:
    assert failure(tmp_path, 'title = "x"\nstop = [1,\n').line == 3
    assert failure(tmp_path, 'title = "x"\n= 3\n').line == 2


def test_a_value_over_many_lines_does_not_hide_what_follows(tmp_path: Path) -> None:
    text = 'title = """\n[[stop]]\nnot = "a key"\n"""\nwords = { a = 1 }\n[[stop]]\nname = 3\n'
    assert failure(tmp_path, text).line == 7


def test_key_of_an_inline_table_is_told_at_the_nearest_line(tmp_path: Path) -> None:
    assert failure(tmp_path, 'title = "x"\nwords = { a = "no" }\n').line == 2


def test_table_inside_an_array_of_tables_is_found(tmp_path: Path) -> None:
    file = TomlFile(written(tmp_path, "[[a]]\n[a.b]\nc = 1\n[[a]]\n[a.b]\nc = 2\n"))
    assert file.line_of(("a", 0, "b", "c")) == 3
    assert file.line_of(("a", 1, "b", "c")) == 6
    assert file.line_of(("a", 1, "b", "zzz")) == 5


def test_dotted_and_quoted_keys_are_found(tmp_path: Path) -> None:
    file = TomlFile(written(tmp_path, 'x.y = 1\n"odd key" = 2\n'))
    assert file.line_of(("x", "y")) == 1
    assert file.line_of(("odd key",)) == 2


def test_a_file_that_is_not_there_or_not_text_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="cannot be read"):
        TomlFile(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"a = 1\n\xff\xfe\x00")
    with pytest.raises(BadFile, match=r"bytes\.toml:2: is not UTF-8"):
        TomlFile(tmp_path / "bytes.toml")


def test_one_table_can_be_read_alone_and_may_be_absent(tmp_path: Path) -> None:
    path = written(tmp_path, '[route]\ntitle = "x"\n[other]\nq = 1\n')
    assert load(path, Route, "route").title == "x"
    with pytest.raises(BadFile, match="`title` is missing in `missing`"):
        load(path, Route, "missing")


@pytest.mark.parametrize("number", ["inf", "-inf", "nan", "1e300", "10000001"])
def test_number_that_no_clock_can_take_is_told_with_its_key_at_its_line(tmp_path: Path, number: str) -> None:
    error = failure(tmp_path, f'title = "x"\n[[stop]]\nname = "a"\n[[stop]]\nname = "b"\nwait_s = {number}\n')
    assert (error.line, error.path.name) == (6, "route.toml")
    assert re.search(r"stop\[2\]\.wait_s \S+: expected a number of 10,000,000 at most\.", str(error)), str(error)


def test_number_below_0_is_told_with_its_key_at_its_line(tmp_path: Path) -> None:
    file = TomlFile(written(tmp_path, 'title = "x"\n[[stop]]\nname = "a"\nwait_s = -0.5\n'))
    with pytest.raises(BadFile, match=r"stop\[1\]\.wait_s -0\.5: expected 0 or more\.") as caught:
        file.refuse_negative(file.as_type(Route))
    assert caught.value.line == 4
