"""The line places calls: SIPp, baresip and a telephone of ours are called, and in words why one is not reached."""

import asyncio
import re
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote, unquote

import numpy as np
import pytest

from tenfour.adapters.identity import new_i3_id, new_sip_token
from tenfour.adapters.sip_sockets import SipSockets
from tenfour.calltaking.event import (
    AudioNotAgreed,
    CallConnected,
    CallerDisconnected,
    CallFailed,
    CallPickedUpAgain,
    CallReceived,
    CallReleased,
    RecordingEnded,
    RecordingStarted,
)
from tenfour.calltaking.outgoing_event import CallDialled, CalleeRinging, CallNotTaken, CallPlaced
from tenfour.calltaking.placing import CALLBACK_HEADERS
from tenfour.calltaking.transfer_event import CallTransferred, TransferFailed
from tenfour.telephony.flow import Flow
from tenfour.telephony.g711 import encode_ulaw
from tenfour.telephony.i3 import call_info
from tenfour.telephony.message import Header
from tenfour.telephony.rtp import RtpPacket, serialise_rtp
from tenfour.telephony.sdp import audio_of, offer, parse_sdp, serialise_sdp
from tenfour.telephony.sip_event import (
    Acknowledged,
    Answered,
    ByeReceived,
    Cancelled,
    InviteReceived,
    Referred,
    SipEvent,
)
from tenfour.telephony.user_agent import UserAgent
from tenfour.vocabulary.ids import CallId, IncidentId, PersonId, PositionId

from .telephones import write_baresip, write_mulaw

SCENARIOS = Path(__file__).resolve().parent.parent / "sipp"
SETTINGS = """
[outgoing]
proxy = "127.0.0.1:{port}"
transport = "{transport}"
number = "614-555-0100"
no_answer_s = {no_answer_s}
"""


def placed(*, callback: bool = False) -> CallPlaced:
    """A call to 614-555-0137, or its callback."""
    call_id, incident_id = CallId(new_i3_id()), IncidentId(new_i3_id())
    headers: Sequence[Header] = call_info(call_id, incident_id, "larkspur.demo")
    target = "sip:+16145550137@127.0.0.1"
    return CallPlaced(
        call_id,
        incident_id,
        "614-555-0137",
        PositionId("04"),
        PersonId("adeyemi"),
        target=target if callback else "",
        headers=(*CALLBACK_HEADERS, *headers) if callback else tuple(headers),
    )


class Callee:
    """A telephone of ours that is called; what it does with the call, the test says."""

    def __init__(self, port: int) -> None:
        self.agent = UserAgent(host="127.0.0.1", port=port, new_token=new_sip_token)
        self.sockets = SipSockets(self.agent, self._happened)
        self.port, self.happened = port, list[SipEvent]()

    async def listen(self) -> None:
        await self.sockets.listen("127.0.0.1", self.port)

    def _happened(self, event: SipEvent) -> None:
        self.happened.append(event)

    @property
    def now(self) -> float:
        return asyncio.get_running_loop().time()

    @property
    def invite(self) -> InviteReceived:
        return next(event for event in self.happened if isinstance(event, InviteReceived))

    def has(self, kind: type[SipEvent]) -> bool:
        return any(isinstance(event, kind) for event in self.happened)

    def sdp(self, port: int = 30000) -> bytes:
        return serialise_sdp(offer(host="127.0.0.1", port=port, session_id=9))

    def ring(self, sdp: bytes = b"") -> None:
        self.agent.provisional(self.invite.call, 183 if sdp else 180, self.now, sdp=sdp)
        self.sockets.pump()

    def answer(self, sdp: bytes | None = None) -> None:
        self.agent.answer(self.invite.call, self.sdp() if sdp is None else sdp, self.now)
        self.sockets.pump()

    def refuse(self, status: int) -> None:
        self.agent.reject(self.invite.call, status, self.now)
        self.sockets.pump()

    def took(self, kind: type[SipEvent]) -> list[SipEvent]:
        return [event for event in self.happened if isinstance(event, kind)]

    def be_replaced(self) -> None:
        """The newest INVITE takes the place of the call that its Replaces names (RFC 3891 section 3), or of none."""
        newest = self.took(InviteReceived)[-1]
        assert isinstance(newest, InviteReceived)
        named, *tags = (newest.request.first("Replaces") or "").split(";")
        places = {f"to-tag={one.local_tag}": one for one in self.agent.calls() if one.call_id == named}
        replaced = next((places[tag] for tag in tags if tag in places), None)
        if replaced is None or f"from-tag={replaced.remote_tag}" not in tags:
            self.agent.reject(newest.call, 481, self.now)
        else:
            self.agent.answer(newest.call, self.sdp(), self.now)
            self.agent.bye(replaced, self.now)
        self.sockets.pump()

    def hang_up(self) -> None:
        self.agent.bye(self.invite.call, self.now)
        self.sockets.pump()


@pytest.fixture
async def place_line(line_kinds: SimpleNamespace, sip_port: int) -> AsyncIterator[SimpleNamespace]:
    """Starts lines that send their calls to `sip_port`, each with the centre's end of its link."""
    with tempfile.TemporaryDirectory(prefix="line-") as folder:
        process = line_kinds.LineProcess(Path(folder))

        async def start(transport: str = "udp", no_answer_s: float = 30.0) -> SimpleNamespace:
            settings = SETTINGS.format(port=sip_port, transport=transport, no_answer_s=no_answer_s)
            with (process.folder / "centre.toml").open("a") as file:
                file.write(settings)
            await process.start()
            made.centre = line_kinds.CentreEnd(process.folder)
            await made.centre.connect()
            return made

        made = SimpleNamespace(start=start, line=process, centre=None, until=line_kinds.until)
        yield made
        if made.centre is not None:
            await made.centre.disconnect()
        await process.stop()
        print(process.log())


@pytest.fixture
async def callee(sip_port: int) -> AsyncIterator[Callee]:
    """Listens where the line sends its calls."""
    made = Callee(sip_port)
    await made.listen()
    yield made
    await made.sockets.close()


async def dialled(setup: SimpleNamespace, callee: Callee, *, callback: bool = False) -> CallPlaced:
    """The line was told, and the callee's telephone has the call."""
    call = placed(callback=callback)
    setup.centre.link.place(call)
    await setup.until(lambda: callee.has(InviteReceived))
    return call


@pytest.mark.needs_sipp
@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_sipp_is_called_back_with_the_headers_of_a_callback_and_is_heard(
    *, transport: str, sipp: str, sip_port: int, place_line: SimpleNamespace, tmp_path: Path, frequency_of
) -> None:
    write_mulaw(tmp_path / "voice.ulaw", 500)
    setup = await place_line.start(transport)
    process = await asyncio.create_subprocess_exec(
        *(sipp, "-sf", str(SCENARIOS / "called_back.xml"), "-t", "u1" if transport == "udp" else "t1", "-m", "1"),
        *("-i", "127.0.0.1", "-mi", "127.0.0.1", "-p", str(sip_port), "-nostdin", "-timeout", "60", "-timeout_error"),
        cwd=tmp_path,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    await _is_listening(process, sip_port, transport)
    setup.centre.link.place(placed(callback=True))
    dialled = await setup.centre.heard_of(CallDialled)
    assert dialled.target == "sip:+16145550137@127.0.0.1"
    assert dialled.sent_to == f"127.0.0.1:{sip_port} over {transport.upper()}"
    assert await setup.centre.heard_of(CalleeRinging) == CalleeRinging(False)
    assert (await setup.centre.heard_of(CallConnected)).codec == "PCMU/8000"
    _, errors = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, errors.decode(errors="replace")
    await setup.centre.heard_of(CallerDisconnected)
    ended = await setup.centre.heard_of(RecordingEnded)
    assert abs(frequency_of(setup.line.folder / "recordings" / ended.file) - 500) < 5


async def _is_listening(process: asyncio.subprocess.Process, port: int, transport: str) -> None:
    table = Path(f"/proc/net/{transport}")

    def listens() -> bool:
        assert process.returncode is None
        return f":{port:04X} " in table.read_text()

    async with asyncio.timeout(15):
        while not listens():
            await asyncio.sleep(0.02)


@pytest.mark.needs_baresip
async def test_baresip_is_called_and_hears_that_the_centre_hangs_up(
    baresip, sip_port: int, place_line: SimpleNamespace, tmp_path: Path, frequency_of
) -> None:
    account = "<sip:+16145550137@127.0.0.1>;regint=0;audio_codecs=pcmu;answermode=auto"
    write_baresip(tmp_path, modules=baresip.modules, port=sip_port, account=account)
    setup = await place_line.start()
    process = await asyncio.create_subprocess_exec(
        *(baresip.command, "-4", "-f", str(tmp_path), "-t", "60"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        await _is_listening(process, sip_port, "udp")
        call = placed()
        setup.centre.link.place(call)
        await setup.centre.heard_of(CallConnected)
        await setup.centre.heard_of(RecordingStarted)
        await setup.until(lambda: sum(path.stat().st_size for path in setup.line.recordings) > 32_000)
        setup.centre.link.release(call.call_id)
        await setup.centre.heard_of(CallReleased)
        ended = await setup.centre.heard_of(RecordingEnded)
    finally:
        process.terminate()
        await process.communicate()
    assert abs(frequency_of(setup.line.folder / "recordings" / ended.file) - 700) < 12


async def test_number_becomes_a_uri_of_the_trunk_and_ours_is_shown(place_line, callee: Callee) -> None:
    setup = await place_line.start()
    call = await dialled(setup, callee)
    request = callee.invite.request
    assert request.uri == "sip:+16145550137@127.0.0.1;user=phone"
    assert request.first("P-Asserted-Identity") == "<sip:+16145550100@127.0.0.1;user=phone>"
    assert request.first("Priority") is None
    setup.centre.link.place(call)  # said again: nothing more goes out
    callee.answer()
    await setup.centre.heard_of(CallConnected)
    callee.hang_up()
    await setup.centre.heard_of(CallerDisconnected)
    setup.centre.link.place(call)
    other = placed()
    setup.centre.link.place(other)
    await setup.until(lambda: len(setup.centre.events(CallDialled)) == 2)
    assert len([event for event in callee.happened if isinstance(event, InviteReceived)]) == 2


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (486, "busy (486 Busy Here)"),
        (603, "declined (603 Decline)"),
        (404, "there is no such number (404 Not Found)"),
        (499, "it was refused (499)"),
    ],
)
async def test_why_a_call_is_not_taken_is_said_in_words(place_line, callee: Callee, status: int, why: str) -> None:
    setup = await place_line.start()
    await dialled(setup, callee)
    callee.refuse(status)
    assert await setup.centre.heard_of(CallNotTaken) == CallNotTaken(status, why)


async def test_call_that_nobody_takes_is_given_up(place_line, callee: Callee) -> None:
    setup = await place_line.start(no_answer_s=0.5)
    await dialled(setup, callee)
    callee.ring()
    assert await setup.centre.heard_of(CallNotTaken) == CallNotTaken(487, "nobody answered in 0.5 s")
    assert callee.has(Cancelled)


async def test_trunk_that_is_not_there_is_said_to_be_so(place_line, sip_port: int) -> None:
    setup = await place_line.start("tcp")
    setup.centre.link.place(placed())
    told = await setup.centre.heard_of(CallNotTaken)
    assert told == CallNotTaken(0, f"the trunk at 127.0.0.1:{sip_port} does not answer")


async def test_line_without_a_trunk_places_no_calls(line, centre) -> None:
    centre.link.place(placed())
    assert await centre.heard_of(CallNotTaken) == CallNotTaken(0, "this line has no trunk for outgoing calls")


async def test_call_taker_gives_up_while_it_rings(place_line, callee: Callee) -> None:
    setup = await place_line.start()
    call = await dialled(setup, callee)
    callee.ring()
    await setup.centre.heard_of(CalleeRinging)
    setup.centre.link.release(call.call_id)
    await setup.centre.heard_of(CallReleased)
    assert callee.has(Cancelled)
    assert not setup.centre.events(CallNotTaken)


async def test_sound_of_the_network_while_it_rings_is_recorded(place_line, callee: Callee, frequency_of) -> None:
    setup = await place_line.start()
    await dialled(setup, callee)
    callee.ring(callee.sdp())
    assert await setup.centre.heard_of(CalleeRinging) == CalleeRinging(True)
    await setup.centre.heard_of(RecordingStarted)
    assert callee.invite.sdp is not None
    speaking = asyncio.create_task(_speak(callee.invite.sdp, 600))
    await setup.until(lambda: sum(path.stat().st_size for path in setup.line.recordings) > 24_000)
    callee.refuse(486)
    await setup.centre.heard_of(CallNotTaken)
    ended = await setup.centre.heard_of(RecordingEnded)
    speaking.cancel()
    assert abs(frequency_of(setup.line.folder / "recordings" / ended.file) - 600) < 12


async def _speak(described: bytes, hertz: float) -> None:
    audio = audio_of(parse_sdp(described))
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=("127.0.0.1", 30000))
    begin, sent = loop.time(), 0
    try:
        while True:
            at = np.arange(160 * sent, 160 * (sent + 1)) / 8000
            payload = encode_ulaw((8000 * np.sin(2 * np.pi * hertz * at)).astype(np.int16))
            transport.sendto(serialise_rtp(RtpPacket(0, sent, 160 * sent, 77, payload)), (audio.host, audio.port))
            sent += 1
            await asyncio.sleep(max(0.0, begin + sent * 0.02 - loop.time()))
    finally:
        transport.close()


async def test_answer_without_audio_for_us_leaves_the_call_up_and_says_so(place_line, callee: Callee) -> None:
    setup = await place_line.start()
    call = await dialled(setup, callee)
    callee.answer(re.sub(rb"RTP/AVP [0-9 ]+", b"RTP/AVP 18", callee.sdp()))
    await setup.centre.heard_of(CallConnected)
    assert "no audio that is spoken here" in (await setup.centre.heard_of(AudioNotAgreed)).why
    setup.centre.link.release(call.call_id)
    await setup.until(lambda: callee.has(ByeReceived))
    await setup.centre.heard_of(CallReleased)


async def test_line_killed_in_an_outgoing_call_takes_it_up_again(place_line, callee: Callee) -> None:
    setup = await place_line.start()
    call = await dialled(setup, callee)
    callee.answer()
    await setup.centre.heard_of(CallConnected)
    await setup.centre.heard_of(RecordingStarted)
    await setup.line.kill()
    await setup.line.start()
    await setup.centre.heard_of(CallPickedUpAgain)
    await setup.until(lambda: [one.call_id for one in setup.centre.calls] == [call.call_id])
    setup.centre.link.release(call.call_id)
    await setup.until(lambda: callee.has(ByeReceived))
    await setup.centre.heard_of(CallReleased)


async def test_line_killed_while_it_dials_says_that_the_call_is_over(place_line, callee: Callee) -> None:
    setup = await place_line.start()
    await dialled(setup, callee)
    callee.ring()
    await setup.centre.heard_of(CalleeRinging)
    await setup.line.kill()
    await setup.line.start()
    assert (await setup.centre.heard_of(CallFailed)).why == "The line restarted before anybody took the call."
    await setup.until(lambda: callee.has(Cancelled))


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_callee_who_takes_the_call_while_the_line_is_dead_is_not_left_in_silence(
    place_line, callee: Callee, transport: str
) -> None:
    setup = await place_line.start(transport)
    await dialled(setup, callee)
    callee.ring()
    await setup.centre.heard_of(CalleeRinging)
    await setup.line.kill()
    callee.answer()
    await setup.line.start()
    await setup.centre.heard_of(CallFailed)
    await setup.until(lambda: callee.has(Acknowledged) and callee.has(ByeReceived))
    await setup.until(lambda: setup.centre.connections == 2)
    assert list(setup.centre.calls) == []


async def test_caller_is_connected_with_whom_the_call_taker_called_first(
    place_line, callee: Callee, line_kinds: SimpleNamespace
) -> None:
    setup = await place_line.start()
    caller = line_kinds.Caller(setup.line.sip_port)
    caller.agent = UserAgent(host="127.0.0.1", port=caller.port, new_token=new_sip_token, refers=True)
    caller.sockets = SipSockets(caller.agent, caller.happened.append)
    await caller.listen()
    try:
        caller.dial()
        received = await setup.centre.heard_of(CallReceived)
        setup.centre.answer(received.call_id)
        await setup.centre.heard_of(CallConnected)
        first = await dialled(setup, callee)
        setup.centre.link.pass_on(received.call_id, "", first.call_id)
        assert await setup.centre.heard_of(TransferFailed) == TransferFailed("the other call is not connected")
        callee.answer()
        await setup.centre.heard_of(CallConnected, 2)
        setup.centre.link.pass_on(received.call_id, "?Call-Info=x", first.call_id)
        asked = await caller.wait_for(Referred)
        theirs = callee.invite.call
        uri, _, headers = asked.refer_to.partition("?")
        assert uri.startswith(f"sip:127.0.0.1:{callee.port}") or f"127.0.0.1:{callee.port}" in uri
        replaces = f"{theirs.call_id};to-tag={theirs.local_tag};from-tag={theirs.remote_tag}"
        assert headers == f"Replaces={quote(replaces, safe='')}&Call-Info=x"
        caller.agent.accept_refer(asked.refer, caller.now)
        wanted = (("Replaces", unquote(headers.partition("&")[0].partition("=")[2])),)
        there = Flow("UDP", "127.0.0.1", callee.port)
        onward = caller.agent.invite(
            uri, flow=there, from_="sip:9114427186@127.0.0.1", now=caller.now, body=caller.sdp, headers=wanted
        )
        caller.sockets.pump()
        await setup.until(lambda: len(callee.took(InviteReceived)) == 2)
        callee.be_replaced()
        await setup.until(lambda: any(isinstance(one, Answered) and one.call == onward for one in caller.happened))
        caller.agent.refer_progress(asked.refer, 200, caller.now)
        caller.sockets.pump()
        await setup.centre.heard_of(CallTransferred)
        await setup.centre.heard_of(CallReleased)
        await setup.centre.heard_of(CallerDisconnected)
    finally:
        await caller.leave()
