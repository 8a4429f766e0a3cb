"""Where callers bring messages (MSRP, RFC 4975): one TCP port for all calls, a session of each by its path."""

import asyncio
from collections.abc import Callable
from typing import Protocol

import structlog

from tenfour.telephony.errors import MsrpError
from tenfour.telephony.msrp import MsrpMessage, MsrpStream, answer_to, serialise_msrp, session_of
from tenfour.telephony.msrp_sdp import MsrpOffer
from tenfour.telephony.msrp_session import MsrpSession

MOST_CONNECTIONS = 256
UNKNOWN_S = 10.0
"""A connection that names no session within so long is closed."""

MOST_UNSENT = 256 * 1024
CHUNK = 16 * 1024

log = structlog.get_logger(__name__)


class MsrpWatcher(Protocol):
    """Who wants to know what comes and goes in one session."""

    def said(self, words: str) -> None:
        """The caller said this."""

    def sent(self, number: int) -> None:
        """A message of ours arrived."""

    def failed(self, number: int, why: str) -> None:
        """A message of ours did not."""

    def opened(self) -> None:
        """The caller's side has connected."""

    def closed(self) -> None:
        """The connection is gone."""


class OpenSession:
    """A session of one call."""

    def __init__(self, name: str, session: MsrpSession, watcher: MsrpWatcher) -> None:
        self.name, self.session, self.watcher = name, session, watcher
        self.writer: asyncio.StreamWriter | None = None
        self.timer: asyncio.TimerHandle | None = None


class MsrpListener:
    """Listens, once `listen` was called; without it `path` is empty, and no session can be opened."""

    def __init__(self, new_token: Callable[[], str]) -> None:
        self._new_token = new_token
        self._sessions: dict[str, OpenSession] = {}
        self._connections: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._host, self.port = "", 0

    async def listen(self, host: str, port: int, named: str) -> None:
        """Take connections at `host`:`port`; paths name the host as `named`. Raises OSError where that is taken."""
        self._server = await asyncio.start_server(self._serve, host, port)
        self._host, self.port = f"[{named}]" if ":" in named else named, port

    async def close(self) -> None:
        """Hang up and listen no more."""
        if self._server is not None:
            self._server.close()
        for writer in list(self._connections):
            writer.close()

    def path(self, name: str) -> str:
        """The path of a session; "" where nobody listens."""
        return f"msrp://{self._host}:{self.port}/{name};tcp" if self.port else ""

    def open(self, name: str, theirs: MsrpOffer, watcher: MsrpWatcher) -> OpenSession:
        """Wait for the caller of this session, whose `name` nobody can guess."""
        session = MsrpSession(self.path(name), theirs.path, self._new_token, wrapped=theirs.wrapped)
        self._sessions[name] = OpenSession(name, session, watcher)
        return self._sessions[name]

    def end(self, one: OpenSession) -> None:
        """The call is over, or has no messages any more."""
        self._sessions.pop(one.name, None)
        if one.timer is not None:
            one.timer.cancel()
        if one.writer is not None:
            one.writer.close()

    def say(self, one: OpenSession, text: str, number: int) -> None:
        """Send these words, in their turn."""
        one.session.say(text, number, self._now)
        self._turn(one)

    @property
    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._connections) >= MOST_CONNECTIONS:
            writer.close()
            return
        self._connections.add(writer)
        mine: set[str] = set()
        try:
            await self._read(reader, writer, mine)
        except (OSError, MsrpError, TimeoutError) as error:
            log.info("a connection for messages was ended", problem=str(error))
        finally:
            self._connections.discard(writer)
            writer.close()
            for name in mine:
                self._lost(name, writer)

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, mine: set[str]) -> None:
        stream = MsrpStream()
        while True:
            async with asyncio.timeout(None if mine else UNKNOWN_S):
                data = await reader.read(CHUNK)
            if not data or writer.transport.get_write_buffer_size() > MOST_UNSENT:
                return
            for message in stream.receive(data):
                self._take(message, writer, mine)

    def _take(self, message: MsrpMessage, writer: asyncio.StreamWriter, mine: set[str]) -> None:
        name = session_of(message.first("To-Path"))
        one = self._sessions.get(name)
        if one is None or one.writer not in (None, writer):
            if not message.is_answer:
                status = 481 if one is None else 506  # no such session; another connection has it (section 7.3)
                writer.write(serialise_msrp(answer_to(message, status)))
            return
        if one.writer is None:
            one.writer = writer
            mine.add(name)
            one.watcher.opened()
            one.session.connect(self._now)
        one.session.take(message, self._now)
        self._turn(one)

    def _lost(self, name: str, writer: asyncio.StreamWriter) -> None:
        one = self._sessions.get(name)
        if one is None or one.writer is not writer:
            return
        one.writer = None
        one.session.disconnect(self._now)
        self._turn(one)
        one.watcher.closed()

    def _turn(self, one: OpenSession) -> None:
        """Write what is to be written, tell what happened, set the timer."""
        data = one.session.take_outgoing()
        if one.writer is not None and data:
            one.writer.write(data)
        for words in one.session.take_words():
            one.watcher.said(words)
        for number in one.session.take_sent():
            one.watcher.sent(number)
        for number, why in one.session.take_failed():
            one.watcher.failed(number, why)
        if one.timer is not None:
            one.timer.cancel()
        due = one.session.next_timer()
        one.timer = None if due is None else asyncio.get_running_loop().call_at(due, self._waited, one)

    def _waited(self, one: OpenSession) -> None:
        one.session.handle_timer(self._now)
        self._turn(one)
