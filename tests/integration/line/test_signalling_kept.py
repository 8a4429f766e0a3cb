"""What the line keeps of the signalling of its calls: whole, by call, over a SIGKILL; and nothing of it in its log."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from tenfour.calltaking.event import CallConnected, CallerDisconnected, CallPickedUpAgain, CallReceived

MARK = "sEcRet-7319"


class HandSip:
    """A UDP caller that says what it is told, byte for byte, and keeps what comes back."""

    def __init__(self, line_port: int, call_id: str = "hand-written") -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.connect(("127.0.0.1", line_port))
        self._socket.setblocking(False)
        self.port = int(self._socket.getsockname()[1])
        self.call_id, self.to_tag = call_id, ""
        self.heard: list[str] = []
        asyncio.get_running_loop().add_reader(self._socket, self._hear)

    def _hear(self) -> None:
        message = self._socket.recv(65535).decode()
        self.heard.append(message.split("\r\n", 1)[0])
        to = next(line for line in message.split("\r\n") if line.startswith("To:"))
        self.to_tag = to.partition(";tag=")[2] or self.to_tag

    def say(self, method: str, branch: str, number: int, *, more: str = "", body: str = "", length: str = "") -> None:
        tag = f";tag={self.to_tag}" if self.to_tag else ""
        self._socket.send(
            f"{method} urn:service:sos SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bK{branch}\r\n"
            f"From: <sip:9114427186@127.0.0.1>;tag=f\r\nTo: <urn:service:sos>{tag}\r\nCall-ID: {self.call_id}\r\n"
            f"CSeq: {number} {method}\r\nContact: <sip:a@127.0.0.1:{self.port}>\r\n{more}"
            f"Content-Length: {length or len(body)}\r\n\r\n{body}".encode()
        )

    def invite(self, branch: str = "i", number: int = 1, **more: str) -> None:
        sdp = (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio 40000 RTP/AVP 0\r\na=x-mark:{MARK}\r\n"
        )
        given = {"body": sdp, "more": "Content-Type: application/sdp\r\n"} | more
        self.say("INVITE", branch, number, **given)

    def raw(self, data: bytes) -> None:
        self._socket.send(data)

    def leave(self) -> None:
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()


@pytest.fixture
async def hand(line: Any) -> AsyncIterator[HandSip]:
    caller = HandSip(line.sip_port)
    yield caller
    caller.leave()


def lines(line: Any, name: str) -> list[dict[str, str]]:
    """What stands in a file; its last line may be half written."""
    path: Path = line.folder / "signalling" / f"{name}.jsonl"
    whole = path.read_text().splitlines(keepends=True) if path.exists() else []
    return [json.loads(text) for text in whole if text.endswith("\n")]


def others(line: Any) -> list[dict[str, str]]:
    return [one for path in (line.folder / "signalling").glob("other-*.jsonl") for one in lines(line, path.stem)]


def ladder(line: Any, call_id: str) -> list[str]:
    """The call as arrows and sentences."""
    return [
        f"{'>' if entry['way'] == 'in' else '<'} {entry['start'].removeprefix('SIP/2.0 ').split(' urn:')[0]}"
        if entry["is"] == "message"
        else entry.get("what", entry["is"])
        for entry in lines(line, call_id)
    ]


async def connected(centre: Any, hand: HandSip, wait_until: Callable[..., Any]) -> str:
    hand.invite()
    received = await centre.heard_of(CallReceived)
    await wait_until(lambda: "SIP/2.0 180 Ringing" in hand.heard)
    hand.invite()
    await wait_until(lambda: hand.heard.count("SIP/2.0 180 Ringing") == 2)
    centre.answer(received.call_id)
    await wait_until(lambda: "SIP/2.0 200 OK" in hand.heard)
    hand.say("ACK", "a", 1)
    await centre.heard_of(CallConnected)
    return str(received.call_id)


async def test_whole_call_is_kept_with_its_repetition_its_broken_message_and_its_late_bye(
    line: Any, centre: Any, hand: HandSip, wait_until: Callable[..., Any]
) -> None:
    call_id = await connected(centre, hand, wait_until)
    hand.invite("r", 2, length="many")
    hand.raw(f"not SIP {MARK}\r\nCall-ID: hand-written\r\n\r\n{MARK}".encode())
    await wait_until(lambda: "'not SIP" in " ".join(ladder(line, call_id)))
    hand.say("BYE", "b", 9)
    await centre.heard_of(CallerDisconnected)
    hand.say("BYE", "c", 10)
    await wait_until(lambda: "481: no such call" in ladder(line, call_id))
    await wait_until(lambda: ladder(line, call_id)[-1].startswith("< 481"))
    said = ladder(line, call_id)
    wanted = [
        "call", "> INVITE", "a new call", "< 100 Trying", "< 180 Ringing",
        "> INVITE", "a repetition: our last answer went out again", "< 180 Ringing",
        "a person answered", "< 200 OK", "> ACK",
    ]  # fmt: skip
    assert said[: len(wanted)] == wanted
    assert said[-8:] == [
        said[-8], said[-7], "> BYE", "the call is over: the caller's side ended it", "< 200 OK",
        "> BYE", "481: no such call", "< 481 Call/Transaction Does Not Exist",
    ]  # fmt: skip
    broken = next(entry for entry in lines(line, call_id) if entry.get("start", "").startswith("not SIP"))
    assert broken["text"] == f"not SIP {MARK}\r\nCall-ID: hand-written\r\n\r\n{MARK}"
    invite = lines(line, call_id)[1]
    assert invite["text"].startswith("INVITE urn:service:sos SIP/2.0\r\n") and MARK in invite["text"]
    assert (invite["peer"], invite["local"]) == (f"127.0.0.1:{hand.port}", f"127.0.0.1:{line.sip_port}")
    assert [entry["at"] for entry in lines(line, call_id)[1:]] == sorted(
        entry["at"] for entry in lines(line, call_id)[1:]
    )
    assert others(line) == []


async def test_no_body_and_no_broken_message_goes_to_the_log(
    line: Any, centre: Any, hand: HandSip, new_caller: Callable[..., Any], wait_until: Callable[..., Any]
) -> None:
    await connected(centre, hand, wait_until)
    hand.say("INFO", "n", 2, more="Content-Type: text/plain\r\n", body=MARK)
    hand.say("MESSAGE", "m", 3, more="Content-Type: text/plain\r\n", body=MARK)
    hand.say("UPDATE", "u", 4, more="Content-Type: application/sdp\r\n", body=f"v=0\r\nm={MARK}\r\n")
    hand.say("MESSAGE", "o", 5, more=f"From: {MARK}\r\nContent-Type: multipart/mixed\r\n", body=MARK)
    hand.raw(MARK.encode())
    hand.raw(f"{MARK}\r\n\r\n{MARK}".encode())
    hand.raw(f"INVITE {MARK} SIP/1\r\nVia: {MARK}\r\nFrom: {MARK}\r\nCall-ID: x\r\n\r\n{MARK}".encode())
    hand.raw(f"SIP/2.0 200 {MARK}\r\nVia: {MARK}\r\nCSeq: {MARK}\r\n\r\n{MARK}".encode())
    _, writer = await asyncio.open_connection("127.0.0.1", line.sip_port)
    writer.write(f"INFO {MARK} SIP/2.0\r\nContent-Length: {MARK}\r\n\r\n{MARK}".encode())
    hand.say("BYE", "b", 9)
    await centre.heard_of(CallerDisconnected)
    await wait_until(lambda: sum(entry["is"] == "problem" for entry in others(line)) >= 5)
    writer.close()
    await line.stop()
    log = line.log()
    assert "a message could not be used" in log and "is no message" in log
    assert MARK not in log
    assert any(MARK in entry.get("text", "") for entry in others(line))


async def test_message_of_no_call_is_kept_for_the_day(line: Any, wait_until: Callable[..., Any]) -> None:
    stranger = HandSip(line.sip_port, "stranger")
    stranger.say("OPTIONS", "o", 1)
    await wait_until(lambda: len(others(line)) >= 2)
    assert [(entry["way"], entry["sip_call_id"]) for entry in others(line)] == [("in", "stranger"), ("out", "stranger")]
    stranger.leave()


@pytest.mark.parametrize("transport", ["UDP", "TCP"])
async def test_killed_line_goes_on_in_the_same_file(
    line: Any, centre: Any, new_caller: Callable[..., Any], wait_until: Callable[..., Any], transport: str
) -> None:
    caller = new_caller(transport)
    await caller.listen()
    caller.dial()
    received = await centre.heard_of(CallReceived)
    centre.answer(received.call_id)
    await caller.answered()
    await centre.heard_of(CallConnected)
    await wait_until(lambda: "> ACK" in [step.split(" sip:")[0] for step in ladder(line, received.call_id)])
    await line.kill()
    before = ladder(line, received.call_id)
    await line.start()
    await centre.heard_of(CallPickedUpAgain)
    centre.link.release(received.call_id)
    await wait_until(lambda: ladder(line, received.call_id)[-1] == "the call is over: the centre ended it")
    await line.kill()
    after = ladder(line, received.call_id)
    assert after[: len(before)] == before
    assert before[1:3] == ["> INVITE", "a new call"]
    assert after[len(before)] == "The line was started again."
    assert after[len(before) + 1].startswith("< BYE")
    assert after[-2] == "> 200 OK"
    assert {entry["transport"] for entry in lines(line, received.call_id) if entry["is"] == "message"} == {transport}
    await line.start()


async def test_late_bye_after_a_kill_is_still_with_its_call(
    line: Any, centre: Any, hand: HandSip, wait_until: Callable[..., Any]
) -> None:
    call_id = await connected(centre, hand, wait_until)
    hand.say("BYE", "b", 2)
    await centre.heard_of(CallerDisconnected)
    await wait_until(lambda: "> BYE" in ladder(line, call_id))
    await line.kill()
    await line.start()
    hand.say("BYE", "b", 2)
    await wait_until(lambda: "481: no such call" in ladder(line, call_id))


async def test_folder_that_cannot_be_written_disturbs_no_call(
    line: Any, centre: Any, hand: HandSip, wait_until: Callable[..., Any]
) -> None:
    (line.folder / "signalling").write_text("in the way")
    await connected(centre, hand, wait_until)
    hand.say("BYE", "b", 2)
    await centre.heard_of(CallerDisconnected)
    await line.stop()
    assert line.log().count("signalling is not being kept") == 1
    closed = next(json.loads(text) for text in line.log().splitlines() if "the line is closed" in text)
    assert closed["signalling_not_kept"] >= 8
