"""What is kept of the signalling: by call, within bounds, and never at a call's expense."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tenfour.adapters import signal_folder, signal_router
from tenfour.adapters.signal_trace import WAITING_BYTES, SignalTrace
from tenfour.telephony.flow import Flow
from tenfour.vocabulary.ids import CallId

CALL = CallId("call0123456789")
PEER = Flow("UDP", "192.0.2.1", 5060)
OURS = "192.0.2.9:5060"


def message(call_id: str = "one", start: str = "INVITE urn:service:sos SIP/2.0", body: str = "") -> bytes:
    return f"{start}\r\nCall-ID: {call_id}\r\nCSeq: 1 INVITE\r\n\r\n{body}".encode()


async def close(trace: SignalTrace) -> None:
    await trace.close()


class Kept:
    """A folder, the trace that writes it, and what stands in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "signalling"
        self.other_limit = 1_000_000
        self.open()

    def open(self) -> None:
        self.trace = SignalTrace(self.folder, other_limit=self.other_limit)

    def close(self) -> None:
        asyncio.run(close(self.trace))

    def came(self, data: bytes) -> None:
        self.trace.passed("in", PEER, OURS, data)

    def lines(self, name: str = CALL) -> list[dict[str, str]]:
        return [json.loads(line) for line in (self.folder / f"{name}.jsonl").read_text().splitlines()]

    def others(self) -> list[dict[str, str]]:
        return [line for path in sorted(self.folder.glob("other-*.jsonl")) for line in self.lines(path.stem)]

    def what(self, name: str = CALL) -> list[str]:
        return [line.get("start") or line.get("what") or line["is"] for line in self.lines(name)]


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


def test_invite_that_came_before_its_call_was_known_is_the_first_in_its_file(kept: Kept) -> None:
    kept.came(message())
    kept.trace.decided("one", "a new call")
    kept.trace.known("one", CALL)
    kept.trace.passed("out", PEER, OURS, message(start="SIP/2.0 100 Trying"))
    kept.close()
    assert kept.what() == ["call", "INVITE urn:service:sos SIP/2.0", "a new call", "SIP/2.0 100 Trying"]
    first, invite, _, trying = kept.lines()
    assert (first["call_id"], first["sip_call_id"]) == (CALL, "one")
    assert invite["at"].endswith("Z") and len(invite["at"].split(".")[1]) == 7
    assert (invite["way"], invite["transport"], invite["local"], invite["peer"]) == (
        "in", "UDP", OURS, "192.0.2.1:5060",
    )  # fmt: skip
    assert invite["cseq"] == "1 INVITE"
    assert invite["text"] == message().decode()
    assert trying["way"] == "out"
    assert kept.others() == []


def test_folder_and_files_are_the_owners_alone(kept: Kept) -> None:
    kept.came(message())
    kept.trace.known("one", CALL)
    kept.came(message("two"))
    kept.close()
    assert kept.folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in kept.folder.iterdir()} == {0o600}


def test_message_of_no_call_goes_to_the_days_file_and_to_a_call_that_comes_later(kept: Kept) -> None:
    kept.came(message("two", "OPTIONS sip:911@192.0.2.9 SIP/2.0"))
    kept.came(message())
    kept.trace.decided("one", "401: who calls?")
    wait(lambda: len(kept.others()) == 3, kept)
    kept.trace.known("one", CALL)
    kept.close()
    assert [line["sip_call_id"] for line in kept.others()] == ["two", "one", "one"]
    assert kept.what() == ["call", "INVITE urn:service:sos SIP/2.0", "401: who calls?"]


def test_late_message_of_an_ended_call_is_still_its_own_and_after_a_restart_too(kept: Kept) -> None:
    kept.trace.known("one", CALL)
    kept.trace.over(CALL)
    kept.came(message(start="BYE sip:911@192.0.2.9 SIP/2.0"))
    kept.close()
    kept.open()
    kept.came(message(start="BYE sip:again@192.0.2.9 SIP/2.0"))
    kept.close()
    assert kept.what() == ["call", "BYE sip:911@192.0.2.9 SIP/2.0", "BYE sip:again@192.0.2.9 SIP/2.0"]
    assert kept.others() == []


def test_call_taken_up_after_a_restart_goes_on_in_its_file_behind_a_torn_line(kept: Kept) -> None:
    kept.trace.known("one", CALL)
    kept.close()
    with (kept.folder / f"{CALL}.jsonl").open("ab") as file:
        file.write(b'{"is":"mess')
    kept.open()
    kept.trace.known("one", CALL, again=True)
    kept.came(message())
    kept.close()
    lines = (kept.folder / f"{CALL}.jsonl").read_text().splitlines()
    assert lines[1] == '{"is":"mess'
    assert [json.loads(line)["is"] for line in lines[2:]] == ["note", "message"]


def test_full_file_says_so_once_counts_and_keeps_the_last(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signal_folder, "ENTRIES_LIMIT", 10)
    kept.trace.known("one", CALL)
    for number in range(200):
        kept.trace.decided("one", f"decision {number}")
    kept.trace.over(CALL)
    for number in range(200):
        kept.trace.decided("one", f"late {number}")
    kept.close()
    what = kept.what()
    assert what[1:10] == [f"decision {number}" for number in range(9)]
    assert what[10].startswith("The file of this call is full")
    assert what[11] == "191 entries had no room; the last are these."
    assert what[12:62] == [f"decision {number}" for number in range(150, 200)]
    assert what[62:112] == [f"late {number}" for number in range(50)]
    assert len(what) == 113


def test_days_file_has_its_bound(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.close()
    kept.other_limit = 2000
    kept.open()
    for number in range(100):
        kept.came(message(f"no-call-{number}"))
    kept.close()
    others = kept.others()
    assert others[-1]["what"] == "This day's file is full; what follows is counted only."
    assert 3 < len(others) < 15
    assert sum(path.stat().st_size for path in kept.folder.iterdir()) < 2300


def test_broken_message_is_kept_whole_with_its_problem(kept: Kept) -> None:
    kept.trace.known("one", CALL)
    for call_id in ("one", "nobody"):
        broken = message(call_id, start="INVITE", body="x" * 40_000)
        kept.came(broken)
        kept.trace.broken(broken, "'INVITE' is no request line.")
    kept.close()
    for message_line, problem in (kept.lines()[1:], kept.others()):
        assert message_line["text"].endswith("x" * 40_000)
        assert (problem["is"], problem["what"]) == ("problem", "'INVITE' is no request line.")


def test_bytes_that_are_no_text_are_kept_as_base64(kept: Kept) -> None:
    kept.trace.known("one", CALL)
    kept.came(message() + b"\xff\xfe")
    kept.close()
    assert "text" not in kept.lines()[1]
    assert kept.lines()[1]["base64"]


def test_keep_alives_are_not_kept(kept: Kept) -> None:
    for ping in (b"", b"\r\n\r\n", b"\0"):
        kept.came(ping)
    kept.close()
    assert not kept.folder.exists()


def test_two_calls_of_one_call_id_each_have_what_follows(kept: Kept) -> None:
    second = CallId("second0123456789")
    kept.trace.known("one", CALL)
    kept.trace.known("one", second)
    kept.came(message())
    kept.close()
    assert kept.what()[1:] == ["INVITE urn:service:sos SIP/2.0"]
    assert kept.what(second) == [
        "call",
        f"Its first messages are with call {CALL}, which has the same SIP Call-ID.",
        "INVITE urn:service:sos SIP/2.0",
    ]


def test_what_a_disk_does_not_take_is_counted(tmp_path: Path) -> None:
    (tmp_path / "signalling").write_text("in the way")
    kept = Kept(tmp_path)
    kept.trace.known("one", CALL)
    for _ in range(5):
        kept.came(message())
    kept.close()
    assert kept.trace.not_kept == 6


def test_queue_is_bounded_and_calls_are_known_all_the_same(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept.trace, "_taken_bytes", -WAITING_BYTES)
    kept.came(message())
    assert kept.trace.not_kept == 1
    kept.trace.known("one", CALL)
    monkeypatch.undo()
    kept.came(message())
    kept.close()
    assert kept.what() == ["call", "INVITE urn:service:sos SIP/2.0"]


def test_calls_are_forgotten_long_after_their_end_and_the_oldest_when_there_are_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signal_router, "CALLS_LIMIT", 2)
    kept = Kept(tmp_path)
    for number in range(3):
        kept.trace.known(f"call-{number}", CallId(f"call{number}aaaaaaaa"))
    kept.trace.over(CallId("call1aaaaaaaa"))
    kept.trace.known("call-3", CallId("call3aaaaaaaa"))
    for number in range(4):
        kept.came(message(f"call-{number}"))
    kept.close()
    assert [line["sip_call_id"] for line in kept.others()] == ["call-0", "call-1"]


def test_what_no_call_asked_for_is_remembered_within_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signal_router, "REMEMBERED_ENTRIES", 5)
    kept = Kept(tmp_path)
    for number in range(10):
        kept.came(message(f"call-{number}"))
    wait(lambda: len(kept.others()) == 10, kept)
    for number in (0, 9):
        kept.trace.known(f"call-{number}", CallId(f"call{number}aaaaaaaa"))
    kept.close()
    assert kept.what("call0aaaaaaaa") == ["call"]
    assert kept.what("call9aaaaaaaa") == ["call", "INVITE urn:service:sos SIP/2.0"]


def wait(true: Callable[[], bool], kept: Kept) -> None:
    """Until the writing thread has done it, ten seconds at most."""

    async def poll() -> None:
        async with asyncio.timeout(10):
            while not (kept.folder.exists() and true()):
                await asyncio.sleep(0.01)

    asyncio.run(poll())
