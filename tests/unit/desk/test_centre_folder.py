"""The centre folder: every error names file, line and what was expected."""

import stat
from pathlib import Path

import msgspec
import pytest

from tenfour.adapters.centre_folder import CentreSetting, read_centre_folder, refuse_open_bind, session_key
from tenfour.adapters.line_settings import read_line_settings
from tenfour.vocabulary.errors import BadFile
from tenfour.workflow.policy import Policy

CENTRE = """id = "c1"
name = "Test County 911"
mode = "demo"
time_zone = "America/New_York"

[[agency]]
id = "sheriff"
name = "Sheriff"
service = "police"

[[position]]
id = "04"

[[person]]
id = "adeyemi"
name = "R. Adeyemi"
roles = ["dispatcher"]
"""
UNITS = """[[unit]]
id = "12A3"
agency = "sheriff"
post = { lat = 39.95, lon = -82.96 }
"""


def folder(path: Path, centre: str = CENTRE, units: str = UNITS, policy: str = "", codes: str | None = None) -> Path:
    (path / "centre.toml").write_text(centre)
    (path / "units.toml").write_text(units)
    (path / "policy.toml").write_text(policy)
    if codes is not None:
        (path / "codes.toml").write_text(codes)
    return path


OTHER = '\n[[transfer]]\nname = "Franklin"\nuri = "sip:911@franklin.example"\n'
RING_ALL = '[[calltaking.queue]]\nname = "all"\n'
THIRD = '\n[[third_party]]\nname = "Line"\nnumber = "555"\n'
QUEUE = '[[calltaking.queue]]\nname = "all"\ndistribution = "longest_idle"\n'


def test_good_folder_is_read_with_its_presets(tmp_path: Path) -> None:
    read = read_centre_folder(folder(tmp_path, codes='[kinds]\nCAT = "Cat in tree"\n'))
    assert read.founded().mode == "demo"
    assert read.listed(read.roster[0]).service.value == "police"
    assert read.policy.incident.codes.kinds["CAT"] == "Cat in tree"
    assert read.policy.incident.codes.kinds["911H"] == "Hang-up"


@pytest.mark.parametrize(
    ("change", "file", "line", "words"),
    [
        ({"centre": CENTRE.replace('"demo"', '"play"')}, "centre.toml", 3, "expected one of live, demo"),
        ({"centre": CENTRE.replace("America/New_York", "Larkspur")}, "centre.toml", 4, "IANA name"),
        ({"centre": CENTRE.replace("police", "navy")}, "centre.toml", 9, "navy"),
        ({"centre": CENTRE + "colour = 1\n"}, "centre.toml", 18, "colour"),
        ({"centre": CENTRE.replace('["dispatcher"]', '["king"]')}, "centre.toml", 17, "role 'king'"),
        ({"centre": CENTRE + 'unit = "ZZ"\n'}, "centre.toml", 18, "no unit 'ZZ'"),
        ({"centre": CENTRE + '\n[http]\nhost = "0.0.0.0"\n'}, "centre.toml", 20, "without TLS and login"),
        ({"units": UNITS.replace("sheriff", "coast")}, "units.toml", 3, "names agency 'coast'"),
        ({"units": UNITS + UNITS}, "units.toml", 6, "'12A3' is there twice"),
        ({"units": UNITS.replace("39.95", "139.95")}, "units.toml", 4, "no place on earth"),
        ({"units": UNITS.replace("id = ", "name = ")}, "units.toml", None, ""),
        ({"policy": '[[dispatch.plan]]\nname = "P"\nkinds = ["NOPE"]\nneeds = []\n'}, "policy.toml", 3, "kind 'NOPE'"),
        ({"policy": "[dispatch.timers]\nsend_unit_within_s = 'soon'\n"}, "policy.toml", 2, "send_unit_within_s"),
        ({"codes": "kinds = 3\n"}, "codes.toml", 1, "kinds"),
        ({"policy": QUEUE + "offer_s = 0\n"}, "policy.toml", 4, "offer_s must be more than 0"),
        ({"policy": QUEUE + "offers = 0\n"}, "policy.toml", 4, "offers must be 1 or more"),
        ({"policy": QUEUE + "priority = 5000\n"}, "policy.toml", 4, "from -1000 to 1000"),
        ({"policy": QUEUE + "overflow_after_s = -1\n"}, "policy.toml", 4, "overflow_after_s -1: expected 0 or more"),
        (
            {"policy": QUEUE + 'overflow_to = "fire"\n'},
            "policy.toml",
            4,
            "no queue or centre 'fire'; expected",
        ),
        ({"policy": QUEUE + QUEUE}, "policy.toml", 5, "a name of its own"),
        ({"policy": QUEUE.replace("longest_idle", "by_mood")}, "policy.toml", 3, "by_mood"),
        ({"policy": QUEUE.replace("longest_idle", "ring_all") + 'skills = ["es"]\n'}, "policy.toml", 3, "no skills"),
        ({"policy": '[calltaking.skills.person]\nnobody = ["es"]\n'}, "policy.toml", 2, "no person 'nobody'"),
        ({"policy": '[calltaking.skills.role]\nking = ["es"]\n'}, "policy.toml", 2, "no role 'king'"),
        ({"centre": CENTRE + OTHER.replace("sip:", "mailto:")}, "centre.toml", 21, "none that can be called"),
        ({"centre": CENTRE + OTHER + OTHER}, "centre.toml", 24, "and only once"),
        ({"centre": CENTRE + THIRD + OTHER.replace("Franklin", "Line")}, "centre.toml", 20, "also among [[transfer]]"),
        ({"centre": CENTRE + THIRD + 'kind = "friend"\n'}, "centre.toml", 22, "expected one of interpreter"),
        ({"centre": CENTRE + THIRD + 'uri = "sip:a@b"\n'}, "centre.toml", 20, "either number or uri"),
        ({"centre": CENTRE + THIRD + 'key = "0"\n'}, "centre.toml", 22, "a digit from 1 to 9"),
        ({"centre": CENTRE + THIRD.replace("555", "a")}, "centre.toml", 21, "none that can be called"),
        ({"policy": QUEUE + 'overflow_to = "Ohio"\n'}, "policy.toml", 4, "no queue or centre 'Ohio'"),
        ({"policy": '[centres]\nOhio = "sip:911@b"\n'}, "policy.toml", 1, "named by [[transfer]]"),
        (
            {"centre": CENTRE + OTHER, "policy": RING_ALL + 'overflow_to = "Franklin"\n'},
            "policy.toml",
            None,
            "after how long",
        ),
        ({"centre": CENTRE + OTHER + 'how = "by hand"\n'}, "centre.toml", 22, "refer or bridge"),
        ({"policy": "[calltaking]\nwrap_up_s = -1\n"}, "policy.toml", 2, "wrap_up_s -1: expected 0 or more"),
    ],
)
def test_error_names_file_line_and_expectation(
    tmp_path: Path, change: dict[str, str], file: str, line: int | None, words: str
) -> None:
    with pytest.raises(BadFile) as error:
        read_centre_folder(folder(tmp_path, **change))
    assert error.value.path.name == file
    assert line is None or error.value.line == line
    assert words in error.value.problem


def test_missing_folder_and_missing_file_are_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="tenfour init"):
        read_centre_folder(tmp_path / "none")
    with pytest.raises(BadFile, match=r"centre\.toml"):
        read_centre_folder(tmp_path)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_loopback_may_be_served(host: str) -> None:
    refuse_open_bind(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "desk.example"])
def test_anything_else_is_refused_without_tls_and_login(host: str) -> None:
    with pytest.raises(BadFile, match="refused without TLS and login"):
        refuse_open_bind(host)


def test_session_key_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    key = session_key(tmp_path)
    file = tmp_path / "secrets" / "session.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert session_key(tmp_path) == key
    file.chmod(0o644)
    with pytest.raises(BadFile, match="0600"):
        session_key(tmp_path)


ON_SCENE = '\n[colour.on_scene]\nfill = "{}"\ndark = "#FEA138"\nlight = "#994000"\n'


def test_colours_too_close_are_refused_with_file_and_line(tmp_path: Path) -> None:
    line = UNITS.count("\n") + 3
    with pytest.raises(BadFile, match=rf"units\.toml:{line}.*available and on_scene look too much alike"):
        read_centre_folder(folder(tmp_path, units=UNITS + ON_SCENE.format("#40DBB0")))


def test_colours_of_the_agency_are_read(tmp_path: Path) -> None:
    read = read_centre_folder(folder(tmp_path, units=UNITS + ON_SCENE.format("#FF9A2E")))
    assert read.colours.on_scene.fill == "#FF9A2E"
    assert read.colours.available.fill == "#40DBB7"


def floats(kind: type, *, where: str = "") -> list[tuple[str, str]]:
    """Every float setting of a table: its table's header, and its name. Tables of an array are left out."""
    found = []
    for field in msgspec.structs.fields(kind):
        if field.type is float:
            found.append((where, field.name))
        elif isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            found += floats(field.type, where=f"{where}.{field.name}".strip("."))
    return found


SETTINGS = [
    *(("centre.toml", table, name) for table, name in floats(CentreSetting)),
    *(("policy.toml", table, name) for table, name in floats(Policy)),
]


@pytest.mark.parametrize(("file", "table", "name"), SETTINGS)
@pytest.mark.parametrize("number", ["inf", "nan", "-1.0", "1e12"])
def test_setting_that_is_no_span_of_time_and_no_measure_is_refused_by_name(
    tmp_path: Path, file: str, table: str, name: str, number: str
) -> None:
    wrong = f"\n[{table}]\n{name} = {number}\n"
    where = folder(tmp_path, centre=CENTRE + wrong if file == "centre.toml" else CENTRE)
    if file == "policy.toml":
        (where / file).write_text(wrong)
    with pytest.raises(BadFile) as caught:
        read_centre_folder(where)
        read_line_settings(where)
    assert name in caught.value.problem and caught.value.path.name == file
    assert caught.value.line == (where / file).read_text().count("\n")


def test_settings_that_are_numbers_are_found() -> None:
    assert {("centre.toml", "line", "silence_s"), ("policy.toml", "dispatch.timers", "safety_s")} <= set(SETTINGS)


@pytest.mark.parametrize("setting", ["realert_every_s", "safety_every_s"])
def test_what_is_said_again_and_again_is_not_said_without_a_pause(tmp_path: Path, setting: str) -> None:
    with pytest.raises(BadFile, match=f"{setting} must be 1 or more"):
        read_centre_folder(folder(tmp_path, policy=f"[dispatch.timers]\n{setting} = 0\n"))
