"""The voices of the line's calls: which position's headset is in which call, and what a caller hears meanwhile."""

import socket
from collections.abc import Callable
from functools import partial

from tenfour.adapters.audio_ports import bind_audio
from tenfour.adapters.headset_protocol import Voice, Voices
from tenfour.adapters.headset_state import HeadsetState
from tenfour.adapters.identity import new_event_id
from tenfour.adapters.line_call import OpenCall, Phase
from tenfour.adapters.line_conference import Conferences, parties_of
from tenfour.adapters.line_headset import HeadsetMedia
from tenfour.adapters.line_security import LineSecurity
from tenfour.adapters.line_settings import LineSettings
from tenfour.adapters.line_switchboard import Switchboard
from tenfour.adapters.media_protocol import Sound
from tenfour.adapters.media_workers import MediaWorkers
from tenfour.adapters.voice_frame import HeadsetAnswer, HeadsetAway, HeadsetOffer
from tenfour.adapters.voice_frame import Voices as VoicesOrder
from tenfour.adapters.wire import wire_pair
from tenfour.calltaking.event import AnnouncementStarted
from tenfour.calltaking.voice import Member
from tenfour.calltaking.voice_event import HeadsetConnected, HeadsetLost
from tenfour.telephony.browser_sdp import read_browser_offer
from tenfour.telephony.party import HEARS, Role
from tenfour.telephony.sdp import parse_sdp
from tenfour.vocabulary.envelope import Actor, ActorKind, Fact
from tenfour.vocabulary.errors import BadInput, Unavailable
from tenfour.vocabulary.ids import CallId, PositionId, position_stream

NOTHING_CAME = "Nothing came from the browser any more."
NEVER_CAME = "The browser did not connect."
LOST_WHY = "The headset of the call taker is gone; the caller is kept."
ALONE_WHY = "Whoever spoke with the caller is gone; the caller is kept."


class LineVoice:
    """Headsets by position, and who is in which call. All methods are called in the event loop and return at once."""

    def __init__(
        self,
        settings: LineSettings,
        board: Switchboard,
        *,
        workers: MediaWorkers,
        security: LineSecurity,
        reply: Callable[[HeadsetAnswer], None],
    ) -> None:
        self._settings, self._board, self._workers, self._security = settings, board, workers, security
        self._reply = reply
        self._conferences = Conferences(board)
        self._conferences.on_carried = self._wire_call_anew
        self._headsets: dict[PositionId, HeadsetMedia] = {}
        self._told: set[PositionId] = set()
        """Whose headsets the record knows as connected."""
        self._voices: dict[CallId, VoicesOrder] = {}
        self._sounds: dict[CallId, Sound] = {}
        """What a call with voices was last told to hear."""
        self._wired: dict[PositionId, CallId] = {}

    def connected(self) -> tuple[PositionId, ...]:
        """Whose headsets are there, for the line's hello."""
        return tuple(sorted(self._told))

    # ---- from the centre ----

    def order(self, order: HeadsetOffer | HeadsetAway | VoicesOrder) -> None:
        """The centre wants something of a headset, or says who is in a call."""
        match order:
            case HeadsetOffer():
                self._reply(self._connect(order))
            case HeadsetAway(position=position, why=why, put_away=put_away):
                self._drop(position)
                self._tell_lost(position, why, put_away=put_away)
            case VoicesOrder(call_id=call_id, members=members):
                if call_id in self._board.open and (members or order.outside or call_id in self._voices):
                    self._voices[call_id] = order
                    self._keep(self._board.open[call_id], order)
                    self._conferences.called_into(order)
        self._arrange()

    def speak(self, call: OpenCall) -> bool:
        """Let an answered caller hear who is in the call; False: nobody is, an announcement has to do."""
        order = self._of(call.call_id)
        if not (order.members or order.outside):
            return False
        self._arrange()
        return True

    def over(self, call: OpenCall) -> None:
        """The call is over."""
        order = self._voices.pop(call.call_id, None)
        ours = order is not None and any(self._is_heard(one.position) for one in order.members)
        self._conferences.release_left(call, keep=ours and not call.kept.released)
        if order is not None or call.kept.in_call is not None:
            self._sounds.pop(call.call_id, None)
            self._arrange()

    def take_up(self) -> None:
        """After a restart: caller and third party hear each other again, whether or not the centre is there."""
        for call in self._board.open.values():
            if call.kept.outside:
                self._voices[call.call_id] = VoicesOrder(call.call_id, (), call.kept.held, call.kept.outside)
        self._arrange()

    def _keep(self, call: OpenCall, order: VoicesOrder) -> None:
        if (call.kept.outside, call.kept.held) != (order.outside, order.held) and (order.outside or call.kept.outside):
            call.change(outside=order.outside, held=order.held)
            self._board.record(call, [])

    # ---- headsets ----

    def _connect(self, offer: HeadsetOffer) -> HeadsetAnswer:
        setting, host = self._settings.voice, self._settings.voice.bind or self._board.audio.host
        try:
            described = read_browser_offer(parse_sdp(offer.sdp.encode()))
            ports = bind_audio(host, setting.ports)
        except (BadInput, Unavailable) as error:
            return HeadsetAnswer(offer.request, problem=str(error))
        self._drop(offer.position)
        headset = HeadsetMedia(offer.position, offer.person, described, ports, host)
        headset.on_change = lambda: self._changed(headset)
        headset.on_carried = lambda: self._wire_anew(headset.position)
        self._headsets[offer.position] = headset
        self._workers.take(headset)
        return HeadsetAnswer(offer.request, sdp=headset.answer(self._security.fingerprint))

    def _changed(self, headset: HeadsetMedia) -> None:
        position = headset.position
        match headset.state:
            case HeadsetState.CONNECTED:
                self._told.add(position)
                self._record(position, HeadsetConnected(position, headset.person))
            case HeadsetState.LOST:
                self._tell_lost(position, NOTHING_CAME)
            case HeadsetState.CLOSED:
                self._drop(position)
                self._tell_lost(position, NEVER_CAME)
            case HeadsetState.CONNECTING:
                return
        self._arrange()

    def _drop(self, position: PositionId) -> None:
        headset = self._headsets.pop(position, None)
        if headset is not None:
            headset.close()
            self._workers.forget(headset)
            self._unwire(position)

    def _tell_lost(self, position: PositionId, why: str, *, put_away: bool = False) -> None:
        if position in self._told:
            self._told.discard(position)
            self._record(position, HeadsetLost(position, why, put_away))

    def _is_heard(self, position: PositionId) -> bool:
        headset = self._headsets.get(position)
        return headset is not None and headset.state is HeadsetState.CONNECTED

    # ---- calls ----

    def _arrange(self) -> None:
        """Let everything be as it should; what is so already stays."""
        for call_id in [call_id for call_id in self._voices if call_id not in self._board.open]:
            del self._voices[call_id]
            self._sounds.pop(call_id, None)
        outside = {third for order in self._voices.values() for third in order.outside}
        for call_id, order in self._voices.items():
            call = self._board.open[call_id]
            if call_id in outside:
                self._sounds.pop(call_id, None)
            elif call.media is not None and call.kept.phase in (Phase.ANSWERING, Phase.CONNECTED):
                thirds = parties_of(self._conferences.connected(order))
                parties = (*(Voice(one.position, one.role, one.muted) for one in order.members), *thirds)
                call.media.on_carried = partial(self._wire_call_anew, call_id)
                call.media.speak(Voices(parties, order.held))
                self._let_hear(call, order)
        self._conferences.arrange(self._voices)
        for position in tuple(self._headsets):
            self._wire(position, self._call_of(position))

    def _let_hear(self, call: OpenCall, order: VoicesOrder) -> None:
        sound = self._sound(order)
        if self._sounds.get(call.call_id) is sound or call.media is None:
            return
        self._sounds[call.call_id] = sound
        call.media.play(sound)
        said = self._settings.announcement
        if sound is Sound.STILL_HERE:
            why = LOST_WHY if order.members else ALONE_WHY
            self._board.record(call, [AnnouncementStarted(said.lost_text or said.text, why)])
        elif sound is Sound.ANNOUNCEMENT:
            self._board.record(call, [AnnouncementStarted(said.text, LOST_WHY)])

    def _sound(self, order: VoicesOrder) -> Sound:
        if order.held:
            return Sound.VOICES
        speaking = [one for one in order.members if one.role in HEARS[Role.CALLER]]
        if any(self._is_heard(one.position) for one in speaking) or self._conferences.connected(order):
            return Sound.VOICES
        spoken = self._sounds.get(order.call_id) in (Sound.VOICES, Sound.STILL_HERE)
        return Sound.STILL_HERE if speaking or spoken else Sound.ANNOUNCEMENT

    def _of(self, call_id: CallId) -> VoicesOrder:
        return self._voices.get(call_id) or VoicesOrder(call_id, (), held=False)

    def _call_of(self, position: PositionId) -> CallId | None:
        """In which call a position's headset is: one whose caller does not wait comes first, then the newest."""
        found = [order for order in self._voices.values() if any(_is_at(one, position) for one in order.members)]
        return max(enumerate(found), key=lambda each: (not each[1].held, each[0]))[1].call_id if found else None

    # ---- wires ----

    def _wire(self, position: PositionId, call_id: CallId | None) -> None:
        if self._wired.get(position) == call_id:
            return
        self._unwire(position)
        headset, call = self._headsets.get(position), self._board.open.get(call_id) if call_id else None
        if headset is None or call is None or call.media is None:
            return
        here, there = wire_pair()
        headset.wire(here)
        call.media.wire(position, there)
        _close(here, there)  # the workers have copies
        self._wired[position] = call.call_id

    def _unwire(self, position: PositionId) -> None:
        call = self._board.open.get(self._wired.pop(position, CallId("")))
        if call is not None and call.media is not None:
            call.media.wire(position, None)
        if (headset := self._headsets.get(position)) is not None:
            headset.wire(None)

    def _wire_anew(self, position: PositionId) -> None:
        """A worker has the headset, and knows of no wire."""
        self._unwire(position)
        self._arrange()

    def _wire_call_anew(self, call_id: CallId) -> None:
        for position in [position for position, wired in self._wired.items() if wired == call_id]:
            self._unwire(position)
        self._conferences.unwire_all(call_id)
        self._arrange()

    def _record(self, position: PositionId, event: HeadsetConnected | HeadsetLost) -> None:
        actor = Actor(ActorKind.DEVICE, self._settings.line.node)
        now, agency = self._board.clock.now(), self._settings.agency
        self._board.outbox.put([Fact(new_event_id(), position_stream(position), event, now, actor, agency)])


def _is_at(member: Member, position: PositionId) -> bool:
    return member.position == position


def _close(*sockets: socket.socket) -> None:
    for bound in sockets:
        bound.close()
