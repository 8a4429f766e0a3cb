"""Calls that the line places when the centre says so: dialled, ringing there, taken or not, and in words why.

From the moment it is taken such a call is one like any: recorded, ended by either side, taken up again after a restart.
"""

import asyncio
from typing import Final

import msgspec

from tenfour.adapters.line_call import KeptCall, OpenCall, Phase
from tenfour.adapters.line_no_audio import has_no_audio
from tenfour.adapters.line_offer import Offered, no_audio_words, read_offer
from tenfour.adapters.line_settings import host_and_port
from tenfour.adapters.line_switchboard import Switchboard
from tenfour.adapters.line_words import with_words
from tenfour.adapters.media_protocol import Sound
from tenfour.adapters.outgoing_setting import OutgoingSetting, direct_way
from tenfour.adapters.recording_setting import CallKind
from tenfour.calltaking.event import AudioNotAgreed, CallConnected, CallReleased
from tenfour.calltaking.handset import digits
from tenfour.calltaking.outgoing_event import CallDialled, CalleeRinging, CallNotTaken, CallPlaced
from tenfour.telephony.errors import HeaderError
from tenfour.telephony.flow import Flow, Transport
from tenfour.telephony.sip_event import Answered, ByeAnswered, CallEvent, Rejected, Ringing, SipEvent
from tenfour.vocabulary.errors import Unavailable
from tenfour.vocabulary.ids import CallId

REFUSAL_WORDS: Final[dict[int, str]] = {
    403: "the network does not allow this call",
    404: "there is no such number",
    408: "nobody answered",
    410: "the number is out of use",
    480: "it cannot be reached just now",
    484: "the number is not complete",
    486: "busy",
    487: "given up",
    488: "no audio in common",
    500: "the network cannot take it just now",
    502: "the network cannot take it just now",
    503: "the network cannot take it just now",
    600: "busy",
    603: "declined",
    604: "there is no such number",
}
"""What a final status means to whoever placed the call."""

GIVEN_UP: Final = "nobody answered in {seconds:g} s"
NOBODY_THERE: Final = "the trunk at {proxy} does not answer"
NOT_SET_UP: Final = "this line has no trunk for outgoing calls"
NOT_PLACED: Final = "it could not be placed: {problem}"
CALLER_GONE: Final = "the caller is gone"
LONGEST_REASON: Final = 120
WITHOUT_WORDS: Final = frozenset({400, 415, 488, 500, 513, 606})
"""Refusals that a body of several parts may be the reason of (RFC 3261 section 21, RFC 5621)."""

_TRANSPORTS: Final[dict[str, Transport]] = {"udp": "UDP", "tcp": "TCP", "tls": "TLS"}


class OutgoingCalls:
    """Places calls on a switchboard and follows them until they are taken."""

    def __init__(self, board: Switchboard) -> None:
        self._board = board
        self._loop = asyncio.get_running_loop()
        self._given_up: set[CallId] = set()
        self._told: dict[CallId, tuple[CallPlaced, Flow]] = {}
        """Calls whose INVITE has words with it, until it is known whether they are taken."""

    @property
    def _setting(self) -> OutgoingSetting:
        return self._board.settings.outgoing

    # ---- the centre's wish ----

    def place(self, placed: CallPlaced) -> None:
        """Dial. One that is here already, or was, is not dialled again; one that cannot be placed is told so."""
        board, taken = self._board, self._board.book.is_taken(placed.call_id)
        if taken:
            return
        kept = KeptCall(
            call_id=placed.call_id,
            incident_id=placed.i3_incident_id,
            phase=Phase.DIALLING,
            sip_call_id="",
            from_tag="",
            dialog=None,
            answered=True,
            outgoing=True,
            in_call=placed.in_call,
            kind=CallKind.OUTGOING if placed.callback_of is None else CallKind.CALLBACK,
        )
        call = OpenCall(kept, board.record)
        way = self._way(placed)
        try:
            if way is None:
                raise Unavailable(NOT_SET_UP)
            if placed.in_call is not None and placed.in_call not in board.open:
                raise Unavailable(CALLER_GONE)
            call.media = board.audio.open(call)
            call.change(rtp_port=call.media.port)
            if placed.told:
                self._told[call.call_id] = (placed, way)
            self._invite(call, placed, way)
            board.counters.calls += 1
        except (Unavailable, HeaderError) as error:
            board.book.add(call)
            why = NOT_SET_UP if way is None else NOT_PLACED.format(problem=str(error).rstrip("."))
            board.end(call, CallNotTaken(0, why))

    def _way(self, placed: CallPlaced) -> Flow | None:
        """The trunk's; a third party whose URI names an address is called there."""
        direct = direct_way(placed.target) if placed.in_call is not None else None
        if direct is not None:
            return direct
        proxy = host_and_port(self._setting.proxy)
        return Flow(_TRANSPORTS[self._setting.transport], *proxy) if proxy is not None else None

    def _invite(self, call: OpenCall, placed: CallPlaced, flow: Flow) -> None:
        board, setting = self._board, self._setting
        target = placed.target or self._uri(placed.number)
        ours = self._uri(setting.number) if setting.number else f"sip:{board.settings.our_host}"
        said = with_words(board.description(call), placed.told, board.settings.our_host)
        call.key = board.agent.invite(
            target,
            flow=flow,
            from_=f"<{ours}>",
            to=f"<{target}>",
            now=board.now,
            body=said.body,
            content_type=said.content_type,
            headers=(("P-Asserted-Identity", f"<{ours}>"), *placed.headers, *said.headers),
        )
        call.change(sip_call_id=call.key.call_id, from_tag=call.key.local_tag, dialled=board.agent.dialled(call.key))
        board.book.add(call)
        board.trace.known(call.kept.sip_call_id, call.call_id)
        sent_to = f"{flow.host}:{flow.port} over {flow.transport}"
        board.record(call, [CallDialled(target, call.kept.sip_call_id, sent_to)])
        call.wait_timer = self._loop.call_later(setting.no_answer_s, self._give_up, call)

    def _uri(self, number: str) -> str:
        """`sip:+16145550137@trunk.example;user=phone`; a short number as it is dialled."""
        bare = digits(number)
        full = f"+1{bare}" if len(bare) == 10 else f"+{bare}" if number.strip().startswith("+") else bare
        proxy = host_and_port(self._setting.proxy)
        host = self._setting.domain or (proxy[0] if proxy else "")
        return f"sip:{full}@{f'[{host}]' if ':' in host else host};user=phone"

    def _give_up(self, call: OpenCall) -> None:
        """Nobody took it in time."""
        if call.kept.phase is not Phase.DIALLING or call.key is None:
            return
        self._given_up.add(call.call_id)
        self._board.agent.bye(call.key, self._board.now)
        self._board.send()

    # ---- what comes of it ----

    def handle(self, event: SipEvent) -> bool:
        """Something happened on the wire. False where it is not for calls that we placed: then it is the board's."""
        call = self._board.book.by_key.get(event.call) if isinstance(event, CallEvent) else None
        if call is None or not call.kept.outgoing:
            return False
        match event:
            case Ringing(sdp=sdp):
                self._rings(call, sdp)
            case Answered(sdp=sdp) if call.kept.phase is Phase.DIALLING:
                self._taken(call, sdp)
            case Rejected(status=status) if status in WITHOUT_WORDS and call.call_id in self._told:
                self._without_words(call)
            case Rejected(status=status, reason=reason, response=response):
                self._not_taken(call, status, reason, somebody=response is not None)
            case ByeAnswered() if call.call_id in self._given_up:
                self._not_taken(call, 487, "", somebody=True)
            case _:
                return False
        return True

    def _without_words(self, call: OpenCall) -> None:
        """Who does not take a body of several parts is called once more without the words: the call is what matters."""
        placed, flow = self._told.pop(call.call_id)
        if call.kept.released or call.call_id in self._given_up:
            self._not_taken(call, 487, "", somebody=True)
            return
        call.stop_waiting()
        self._board.book.dial_anew(call)
        self._invite(call, msgspec.structs.replace(placed, told=""), flow)
        self._board.send()

    def _rings(self, call: OpenCall, sdp: bytes | None) -> None:
        """It rings there. The first sound that comes with it is heard; those of other branches are not."""
        if call.key is not None:
            call.change(dialled=self._board.agent.dialled(call.key))
        early = bool(sdp) and not call.kept.early and not isinstance(read_offer(sdp), Offered)
        if early and call.media is not None:
            call.change(sdp=sdp, we_offered=True, early=True)
            self._board.audio.describe(call)
            call.media.record(segment=call.kept.segment + 1)
        if early or not call.kept.rung:
            call.change(rung=True)
            self._board.record(call, [CalleeRinging(early)])

    def _taken(self, call: OpenCall, sdp: bytes | None) -> None:
        """They answered: the way is open. What they said while it rang holds where the answer says no more."""
        call.stop_waiting()
        self._told.pop(call.call_id, None)
        board = self._board
        call.change(phase=Phase.CONNECTED, dialled=None, sdp=sdp or call.kept.sdp, we_offered=True)
        board.audio.describe(call)
        board.snapshot(call)
        board.counters.answered += 1
        if call.media is None or call.kept.released or call.call_id in self._given_up:
            board.record(call, [])
            return
        if has_no_audio(call):
            board.record(call, [CallConnected("", ""), AudioNotAgreed(no_audio_words(call.kept.sdp or b""))])
        else:
            board.record(call, [CallConnected(*call.media.described)])
        call.media.start(segment=call.kept.segment + 1)
        call.media.play(Sound.SILENCE)

    def _not_taken(self, call: OpenCall, status: int, reason: str, *, somebody: bool) -> None:
        given_up = call.call_id in self._given_up
        self._given_up.discard(call.call_id)
        self._told.pop(call.call_id, None)
        if call.kept.released:
            self._board.end(call, CallReleased())
            return
        if given_up:
            why = GIVEN_UP.format(seconds=self._setting.no_answer_s)
        elif not somebody:
            why = NOBODY_THERE.format(proxy=self._setting.proxy)
        else:
            said = f"{status} {reason[:LONGEST_REASON]}".strip()
            why = f"{REFUSAL_WORDS.get(status, 'it was refused')} ({said})"
        self._board.end(call, CallNotTaken(status if somebody else 0, why))
