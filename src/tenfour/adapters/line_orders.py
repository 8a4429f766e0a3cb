"""What the centre wants of the line, done to its calls."""

from typing import assert_never

import msgspec
import structlog

from tenfour.adapters.line_call import OpenCall, Phase
from tenfour.adapters.line_outgoing import OutgoingCalls
from tenfour.adapters.line_release import release
from tenfour.adapters.line_switchboard import Switchboard
from tenfour.adapters.line_transfer import Transfers
from tenfour.adapters.line_voice import LineVoice
from tenfour.adapters.link_frame import Answer, Order, PassOn, Place, RecordAway, Release, SendText, SetClock
from tenfour.adapters.voice_frame import HeadsetAway, HeadsetOffer, Voices
from tenfour.vocabulary.errors import TenfourError

log = structlog.get_logger(__name__)


class LineOrders:
    """Carries orders out on the calls of a switchboard."""

    def __init__(self, board: Switchboard, outgoing: OutgoingCalls, transfers: Transfers, voice: LineVoice) -> None:
        self._board, self._outgoing, self._transfers, self._voice = board, outgoing, transfers, voice

    def order(self, order: Order) -> None:
        """The centre wants something; saying it again changes nothing. What cannot be done is logged."""
        try:
            self._carry_out(order)
        except (TenfourError, ValueError) as error:
            log.error("an order of the centre could not be carried out", order=type(order).__name__, problem=str(error))
        self._board.send()

    def _carry_out(self, order: Order) -> None:
        match order:
            case Answer(call_id=call_id):
                if (call := self._board.open.get(call_id)) is not None:
                    self._answer_given(call)
            case Release(call_id=call_id):
                if (call := self._board.open.get(call_id)) is not None:
                    release(self._board, call)
            case SendText(call_id=call_id, typed=typed):
                if (call := self._board.open.get(call_id)) is not None:
                    self._board.text.type(call, typed)
            case PassOn(call_id=call_id, target=target, to_call=to_call):
                self._transfers.pass_on(call_id, target, to_call)
            case Place(placed=placed):
                self._outgoing.place(placed)
            case SetClock(real_at=real_at, domain_at=domain_at, speed=speed):
                self._board.clock.set(real_at, domain_at, speed)
                self._board.outbox.put([], note=("clock", msgspec.json.encode(order)))
            case RecordAway(away=away):
                self._board.attended(record_away=away)
            case HeadsetOffer() | HeadsetAway() | Voices():
                self._voice.order(order)
            case _:
                assert_never(order)

    def _answer_given(self, call: OpenCall) -> None:
        if call.kept.answered or call.kept.phase is Phase.ENDED:
            return
        call.change(answered=True)
        if call.kept.phase is Phase.RINGING:
            self._board.answer(call)
        else:
            self._board.record(call, [])
