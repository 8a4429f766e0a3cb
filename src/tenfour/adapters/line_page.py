"""Who writes to 911 without placing a call: each writer's MESSAGEs are one text call, until a person ends it.

A refusal is said to the sender in SIP and noted as a trouble: nothing that was written is dropped unsaid.
"""

import msgspec

from tenfour.adapters.line_call import AWAY_WHY, OpenCall, Phase, keep_page
from tenfour.adapters.line_invite import TEST_SERVICE, conveyed, service_of
from tenfour.adapters.line_switchboard import Switchboard
from tenfour.adapters.page_thread import PageThread, thread_of
from tenfour.calltaking.event import (
    AnnouncementStarted,
    AudioNotAgreed,
    CallConnected,
    CallPickedUpAgain,
    Trouble,
)
from tenfour.calltaking.text_event import TextMedium, TextReceived
from tenfour.telephony.dialog import DialogKey
from tenfour.telephony.errors import HeaderError
from tenfour.telephony.flow import Flow
from tenfour.telephony.i3 import emergency_ids
from tenfour.telephony.instant_message import MOST_BYTES, words_of, words_of_message
from tenfour.telephony.message import Request
from tenfour.telephony.sip_event import InviteReceived, OutOfDialog, SipEvent
from tenfour.telephony.wanted import PAGE
from tenfour.vocabulary.envelope import Event

TYPING = "application/im-iscomposing+xml"
"""That somebody types (RFC 3994): nothing was written."""

MOST_OF_ONE = 100
"""Conversations of one source at once; a trunk has as many times more as it has of everything."""

NO_VOICE = "The caller writes messages and has placed no call: nobody hears anything."
NO_ROOM = "A text was refused with 503: {open} conversations of its source are open."
NO_SENDER = "A text was refused with 400: {problem}"


class PageTexts:
    """All who write without a call. Nothing here raises."""

    def __init__(self, board: Switchboard) -> None:
        self._board = board
        board.answer_page = self.answer

    # ---- from the wire ----

    def status(self, request: Request, flow: Flow) -> int:
        """What is answered to such a MESSAGE: 200 where it is taken; 405 of a test, which has no text."""
        if service_of(request).lower().startswith(TEST_SERVICE):
            return 405
        try:
            thread = thread_of(request, flow)
        except HeaderError as error:
            self._board.trouble(Trouble.BROKEN_MESSAGE, flow.host, NO_SENDER.format(problem=error))
            return 400
        if self._known(thread, request) is not None or self._has_room(flow):
            return 200
        return 503

    def handle(self, event: SipEvent) -> bool:
        """Something happened on the wire. False where it is no text that was taken."""
        if not isinstance(event, OutOfDialog) or event.request.method != "MESSAGE" or event.status != 200:
            return False
        kind = (event.request.first("Content-Type") or "").partition(";")[0].strip().lower()
        if kind != TYPING:
            self._said(event, thread_of(event.request, event.flow))
        return True

    def _said(self, event: OutOfDialog, thread: PageThread) -> None:
        call = self._known(thread, event.request)
        others = tuple(part for part in event.parts if words_of(part.content_type, part.content) is None)
        came: list[Event] = []
        if call is None:
            call = self._begin(event, thread, msgspec.structs.replace(event, parts=others))
        elif call.kept.page is not None:
            call.change(page=call.kept.page.heard_again(thread))
            came = conveyed(event.request, others, self._board.settings.line.part_limit)
        words = words_of_message(event.request, event.parts)
        kept = self._board.text.admit(call, words) if words else ""
        said = [TextReceived(TextMedium.MESSAGE, kept)] if kept else []
        self._board.record(call, [*came, *said])

    def _begin(self, event: OutOfDialog, thread: PageThread, rest: OutOfDialog) -> OpenCall:
        """A new conversation rings as a call does, with its location and identifiers."""
        board = self._board
        key = DialogKey(thread.newest, "", "")
        arrival = board.arrival(
            InviteReceived(call=key, request=event.request, flow=event.flow, sdp=None, parts=rest.parts)
        )
        received = msgspec.structs.replace(arrival.received, media=("text", PAGE))
        call = OpenCall(keep_page(received, thread), board.record)
        board.begin(call, received, arrival.conveyed)
        return call

    def _known(self, thread: PageThread, request: Request) -> OpenCall | None:
        """The open conversation of this writer, or the one whose identifier the message carries."""
        named = emergency_ids(request).call_id
        for call in self._board.open.values():
            page = call.kept.page
            if page is None or call.kept.phase is Phase.ENDED:
                continue
            if page.is_same(thread) or (call.call_id == named and page.flow.host == thread.flow.host):
                return call
        return None

    def _has_room(self, flow: Flow) -> bool:
        board = self._board
        holder, times = board.trunks.name_of(flow.host) or flow.host, board.trunks.budget_of(flow.host)[1]
        pages = [call for call in board.open.values() if call.kept.page is not None]
        of_one = sum(call.holder == holder for call in pages)
        if of_one < MOST_OF_ONE * times and len(pages) < board.settings.sip.calls_limit:
            return True
        board.trouble(Trouble.NOT_TAKEN, flow.host, NO_ROOM.format(open=of_one))
        return False

    # ---- from the centre ----

    def answer(self, call: OpenCall) -> None:
        """Somebody reads it: what is typed goes out from here on. By policy, the announcement goes out as text."""
        board = self._board
        call.change(phase=Phase.ANSWERING)
        call.change(phase=Phase.CONNECTED, queued=False)
        board.queue.answered(call)
        board.queue.settled(call)
        board.counters.answered += 1
        connected = CallConnected("", "", by_policy=call.kept.by_policy)
        board.record(call, [connected, AudioNotAgreed(NO_VOICE), *self._announced(call)])
        board.text.go_on(call)

    def _announced(self, call: OpenCall) -> list[Event]:
        words = self._board.settings.announcement.text
        if not call.kept.by_policy or not words:
            return []
        self._board.text.send_message(call, words.encode()[:MOST_BYTES])
        return [AnnouncementStarted(words, AWAY_WHY)]

    def take_up(self, call: OpenCall) -> None:
        """After a restart the conversation goes on; who was written to and did not get it is written to again."""
        if call.kept.page is not None:
            call.change(page=call.kept.page.without_connection())
        self._board.adopt(call)
        if call.kept.phase is Phase.RINGING:
            self._board.ring_on(call)
        else:
            self._board.record(call, [CallPickedUpAgain(0.0)])
            self._board.counters.picked_up_again += 1
