"""Trunks: whose addresses are known."""

from pathlib import Path

import pytest

from tenfour.adapters.line_settings import read_line_settings
from tenfour.adapters.trunks import Trunks
from tenfour.vocabulary.errors import BadFile

LEAST = 'id = "larkspur"\n[[agency]]\nid = "sheriff"\n'


def read(folder: Path, text: str):
    (folder / "centre.toml").write_text(LEAST + text)
    return read_line_settings(folder).sip


def test_address_belongs_to_the_first_trunk_that_names_it(tmp_path: Path) -> None:
    sip = read(
        tmp_path,
        '[[sip.trunk]]\nname = "county"\nsources = ["192.0.2.0/28", "2001:db8::/32"]\ntimes = 50\n'
        '[[sip.trunk]]\nname = "esrp-2"\nsources = ["192.0.2.7", "198.51.100.1"]\n',
    )
    trunks = Trunks(sip.trunk)
    assert trunks.budget_of("192.0.2.7") == ("county", 50)
    assert trunks.budget_of("2001:db8::1") == ("county", 50)
    assert trunks.budget_of("198.51.100.1") == ("esrp-2", 10)
    assert trunks.budget_of("203.0.113.9") == ("", 1)
    assert trunks.name_of("no address") == ""
    assert trunks.name_of("fe80::1%eth0") == ""


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[[sip.trunk]]\nname = ""\nsources = ["192.0.2.1"]', "1 to 32 letters"),
        ('[[sip.trunk]]\nname = "a b"\nsources = ["192.0.2.1"]', "1 to 32 letters"),
        ('[[sip.trunk]]\nname = "a"\nsources = []', "at least one address"),
        ('[[sip.trunk]]\nname = "a"\nsources = ["esrp.example.org"]', "no address"),
        ('[[sip.trunk]]\nname = "a"\nsources = ["192.0.2.1"]\ntimes = 0.5', "1 to 1000"),
        ('[[sip.trunk]]\nname = "a"', "`sources` is missing"),
        ('[[sip.trunk]]\nname = "a"\nsources = ["192.0.2.1"]\n[[sip.trunk]]\nname = "a"\nsources = ["::1"]', "twice"),
        ("[sip]\ncalls_limit = 0", "from 1 to 100000"),
        ("[sip]\ncalls_limit = 50\nringing_limit = 51", "from 1 to 50"),
        ("[sip]\nconnections_limit = 2000", "from 1 to 1024"),
    ],
)
def test_wrong_trunk_or_limit_is_named_with_its_line(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(BadFile, match=problem) as caught:
        read(tmp_path, text)
    assert caught.value.line is not None
    assert caught.value.line > 3
