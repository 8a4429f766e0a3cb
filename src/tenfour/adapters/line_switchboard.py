"""The calls on the line: what the wire says becomes facts, what the centre orders goes out on the wire.

Signalling and audio never wait for the outbox or the centre: facts are queued in order and the call goes on.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import assert_never

import msgspec
import structlog

from tenfour.adapters.announcement import play
from tenfour.adapters.domain_clock import DomainClock
from tenfour.adapters.identity import new_event_id, new_i3_id
from tenfour.adapters.line_call import OpenCall, Phase, ended_words, keep
from tenfour.adapters.line_counters import LineCounters
from tenfour.adapters.line_invite import conveyed, from_tag, read_invite
from tenfour.adapters.line_media import CallMedia
from tenfour.adapters.line_no_audio import agreed, has_no_audio, offer_ours, refused
from tenfour.adapters.line_offer import Offered, our_description, read_offer
from tenfour.adapters.line_security import LineSecurity
from tenfour.adapters.line_settings import LineSettings, host_and_port
from tenfour.adapters.line_test_call import LoopedCalls
from tenfour.adapters.line_waiting import WaitingCallers
from tenfour.adapters.link import Answer, LineCall, Order, RecordAway, Release, SetClock
from tenfour.adapters.outbox import Outbox
from tenfour.adapters.recorder import Recorder
from tenfour.adapters.signal_trace import SignalTrace
from tenfour.calltaking.event import (
    AnnouncementStarted,
    CallAbandoned,
    CallConnected,
    CallerDisconnected,
    CallFailed,
    CallReleased,
    CallRinging,
    Signal,
)
from tenfour.telephony.dialog import DialogKey
from tenfour.telephony.sdp import OUR_TELEPHONE_EVENT, Codec
from tenfour.telephony.sip_event import (
    Acknowledged,
    AckTimedOut,
    Answered,
    ByeAnswered,
    ByeReceived,
    Cancelled,
    DialogFailed,
    InDialog,
    InviteReceived,
    MessageBroken,
    Reinvited,
    RequestAnswered,
    SipEvent,
)
from tenfour.telephony.user_agent import UserAgent
from tenfour.vocabulary.envelope import Actor, ActorKind, Event, Fact
from tenfour.vocabulary.errors import TenfourError, Unavailable
from tenfour.vocabulary.ids import CallId, EventId, call_stream

REMEMBERED_CALL_IDS = 4096
"""Identifiers of calls that are over and that no new call may carry again."""

ANSWERED_WHY = "A person answered; call takers have no voice on the line yet."
AWAY_WHY = "Nobody can answer just now; the line answered by policy."
NOT_ACKNOWLEDGED = "The caller's side did not acknowledge the answer, and was not heard."

log = structlog.get_logger(__name__)


class Switchboard:
    """All calls of one line. Its methods are called in the event loop and return at once."""

    def __init__(
        self,
        settings: LineSettings,
        *,
        agent: UserAgent,
        outbox: Outbox,
        recorder: Recorder,
        trace: SignalTrace,
        clock: DomainClock,
        announcement: tuple[bytes, ...],
        waiting: tuple[bytes, ...],
    ) -> None:
        self.settings, self.agent, self.outbox, self.recorder = settings, agent, outbox, recorder
        self.trace, self.clock, self.announcement = trace, clock, announcement
        self.counters = LineCounters()
        self.security = LineSecurity(outbox)
        self.waiting = WaitingCallers(settings.announcement, waiting, open_media=self.media, say=self._announced)
        self.send: Callable[[], None] = lambda: None
        self.open: dict[CallId, OpenCall] = {}
        self._tests = LoopedCalls(self)
        self._by_key: dict[DialogKey, OpenCall] = {}
        self._over: dict[CallId, None] = {}
        self._loop = asyncio.get_running_loop()
        self._centre_here = False
        self._record_away = False
        self._actor = Actor(ActorKind.DEVICE, settings.line.node)

    # ---- from the wire ----

    def handle(self, event: SipEvent) -> None:
        """Something happened on the wire."""
        match event:
            case InviteReceived():
                self._invited(event)
            case MessageBroken(problem=problem, data=data, flow=flow):
                self.counters.broken_messages += 1
                self.trace.broken(data, problem)
                log.warning("a message could not be used; it is kept", source=f"{flow.host}:{flow.port}")
            case (
                Acknowledged(call=key)
                | Cancelled(call=key)
                | ByeReceived(call=key)
                | Reinvited(call=key)
                | InDialog(call=key)
                | AckTimedOut(call=key)
                | DialogFailed(call=key)
                | ByeAnswered(call=key)
                | Answered(call=key)
            ) if key in self._by_key:
                self._happened(self._by_key[key], event)
            case RequestAnswered():
                self._request_answered(event)
            case _:
                log.info("nothing to do with this on the line", happened=type(event).__name__)

    def _happened(self, call: OpenCall, event: SipEvent) -> None:
        match event:
            case Acknowledged():
                self._acknowledged(call, event)
            case Reinvited():
                self._reinvited(call, event)
            case Answered():
                self._counter_offer_taken(call, event)
            case InDialog():
                self.snapshot(call)
                self.record(call, conveyed(event.request, event.parts, self.settings.line.part_limit))
            case Cancelled():
                self.end(call, CallAbandoned(Signal.CANCEL))
            case ByeReceived(reason=reason):
                answered = call.kept.answered or call.kept.test
                self.end(call, CallerDisconnected(Signal.BYE, reason[:1024]) if answered else CallAbandoned(Signal.BYE))
            case ByeAnswered():
                self.end(call, CallReleased())
            case AckTimedOut():
                self._not_acknowledged(call)
            case DialogFailed(why=why):
                self.end(call, CallReleased() if call.kept.released else CallFailed(why))

    def _invited(self, invite: InviteReceived) -> None:
        sip_key = (invite.request.first("Call-ID") or "", from_tag(invite.request))
        same = next((call for call in self.open.values() if call.kept.sip_key == sip_key), None)
        if same is not None and same.may_come_back:
            self._came_back(same, invite)
            return
        if same is not None and same.kept.phase is not Phase.ENDED:
            self.agent.decide(invite.call, "482: this call is here already")
            self.agent.reject(invite.call, 482, self.now)
            return
        arrival = read_invite(
            invite,
            new_i3_id=new_i3_id,
            taken=self._is_taken,
            part_limit=self.settings.line.part_limit,
            admin_lines=self.settings.admin_lines,
        )
        call = OpenCall(
            keep(arrival.received, self.agent.snapshot(invite.call), invite.sdp, sip_key), self.record, invite.call
        )
        self.counters.calls += 1
        self.trace.known(call.kept.sip_call_id, call.call_id)
        self.open[call.call_id] = self._by_key[invite.call] = call
        first = self.record(call, [arrival.received])
        self.record(call, arrival.conveyed, cause=first)
        if call.kept.test:
            self._tests.take(call, invite, arrival.received.ani, first)
        else:
            self._ring(call, invite, first)

    def _ring(self, call: OpenCall, invite: InviteReceived, cause: EventId | None) -> None:
        self.agent.provisional(invite.call, 180, self.now)
        self.record(call, [CallRinging()], cause=cause)
        self.wait_for_centre(call)
        self.waiting.begin(call)

    def _came_back(self, call: OpenCall, invite: InviteReceived) -> None:
        """The caller of a call that rang when the line died calls again: the same call, the same identifiers."""
        call.stop_waiting()
        if call.key is not None:
            self._by_key.pop(call.key, None)
            self.agent.reject(call.key, 487, self.now)
        call.key, call.may_come_back = invite.call, False
        self._by_key[invite.call] = call
        call.change(sdp=invite.sdp)
        self._describe(call)
        self.agent.provisional(invite.call, 180, self.now)
        self.snapshot(call)
        self.record(call, [])
        self.wait_for_centre(call)

    def _acknowledged(self, call: OpenCall, event: Acknowledged) -> None:
        if event.sdp is not None:
            call.change(sdp=event.sdp, we_offered=True)
            self._describe(call)
        self.snapshot(call)
        if call.kept.phase is Phase.ANSWERING:
            self.connected(call)
        else:
            self.record(call, [])

    def connected(self, call: OpenCall) -> None:
        """The audio path is open; the caller hears the announcement."""
        media, kept = call.media, call.kept
        if media is None or kept.phase is not Phase.ANSWERING:
            return
        call.change(phase=Phase.CONNECTED)
        if kept.test:
            self.record(call, [])
            return
        if has_no_audio(call):
            missing = offer_ours(call, self.agent, self._host, self.now)
            self.record(call, [CallConnected("", "", by_policy=kept.by_policy), missing])
            return
        secured = call.kept.security.name if call.kept.security is not None else ""
        opened = CallConnected(*media.described, by_policy=kept.by_policy, media_security=secured)
        self.record(call, [opened, self._announce(call)])

    def _announce(self, call: OpenCall) -> AnnouncementStarted:
        """Let the caller hear the announcement; gives its fact."""
        if call.media is not None:
            call.media.play(play(self.announcement, self.settings.announcement.beep_every_s))
        why = AWAY_WHY if call.kept.by_policy else ANSWERED_WHY
        return AnnouncementStarted(self.settings.announcement.text, why)

    def _not_acknowledged(self, call: OpenCall) -> None:
        """No ACK came. A caller who is heard is there all the same; otherwise nobody is."""
        if call.kept.heard:
            self.connected(call)
        elif call.key is not None:
            self.agent.bye(call.key, self.now)
            self.end(call, CallReleased() if call.kept.released else CallFailed(NOT_ACKNOWLEDGED))

    def _reinvited(self, call: OpenCall, event: Reinvited) -> None:
        if call.media is None or read_offer(event.sdp) is Offered.NOTHING_FOR_US:
            self.agent.decide(event.call, "488: no audio for us is offered; the call goes on as before")
            self.agent.reject(event.call, 488, self.now)
            return
        call.change(sdp=event.sdp, we_offered=False, description_version=call.kept.description_version + 1)
        self._describe(call)
        self.agent.answer(event.call, self.description(call), self.now)
        self.snapshot(call)
        self._audio_agreed(call)
        self.record(call, conveyed(event.request, event.parts, self.settings.line.part_limit))

    def _counter_offer_taken(self, call: OpenCall, event: Answered) -> None:
        """The caller's side answered the audio that we offered."""
        call.counter_offer = ""
        call.change(sdp=event.sdp, we_offered=True)
        self._describe(call)
        self.snapshot(call)
        self._audio_agreed(call)

    def _audio_agreed(self, call: OpenCall) -> None:
        """Say so where there is audio at last, and let the caller hear the announcement."""
        fact = agreed(call)
        if fact is not None:
            self.record(call, [fact, self._announce(call)])

    def _request_answered(self, event: RequestAnswered) -> None:
        call = next((call for call in self.open.values() if call.counter_offer == event.token), None)
        if call is not None:
            self.record(call, [refused(call, event)])

    def description(self, call: OpenCall) -> bytes:
        """What we say of our audio."""
        port = call.media.leg.port if call.media is not None else 0
        kept, security = call.kept, self.security.ours(call)
        ours = our_description(kept.sdp, self._host, port, call.call_id, kept.description_version, security=security)
        return self._tests.described(call, ours) if kept.test else ours

    def _describe(self, call: OpenCall) -> None:
        offered = read_offer(call.kept.sdp)
        if call.media is not None and not isinstance(offered, Offered):
            call.media.describe(
                (offered.host, offered.port), offered.codec, offered.payload_type, offered.telephone_event
            )
            self.security.secure(call, call.media, offered)

    # ---- from the centre ----

    def order(self, order: Order) -> None:
        """The centre wants something; saying it again changes nothing. What cannot be done is logged."""
        try:
            self._carry_out(order)
        except (TenfourError, ValueError) as error:
            log.error("an order of the centre could not be carried out", order=type(order).__name__, problem=str(error))
        self.send()

    def _carry_out(self, order: Order) -> None:
        match order:
            case Answer(call_id=call_id):
                if (call := self.open.get(call_id)) is not None:
                    self._answer_given(call)
            case Release(call_id=call_id):
                if (call := self.open.get(call_id)) is not None:
                    self._release(call)
            case SetClock(real_at=real_at, domain_at=domain_at, speed=speed):
                self.clock.set(real_at, domain_at, speed)
                self.outbox.put([], note=("clock", msgspec.json.encode(order)))
            case RecordAway(away=away):
                self._attended(here=self._centre_here, record_away=away)
            case _:
                assert_never(order)

    def presence(self, here: bool) -> None:
        """The centre came to the link, or went."""
        self._attended(here=here, record_away=False)

    def _attended(self, *, here: bool, record_away: bool) -> None:
        """Can a person answer? If not, who rings now is answered by policy in a while."""
        self._centre_here, self._record_away = here, record_away
        for call in self.open.values():
            if (record_away or not here) and call.kept.phase is Phase.RINGING:
                self.wait_for_centre(call)

    def calls(self) -> Sequence[LineCall]:
        """The calls in progress, for the line's hello."""
        running = (call.kept for call in self.open.values() if call.kept.phase is not Phase.ENDED)
        return [LineCall(kept.call_id, kept.phase is Phase.CONNECTED, kept.answered) for kept in running]

    def _answer_given(self, call: OpenCall) -> None:
        if call.kept.answered or call.kept.phase is Phase.ENDED:
            return
        call.change(answered=True)
        if call.kept.phase is Phase.RINGING:
            self.answer(call)
        else:
            self.record(call, [])

    def _release(self, call: OpenCall) -> None:
        if call.kept.released or call.kept.phase is Phase.ENDED:
            return
        call.change(released=True)
        if call.kept.phase is Phase.RINGING:
            if call.key is not None:
                self.agent.reject(call.key, 480, self.now)
            self.end(call, CallReleased())
            return
        self.record(call, [])
        if call.key is not None:
            self.agent.bye(call.key, self.now)

    # ---- what a call goes through ----

    def answer(self, call: OpenCall) -> None:
        """Send 200 with our audio, and record from here on."""
        call.stop_waiting()
        call.stop_announcing()
        assert call.key is not None
        try:
            media = call.media or self.media(call)
        except Unavailable as error:
            self.agent.reject(call.key, 503, self.now)
            self.end(call, CallFailed(str(error)))
            return
        call.media = media
        self.agent.decide(call.key, "answered by policy" if call.kept.by_policy else "a person answered")
        self.agent.answer(call.key, self.description(call), self.now)
        call.change(phase=Phase.ANSWERING, rtp_port=media.leg.port)
        self.snapshot(call)
        self.counters.answered += 1
        self.record(call, [])
        media.start(segment=call.kept.segment + 1)

    def wait_for_centre(self, call: OpenCall) -> None:
        """Answer by policy when no person can: after `centre_away_answer_s`, if centre or record are away then."""
        call.stop_waiting()
        call.wait_timer = self._loop.call_later(self.settings.line.centre_away_answer_s, self._waited, call)

    def _waited(self, call: OpenCall) -> None:
        if (self._record_away or not self._centre_here) and call.kept.phase is Phase.RINGING:
            call.change(by_policy=True)
            self.answer(call)
            self.send()

    def _announced(self, call: OpenCall, fact: AnnouncementStarted) -> None:
        """A caller who waits hears an announcement: 183 opens the way for it."""
        assert call.key is not None
        self.agent.provisional(call.key, 183, self.now, sdp=self.description(call))
        self.snapshot(call)
        self.record(call, [fact])
        self.send()

    def media(self, call: OpenCall) -> CallMedia:
        """Sockets and recording for a call. Raises `Unavailable` when no RTP port is free."""
        offered = read_offer(call.kept.sdp)
        described = None if isinstance(offered, Offered) else offered
        media = CallMedia(
            call.call_id,
            call,
            self.recorder,
            host=self._host,
            ports=self.settings.sip.rtp_ports,
            described=(described.host, described.port) if described else None,
            codec=described.codec if described else Codec.PCMU,
            payload_type=described.payload_type if described else None,
            telephone_event=described.telephone_event if described else OUR_TELEPHONE_EVENT,
            silence_s=self.settings.line.silence_s,
            wanted_port=call.kept.rtp_port or None,
        )
        if described is not None:
            self.security.secure(call, media, described)
        return media

    def end(self, call: OpenCall, how: Event) -> None:
        """The wire is done with the call; its recording is closed, then it is forgotten."""
        if call.kept.phase is Phase.ENDED:
            return
        call.stop_waiting()
        call.stop_announcing()
        if call.media is not None:
            call.media.leg.finish_keys()
        call.change(phase=Phase.ENDED, dialog=None)
        media, call.media = call.media, None
        measured: list[Event] = [media.measured()] if media is not None else []
        call.closing_recording = media.end() if media is not None else False
        if call.key is not None:
            self._by_key.pop(call.key, None)
        self.counters.ended += 1
        self.trace.decided(call.kept.sip_call_id, f"the call is over: {ended_words(how)}")
        self.record(call, [*measured, how])

    def adopt(self, call: OpenCall) -> None:
        """Take a call of an earlier run in; with a key it is on the wire again."""
        self.open[call.call_id] = call
        self.trace.known(call.kept.sip_call_id, call.call_id, again=True)
        if call.key is not None:
            self._by_key[call.key] = call

    def snapshot(self, call: OpenCall) -> None:
        """Remember the dialog as it is now."""
        if call.key is not None and call.kept.phase is not Phase.ENDED:
            call.change(dialog=self.agent.snapshot(call.key))

    def record(self, call: OpenCall, events: Sequence[Event], cause: EventId | None = None) -> EventId | None:
        """Queue facts of a call, with what the call keeps; gives the first one's id."""
        now = self.clock.now()
        facts = [
            Fact(new_event_id(), call_stream(call.call_id), event, now, self._actor, self.settings.agency, cause=cause)
            for event in events
        ]
        over = call.kept.phase is Phase.ENDED and not call.closing_recording
        kept = None if over else (call.call_id, call.kept.encoded())
        self.outbox.put(facts, kept=kept, forgotten=call.call_id if over else None)
        if over:
            self._forget(call)
        return facts[0].id if facts else None

    @property
    def now(self) -> float:
        """Monotonic seconds, as the user agent counts them."""
        return self._loop.time()

    @property
    def _host(self) -> str:
        bound = host_and_port(self.settings.sip.bind)
        return self.settings.sip.send_from or (bound[0] if bound else "127.0.0.1")

    def _forget(self, call: OpenCall) -> None:
        self.open.pop(call.call_id, None)
        self.trace.over(call.call_id)
        self._over[call.call_id] = None
        while len(self._over) > REMEMBERED_CALL_IDS:
            del self._over[next(iter(self._over))]

    def _is_taken(self, call_id: CallId) -> bool:
        return call_id in self.open or call_id in self._over
