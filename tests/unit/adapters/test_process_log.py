"""Logs of processes stay bounded while their process writes on."""

from pathlib import Path

from tenfour.adapters.process_log import set_aside


def test_a_short_log_and_no_log_are_left_alone(tmp_path: Path) -> None:
    log = tmp_path / "line.log"
    assert not set_aside(log, largest=10)
    log.write_bytes(b"0123456789")
    assert not set_aside(log, largest=10)
    assert log.read_bytes() == b"0123456789"


def test_a_long_log_is_set_aside_while_its_process_writes_on_and_the_oldest_goes(tmp_path: Path) -> None:
    log = tmp_path / "line.log"
    with log.open("ab", buffering=0) as process:
        for round_ in range(5):
            process.write(b"%d" % round_ * 11)
            assert set_aside(log, largest=10, kept=3)
        process.write(b"now")
    assert log.read_bytes() == b"now"
    assert {path.name: path.read_bytes()[:1] for path in tmp_path.iterdir() if path != log} == {
        "line.log.1": b"4",
        "line.log.2": b"3",
        "line.log.3": b"2",
    }


def test_what_cannot_be_set_aside_stays(tmp_path: Path) -> None:
    log = tmp_path / "line.log"
    log.write_bytes(b"0123456789+")
    (tmp_path / "line.log.0").mkdir()
    assert not set_aside(log, largest=10)
    assert log.read_bytes() == b"0123456789+"
