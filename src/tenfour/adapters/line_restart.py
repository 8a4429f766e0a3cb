"""A line that was killed takes its calls up again: dialogs, audio ports, recordings, and callers who still ring."""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec
import structlog

from tenfour.adapters.line_call import KeptCall, OpenCall, Phase, decode_kept
from tenfour.adapters.line_page import PageTexts
from tenfour.adapters.line_switchboard import Switchboard
from tenfour.adapters.link_frame import SetClock
from tenfour.adapters.media_protocol import Sound
from tenfour.calltaking.event import CallFailed, CallPickedUpAgain
from tenfour.calltaking.transfer_event import TransferFailed
from tenfour.telephony.dialog import Dialog
from tenfour.telephony.flow import Flow
from tenfour.telephony.message import parse
from tenfour.telephony.via import response_flow, top_via
from tenfour.vocabulary.errors import TenfourError

NOT_BACK = "The line restarted while it rang and the caller did not come back."
NOT_KEPT = "The line restarted and its dialog was not kept."

NOT_DIALLED_ON = "The line restarted before anybody took the call."

NOT_FOLLOWED = "the line restarted, and does not know what came of it"

TEST_NOT_KEPT = "The line restarted, and does not take up a test call again."

log = structlog.get_logger(__name__)


class Restart:
    """What is done once, when the line starts and its sockets listen, with the calls that the outbox kept."""

    def __init__(self, board: Switchboard, reaches: Callable[[Flow], bool], pages: PageTexts) -> None:
        """`reaches(flow)`: is there a way to this peer just now?"""
        self._board, self._reaches, self._pages = board, reaches, pages
        self._loop = asyncio.get_running_loop()

    def run(self) -> None:
        """Take every kept call up again; one that cannot be taken up is logged, and the others go on."""
        self._set_clock()
        for call_id, encoded in self._board.outbox.kept_calls.items():
            try:
                self._take_up(decode_kept(encoded))
            except (TenfourError, msgspec.MsgspecError) as error:
                log.error("a call of the earlier run could not be taken up", call_id=call_id, problem=str(error))
        self._board.send()

    def _set_clock(self) -> None:
        """The domain clock goes on as the centre last set it."""
        noted = self._board.outbox.notes.get("clock")
        if noted is not None:
            order = msgspec.json.decode(noted, type=SetClock)
            self._board.clock.set(order.real_at, order.domain_at, order.speed)

    def _take_up(self, kept: KeptCall) -> None:
        call = OpenCall(kept, self._board.record)
        if kept.test and kept.phase is not Phase.ENDED:
            self._end_test(call)
            return
        if kept.page is not None and kept.phase is not Phase.ENDED:
            self._pages.take_up(call)
            return
        match kept.phase:
            case Phase.ENDED:
                self._board.adopt(call)
                self._close_recordings(call)
                self._board.record(call, [])
            case Phase.RINGING:
                self._ring_on(call)
            case Phase.DIALLING:
                self._end_dialling(call)
            case Phase.ANSWERING | Phase.CONNECTED:
                self._talk_on(call)

    def _end_dialling(self, call: OpenCall) -> None:
        """Nobody had taken it: it is over, and rings there no longer; whoever takes it just now is told so by BYE."""
        self._board.adopt(call)
        if call.kept.dialled is not None:
            self._board.agent.give_up(call.kept.dialled, self._board.now)
        self._close_recordings(call)
        self._board.end(call, CallFailed(NOT_DIALLED_ON))

    def _end_test(self, call: OpenCall) -> None:
        """A test call is not worth taking up again; its caller hears that it is over."""
        if self._on_the_wire(call):
            assert call.key is not None
            self._board.agent.bye(call.key, self._board.now)
        self._board.end(call, CallFailed(TEST_NOT_KEPT))

    def _ring_on(self, call: OpenCall) -> None:
        """The caller hears it ring again. A TCP caller who cannot be reached any more must call again in time."""
        board, is_there = self._board, self._on_the_wire(call)
        self._close_recordings(call)
        if not is_there:
            board.end(call, CallFailed(NOT_BACK))
            return
        assert call.key is not None
        call.may_come_back = True
        board.ring_on(call)
        if call.kept.dialog is not None:
            way = _way_back(call.kept.dialog)
            self._loop.call_later(board.settings.line.ring_restart_s, self._did_not_come_back, call, way)

    def _did_not_come_back(self, call: OpenCall, way: Flow) -> None:
        rings = call.may_come_back and call.kept.phase is Phase.RINGING and call.key is not None
        if rings and not self._reaches(way):
            assert call.key is not None
            self._board.agent.reject(call.key, 480, self._board.now)
            self._board.end(call, CallFailed(NOT_BACK))
            self._board.send()

    def _talk_on(self, call: OpenCall) -> None:
        """The dialog, the audio port and a new segment of the recording."""
        board, kept, is_there = self._board, call.kept, self._on_the_wire(call)
        gap_s = self._close_recordings(call)
        if not is_there:
            board.end(call, CallFailed(NOT_KEPT))
            return
        call.media = board.audio.open(call)
        board.counters.picked_up_again += 1
        if kept.passing_on:
            call.change(passing_on=False)
            board.record(call, [TransferFailed(NOT_FOLLOWED)])
        board.record(call, [CallPickedUpAgain(round(gap_s, 3))])
        call.media.start(segment=call.kept.segment + 1, heard=kept.heard, stopped=kept.stopped)
        if kept.phase is Phase.CONNECTED:
            call.media.play(Sound.SILENCE if kept.outgoing else Sound.BEEPS)
        board.text.resume(call)
        if kept.released and call.key is not None:
            board.agent.bye(call.key, board.now)

    def _on_the_wire(self, call: OpenCall) -> bool:
        """The call is in the books again; False when its dialog was not kept."""
        if call.kept.dialog is not None:
            call.key = self._board.agent.restore(call.kept.dialog, self._board.now)
            self._board.agent.connection_lost(call.kept.dialog.flow, self._board.now)
        self._board.adopt(call)
        return call.key is not None

    def _close_recordings(self, call: OpenCall) -> float:
        """The recordings that the earlier run left, also those that it had no time to tell of; what follows is a
        segment of its own. To be kept by `record`. Gives for how many seconds none was written.
        """
        left = self._board.left
        to_close = call.recordings_left(left.untold(call.call_id, call.kept.segment))
        quiet_s = [_seconds_since_written(left.folder / one.file) for one in to_close if one.is_in(left.folder)]
        for one in to_close:
            if one.told:
                left.end(one.file, partial(call.recording_ended, one.file, one.segment))
            else:
                left.find(one.file, partial(call.recording_found, one.file, one.segment))
        return min(quiet_s, default=0.0)


def _way_back(dialog: Dialog) -> Flow:
    """Where the answers to a ringing INVITE go when its connection is gone (RFC 3261 section 18.2.2)."""
    flow = msgspec.structs.replace(dialog.flow, connection=None)
    return response_flow(top_via(parse(dialog.invite)), flow) if dialog.invite else flow


def _seconds_since_written(path: Path) -> float:
    try:
        return max(0.0, time.time() - path.stat().st_mtime)
    except OSError as error:
        log.warning("the earlier recording is not there", file=path.name, problem=str(error))
        return 0.0
