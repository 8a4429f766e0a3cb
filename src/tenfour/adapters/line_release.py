"""The line ends a call that goes on: BYE, CANCEL for one of ours that nobody took, 480 for one that rings."""

from tenfour.adapters.line_call import OpenCall, Phase
from tenfour.adapters.line_switchboard import Switchboard
from tenfour.calltaking.event import CallReleased


def release(board: Switchboard, call: OpenCall) -> None:
    """End it; again, it changes nothing."""
    if call.kept.released or call.kept.phase is Phase.ENDED:
        return
    call.change(released=True)
    if call.kept.phase is Phase.RINGING or call.kept.page is not None:
        if call.key is not None:
            board.agent.reject(call.key, 480, board.now)
        board.end(call, CallReleased())
        return
    board.record(call, [])
    if call.key is not None:
        board.agent.bye(call.key, board.now)
