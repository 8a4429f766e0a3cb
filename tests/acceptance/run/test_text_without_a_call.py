"""A text to 911 by MESSAGE, without a call: it rings on the desk, is read and answered there by HTTP, and ended."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tenfour.adapters.identity import new_sip_token
from tenfour.adapters.sip_sockets import SipSockets
from tenfour.adapters.supervisor import Supervisor
from tenfour.cli.run import DEMO_CACHE
from tenfour.cli.story import free_port
from tenfour.demo.make import make_centre
from tenfour.play.api import Door
from tenfour.telephony.flow import Flow
from tenfour.telephony.message import Request
from tenfour.telephony.sip_event import RequestAnswered, SipEvent
from tenfour.telephony.user_agent import UserAgent

WITHIN_S = 30.0


class Phone:
    """It writes to 911, and reads what comes."""

    def __init__(self, sip: int) -> None:
        self.read, self.answers = list[str](), list[int]()
        self.port, self._to = free_port(), Flow("UDP", "127.0.0.1", sip)
        self.agent = UserAgent(host="127.0.0.1", port=self.port, new_token=new_sip_token, on_message=self._take)
        self.sockets = SipSockets(self.agent, self._happened)

    def _take(self, request: Request, _flow: Flow) -> int:
        self.read.append(request.body.decode())
        return 200

    def _happened(self, event: SipEvent) -> None:
        if isinstance(event, RequestAnswered):
            self.answers.append(event.status)

    def write(self, text: str) -> None:
        now = asyncio.get_running_loop().time()
        self.agent.message("urn:service:sos", text.encode(), flow=self._to, from_="sip:+16145550191@127.0.0.1", now=now)
        self.sockets.pump()


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[tuple[Door, Phone]]:
    folder, http, sip = tmp_path / "centre", f"127.0.0.1:{free_port()}", free_port()
    await asyncio.to_thread(
        make_centre, folder, DEMO_CACHE, http=http, sip=f"127.0.0.1:{sip}", rtp_ports=(54000, 54198)
    )
    supervisor, stop = Supervisor(folder, http=http, sip=f"127.0.0.1:{sip}", say=lambda _words: None), asyncio.Event()
    desk, phone = Door(f"http://{http}"), Phone(sip)
    running = asyncio.create_task(supervisor.run(stop))
    try:
        await supervisor.ready()
        await phone.sockets.listen("127.0.0.1", phone.port)
        await desk.log_in(role="call_taker", person="adeyemi", position="04")
        yield desk, phone
    finally:
        await phone.sockets.close()
        stop.set()
        await running
        await desk.close()


async def test_text_without_a_call_is_a_call_on_the_desk_from_the_first_word_to_the_end(
    door: tuple[Door, Phone],
) -> None:
    desk, phone = door

    async def row(**wanted: object) -> dict[str, object]:
        async with asyncio.timeout(WITHIN_S):
            while True:
                rows = (await desk.get("/api/board"))["calls"]
                found = [one for one in rows if all(one[name] == value for name, value in wanted.items())]
                if found:
                    return dict(found[-1])
                await asyncio.sleep(0.05)

    phone.write("Please send somebody. I must be quiet.")
    call = await row(ani="614-555-0191", state="ringing")
    path = f"/api/calls/{call['call_id']}"
    await desk.post(f"{path}/answer", {})
    call = await row(ani="614-555-0191", state="talking")
    assert (call["position"], call["incident_number"]) == ("04", 1)
    assert str(call["caller_hears"]).startswith("nothing. The caller writes messages")
    lines = (await desk.get(f"{path}/conversation"))["lines"]
    assert [line["text"] for line in lines] == ["Please send somebody. I must be quiet."]
    await desk.post(f"{path}/text", {"text": "Where are you?\n"})
    async with asyncio.timeout(WITHIN_S):
        while phone.read != ["Where are you?"]:
            await asyncio.sleep(0.05)
    await desk.post(f"{path}/release", {})
    await row(ani="614-555-0191", state="released")
    phone.write("They are gone now")
    again = await row(ani="614-555-0191", state="ringing")
    assert again["incident_number"] == 1
    assert set(phone.answers) == {200}
