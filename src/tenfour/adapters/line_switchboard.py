"""The calls on the line: what the wire says becomes facts, what the centre orders goes out on the wire.

Signalling and audio never wait for the outbox or the centre: facts are queued in order and the call goes on.
"""

import asyncio
from collections.abc import Callable, Sequence

import structlog

from tenfour.adapters.call_book import CallBook
from tenfour.adapters.domain_clock import DomainClock
from tenfour.adapters.identity import new_event_id, new_i3_id
from tenfour.adapters.line_audio import LineAudio
from tenfour.adapters.line_call import ANSWERED_WHY, AWAY_WHY, NOT_ACKNOWLEDGED, OpenCall, Phase, ended_words, keep
from tenfour.adapters.line_counters import LineCounters
from tenfour.adapters.line_invite import Arrival, conveyed, from_tag, read_invite
from tenfour.adapters.line_no_audio import agreed, has_no_audio, offer_ours, refused
from tenfour.adapters.line_offer import Offered, read_offer
from tenfour.adapters.line_queue import NO_PORT, CallQueue
from tenfour.adapters.line_settings import LineSettings
from tenfour.adapters.line_test_call import LoopedCalls
from tenfour.adapters.line_text import LineText
from tenfour.adapters.line_waiting import WaitingCallers
from tenfour.adapters.link_frame import LineCall
from tenfour.adapters.media_protocol import Sound
from tenfour.adapters.outbox import Outbox
from tenfour.adapters.signal_trace import SignalTrace
from tenfour.adapters.trouble_book import TroubleBook
from tenfour.adapters.trunks import Trunks
from tenfour.calltaking.event import (
    AnnouncementStarted,
    CallAbandoned,
    CallConnected,
    CallerDisconnected,
    CallFailed,
    CallQueued,
    CallReceived,
    CallReleased,
    CallRinging,
    MessageIgnored,
    Signal,
    Trouble,
    WireTrouble,
)
from tenfour.telephony.signalling import sip_call_id_of
from tenfour.telephony.sip_event import (
    Acknowledged,
    AckTimedOut,
    Answered,
    ByeAnswered,
    ByeReceived,
    Cancelled,
    DialogFailed,
    InDialog,
    InviteNotTaken,
    InviteReceived,
    MessageBroken,
    Reinvited,
    RequestAnswered,
    SipEvent,
)
from tenfour.telephony.user_agent import UserAgent
from tenfour.vocabulary.envelope import Actor, ActorKind, Event, Fact
from tenfour.vocabulary.errors import Unavailable
from tenfour.vocabulary.ids import EventId, NodeId, call_stream, line_stream

IGNORED_LIMIT = 8
"""Messages of one call that could not be used and are told one by one."""

log = structlog.get_logger(__name__)


class Switchboard:
    """All calls of one line. Its methods are called in the event loop and return at once."""

    def __init__(
        self,
        settings: LineSettings,
        *,
        agent: UserAgent,
        outbox: Outbox,
        audio: LineAudio,
        trace: SignalTrace,
        clock: DomainClock,
    ) -> None:
        self.settings, self.agent, self.outbox, self.audio = settings, agent, outbox, audio
        self.trace, self.clock, self.left = trace, clock, audio.left
        self.counters = LineCounters()
        self.waiting = WaitingCallers(settings.announcement, open_media=self.audio.open, say=self._announced)
        self.send: Callable[[], None] = lambda: None
        self.speak: Callable[[OpenCall], bool] = lambda call: False
        """Lets a caller hear who is in the call; False: nobody is."""
        self.on_over: Callable[[OpenCall], None] = lambda call: None
        self.answer_page: Callable[[OpenCall], None] = lambda call: None
        """Somebody reads what was written without a call."""
        self.book = CallBook()
        self.open = self.book.open
        self.trunks = Trunks(settings.sip.trunk)
        self.queue = CallQueue(self._may_ring_at_once, ring=self._ring, answer=self._answer_at_last)
        audio.on_port_free = self.queue.port_is_free
        self.troubles = TroubleBook(self._tell_trouble, trunk_of=self.trunks.name_of, clock=clock.now)
        self._tests, self.text = LoopedCalls(self), LineText(self, audio.security)
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
                self._broken(problem, data, flow.host)
            case InviteNotTaken(problem=problem, flow=flow):
                self.trouble(Trouble.NOT_TAKEN, flow.host, problem)
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
            ) if key in self.book.by_key:
                self._happened(self.book.by_key[key], event)
            case RequestAnswered():
                self._request_answered(event)
            case _:
                log.info("nothing to do with this on the line", happened=type(event).__name__)

    def _broken(self, problem: str, data: bytes, source: str) -> None:
        """A message could not be used: a fact of its call, or of the wire."""
        self.counters.broken_messages += 1
        self.trace.broken(data, problem)
        call = self.book.of_sip_call_id(sip_call_id_of(data))
        if call is None or call.kept.phase is Phase.ENDED:
            self.trouble(Trouble.BROKEN_MESSAGE, source, problem)
        elif call.ignored < IGNORED_LIMIT:
            call.ignored += 1
            self.record(call, [MessageIgnored(problem[:1024])])

    def trouble(self, kind: Trouble, source: str, problem: str) -> None:
        """Something is wrong on the wire."""
        self.troubles.note(kind, source, problem, self.now)

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
                said = self.text.said(call, event)
                parts = conveyed(event.request, event.parts, self.settings.line.part_limit) if said is None else said
                self.record(call, parts)
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
        same = self.book.same(sip_key)
        if same is not None and same.may_come_back:
            self._came_back(same, invite)
            return
        if same is not None and same.kept.phase is not Phase.ENDED:
            self.agent.decide(invite.call, "482: this call is here already")
            self.agent.reject(invite.call, 482, self.now)
            return
        arrival = self.arrival(invite)
        call = OpenCall(
            keep(arrival.received, self.agent.snapshot(invite.call), invite.sdp, sip_key), self.record, invite.call
        )
        first = self.begin(call, arrival.received, arrival.conveyed)
        if call.kept.test:
            self._tests.take(call, invite, arrival.received.ani, first)

    def arrival(self, invite: InviteReceived) -> Arrival:
        """What an INVITE says, as this line takes it."""
        return read_invite(
            invite,
            new_i3_id=new_i3_id,
            taken=self.book.is_taken,
            part_limit=self.settings.line.part_limit,
            admin_lines=self.settings.admin_lines,
            trunk=self.trunks.name_of(invite.flow.host),
            languages=self.settings.line.languages,
        )

    def begin(self, call: OpenCall, received: CallReceived, came_along: Sequence[Event]) -> EventId | None:
        """A call is here: it rings, or waits until it may. A test call does neither. Gives the id of its first fact."""
        self.counters.calls += 1
        self.trace.known(call.kept.sip_call_id, call.call_id)
        self.book.add(call)
        call.holder = received.trunk or call.source
        first = self.record(call, [received])
        if came_along:
            self.record(call, came_along, cause=first)
        if call.kept.test:
            return first
        if why := self.queue.enter(call):
            self._wait_in_queue(call, why, first)
            self.trouble(Trouble.HALF_OPEN, call.source, why)
        else:
            self._ring(call, first)
        return first

    def _provisional(self, call: OpenCall, status: int) -> None:
        """Say how it stands; one who writes without a call has nothing that could be told so."""
        if call.key is not None:
            self.agent.provisional(call.key, status, self.now)

    def _ring(self, call: OpenCall, cause: EventId | None = None) -> None:
        self._provisional(call, 180)
        call.change(queued=False)
        self.record(call, [CallRinging()], cause=cause)
        self.wait_for_centre(call)
        self.waiting.begin(call)

    def _wait_in_queue(self, call: OpenCall, why: str, cause: EventId | None = None) -> None:
        """182: taken, and it waits. Nothing of it is dropped, and nothing is spent on it."""
        self._provisional(call, 182)
        call.change(queued=True)
        self.record(call, [CallQueued(why)], cause=cause)

    def ring_on(self, call: OpenCall) -> None:
        """A call of an earlier run rings on, waits on, or is answered at last."""
        waits = bool(self.queue.enter(call, rings=not call.kept.queued))
        self._provisional(call, 182 if waits else 180)
        rings_now = call.kept.queued and not waits
        call.change(queued=waits)
        self.record(call, [CallRinging()] if rings_now else [])
        self.wait_for_centre(call)
        if call.kept.answered:
            self.answer(call)
        elif not waits:
            self.waiting.begin(call)

    def _may_ring_at_once(self, source: str) -> int:
        return int(self.settings.sip.ringing_limit * self.trunks.budget_of(source)[1])

    def _came_back(self, call: OpenCall, invite: InviteReceived) -> None:
        """The caller of a call that rang when the line died calls again: the same call, the same identifiers."""
        call.stop_waiting()
        self.book.leave_wire(call)
        if call.key is not None:
            self.agent.reject(call.key, 487, self.now)
        call.key, call.may_come_back = invite.call, False
        self.book.add(call)
        call.change(sdp=invite.sdp)
        self.audio.describe(call)
        self.agent.provisional(invite.call, 182 if call.kept.queued else 180, self.now)
        self.snapshot(call)
        self.record(call, [])
        self.wait_for_centre(call)

    def _acknowledged(self, call: OpenCall, event: Acknowledged) -> None:
        if event.sdp is not None:
            call.change(sdp=event.sdp, we_offered=call.kept.we_offered or call.kept.phase is Phase.ANSWERING)
            self.audio.describe(call, answers_ours=True)
        self.snapshot(call)
        if call.kept.phase is Phase.ANSWERING:
            self.connected(call)
        else:
            self._audio_agreed(call)
            self.record(call, [])

    def connected(self, call: OpenCall) -> None:
        """The audio path is open; the caller hears the announcement."""
        media, kept = call.media, call.kept
        if media is None or kept.phase is not Phase.ANSWERING:
            return
        call.change(phase=Phase.CONNECTED, queued=False)
        self.queue.settled(call)
        if kept.test:
            self.record(call, [])
            return
        if has_no_audio(call):
            missing = offer_ours(call, self.agent, self.audio.host, self.now, self.text.described)
            self.record(call, [CallConnected("", "", by_policy=kept.by_policy), missing])
            return
        secured = call.kept.security.name if call.kept.security is not None else ""
        opened = CallConnected(*media.described, by_policy=kept.by_policy, media_security=secured)
        self.record(call, [opened, *self._let_hear(call)])
        self.text.go_on(call)

    def _let_hear(self, call: OpenCall) -> list[Event]:
        """Let the caller hear who answered, or else the announcement; gives its fact."""
        if self.speak(call):
            return []
        if call.media is not None:
            call.media.play(Sound.ANNOUNCEMENT)
        why = AWAY_WHY if call.kept.by_policy else ANSWERED_WHY
        return [AnnouncementStarted(self.settings.announcement.text, why)]

    def _not_acknowledged(self, call: OpenCall) -> None:
        """No ACK came. A caller who is heard is there all the same; otherwise nobody is."""
        if call.kept.heard:
            self.connected(call)
        elif call.key is not None:
            self.agent.bye(call.key, self.now)
            self.end(call, CallReleased() if call.kept.released else CallFailed(NOT_ACKNOWLEDGED))

    def _reinvited(self, call: OpenCall, event: Reinvited) -> None:
        offered = read_offer(event.sdp)
        if call.media is None or offered is Offered.NOTHING_FOR_US:
            self.agent.decide(event.call, "488: no audio for us is offered; the call goes on as before")
            self.agent.reject(event.call, 488, self.now)
            return
        call.change(description_version=call.kept.description_version + 1)
        if offered is not Offered.NOTHING:
            call.change(sdp=event.sdp, we_offered=False)
            self.audio.describe(call)
        self.agent.answer(event.call, self.description(call, offers=offered is Offered.NOTHING), self.now)
        self.snapshot(call)
        self._audio_agreed(call)
        self.record(call, conveyed(event.request, event.parts, self.settings.line.part_limit))

    def _counter_offer_taken(self, call: OpenCall, event: Answered) -> None:
        """The caller's side answered the audio that we offered."""
        call.counter_offer = ""
        call.change(sdp=event.sdp, we_offered=True)
        self.audio.describe(call)
        self.snapshot(call)
        self._audio_agreed(call)

    def _audio_agreed(self, call: OpenCall) -> None:
        """Say so where there is audio at last, and let the caller hear the announcement."""
        fact = agreed(call)
        if fact is not None:
            self.record(call, [fact, *self._let_hear(call)])

    def _request_answered(self, event: RequestAnswered) -> None:
        call = next((call for call in self.open.values() if call.counter_offer == event.token), None)
        if call is not None:
            self.record(call, [refused(call, event)])
        self.text.answered(event)

    def description(self, call: OpenCall, *, offers: bool = False) -> bytes:
        """What we say of our audio; `offers`: it is an offer of ours in a call that is up."""
        ours = self.audio.ours(call, offers=offers)
        return self._tests.described(call, ours) if call.kept.test else self.text.described(call, ours)

    # ---- from the centre ----

    def presence(self, here: bool) -> None:
        """The centre came to the link, or went."""
        self._centre_here = here
        self.attended(record_away=False)

    def attended(self, *, record_away: bool) -> None:
        """Can a person answer? If not, who rings now is answered by policy in a while."""
        here, self._record_away = self._centre_here, record_away
        for call in self.open.values():
            if (record_away or not here) and call.kept.phase is Phase.RINGING:
                self.wait_for_centre(call)

    def calls(self) -> Sequence[LineCall]:
        """The calls in progress, for the line's hello."""
        running = (call.kept for call in self.open.values() if call.kept.phase is not Phase.ENDED)
        return [LineCall(kept.call_id, kept.phase is Phase.CONNECTED, kept.answered) for kept in running]

    # ---- what a call goes through ----

    def answer(self, call: OpenCall) -> None:
        """Send 200 with our audio, and record from here on; without a free port, as soon as there is one."""
        if call.kept.phase is not Phase.RINGING:
            return
        call.stop_waiting()
        call.stop_announcing()
        if call.key is None:
            self.answer_page(call)
            return
        try:
            media = call.media or self.audio.open(call)
        except Unavailable as error:
            if self.queue.wait_for_port(call):
                self._wait_in_queue(call, NO_PORT.format(problem=error))
            return
        call.media = media
        self.queue.answered(call)
        self.agent.decide(call.key, "answered by policy" if call.kept.by_policy else "a person answered")
        self.agent.answer(call.key, self.description(call), self.now)
        call.change(phase=Phase.ANSWERING, rtp_port=media.port)
        self.snapshot(call)
        self.counters.answered += 1
        self.record(call, [])
        media.start(segment=call.kept.segment + 1)
        self.speak(call)

    def _answer_at_last(self, call: OpenCall) -> None:
        self.answer(call)
        self.send()

    def wait_for_centre(self, call: OpenCall) -> None:
        """Answer by policy when no person can: after `centre_away_answer_s`, if centre or record are away then."""
        call.stop_waiting()
        call.wait_timer = self._loop.call_later(self.settings.line.centre_away_answer_s, self._waited, call)

    def _waited(self, call: OpenCall) -> None:
        rings = call.kept.phase is Phase.RINGING and not call.kept.queued
        if rings and (self._record_away or not self._centre_here):
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

    def end(self, call: OpenCall, how: Event) -> None:
        """The wire is done with the call; its recording is closed, then it is forgotten."""
        if call.kept.phase is Phase.ENDED:
            return
        call.stop_waiting()
        call.stop_announcing()
        self.text.end(call)
        call.change(phase=Phase.ENDED, dialog=None)
        media, call.media = call.media, None
        if media is not None:
            call.closing_audio = True
            media.end()
        self.book.leave_wire(call)
        self.counters.ended += 1
        self.queue.settled(call)
        self.on_over(call)
        self.trace.decided(call.kept.sip_call_id, f"the call is over: {ended_words(how)}")
        self.record(call, [how])

    def adopt(self, call: OpenCall) -> None:
        """Take a call of an earlier run in; with a key it is on the wire again."""
        call.holder = self.trunks.name_of(call.source) or call.source
        self.book.add(call)
        self.trace.known(call.kept.sip_call_id, call.call_id, again=True)

    def snapshot(self, call: OpenCall) -> None:
        """Remember the dialog as it is now."""
        if call.key is not None and call.kept.phase is not Phase.ENDED:
            call.change(dialog=self.agent.snapshot(call.key))

    def record(
        self, call: OpenCall, events: Sequence[Event], cause: EventId | None = None, *, ago_s: float = 0.0
    ) -> EventId | None:
        """Queue facts of a call that happened `ago_s` seconds ago, with what it keeps; gives the first one's id."""
        now = self.clock.ago(ago_s)
        facts = [
            Fact(new_event_id(), call_stream(call.call_id), event, now, self._actor, self.settings.agency, cause=cause)
            for event in events
        ]
        over = call.kept.phase is Phase.ENDED and not call.closing_audio and not call.kept.closing
        kept = None if over else (call.call_id, call.kept)
        self.outbox.put(facts, kept=kept, forgotten=call.call_id if over else None)
        if over:
            self.book.forget(call)
            self.trace.over(call.call_id)
        return facts[0].id if facts else None

    @property
    def now(self) -> float:
        """Monotonic seconds, as the user agent counts them."""
        return self._loop.time()

    def _tell_trouble(self, trouble: WireTrouble) -> None:
        node, agency = self.settings.line.node, self.settings.agency
        self.outbox.put(
            [Fact(new_event_id(), line_stream(NodeId(node)), trouble, self.clock.now(), self._actor, agency)]
        )
