"""What the line reads of centre.toml, and how it says what is wrong there."""

from pathlib import Path

import pytest

from tenfour.adapters.line_settings import LineSettings, host_and_port, read_line_settings
from tenfour.vocabulary.errors import BadFile

LEAST = 'id = "larkspur"\n[[agency]]\nid = "sheriff"\n'


def read(folder: Path, text: str, bind: str | None = None) -> LineSettings:
    (folder / "centre.toml").write_text(text)
    return read_line_settings(folder, bind=bind)


def test_everything_has_a_default_but_the_centre_itself(tmp_path: Path) -> None:
    settings = read(tmp_path, LEAST)
    assert (settings.centre_id, settings.agency) == ("larkspur", "sheriff")
    assert settings.sip.bind == "127.0.0.1:5060"
    assert settings.line.silence_s == 3.0


def test_the_command_line_stands_above_the_file(tmp_path: Path) -> None:
    assert read(tmp_path, LEAST + '[sip]\nbind = "127.0.0.1:5070"', "127.0.0.1:5080").sip.bind == "127.0.0.1:5080"


def test_the_facts_owner_may_be_named(tmp_path: Path) -> None:
    assert read(tmp_path, LEAST + '[line]\nagency = "county"').agency == "county"


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ('[sip]\nbind = "5060"', "no HOST:PORT"),
        ('[sip]\nbind = "127.0.0.1:99999"', "no HOST:PORT"),
        ('[sip]\nbind = "0.0.0.0:5060"', "expected send_from"),
        ('[sip]\ntls_bind = "5061"', "no HOST:PORT"),
        ('[sip]\ntls_bind = "127.0.0.1:5061"', "expected tls_certificate"),
        ('[sip]\ntls_bind = "127.0.0.1:5061"\ntls_certificate = "a.pem"', "expected tls_key"),
        ("[media]\nworkers = 0", "expected 1 to 64"),
        ("[sip]\nrtp_ports = [50000, 40000]", "expected two ports"),
        ("[sip]\nrtp_port = 7", "`rtp_port` is not known"),
        ("[line]\nsilence_s = 0", "must be above 0"),
        ('[[admin_line]]\nnumber = "front"\nname = "x"', "is no telephone number"),
        ('[[admin_line]]\nnumber = "911"\nname = "x"', "is an emergency number"),
        ('[[admin_line]]\nnumber = "614-555-0100"\nname = " "', "what the line is called"),
        (2 * '[[admin_line]]\nnumber = "6145550100"\nname = "x"\n', "stands here twice"),
        ("[test_call]\nseconds = 0", "seconds must be above 0"),
        ("[test_call]\nseconds = 601", "600 or less"),
        ("[test_call]\nat_once = -1", "at_once must be 0 or above"),
        ("[test_call]\nper_second = 1", "`per_second` is not known"),
        ("[line]\npart_limit = 99999999", "or less"),
        ('[outgoing]\nproxy = "5060"', "is no HOST:PORT"),
        ('[outgoing]\nproxy = "trunk.example:5060"', "expected an address"),
        ('[outgoing]\nproxy = "192.0.2.7:5060"', "that we could show"),
        ('[outgoing]\ntransport = "pigeon"', "expected one of udp, tcp, tls"),
        ('[outgoing]\ntransport = "tls"', "needs .sip. tls_bind"),
        ("[outgoing]\nno_answer_s = 181", "180 or less"),
        ('[line]\nsilence_s = "3"', "silence_s"),
    ],
)
def test_an_error_names_its_line(tmp_path: Path, table: str, problem: str) -> None:
    with pytest.raises(BadFile, match=problem) as caught:
        read(tmp_path, LEAST + table)
    assert caught.value.line is not None
    assert caught.value.line >= 4


def test_administrative_lines_are_known_by_their_bare_number(tmp_path: Path) -> None:
    settings = read(tmp_path, LEAST + '[[admin_line]]\nnumber = "+1-614-555-0100"\nname = "front desk"')
    assert settings.admin_lines == {"6145550100": "front desk"}


def test_addresses_are_read_with_or_without_brackets() -> None:
    assert host_and_port("[::1]:5060") == ("::1", 5060)
    assert host_and_port("127.0.0.1:5060") == ("127.0.0.1", 5060)
    assert host_and_port("127.0.0.1:0") is None
