"""Where a centre's calls go: a SIP user agent that lets them ring, and refuses when told."""

import asyncio
from typing import Any

from tenfour.adapters.identity import new_sip_token
from tenfour.adapters.sip_sockets import SipSockets
from tenfour.telephony.sip_event import InviteReceived, SipEvent
from tenfour.telephony.user_agent import UserAgent


def settings(port: int) -> str:
    """What a centre must be told to place calls there."""
    return f'\n[outgoing]\nproxy = "127.0.0.1:{port}"\nnumber = "614-555-0100"\n'


class Trunk:
    """Runs in the telephone's event loop, from whatever thread it is told."""

    def __init__(self, loop: asyncio.AbstractEventLoop, port: int) -> None:
        self._loop = loop
        self._run(self._open(port))

    async def _open(self, port: int) -> None:
        self._agent = UserAgent(host="127.0.0.1", port=port, new_token=new_sip_token)
        self._sockets = SipSockets(self._agent, self._happened)
        self._invites: list[InviteReceived] = []
        await self._sockets.listen("127.0.0.1", port)

    def _happened(self, event: SipEvent) -> None:
        if isinstance(event, InviteReceived):
            self._invites.append(event)
            self._agent.provisional(event.call, 180, self._loop.time())

    def refuse(self, status: int) -> None:
        """Nobody takes the newest call."""

        async def refuse() -> None:
            self._agent.reject(self._invites[-1].call, status, self._loop.time())
            self._sockets.pump()

        self._run(refuse())

    def close(self) -> None:
        """Nobody is there any more."""
        self._run(self._sockets.close())

    def _run(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(15)
