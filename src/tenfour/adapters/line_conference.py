"""Third parties of the line's calls: each has a call of its own, and a wire between the two lets them hear each other.

In its own call a third party is the one who is called; at the other end of the wire is the conversation that it was
called into, whose room mixes for all.
"""

import socket
from collections.abc import Callable, Iterator

from tenfour.adapters.headset_protocol import Voice
from tenfour.adapters.headset_protocol import Voices as Heard
from tenfour.adapters.line_call import OpenCall, Phase
from tenfour.adapters.line_release import release
from tenfour.adapters.line_switchboard import Switchboard
from tenfour.adapters.media_protocol import Sound
from tenfour.adapters.voice_frame import Voices
from tenfour.adapters.wire import wire_pair
from tenfour.telephony.party import Role
from tenfour.vocabulary.ids import CallId, PositionId


def place_of(call_id: CallId) -> PositionId:
    """The place of another call among the parties of a conversation; no position is called so."""
    return PositionId(f"call/{call_id}")


class Conferences:
    """Which call is a third party in which other. All methods are called in the event loop and return at once."""

    def __init__(self, board: Switchboard) -> None:
        self._board = board
        self.on_carried: Callable[[CallId], None] = lambda call_id: None
        """Hears that a worker has a third party's audio, which knows of no wire yet."""
        self._wired: dict[CallId, CallId] = {}
        """Third party to the call that it is in."""

    def connected(self, order: Voices) -> list[OpenCall]:
        """The third parties of this order that are on the line."""
        found = (self._board.open.get(call_id) for call_id in order.outside)
        return [call for call in found if call is not None and _is_up(call)]

    def called_into(self, order: Voices) -> None:
        """A call of ours that stood for itself may be a third party from now on."""
        for call_id in order.outside:
            call = self._board.open.get(call_id)
            if call is not None and call.kept.in_call != order.call_id and call.kept.phase is not Phase.ENDED:
                call.change(in_call=order.call_id)
                self._board.record(call, [])

    def arrange(self, orders: dict[CallId, Voices]) -> None:
        """Let each third party hear the call it is in, and be heard there; one that is in none any more, neither."""
        wanted = {
            third.call_id: call_id
            for call_id, order in orders.items()
            if _is_up(self._board.open[call_id])
            for third in self.connected(order)
        }
        for third_id in [one for one, call_id in self._wired.items() if wanted.get(one) != call_id]:
            self._unwire(third_id)
            self._fall_silent(third_id, orders)
        for third_id, call_id in wanted.items():
            if third_id not in self._wired:
                self._wire(self._board.open[third_id], self._board.open[call_id])

    def unwire_all(self, call_id: CallId) -> None:
        """The audio of this call is carried by a worker that knows of no wire: begin anew."""
        for third_id in [one for one, main in self._wired.items() if call_id in (one, main)]:
            self._unwire(third_id)

    def release_left(self, over: OpenCall, *, keep: bool) -> None:
        """A call is over: its third parties are released, too. `keep`: somebody of ours speaks with those in it."""
        for call in list(self._board.open.values()):
            of_it = call.kept.in_call == over.call_id
            if of_it and not (keep and call.kept.phase is Phase.CONNECTED):
                release(self._board, call)

    def _wire(self, third: OpenCall, call: OpenCall) -> None:
        if third.media is None or call.media is None:
            return
        third.media.on_carried = lambda: self.on_carried(third.call_id)
        third.media.speak(Heard((Voice(place_of(call.call_id), Role.CALL_TAKER),)))
        if third.media.caller.playing.sound is not Sound.VOICES:
            third.media.play(Sound.VOICES)
        here, there = wire_pair()
        third.media.wire(place_of(call.call_id), here)
        call.media.wire(place_of(third.call_id), there)
        _close(here, there)  # the workers have copies
        self._wired[third.call_id] = call.call_id

    def _unwire(self, third_id: CallId) -> None:
        call_id = self._wired.pop(third_id)
        for one, other in ((third_id, call_id), (call_id, third_id)):
            call = self._board.open.get(one)
            if call is not None and call.media is not None:
                call.media.wire(place_of(other), None)

    def _fall_silent(self, third_id: CallId, orders: dict[CallId, Voices]) -> None:
        third = self._board.open.get(third_id)
        if third is not None and third.media is not None and third_id not in orders and _is_up(third):
            third.media.play(Sound.SILENCE)


def _is_up(call: OpenCall) -> bool:
    return call.media is not None and call.kept.phase in (Phase.ANSWERING, Phase.CONNECTED)


def parties_of(thirds: list[OpenCall]) -> Iterator[Voice]:
    """Third parties as voices of the call that they are in."""
    return (Voice(place_of(third.call_id), Role.THIRD_PARTY) for third in thirds)


def _close(*sockets: socket.socket) -> None:
    for bound in sockets:
        bound.close()
