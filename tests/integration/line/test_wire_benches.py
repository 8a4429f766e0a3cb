"""The benchmarks of the wire measure what they say."""

from pathlib import Path

import pytest

from tenfour.bench import calls, wire
from tenfour.telephony.body import parts_of
from tenfour.telephony.message import parse
from tenfour.testing.fuzz_target import TARGETS, LawBroken


def test_the_invite_has_two_kilobytes_and_is_whole() -> None:
    data = wire.invite()
    assert 1900 < len(data) < 2200
    message = parse(data)
    assert message.problems == ()
    assert [part.content_type for part in parts_of(message).parts] == ["application/sdp", "application/pidf+xml"]


def test_reading_is_measured_beside_pythons_own_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "PARSES", 20)
    assert wire.parse_us(wire.invite()) > 0
    assert wire.email_us(wire.invite()) > 0


def test_streams_are_received_and_recorded_beside_bare_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "STREAMS", 4)
    monkeypatch.setattr(wire, "TALK_S", 0.5)
    assert 0 < wire.streams_per_core() < wire.bare_streams_per_core() * 2


def test_bent_inputs_are_tried_on_every_target_and_crashes_are_counted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert wire.crashes_of(60) == 0

    def breaks(_: bytes) -> None:
        raise LawBroken("for the test")

    monkeypatch.setitem(TARGETS, "sdp", breaks)
    assert wire.crashes_of(60) == 10
    assert "sdp crashed" in capsys.readouterr().err


@pytest.mark.needs_sipp
async def test_calls_are_measured_by_the_cpu_time_of_the_server(sipp: str, tmp_path: Path) -> None:
    (tmp_path / "caller.xml").write_text(calls.CALLER)
    async with calls._our_server() as (port, process):
        assert await calls.calls_per_cpu_s(sipp, tmp_path, port, process, calls=300) > 100


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(calls.shutil, "which", lambda _: None)
    calls.signalling()
    assert '"skipped":"sipp is missing' in capsys.readouterr().out
