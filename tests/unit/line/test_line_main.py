"""How the line process says that it cannot start."""

from pathlib import Path

import pytest

from tenfour.line import WILL_NOT_START, main


def test_a_wrong_setting_is_one_sentence_with_its_line_and_no_reason_to_try_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = 'id = "larkspur"\n[[agency]]\nid = "sheriff"\n[sip]\nrtp_ports = [41000, 40000]\n'
    (tmp_path / "centre.toml").write_text(text)
    assert main([str(tmp_path)]) == WILL_NOT_START
    said = capsys.readouterr().err
    assert "centre.toml:5: " in said
    assert said.count("\n") == 1
