"""Messages of calls over connections of their own (MSRP, RFC 4975): the line waits for them at one TCP port."""

import secrets
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import structlog

from tenfour.adapters.identity import new_sip_token
from tenfour.adapters.line_call import OpenCall, Phase
from tenfour.adapters.line_offer import read_msrp_offer
from tenfour.adapters.msrp_listener import MsrpListener, OpenSession
from tenfour.calltaking.text_event import TextClosed, TextMedium, TextOpened, TextReceived, TextTyped
from tenfour.telephony.msrp_sdp import MsrpOffer
from tenfour.telephony.text_room import TextRoom
from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.ids import CallId, EventId

GONE = "The caller's side closed the connection."
NO_MORE = "The caller's side takes no more messages."

log = structlog.get_logger(__name__)


class Told(Protocol):
    """Where facts go."""

    def record(self, call: OpenCall, events: Sequence[Event], cause: EventId | None = None) -> EventId | None:
        """Facts of a call."""

    @property
    def now(self) -> float:
        """Monotonic seconds."""


class CallMessages:
    """The session of one call (MsrpWatcher): what happens in it becomes facts."""

    def __init__(self, call: OpenCall, theirs: MsrpOffer, owner: "LineMsrp") -> None:
        self.call, self.theirs, self._owner = call, theirs, owner
        self.one: OpenSession | None = None
        self._room = TextRoom()

    def said(self, words: str) -> None:
        """The caller said this."""
        kept = self._room.admit(words, self._owner.board.now)
        if kept:
            self._owner.board.record(self.call, [TextReceived(TextMedium.MSRP, kept)])

    def sent(self, number: int) -> None:
        """A message of ours arrived."""
        self._owner.gone(self.call, TextMedium.MSRP, number)

    def failed(self, number: int, why: str) -> None:
        """A message of ours did not."""
        self._owner.not_sent(self.call, TextMedium.MSRP, [number], why)

    def opened(self) -> None:
        """The caller's side has connected."""
        self._owner.board.record(self.call, [TextOpened(TextMedium.MSRP)])

    def closed(self) -> None:
        """The connection is gone."""
        if self.call.kept.phase is not Phase.ENDED:
            self._owner.board.record(self.call, [TextClosed(TextMedium.MSRP, GONE)])


class LineMsrp:
    """The sessions of all calls. `gone` and `not_sent` tell what became of a piece of ours."""

    def __init__(
        self,
        board: Told,
        gone: Callable[[OpenCall, TextMedium, int], None],
        not_sent: Callable[[OpenCall, TextMedium, Iterable[int], str], None],
    ) -> None:
        self.board, self.gone, self.not_sent = board, gone, not_sent
        self._listener = MsrpListener(new_sip_token)
        self._calls: dict[CallId, CallMessages] = {}

    async def listen(self, host: str, port: int, named: str) -> None:
        """Take connections. A port that is taken is logged: then messages are refused, and calls go on."""
        try:
            await self._listener.listen(host, port, named)
        except OSError as error:
            log.error("no messages by MSRP", problem=str(error))

    async def close(self) -> None:
        """Listen no more."""
        await self._listener.close()

    def taken(self, call: OpenCall) -> tuple[str, int]:
        """Our path and port for the messages that the caller offers now; "" and 0 where none are taken."""
        offer = read_msrp_offer(call.kept.sdp) if self._listener.port else None
        messages = self._calls.get(call.call_id)
        if messages is not None and messages.theirs != offer:
            self._end(messages)
            self.board.record(call, [TextClosed(TextMedium.MSRP, NO_MORE)])
        if offer is None or call.kept.phase is Phase.ENDED:
            return "", 0
        name = call.kept.msrp or secrets.token_urlsafe(15)
        if call.call_id not in self._calls:
            call.change(msrp=name)
            made = self._calls[call.call_id] = CallMessages(call, offer, self)
            made.one = self._listener.open(name, offer, made)
        return self._listener.path(name), self._listener.port

    def type(self, call: OpenCall, typed: TextTyped) -> bool:
        """Send it; False where the call has no messages."""
        messages = self._calls.get(call.call_id)
        if messages is None or messages.one is None:
            return False
        self._listener.say(messages.one, typed.text.rstrip("\n") or " ", typed.number)
        return True

    def end(self, call: OpenCall, why: str) -> None:
        """The call is over; what has not arrived did not."""
        messages = self._calls.get(call.call_id)
        if messages is not None and messages.one is not None:
            waiting = messages.one.session.waiting
            self._end(messages)
            self.not_sent(call, TextMedium.MSRP, waiting, why)

    def _end(self, messages: CallMessages) -> None:
        self._calls.pop(messages.call.call_id, None)
        if messages.one is not None:
            self._listener.end(messages.one)
