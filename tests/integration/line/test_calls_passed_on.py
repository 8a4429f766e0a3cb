"""Calls are passed on to another centre by REFER: to a telephone of ours and to baresip, which call there."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from tenfour.adapters.identity import new_sip_token
from tenfour.adapters.sip_sockets import SipSockets
from tenfour.calltaking.event import CallConnected, CallPickedUpAgain, CallReceived, CallReleased
from tenfour.calltaking.transfer import refer_target
from tenfour.calltaking.transfer_event import CallTransferred, TransferAccepted, TransferFailed
from tenfour.telephony.i3 import call_info
from tenfour.telephony.sdp import offer, serialise_sdp
from tenfour.telephony.sip_event import ByeReceived, InviteReceived, Referred, SipEvent
from tenfour.telephony.user_agent import UserAgent
from tenfour.vocabulary.ids import IncidentId

from .telephones import write_baresip


class OtherCentre:
    """A user agent that answers whoever calls, unless told otherwise."""

    def __init__(self, port: int) -> None:
        self.agent = UserAgent(host="127.0.0.1", port=port, new_token=new_sip_token)
        self.sockets = SipSockets(self.agent, self._happened)
        self.port, self.invites = port, list[InviteReceived]()

    def _happened(self, event: SipEvent) -> None:
        if isinstance(event, InviteReceived):
            self.invites.append(event)
            sdp = serialise_sdp(offer(host="127.0.0.1", port=31000, session_id=4))
            self.agent.answer(event.call, sdp, asyncio.get_running_loop().time())


@pytest.fixture
async def other(ports) -> AsyncIterator[OtherCentre]:
    made = OtherCentre(ports(1)[0])
    await made.sockets.listen("127.0.0.1", made.port)
    yield made
    await made.sockets.close()


@pytest.fixture
async def talking(line, centre, new_caller) -> SimpleNamespace:
    """A caller of ours whose telephone takes REFERs, on the line with a call taker."""
    caller = new_caller()
    caller.agent = UserAgent(host="127.0.0.1", port=caller.port, new_token=new_sip_token, refers=True)
    caller.sockets = SipSockets(caller.agent, caller.happened.append)
    await caller.listen()
    caller.dial()
    received = await centre.heard_of(CallReceived)
    centre.answer(received.call_id)
    await caller.answered()
    await centre.heard_of(CallConnected)
    return SimpleNamespace(caller=caller, call_id=received.call_id)


async def referred(talking) -> Referred:
    found = await talking.caller.wait_for(Referred)
    assert isinstance(found, Referred)
    return found


async def test_caller_stays_until_the_other_centre_has_answered(centre, talking, wait_until) -> None:
    headers = call_info(talking.call_id, IncidentId("i" * 20), "larkspur.demo")
    centre.link.pass_on(talking.call_id, refer_target("sip:911@127.0.0.1:9", headers))
    asked = await referred(talking)
    assert asked.refer_to.startswith("sip:911@127.0.0.1:9?Call-Info=%3Curn%3Aemergency%3Auid%3Acallid%3A")
    caller = talking.caller
    caller.agent.accept_refer(asked.refer, caller.now)
    caller.sockets.pump()
    await centre.heard_of(TransferAccepted)
    caller.agent.refer_progress(asked.refer, 180, caller.now)
    caller.sockets.pump()
    centre.link.pass_on(talking.call_id, "sip:again@127.0.0.1:9")
    assert not centre.events(CallTransferred)
    caller.agent.refer_progress(asked.refer, 200, caller.now)
    caller.sockets.pump()
    await centre.heard_of(CallTransferred)
    await centre.heard_of(CallReleased)
    assert any(isinstance(event, ByeReceived) for event in caller.happened)
    assert len([event for event in caller.happened if isinstance(event, Referred)]) == 1


async def test_call_that_is_not_taken_stays_here_and_may_be_passed_on_again(centre, talking) -> None:
    caller = talking.caller
    centre.link.pass_on(talking.call_id, "sip:911@127.0.0.1:9")
    asked = await referred(talking)
    caller.agent.accept_refer(asked.refer, caller.now)
    caller.agent.refer_progress(asked.refer, 486, caller.now, reason="Busy Here")
    caller.sockets.pump()
    assert await centre.heard_of(TransferFailed) == TransferFailed("busy (486 Busy Here)", by_other=True)
    centre.link.pass_on(talking.call_id, "sip:911@127.0.0.1:9")
    async with asyncio.timeout(10):
        while len(found := [event for event in caller.happened if isinstance(event, Referred)]) < 2:
            await asyncio.sleep(0.01)
    caller.agent.reject_refer(found[1].refer, caller.now)
    caller.sockets.pump()
    failed = await centre.heard_of(TransferFailed, 2)
    assert failed == TransferFailed("the caller's side does not pass calls on (603)")
    assert not centre.events(CallReleased)


async def test_telephone_that_knows_no_refer_keeps_its_call(centre, new_caller) -> None:
    caller = new_caller()
    await caller.listen()
    caller.dial()
    received = await centre.heard_of(CallReceived)
    centre.link.pass_on(received.call_id, "sip:911@127.0.0.1:9")
    assert await centre.heard_of(TransferFailed) == TransferFailed("the call is not connected")
    centre.answer(received.call_id)
    await centre.heard_of(CallConnected)
    centre.link.pass_on(received.call_id, "sip:911@127.0.0.1:9")
    assert "does not pass calls on (603)" in (await centre.heard_of(TransferFailed, 2)).why


async def test_line_killed_while_a_call_is_passed_on_says_that_it_does_not_know(line, centre, talking) -> None:
    centre.link.pass_on(talking.call_id, "sip:911@127.0.0.1:9")
    asked = await referred(talking)
    talking.caller.agent.accept_refer(asked.refer, talking.caller.now)
    talking.caller.sockets.pump()
    await centre.heard_of(TransferAccepted)
    await line.kill()
    await line.start()
    await centre.heard_of(CallPickedUpAgain)
    assert (await centre.heard_of(TransferFailed)).why == "the line restarted, and does not know what came of it"


@pytest.mark.needs_baresip
async def test_baresip_is_passed_on_and_calls_the_other_centre(
    *, baresip, line, centre, other: OtherCentre, sip_port: int, tmp_path: Path
) -> None:
    """Without identifiers: baresip 1.0 takes the escapes of a URI for places of its own format."""
    account = "<sip:6145550137@127.0.0.1>;regint=0;audio_codecs=pcmu"
    write_baresip(tmp_path, modules=baresip.modules, port=sip_port, account=account)
    process = await asyncio.create_subprocess_exec(
        *(baresip.command, "-4", "-f", str(tmp_path), "-t", "60", "-e", f"/dial sip:911@127.0.0.1:{line.sip_port}"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        received = await centre.heard_of(CallReceived)
        centre.answer(received.call_id)
        await centre.heard_of(CallConnected)
        centre.link.pass_on(received.call_id, f"sip:911@127.0.0.1:{other.port}")
        await centre.heard_of(TransferAccepted)
        await centre.heard_of(CallTransferred)
        await centre.heard_of(CallReleased)
    finally:
        process.terminate()
        said, _ = await process.communicate()
        print(said.decode(errors="replace"))
    assert len(other.invites) == 1
    assert other.invites[0].request.uri.startswith(f"sip:911@127.0.0.1:{other.port}")
