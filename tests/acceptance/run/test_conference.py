"""A third party is called into a call by HTTP: who hears whom by tones, and what becomes of the caller whoever goes."""

import asyncio
import io
import os
import signal
import wave
from collections import deque
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from tenfour.adapters.supervisor import Supervisor
from tenfour.calltaking.comment import is_comment, words_of
from tenfour.cli.run import DEMO_CACHE
from tenfour.cli.story import free_port
from tenfour.demo.make import make_centre
from tenfour.play.api import CentreSaidNo, Door
from tenfour.play.caller import PlacedCall, dial, drop, put_away
from tenfour.play.cast import Caller
from tenfour.play.headset import Headset
from tenfour.telephony.g711 import Samples
from tenfour.telephony.sip_event import Answered, ByeReceived, Cancelled, InviteReceived, RequestAnswered

from ...integration.line.telephones import write_baresip
from .outside import WITHIN_S, Outside, loudest, tone, tones_in

CALLER_HZ, INTERPRETER_HZ, CENTRE_HZ = 1100.0, 1900.0, 2700.0
BARESIP_HZ = 700.0
ALL_HZ = (CALLER_HZ, INTERPRETER_HZ, CENTRE_HZ)

SETTINGS = """
[outgoing]
proxy = "127.0.0.1:{trunk}"
number = "614-555-0100"
no_answer_s = 2

[[third_party]]
name = "Spanish interpreter"
kind = "interpreter"
uri = "sip:es@127.0.0.1:{interpreter}"
key = "1"
languages = ["es"]

[[transfer]]
name = "Franklin"
uri = "sip:911@127.0.0.1:{franklin}"

[[transfer]]
name = "Delaware"
uri = "sip:911@127.0.0.1:{franklin}"
how = "bridge"
"""


class Centre:
    """A demo centre, a call taker's door, telephones of outside, and callers."""

    def __init__(self, door: Door, supervisor: Supervisor, sip: tuple[str, int]) -> None:
        self.door, self.supervisor, self.sip, self.trunk = door, supervisor, sip, free_port()
        self.interpreter, self.franklin = Outside(INTERPRETER_HZ), Outside(CENTRE_HZ)
        self.callers: list[PlacedCall] = []
        self.heard: deque[Samples] = deque(maxlen=50)
        """The last second of what the caller hears."""

    async def call(self, number: str) -> tuple[PlacedCall, str]:
        """A call that was answered, whose caller says its tone."""
        caller = await dial(Caller(name="caller", number=number), sip=self.sip, bind="127.0.0.1", location_uri="")
        self.callers.append(caller)
        caller.voice.on_sound = self.heard.append
        row = await self.row(lambda row: row["ani"] == number)
        await self.door.post(f"/api/calls/{row['call_id']}/answer", {})
        async with asyncio.timeout(WITHIN_S):
            await caller.answered.wait()
        caller.voice.speak(tone(CALLER_HZ, 120.0))
        await self.row(lambda one: one["call_id"] == row["call_id"] and one["state"] == "talking")
        return caller, str(row["call_id"])

    async def call_in(self, call_id: str, to: Outside, name: str, **more: Any) -> str:
        """Somebody is called, answers, and is in the call: its own call's id."""
        await self.door.post(f"/api/calls/{call_id}/third-parties", {"to": name, **more})
        await to.called()
        to.ring()
        await self.party(call_id, name, "ringing")
        to.answer()
        return str((await self.party(call_id, name, "in_call", heard=True))["call_id"])

    async def row(self, wanted: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        async with asyncio.timeout(WITHIN_S):
            while True:
                board = await self.door.get("/api/board")
                found = next((row for row in board["calls"] if wanted(row)), None)
                if found is not None:
                    return dict(found)
                await asyncio.sleep(0.05)

    async def party(self, call_id: str, name: str, state: str, *, heard: bool | None = None) -> dict[str, Any]:
        def parties(row: dict[str, Any]) -> list[dict[str, Any]]:
            of_it = row["call_id"] == call_id and row["conference"] is not None
            parties = row["conference"]["parties"] if of_it else []
            named = [one for one in parties if (one["name"], one["state"]) == (name, state)]
            return [one for one in named if heard is None or one["heard"] is heard]

        return parties(await self.row(parties))[-1]

    async def has_headset(self, position: str) -> None:
        async with asyncio.timeout(WITHIN_S):
            while True:
                board = await self.door.get("/api/board")
                if any(one["position_id"] == position and one["headset"] == "connected" for one in board["positions"]):
                    return
                await asyncio.sleep(0.05)

    async def facts(self, call_id: str) -> list[str]:
        return [fact["type"] for fact in await self.door.get("/api/facts", stream=f"call/{call_id}", limit=1000)]

    def caller_hears(self) -> set[float]:
        return tones_in(heard_by(self), ALL_HZ)

    async def caller_hears_something(self) -> None:
        self.heard.clear()
        await until(lambda: len(self.heard) > 10 and max(np.abs(one).max() for one in self.heard) > 500, "no sound")

    async def recording(self, call_id: str) -> tuple[Samples, Samples]:
        token = {"Authorization": f"Bearer {self.door.token}"}
        async with httpx.AsyncClient(base_url=self.door.url, headers=token, trust_env=False) as client:
            answer = await client.get(f"/api/calls/{call_id}/recordings/1.wav")
        answer.raise_for_status()
        with wave.open(io.BytesIO(answer.content)) as file:
            both = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, 2)
        return both[:, 0], both[:, 1]


async def until(condition: Callable[[], Any], what: str) -> None:
    try:
        async with asyncio.timeout(WITHIN_S):
            while not condition():
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(what) from None


OVERFLOW = """
[[calltaking.queue]]
name = "all"
overflow_to = "Franklin"
overflow_after_s = 1
"""


@pytest.fixture
async def centre(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Centre]:
    """`request.param`: more of the policy."""
    folder = tmp_path / "centre"
    http, sip = f"127.0.0.1:{free_port()}", free_port()
    await asyncio.to_thread(
        make_centre, folder, DEMO_CACHE, http=http, sip=f"127.0.0.1:{sip}", rtp_ports=(53000, 53998)
    )
    supervisor, stop = Supervisor(folder, http=http, sip=f"127.0.0.1:{sip}", say=lambda _words: None), asyncio.Event()
    made = Centre(Door(f"http://{http}"), supervisor, ("127.0.0.1", sip))
    with (folder / "centre.toml").open("a") as settings:
        ports = {"interpreter": made.interpreter.port, "franklin": made.franklin.port}
        settings.write(SETTINGS.format(trunk=made.trunk, **ports))
    with (folder / "policy.toml").open("a") as policy:
        policy.write(getattr(request, "param", ""))
    running = asyncio.create_task(supervisor.run(stop))
    try:
        await supervisor.ready()
        await made.interpreter.open()
        await made.franklin.open()
        await made.door.log_in(role="call_taker", person="adeyemi", position="04")
        yield made
    finally:
        for call in made.callers:
            await put_away(call)
        await made.interpreter.close()
        await made.franklin.close()
        stop.set()
        await running
        await made.door.close()


async def test_third_parties_and_caller_hear_each_other_and_nobody_itself(centre: Centre) -> None:
    caller, call_id = await centre.call("614-555-0161")
    third = await centre.call_in(call_id, centre.interpreter, "Spanish interpreter")
    await until(lambda: centre.caller_hears() == {INTERPRETER_HZ}, "the caller does not hear the interpreter alone")
    await until(lambda: centre.interpreter.hears(ALL_HZ) == {CALLER_HZ}, "the interpreter does not hear the caller")
    await centre.call_in(call_id, centre.franklin, "Franklin")
    both = {INTERPRETER_HZ, CENTRE_HZ}
    await until(lambda: centre.caller_hears() == both, "the caller does not hear both")
    await until(lambda: centre.interpreter.hears(ALL_HZ) == {CALLER_HZ, CENTRE_HZ}, "the interpreter hears not both")
    await until(lambda: centre.franklin.hears(ALL_HZ) == {CALLER_HZ, INTERPRETER_HZ}, "the centre hears not both")
    row = await centre.row(lambda one: one["call_id"] == call_id)
    assert row["caller_hears"] == "Spanish interpreter and Franklin"

    await centre.door.post(f"/api/calls/{call_id}/third-parties/drop", {"third": third})
    await until(lambda: centre.interpreter.took(ByeReceived), "the interpreter was not let go")
    gone = await centre.party(call_id, "Spanish interpreter", "gone")
    assert gone["state_words"] == "gone. Released by the centre."
    await until(lambda: centre.caller_hears() == {CENTRE_HZ}, "the caller hears the interpreter still")
    centre.franklin.hang_up()
    await centre.party(call_id, "Franklin", "gone")
    await centre.caller_hears_something()
    assert not caller.over.is_set()
    told = await centre.facts(call_id)
    order = [one for one in told if one.startswith("ThirdParty")]
    assert order == [*(f"ThirdParty{one}" for one in ("Called", "Ringing", "Joined") * 2), *["ThirdPartyLeft"] * 2]
    await drop(caller)
    await centre.row(lambda one: one["call_id"] == call_id and one["ended_at"] is not None)
    said, heard = await centre.recording(call_id)
    assert tones_in(said, ALL_HZ) == {CALLER_HZ}
    assert tones_in(heard, ALL_HZ) == both


@pytest.mark.parametrize(
    ("status", "why"),
    [(486, "busy (486"), (603, "declined (603"), (404, "no such number (404"), (0, "nobody answered")],
)
async def test_third_party_that_is_not_reached_is_said_and_the_caller_is_kept(
    centre: Centre, status: int, why: str
) -> None:
    caller, call_id = await centre.call("614-555-0162")
    await centre.door.post(f"/api/calls/{call_id}/third-parties", {"to": "Spanish interpreter"})
    await centre.interpreter.called()
    with pytest.raises(CentreSaidNo, match="is in the call, or called, already"):
        await centre.door.post(f"/api/calls/{call_id}/third-parties", {"to": "Spanish interpreter"})
    with pytest.raises(CentreSaidNo, match="not in the call; the caller is left to nobody"):
        await centre.door.post(f"/api/calls/{call_id}/hand-over", {})
    if status:
        centre.interpreter.refuse(status)
    party = await centre.party(call_id, "Spanish interpreter", "not_reached")
    assert why in party["state_words"]
    assert not caller.over.is_set()
    await centre.caller_hears_something()
    assert (await centre.facts(call_id)).count("ThirdPartyLeft") == 1


async def test_caller_on_hold_hears_the_hold_sound_while_we_speak_with_the_other_centre(centre: Centre) -> None:
    _caller, call_id = await centre.call("614-555-0163")
    await centre.call_in(call_id, centre.franklin, "Franklin", hold=True)
    row = await centre.row(lambda one: one["call_id"] == call_id)
    assert (row["voice"] is None, row["caller_hears"]) == (True, "the hold sound")
    await centre.caller_hears_something()
    await until(lambda: centre.caller_hears() == set(), "the held caller hears the other centre")
    await until(lambda: centre.franklin.hears(ALL_HZ) == set(), "the other centre hears the held caller")
    invite = centre.franklin.invite
    assert f":{call_id}:" in " ".join(invite.request.listed("Call-Info"))
    await centre.door.post(f"/api/calls/{call_id}/hand-over", {})
    await until(lambda: centre.caller_hears() == {CENTRE_HZ}, "the caller does not hear the other centre")
    await until(lambda: centre.franklin.hears(ALL_HZ) == {CALLER_HZ}, "the other centre does not hear the caller")


async def handed_over(centre: Centre, number: str) -> tuple[PlacedCall, str, str]:
    """A call that was left to Franklin; both hear each other."""
    caller, call_id = await centre.call(number)
    third = await centre.call_in(call_id, centre.franklin, "Franklin")
    row = await centre.door.post(f"/api/calls/{call_id}/hand-over", {})
    assert (row["position"], row["conference"]["handed_over_to"]) == (None, "Franklin")
    await bridged(centre)
    return caller, call_id, third


async def bridged(centre: Centre) -> None:
    await until(lambda: centre.caller_hears() == {CENTRE_HZ}, "the caller does not hear the other centre")
    await until(lambda: centre.franklin.hears(ALL_HZ) == {CALLER_HZ}, "the other centre does not hear the caller")


async def test_caller_whose_side_knows_no_refer_is_passed_on_through_us(centre: Centre) -> None:
    _caller, call_id = await centre.call("614-555-0169")
    await centre.door.post(f"/api/calls/{call_id}/transfer", {"to": "Franklin"})
    await centre.franklin.called()
    row = await centre.row(lambda one: one["call_id"] == call_id and "through us" in one["transfer_words"])
    assert row["transfer_words"] == "being passed on to Franklin through us: being called"
    assert centre.franklin.invite.request.first("Resource-Priority") == "esnet.1"
    centre.franklin.answer()
    await bridged(centre)
    row = await centre.row(lambda one: one["call_id"] == call_id and one["position"] is None)
    assert row["transfer_words"] == "passed on to Franklin, through us"
    told = await centre.facts(call_id)
    assert [one for one in told if one in {"TransferFailed", "ThirdPartyJoined", "CallHandedOver"}] == [
        "TransferFailed",
        "ThirdPartyJoined",
        "CallHandedOver",
    ]


async def test_caller_is_connected_with_whom_the_call_taker_spoke_first_where_refer_is_refused(centre: Centre) -> None:
    _caller, call_id = await centre.call("614-555-0170")
    third = await centre.call_in(call_id, centre.franklin, "Franklin", hold=True)
    await centre.door.post(f"/api/calls/{call_id}/transfer", {"to_call": third})
    await bridged(centre)
    row = await centre.row(lambda one: one["call_id"] == call_id and one["position"] is None)
    assert row["transfer_words"] == "passed on to Franklin, through us"
    assert len(centre.franklin.took(InviteReceived)) == 1


@pytest.mark.parametrize("taken", [True, False])
async def test_centre_that_is_bridged_is_called_without_a_refer(centre: Centre, taken: bool) -> None:
    caller, call_id = await centre.call("614-555-0171")
    row = await centre.door.post(f"/api/calls/{call_id}/transfer", {"to": "Delaware"})
    assert row["transfer_words"] == "being passed on to Delaware through us: being called"
    await centre.franklin.called()
    if taken:
        centre.franklin.answer()
        await bridged(centre)
    else:
        centre.franklin.refuse(486)
        row = await centre.row(lambda one: one["call_id"] == call_id and one["transfer_words"].startswith("not passed"))
        assert (row["position"], "busy" in row["transfer_words"]) == ("04", True)
        await centre.caller_hears_something()
    assert not caller.over.is_set()
    assert "TransferOrdered" not in await centre.facts(call_id)


def told(telephone: Outside) -> str:
    """What the newest INVITE to it says in words; the Call-Info must name the block."""
    invite = telephone.invite
    block = next((part for part in invite.parts if is_comment(part.content_type)), None)
    if block is None:
        return ""
    assert f"<cid:{block.content_id}>;purpose=EmergencyCallData.Comment" in invite.request.listed("Call-Info")
    return words_of(block.content.decode())


async def test_other_centre_is_told_in_words_what_is_known_and_an_interpreter_is_not(centre: Centre) -> None:
    _caller, call_id = await centre.call("911-555-0162")
    row = await centre.row(lambda one: one["call_id"] == call_id and one["incident_id"])
    await centre.door.post(f"/api/incidents/{row['incident_id']}/kind", {"kind": "INFO"})
    await centre.call_in(call_id, centre.interpreter, "Spanish interpreter")
    await centre.door.post(f"/api/calls/{call_id}/transfer", {"to": "Delaware"})
    await centre.franklin.called()
    assert told(centre.interpreter) == ""
    words = told(centre.franklin)
    assert words.startswith("Incident ")
    for each in (
        "Caller: 911-555-0162. No service plan: cannot be called back or texted.",
        "Kind INFO.",
        "Nobody was sent yet.",
    ):
        assert each in words
    placed = [fact async for fact in placed_with_words(centre)]
    assert placed == [words]


async def placed_with_words(centre: Centre) -> AsyncIterator[str]:
    for fact in await centre.door.get("/api/facts", limit=1000):
        if fact["type"] == "CallPlaced" and fact["payload"].get("told"):
            yield fact["payload"]["told"]


@pytest.mark.parametrize("status", [415, 400, 488])
async def test_centre_that_takes_no_body_of_several_parts_is_called_once_more_without_the_words(
    centre: Centre, status: int
) -> None:
    _caller, call_id = await centre.call("614-555-0173")
    await centre.door.post(f"/api/calls/{call_id}/transfer", {"to": "Delaware"})
    await centre.franklin.called()
    assert told(centre.franklin)
    centre.franklin.refuse(status)
    await centre.franklin.called(2)
    assert (told(centre.franklin), len(centre.franklin.invite.parts)) == ("", 1)
    centre.franklin.answer()
    await bridged(centre)
    row = await centre.row(lambda one: one["call_id"] == call_id and one["position"] is None)
    assert row["transfer_words"] == "passed on to Delaware, through us"


async def test_centre_that_refuses_twice_has_refused(centre: Centre) -> None:
    _caller, call_id = await centre.call("614-555-0174")
    await centre.door.post(f"/api/calls/{call_id}/transfer", {"to": "Delaware"})
    for times in (1, 2):
        await centre.franklin.called(times)
        centre.franklin.refuse(488)
    row = await centre.row(lambda one: one["call_id"] == call_id and one["transfer_words"].startswith("not passed"))
    assert row["position"] == "04"
    assert len(centre.franklin.took(InviteReceived)) == 2


async def test_position_is_free_after_a_hand_over_and_the_callers_end_ends_both(centre: Centre) -> None:
    caller, call_id, third = await handed_over(centre, "614-555-0164")
    board = await centre.door.get("/api/board")
    position = next(one for one in board["positions"] if one["position_id"] == "04")
    assert position["state"] in ("wrap_up", "ready")
    await drop(caller)
    await until(lambda: centre.franklin.took(ByeReceived), "the other centre's call goes on")
    over = await centre.row(lambda one: one["call_id"] == third and one["ended_at"] is not None)
    incident = f"/api/incidents/{over['incident_id']}"
    dispatcher = Door(centre.door.url)
    await dispatcher.log_in(role="dispatcher", person="novak", position="05")
    proposed = await dispatcher.post(f"{incident}/propose", {"words": "Franklin has it."})
    assert (proposed["dispositions"], proposed["may_close"]) == ([["15", "Referred"]], True)
    ended = {"words": "Franklin has it.", "dispositions": ["15"], "cause": "unknown"}
    assert (await dispatcher.post(f"{incident}/close", ended))["status"] == "Closed"
    await dispatcher.close()
    assert over["ended_words"] == "Released by the centre."
    assert "CallHandedOver" in await centre.facts(call_id)
    _said, heard = await centre.recording(call_id)
    assert tones_in(heard[-8000:], ALL_HZ) == {CENTRE_HZ}


async def test_caller_whose_other_centre_hangs_up_comes_back_and_rings_everywhere(centre: Centre) -> None:
    caller, call_id, _third = await handed_over(centre, "614-555-0165")
    centre.franklin.hang_up()
    row = await centre.row(lambda one: one["call_id"] == call_id and one["state"] == "ringing")
    assert row["conference"]["words"].startswith("Franklin is gone. Disconnected by the other side")
    await centre.caller_hears_something()
    assert not caller.over.is_set()
    await centre.door.post(f"/api/calls/{call_id}/answer", {})
    row = await centre.row(lambda one: one["call_id"] == call_id and one["state"] == "talking")
    assert row["position"] == "04"
    assert "CallCameBack" in await centre.facts(call_id)


async def test_caller_who_was_left_to_the_other_centre_is_taken_back_and_all_three_hear_each_other(
    centre: Centre,
) -> None:
    _caller, call_id, _third = await handed_over(centre, "614-555-0181")
    with pytest.raises(CentreSaidNo, match="no headset"):
        await centre.door.post(f"/api/calls/{call_id}/take-back", {})
    headset = await Headset.open("127.0.0.1")
    try:
        headset.take_answer(str((await centre.door.post("/api/voice", {"sdp": headset.offer()}))["sdp"]))
        await until(headset.connected.is_set, "the headset is not connected")
        headset.speak(tone(INTERPRETER_HZ, 60.0))
        await centre.has_headset("04")
        row = await centre.door.post(f"/api/calls/{call_id}/take-back", {})
        assert (row["position"], row["conference"]["handed_over_to"]) == ("04", "")
        both = {INTERPRETER_HZ, CENTRE_HZ}
        await until(lambda: centre.caller_hears() == both, "the caller does not hear the call taker and the centre")
        with_us = {CALLER_HZ, INTERPRETER_HZ}
        await until(lambda: centre.franklin.hears(ALL_HZ) == with_us, "the centre does not hear caller and call taker")
        centre.franklin.hang_up()
        await centre.party(call_id, "Franklin", "gone")
        await until(lambda: centre.caller_hears() == {INTERPRETER_HZ}, "the caller does not hear the call taker alone")
        assert (await centre.row(lambda one: one["call_id"] == call_id))["state"] == "talking"
    finally:
        await headset.close()


async def test_caller_is_not_left_to_a_centre_that_says_nothing_unless_a_reason_is_given(centre: Centre) -> None:
    _caller, call_id = await centre.call("614-555-0182")
    centre.franklin.is_silent = True
    await centre.door.post(f"/api/calls/{call_id}/third-parties", {"to": "Franklin"})
    await centre.franklin.called()
    centre.franklin.answer()
    party = await centre.party(call_id, "Franklin", "in_call")
    assert (party["heard"], party["state_words"]) == (False, "in the call, nothing was heard of it yet")
    with pytest.raises(CentreSaidNo, match="nothing was heard of Franklin yet"):
        await centre.door.post(f"/api/calls/{call_id}/hand-over", {})
    row = await centre.door.post(f"/api/calls/{call_id}/hand-over", {"reason": "They hear, and cannot speak."})
    assert row["conference"]["handed_over_to"] == "Franklin"


@pytest.mark.parametrize("centre", ["\n[calltaking]\nhanded_over_silent_s = 5\n"], indirect=True)
async def test_caller_whose_other_centre_falls_silent_without_a_bye_rings_here_and_is_spoken_with(
    centre: Centre,
) -> None:
    caller, call_id, third = await handed_over(centre, "614-555-0179")
    centre.franklin.fall_silent()
    row = await centre.row(lambda one: one["call_id"] == call_id and one["state"] == "ringing")
    assert row["conference"]["words"] == "Nothing is heard from Franklin for 5 s."
    assert not caller.over.is_set()
    await centre.door.post(f"/api/calls/{call_id}/answer", {})
    await centre.row(lambda one: one["call_id"] == call_id and one["state"] == "talking" and one["position"] == "04")
    await centre.door.post(f"/api/calls/{third}/release", {})
    await centre.row(lambda one: one["call_id"] == third and one["state"] == "released")
    row = await centre.row(lambda one: one["call_id"] == call_id)
    assert (row["state"], row["position"], row["conference"]["handed_over_to"]) == ("talking", "04", "")


@pytest.mark.parametrize("process", ["worker", "line", "center"])
async def test_killed_process_leaves_caller_and_other_centre_connected(centre: Centre, process: str) -> None:
    caller, call_id, third = await handed_over(centre, "614-555-0166")
    line, center = centre.supervisor.line.pid, centre.supervisor.center.pid
    assert line is not None and center is not None
    os.kill({"worker": media_worker(line), "line": line, "center": center}[process], signal.SIGKILL)
    centre.heard.clear()
    centre.franklin.heard.clear()
    await bridged(centre)
    assert not caller.over.is_set()
    await drop(caller)
    await until(lambda: centre.franklin.took(ByeReceived), "the other centre's call goes on")
    await centre.supervisor.ready()
    await centre.row(lambda one: one["call_id"] == third and one["ended_at"] is not None)
    told = await centre.facts(call_id)
    assert "CallCameBack" not in told
    if process != "center":
        assert {"worker": "AudioPickedUpAgain", "line": "CallPickedUpAgain"}[process] in told


def media_worker(line: int) -> int:
    """The one that carries calls: it has been there longest."""
    children = Path(f"/proc/{line}/task/{line}/children").read_text().split()
    return min(int(child) for child in children if b"tenfour.media" in Path(f"/proc/{child}/cmdline").read_bytes())


@pytest.mark.parametrize("centre", [OVERFLOW], indirect=True)
async def test_call_that_nobody_takes_overflows_to_another_centre_through_us(centre: Centre) -> None:
    caller = await dial(Caller(name="caller", number="614-555-0172"), sip=centre.sip, bind="127.0.0.1", location_uri="")
    centre.callers.append(caller)
    caller.voice.on_sound = centre.heard.append
    await centre.franklin.called()
    centre.franklin.ring()
    assert not caller.answered.is_set()
    centre.franklin.answer()
    async with asyncio.timeout(WITHIN_S):
        await caller.answered.wait()
    caller.voice.speak(tone(CALLER_HZ, 120.0))
    await bridged(centre)
    row = await centre.row(lambda one: one["ani"] == "614-555-0172" and one["state"] == "talking")
    assert (row["position"], row["transfer_words"]) == (None, "passed on to Franklin, through us")
    told = await centre.facts(row["call_id"])
    assert {"CallRingsEverywhere", "ThirdPartyCalled", "CallHandedOver"} <= set(told)
    assert "CallAnswered" not in told
    _said, heard = await centre.recording(row["call_id"])
    assert tones_in(heard, ALL_HZ) == {CENTRE_HZ}


async def test_third_party_may_ask_for_anything_and_the_conference_goes_on(centre: Centre) -> None:
    caller, call_id = await centre.call("614-555-0173")
    await centre.call_in(call_id, centre.interpreter, "Spanish interpreter")
    phone, key = centre.interpreter, centre.interpreter.invite.call
    phone.agent.refer(key, "sip:elsewhere@127.0.0.1:9", phone.now)
    phone.agent.reinvite(key, phone.sdp, phone.now)
    phone.sockets.pump()
    await until(lambda: phone.took(Answered), "its re-INVITE was not answered")
    await until(lambda: [one for one in phone.took(RequestAnswered) if one.status == 603], "its REFER was taken")
    phone.heard.clear()
    centre.heard.clear()
    await until(lambda: phone.hears(ALL_HZ) == {CALLER_HZ}, "the interpreter does not hear the caller any more")
    await until(lambda: centre.caller_hears() == {INTERPRETER_HZ}, "the caller does not hear the interpreter any more")
    assert not caller.over.is_set()


async def test_third_party_that_hangs_up_at_once_is_gone_and_may_be_called_again(centre: Centre) -> None:
    caller, call_id = await centre.call("614-555-0174")
    for times in (1, 2):
        await centre.door.post(f"/api/calls/{call_id}/third-parties", {"to": "Spanish interpreter"})
        await centre.interpreter.called(times)
        centre.interpreter.answer()
        centre.interpreter.hang_up()
        async with asyncio.timeout(WITHIN_S):
            while (await centre.facts(call_id)).count("ThirdPartyLeft") < times:
                await asyncio.sleep(0.05)
    await centre.caller_hears_something()
    assert not caller.over.is_set()


@pytest.mark.needs_baresip
async def test_baresip_is_called_in_by_its_number_and_is_heard(centre: Centre, baresip: Any, tmp_path: Path) -> None:
    account = "<sip:+16145550137@127.0.0.1>;regint=0;audio_codecs=pcmu;answermode=auto"
    write_baresip(tmp_path, modules=baresip.modules, port=centre.trunk, account=account)
    process = await asyncio.create_subprocess_exec(
        *(baresip.command, "-4", "-f", str(tmp_path), "-t", "120"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        caller, call_id = await centre.call("614-555-0175")
        await until(lambda: f":{centre.trunk:04X} " in Path("/proc/net/udp").read_text(), "baresip does not listen")
        await centre.door.post(f"/api/calls/{call_id}/third-parties", {"number": "614-555-0137"})
        third = (await centre.party(call_id, "614-555-0137", "in_call"))["call_id"]
        centre.heard.clear()
        await until(lambda: abs(loudest(heard_by(centre)) - BARESIP_HZ) < 12, "baresip is not heard")
        await centre.door.post(f"/api/calls/{call_id}/third-parties/drop", {"third": third})
        await centre.party(call_id, "614-555-0137", "gone")
        assert not caller.over.is_set()
    finally:
        process.terminate()
        await process.wait()
    _said, heard = await centre.recording(third)
    assert tones_in(heard, (BARESIP_HZ, CALLER_HZ)) == {CALLER_HZ}


def heard_by(centre: Centre) -> Samples:
    return np.concatenate([*centre.heard.copy(), np.zeros(0, np.int16)])


async def test_caller_who_leaves_while_it_rings_there_ends_that_call_too(centre: Centre) -> None:
    caller, call_id = await centre.call("614-555-0167")
    await centre.door.post(f"/api/calls/{call_id}/third-parties", {"to": "Spanish interpreter"})
    await centre.interpreter.called()
    centre.interpreter.ring()
    await centre.party(call_id, "Spanish interpreter", "ringing")
    await drop(caller)
    await until(lambda: centre.interpreter.took(Cancelled), "it rings on")


async def test_numbers_and_names_that_make_no_sense_are_refused(centre: Centre) -> None:
    _caller, call_id = await centre.call("614-555-0168")
    address = f"/api/calls/{call_id}/third-parties"
    for body, sentence in (
        ({"to": "Nobody"}, "Known: Spanish interpreter, Franklin, Delaware"),
        ({"number": "hello"}, "is no telephone number"),
        ({"number": "911-442-7186"}, r"not called\. A telephone without a service plan"),
        ({"number": "911"}, "the emergency number itself"),
        ({}, "Say either"),
        ({"to": "Franklin", "number": "614-555-0100"}, "Say either"),
    ):
        with pytest.raises(CentreSaidNo, match=sentence):
            await centre.door.post(address, body)
    with pytest.raises(CentreSaidNo, match="third party"):
        await centre.door.post(f"{address}/drop", {"third": "nobody"})
