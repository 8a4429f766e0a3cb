"""Calls that are passed on: REFER to the caller's side (RFC 3515), and what it tells of the call that it places."""

from typing import Final

from tenfour.adapters.line_call import OpenCall, Phase
from tenfour.adapters.line_outgoing import REFUSAL_WORDS
from tenfour.adapters.line_switchboard import Switchboard
from tenfour.calltaking.transfer import refer_target
from tenfour.calltaking.transfer_event import CallTransferred, TransferAccepted, TransferFailed
from tenfour.telephony.refer import without_subscription
from tenfour.telephony.sip_event import ReferProgress, RequestAnswered, SipEvent, SubscriptionEnded
from tenfour.vocabulary.errors import TenfourError
from tenfour.vocabulary.ids import CallId

NOT_CONNECTED: Final = "the call is not connected"
OTHER_NOT_CONNECTED: Final = "the other call is not connected"
NOT_DONE_HERE: Final = "the caller's side does not pass calls on ({status})"
NOTHING_HEARD: Final = "nothing more was heard of it ({why})"


SAID_NO: Final = frozenset({486, 600, 603})
"""What the other centre itself answers, as the caller's side tells: it would not take a call of ours either."""


class Transfers:
    """Passes calls of a switchboard on, and says what came of it. A call that is not taken stays here."""

    def __init__(self, board: Switchboard) -> None:
        self._board = board
        self._calls: dict[str, OpenCall] = {}
        """By the token of the REFER, until its end is known."""

    def pass_on(self, call_id: CallId, target: str, to_call: CallId | None = None) -> None:
        """Ask the caller's side to call the target instead of us, or whoever is on the call `to_call`."""
        call = self._board.open.get(call_id)
        if call is None or call.kept.passing_on:
            return
        if call.key is None or call.kept.phase is not Phase.CONNECTED or call.kept.released:
            self._board.record(call, [TransferFailed(NOT_CONNECTED)])
            return
        if to_call is not None:
            replacing = self._in_place_of(to_call, target)
            if replacing is None:
                self._board.record(call, [TransferFailed(OTHER_NOT_CONNECTED)])
                return
            target = replacing
        try:
            token = self._board.agent.refer(call.key, target, self._board.now)
        except TenfourError as error:
            self._board.record(call, [TransferFailed(str(error).rstrip("."))])
            return
        self._calls[token] = call
        call.change(passing_on=True)
        self._board.snapshot(call)
        self._board.record(call, [])

    def _in_place_of(self, to_call: CallId, along: str) -> str | None:
        """The URI of who is on that call, and that our place in it is taken (RFC 3891): its tags, then ours."""
        other = self._board.open.get(to_call)
        if other is None or other.key is None or other.kept.phase is not Phase.CONNECTED:
            return None
        dialog = self._board.agent.snapshot(other.key)
        ours = f"{dialog.key.call_id};to-tag={dialog.key.remote_tag};from-tag={dialog.key.local_tag}"
        uri, more = dialog.remote_target.partition("?")[0], along.removeprefix("?")
        return refer_target(uri, (("Replaces", ours),)) + (f"&{more}" if more else "")

    def handle(self, event: SipEvent) -> bool:
        """Something happened on the wire. False where it is not for a call that is passed on."""
        match event:
            case RequestAnswered(token=token, status=status, response=response) if token in self._calls:
                silent = response is not None and without_subscription(response)
                self._answered(token, status, silent=silent)
            case ReferProgress(refer=token, status=status, reason=reason) if token in self._calls:
                if status >= 200:
                    self._ended(token, status, reason)
            case SubscriptionEnded(subscription=token, why=why) if token in self._calls:
                self._failed(token, NOTHING_HEARD.format(why=why.rstrip(".")))
            case _:
                return False
        return True

    def _answered(self, token: str, status: int, *, silent: bool) -> None:
        call = self._calls[token]
        if status >= 300:
            self._failed(token, NOT_DONE_HERE.format(status=status))
        elif call.kept.phase is not Phase.ENDED:
            self._board.record(call, [TransferAccepted()])
            if silent:
                self._failed(token, NOTHING_HEARD.format(why="it tells nothing"))

    def _ended(self, token: str, status: int, reason: str) -> None:
        if status >= 300:
            said = f"{status} {reason[:80]}".strip()
            why = f"{REFUSAL_WORDS.get(status, 'it was refused')} ({said})"
            self._failed(token, why, by_other=status in SAID_NO)
            return
        call = self._calls.pop(token)
        if call.kept.phase is Phase.ENDED or call.key is None:
            return
        call.change(passing_on=False, released=True)
        self._board.record(call, [CallTransferred()])
        self._board.agent.bye(call.key, self._board.now)

    def _failed(self, token: str, why: str, *, by_other: bool = False) -> None:
        call = self._calls.pop(token)
        if call.kept.phase is not Phase.ENDED:
            call.change(passing_on=False)
            self._board.record(call, [TransferFailed(why, by_other)])
