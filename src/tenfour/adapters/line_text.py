"""Text in the calls of the line: real-time text on a socket of its own, MESSAGE in the dialog.

It stays in the line's own process: a few packets a second cost nothing, and text outlives a media worker.
"""

from collections import deque
from collections.abc import Iterable
from typing import Protocol

import msgspec
import structlog

from tenfour.adapters.line_call import OpenCall, Phase
from tenfour.adapters.line_msrp import LineMsrp, Told
from tenfour.adapters.line_offer import read_text_offer, with_text
from tenfour.adapters.line_security import LineSecurity, still_or_anew
from tenfour.adapters.line_settings import LineSettings
from tenfour.adapters.srtp import Place, SrtpKeys
from tenfour.adapters.text_leg import TextLeg
from tenfour.calltaking.text_event import (
    TextClosed,
    TextMedium,
    TextNotSent,
    TextOpened,
    TextReceived,
    TextSent,
    TextTyped,
)
from tenfour.telephony.instant_message import CONTENT_TYPE, in_messages, words_of_message
from tenfour.telephony.sip_event import InDialog, RequestAnswered
from tenfour.telephony.text_room import TextRoom
from tenfour.telephony.text_sdp import TextStream
from tenfour.telephony.user_agent import UserAgent
from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.errors import TenfourError, Unavailable
from tenfour.vocabulary.ids import CallId

NO_MORE = "The caller's side takes no more real-time text."
OVER = "The call is over."
REFUSED = "The caller's side answered {status} to the message."
NOT_AGREED = "It is not agreed on in this call."
NOT_SECURED = "The text was to be secured by DTLS, and {why}."

log = structlog.get_logger(__name__)


class TextBoard(Told, Protocol):
    """What text needs of the switchboard."""

    agent: UserAgent
    settings: LineSettings


class CallText:
    """The text of one call while it lasts."""

    def __init__(self, call: OpenCall) -> None:
        self.call = call
        self.leg: TextLeg | None = None
        self.accepted = 0
        """The last piece that was taken to be sent."""
        self.messages: deque[tuple[int, bytes, bool]] = deque()
        """Bodies to be sent: the number of the piece, and whether it ends with this one."""
        self.room = TextRoom()
        self.token = ""
        """Of the MESSAGE that waits for its answer."""


class TextKeys:
    """Keeps the keys of one call's text, and tells where there are none (`SecurityWatcher`)."""

    def __init__(self, line_text: "LineText", text: CallText) -> None:
        self._line_text, self._text = line_text, text

    def audio_secured(self, keys: SrtpKeys) -> None:
        """A handshake ended with these keys."""
        self._line_text.keep_security(self._text, keys=keys)

    def audio_not_secured(self, why: str) -> None:
        """A handshake ended without."""
        self._line_text.shut(self._text, NOT_SECURED.format(why=why))

    def audio_came_to(self, place: Place) -> None:
        """Their stream has come so far."""
        self._line_text.keep_security(self._text, place=place)


class LineText:
    """The text of all calls. Nothing here raises: what cannot be said is a fact, and the call goes on."""

    def __init__(self, board: TextBoard, security: LineSecurity) -> None:
        self._board, self._security = board, security
        self._calls: dict[CallId, CallText] = {}
        self.msrp = LineMsrp(board, self._gone, self._not_sent)

    def described(self, call: OpenCall, ours: bytes) -> bytes:
        """Our description with the caller's text taken, and our languages. What they no longer offer is closed."""
        languages = self._board.settings.line.languages
        port = self._port(call)
        security = self._security.ours(call.kept.text_security)
        taken = self.msrp.taken(call)
        return with_text(ours, call.kept.sdp, port, languages, security=security, messages=taken)

    def resume(self, call: OpenCall) -> None:
        """An earlier run of the line had text in this call: go on at the same port, where it had come to."""
        if call.kept.text_port:
            self._port(call)
        if call.kept.msrp:
            self.msrp.taken(call)

    def end(self, call: OpenCall) -> None:
        """The call is over; what was still to be told is told, and what was not sent, too."""
        text = self._calls.pop(call.call_id, None)
        self.msrp.end(call, OVER)
        if call.media is not None:
            self._not_sent(call, TextMedium.TTY, [piece.number for piece in call.media.caller.typed], OVER)
        if text is not None:
            self._close(text)
            self._not_sent(call, TextMedium.MESSAGE, sorted({number for number, _, _ in text.messages}), OVER)

    # ---- from the caller ----

    def said(self, call: OpenCall, event: InDialog) -> list[Event] | None:
        """What a MESSAGE in the call says; None for what is no text."""
        words = words_of_message(event.request, event.parts) if event.request.method == "MESSAGE" else None
        if words is None:
            return None
        kept = self.admit(call, words)
        return [TextReceived(TextMedium.MESSAGE, kept)] if kept else []

    def admit(self, call: OpenCall, words: str) -> str:
        """What there is room for of what somebody says; a flood is one U+FFFD."""
        return self._of(call).room.admit(words, self._board.now) if call.kept.phase is not Phase.ENDED else ""

    # ---- to the caller ----

    def type(self, call: OpenCall, typed: TextTyped) -> None:
        """Send what was typed. Said again, it is sent once."""
        if call.kept.phase is Phase.ENDED:
            return
        text = self._of(call)
        if typed.number <= max(text.accepted, call.kept.text_done):
            return
        text.accepted = typed.number
        match typed.medium:
            case TextMedium.RTT if text.leg is not None:
                text.leg.type(typed.text, typed.number)
            case TextMedium.MESSAGE:
                bodies = in_messages(typed.text)
                text.messages.extend((typed.number, body, body is bodies[-1]) for body in bodies)
                if not bodies:
                    self._gone(call, TextMedium.MESSAGE, typed.number)
                self.go_on(call)
            case TextMedium.TTY if call.media is not None:
                call.media.type(typed.number, typed.text)
            case TextMedium.MSRP if self.msrp.type(call, typed):
                return
            case _:
                self._not_sent(call, typed.medium, [typed.number], NOT_AGREED)

    def go_on(self, call: OpenCall) -> None:
        """Send the next MESSAGE, one after the other, once the call is up."""
        text = self._calls.get(call.call_id)
        if text is None or text.token or not text.messages or call.kept.phase is not Phase.CONNECTED:
            return
        try:
            text.token = self.send_message(call, text.messages[0][1])
        except TenfourError as error:
            self._message_failed(text, str(error))

    def send_message(self, call: OpenCall, body: bytes) -> str:
        """MESSAGE in the call, or to one who writes without one; gives the token of its answer."""
        agent, now, page = self._board.agent, self._board.now, call.kept.page
        if page is None:
            assert call.key is not None
            return agent.request(call.key, "MESSAGE", now, body=body, content_type=CONTENT_TYPE)
        headers = page.reply_headers()
        return agent.message(
            page.them, body, flow=page.flow, from_=page.us, now=now, content_type=CONTENT_TYPE, headers=headers
        )

    def answered(self, event: RequestAnswered) -> None:
        """A MESSAGE of ours came to its end."""
        text = next((each for each in self._calls.values() if each.token and each.token == event.token), None)
        if text is None:
            return
        text.token = ""
        if 200 <= event.status < 300:
            number, _, is_last = text.messages.popleft()
            if is_last:
                self._gone(text.call, TextMedium.MESSAGE, number)
        else:
            self._message_failed(text, REFUSED.format(status=event.status))
        self.go_on(text.call)

    # ---- ----

    def _of(self, call: OpenCall) -> CallText:
        return self._calls.setdefault(call.call_id, CallText(call))

    def _port(self, call: OpenCall) -> int:
        """Where the caller's real-time text is taken, as it is described now; 0 where none is."""
        if call.kept.phase is Phase.ENDED:
            return 0
        text, stream = self._of(call), read_text_offer(call.kept.sdp)
        if stream is None:
            self.shut(text, NO_MORE)
            return 0
        if text.leg is None:
            self._open(call, text, stream)
        else:
            text.leg.describe(stream)
        if text.leg is None:
            return 0
        call.change(text_security=still_or_anew(call.kept.text_security, stream.security))
        text.leg.secure(call.kept.text_security, self._security.certificate, TextKeys(self, text))
        return text.leg.port

    def keep_security(self, text: CallText, **changes: object) -> None:
        """What a restart needs of the text's security."""
        kept = text.call.kept.text_security
        if kept is not None:
            text.call.change(text_security=msgspec.structs.replace(kept, **changes))
            self._board.record(text.call, [])

    def shut(self, text: CallText, why: str) -> None:
        """The call has no real-time text any more."""
        if text.leg is not None:
            self._close(text)
            self._board.record(text.call, [TextClosed(TextMedium.RTT, why)])

    def _open(self, call: OpenCall, text: CallText, stream: TextStream) -> None:
        try:
            text.leg = TextLeg(
                self._board.settings.our_host,
                self._board.settings.sip.rtp_ports,
                stream,
                on_text=lambda said, ago_ms: self._heard(text, said, ago_ms),
                on_gone=lambda number: self._gone(call, TextMedium.RTT, number),
                place=call.kept.text_place,
                wanted_port=call.kept.text_port,
            )
        except Unavailable as error:
            log.error("a call has no real-time text", call_id=call.call_id, problem=str(error))
            return
        is_new = not call.kept.text_port
        call.change(text_port=text.leg.port)
        self._board.record(call, [TextOpened(TextMedium.RTT)] if is_new else [])

    def _close(self, text: CallText) -> None:
        leg, text.leg = text.leg, None
        if leg is not None:
            leg.close()
            text.call.change(text_port=0, text_place=None, text_security=None)
            self._not_sent(text.call, TextMedium.RTT, leg.unsent(), OVER)

    def _heard(self, text: CallText, said: str, ago_ms: tuple[int, ...]) -> None:
        if text.leg is not None:
            text.call.change(text_place=text.leg.place)
        self._board.record(text.call, [TextReceived(TextMedium.RTT, said, ago_ms)])

    def _gone(self, call: OpenCall, medium: TextMedium, number: int) -> None:
        call.change(text_done=max(call.kept.text_done, number))
        self._board.record(call, [TextSent(medium, number)])

    def _message_failed(self, text: CallText, why: str) -> None:
        """The rest of the piece is not sent either: half a sentence would say something else."""
        number = text.messages[0][0]
        while text.messages and text.messages[0][0] == number:
            text.messages.popleft()
        self._not_sent(text.call, TextMedium.MESSAGE, [number], why)

    def _not_sent(self, call: OpenCall, medium: TextMedium, numbers: Iterable[int], why: str) -> None:
        for number in numbers:
            call.change(text_done=max(call.kept.text_done, number))
            self._board.record(call, [TextNotSent(medium, number, why)])
