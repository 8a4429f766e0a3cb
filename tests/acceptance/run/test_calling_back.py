"""A call comes in and drops; a call taker calls back by HTTP, and a telephone on the trunk takes the call."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tenfour.adapters.identity import new_sip_token
from tenfour.adapters.sip_sockets import SipSockets
from tenfour.adapters.supervisor import Supervisor
from tenfour.cli.run import DEMO_CACHE
from tenfour.cli.story import free_port
from tenfour.demo.make import make_centre
from tenfour.play.api import CentreSaidNo, Door
from tenfour.play.caller import PlacedCall, dial, drop, put_away
from tenfour.play.cast import Caller
from tenfour.play.fix import CircleGiven
from tenfour.telephony.sdp import offer, serialise_sdp
from tenfour.telephony.sip_event import ByeReceived, InviteReceived, SipEvent
from tenfour.telephony.user_agent import UserAgent

HOME = CircleGiven(lat=39.95865, lon=-82.96435, radius_m=38, confidence_pct=90, method="A-GPS")


class Desk:
    """A demo centre that places calls, a call taker's door, and the telephone at the other end of its trunk."""

    def __init__(self, door: Door, sip: tuple[str, int], trunk: int) -> None:
        self.door, self.sip = door, sip
        self.agent = UserAgent(host="127.0.0.1", port=trunk, new_token=new_sip_token)
        self.telephone = SipSockets(self.agent, self._happened)
        self.happened: list[SipEvent] = []
        self.placed: list[PlacedCall] = []

    def _happened(self, event: SipEvent) -> None:
        self.happened.append(event)

    @property
    def now(self) -> float:
        return asyncio.get_running_loop().time()

    def took(self, kind: type[SipEvent]) -> list[SipEvent]:
        return [event for event in self.happened if isinstance(event, kind)]

    async def called(self) -> InviteReceived:
        async with asyncio.timeout(15):
            while not self.took(InviteReceived):
                await asyncio.sleep(0.02)
        invite = self.took(InviteReceived)[-1]
        assert isinstance(invite, InviteReceived)
        return invite

    async def came_in(self, number: str) -> dict[str, Any]:
        """A call that was answered and dropped by its caller."""
        caller = Caller(name="caller", number=number, location=HOME)
        call = await dial(caller, sip=self.sip, bind="127.0.0.1", location_uri="")
        self.placed.append(call)
        ringing = await self.row(lambda row: row["ani"] == number)
        await self.door.post(f"/api/calls/{ringing['call_id']}/answer", {})
        async with asyncio.timeout(15):
            await call.answered.wait()
        await drop(call)
        return await self.row(lambda row: row["ani"] == number and row["state"] == "disconnected")

    async def row(self, wanted: Any) -> dict[str, Any]:
        async with asyncio.timeout(15):
            while True:
                board = await self.door.get("/api/board")
                found = next((row for row in board["calls"] if wanted(row)), None)
                if found is not None:
                    return dict(found)
                await asyncio.sleep(0.05)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    folder, trunk = tmp_path / "centre", free_port()
    http, sip = f"127.0.0.1:{free_port()}", free_port()
    await asyncio.to_thread(
        make_centre, folder, DEMO_CACHE, http=http, sip=f"127.0.0.1:{sip}", rtp_ports=(53000, 53998)
    )
    with (folder / "centre.toml").open("a") as settings:
        settings.write(f'\n[outgoing]\nproxy = "127.0.0.1:{trunk}"\nnumber = "614-555-0100"\n')
        settings.write(f'\n[[transfer]]\nname = "Franklin"\nuri = "sip:911@127.0.0.1:{trunk}"\n')
    supervisor, stop = Supervisor(folder, http=http, sip=f"127.0.0.1:{sip}", say=lambda _words: None), asyncio.Event()
    running = asyncio.create_task(supervisor.run(stop))
    door = Door(f"http://{http}")
    made = Desk(door, ("127.0.0.1", sip), trunk)
    try:
        await supervisor.ready()
        await made.telephone.listen("127.0.0.1", trunk)
        await door.log_in(role="call_taker", person="adeyemi", position="04")
        yield made
    finally:
        for call in made.placed:
            await put_away(call)
        await made.telephone.close()
        stop.set()
        await running
        await door.close()


async def test_callback_is_a_call_of_the_incident_recorded_and_ended_by_the_call_taker(desk: Desk) -> None:
    first = await desk.came_in("614-555-0137")
    ours = await desk.door.post(f"/api/calls/{first['call_id']}/callback", {"means": "voice"})
    assert (ours["state"], ours["ani"], ours["position"]) == ("dialling", "614-555-0137", "04")
    assert (ours["incident_id"], ours["outgoing"]["callback_of"]) == (first["incident_id"], first["call_id"])
    invite = await desk.called()
    assert invite.request.uri == invite.request.first("To").strip("<>").partition(">")[0]
    assert invite.request.first("Priority") == "psap-callback"
    assert invite.request.first("Resource-Priority") == "esnet.0"
    assert f":{first['call_id']}:" in " ".join(invite.request.listed("Call-Info"))
    desk.agent.provisional(invite.call, 180, desk.now)
    desk.telephone.pump()
    await desk.row(lambda row: row["call_id"] == ours["call_id"] and row["state_words"] == "Ringing there")
    with pytest.raises(CentreSaidNo, match="being called back already"):
        await desk.door.post(f"/api/calls/{first['call_id']}/callback", {"means": "voice"})
    sdp = serialise_sdp(offer(host="127.0.0.1", port=30004, session_id=5))
    desk.agent.answer(invite.call, sdp, desk.now)
    desk.telephone.pump()
    talking = await desk.row(lambda row: row["call_id"] == ours["call_id"] and row["state"] == "talking")
    assert talking["caller_hears"] == "silence: no headset at the position"
    await desk.door.post(f"/api/calls/{ours['call_id']}/release", {})
    over = await desk.row(lambda row: row["call_id"] == ours["call_id"] and row["ended_at"] is not None)
    assert (over["state"], over["ended_words"]) == ("released", "Released by the centre.")
    assert desk.took(ByeReceived)
    async with asyncio.timeout(15):
        while not (row := await desk.door.get(f"/api/calls/{ours['call_id']}"))["recordings"][0]["sha256"]:
            await asyncio.sleep(0.05)
    incident = await desk.door.get(f"/api/incidents/{first['incident_id']}")
    assert row["call_id"] in incident["call_ids"]
    assert any("Calling back 614-555-0137 from position 04" in line["text"] for line in incident["narrative"])
    assert {"Called back"} <= {step["label"] for step in incident["steps"]}
    kept = await desk.door.get(f"/api/calls/{ours['call_id']}/signalling")
    assert next(rung["label"] for rung in kept["rungs"] if rung["label"]).startswith("INVITE")


async def test_numbers_that_are_not_called_are_refused_in_the_record(desk: Desk) -> None:
    first = await desk.came_in("911-555-0142")
    with pytest.raises(CentreSaidNo, match="No service plan"):
        await desk.door.post(f"/api/calls/{first['call_id']}/callback", {"means": "voice"})
    with pytest.raises(CentreSaidNo, match=r"not called\. A telephone without a service plan"):
        await desk.door.post("/api/calls", {"number": "911-442-7186"})
    facts = await desk.door.get("/api/facts", limit=1000)
    refused = [fact["type"] for fact in facts if "Refused" in fact["type"]]
    assert refused == ["CallbackRefused", "NumberRefused"]
    assert not desk.took(InviteReceived)


async def test_ordinary_call_that_is_busy_says_so(desk: Desk) -> None:
    ours = await desk.door.post("/api/calls", {"number": "(614) 555-0177"})
    invite = await desk.called()
    assert invite.request.uri == "sip:+16145550177@127.0.0.1;user=phone"
    desk.agent.reject(invite.call, 486, desk.now)
    desk.telephone.pump()
    over = await desk.row(lambda row: row["call_id"] == ours["call_id"] and row["ended_at"] is not None)
    assert over["ended_words"] == "Not taken: busy (486 Busy Here)"
    assert over["incident_id"] is None


async def test_call_is_passed_on_and_stays_where_the_other_side_does_not_do_that(desk: Desk) -> None:
    ours = await desk.door.post("/api/calls", {"number": "614-555-0178"})
    invite = await desk.called()
    path = f"/api/calls/{ours['call_id']}/transfer"
    with pytest.raises(CentreSaidNo, match="on the line"):
        await desk.door.post(path, {"to": "Franklin"})
    desk.agent.answer(invite.call, serialise_sdp(offer(host="127.0.0.1", port=30004, session_id=5)), desk.now)
    desk.telephone.pump()
    await desk.row(lambda row: row["call_id"] == ours["call_id"] and row["state"] == "talking")
    with pytest.raises(CentreSaidNo, match="Known: Franklin"):
        await desk.door.post(path, {"to": "Nowhere"})
    assert (await desk.door.post(path, {"to": "Franklin"}))["transfer_words"].startswith("being passed on to Franklin")
    await desk.row(lambda row: "to Franklin through us" in row["transfer_words"])
    async with asyncio.timeout(15):
        while len(desk.took(InviteReceived)) < 2:
            await asyncio.sleep(0.02)
    desk.agent.reject((await desk.called()).call, 480, desk.now)
    desk.telephone.pump()
    stays = await desk.row(lambda row: row["transfer_words"].startswith("not passed on"))
    assert stays["transfer_words"].startswith(
        "not passed on to Franklin: Not taken: it cannot be reached just now (480"
    )
    assert stays["state"] == "talking"
    facts = await desk.door.get("/api/facts", stream=f"call/{ours['call_id']}")
    failed = next(fact for fact in facts if fact["type"] == "TransferFailed")
    assert failed["payload"]["why"] == "the caller's side does not pass calls on (603)"
    assert [fact["type"] for fact in facts][-1] == "ThirdPartyLeft"
