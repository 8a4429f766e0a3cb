"""Test calls (RFC 6881 section 17): answered by the line itself, heard back by the caller, ended by a limit.

A test call never rings and is not recorded; nobody's time and no audio port that an emergency call may need goes to it.
"""

import asyncio
from collections.abc import Sequence
from typing import Protocol

import msgspec

from tenfour.adapters.line_audio import LineAudio
from tenfour.adapters.line_call import OpenCall, Phase
from tenfour.adapters.line_offer import Offered, read_offer
from tenfour.adapters.line_settings import LineSettings
from tenfour.adapters.media_protocol import Sound
from tenfour.calltaking.event import CallFailed, LoopbackStarted
from tenfour.telephony.loopback import Mirror, mirror_of, mirrored, place_of_audio
from tenfour.telephony.sdp import parse_sdp, serialise_sdp
from tenfour.telephony.sip_event import InviteReceived
from tenfour.telephony.user_agent import UserAgent
from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.errors import Unavailable
from tenfour.vocabulary.ids import CallId, EventId

REMEMBERED_SOURCES = 1024
"""Sources of which is known when they last tested."""

NOT_ANSWERED = "A test call; test calls are not answered here (486)."
TOO_MANY = "A test call; {count} are answered at once, and so many are up (486)."
TOO_SOON = "A test call; this source made another within {seconds:g} s (486)."
NO_PORT = "A test call; the audio ports are kept for emergency calls (486)."
NO_AUDIO = "A test call; the caller's side offers no audio that is spoken here (488)."


class Refusal(msgspec.Struct, frozen=True):
    """Why a test call is not answered, and after how many seconds it may be tried again (None: not at all)."""

    why: str
    retry_after_s: float | None = None


class Board(Protocol):
    """What of the switchboard a test call needs."""

    settings: LineSettings
    agent: UserAgent
    open: dict[CallId, OpenCall]

    @property
    def now(self) -> float:
        """Monotonic seconds."""

    def send(self) -> None:
        """Let out what the user agent has to say."""

    audio: LineAudio

    def description(self, call: OpenCall) -> bytes:
        """What we say of our audio."""

    def snapshot(self, call: OpenCall) -> None:
        """Remember the dialog."""

    def record(self, call: OpenCall, events: Sequence[Event], cause: EventId | None = None) -> EventId | None:
        """Queue facts."""

    def end(self, call: OpenCall, how: Event) -> None:
        """The wire is done with the call."""


class LoopedCalls:
    """The test calls of one line."""

    def __init__(self, board: Board) -> None:
        self._board, self._setting = board, board.settings.test_call
        self._loop = asyncio.get_running_loop()
        self._last: dict[str, float] = {}

    def take(self, call: OpenCall, invite: InviteReceived, ani: str, cause: EventId | None) -> None:
        """Answer a test call, or say 486 (488 where we share no codec)."""
        board, source = self._board, f"{invite.flow.host} {ani}"
        if read_offer(call.kept.sdp) is Offered.NOTHING_FOR_US:
            self._refuse(call, invite, 488, Refusal(NO_AUDIO))
            return
        refusal = self._refusal(source)
        if refusal is None:
            try:
                call.media = board.audio.open(call)
            except Unavailable:
                refusal = Refusal(NO_PORT, self._setting.seconds)
        if refusal is not None:
            self._refuse(call, invite, 486, refusal)
            return
        self._remember(source)
        self._answer(call, invite, cause)

    def described(self, call: OpenCall, ours: bytes) -> bytes:
        """What we say of our audio, with what is said of loopback where the caller asked for it."""
        return serialise_sdp(mirrored(parse_sdp(ours), _mirror(call, ours)))

    def _refuse(self, call: OpenCall, invite: InviteReceived, status: int, refusal: Refusal) -> None:
        board, after_s = self._board, refusal.retry_after_s
        headers = [("Retry-After", str(max(1, round(after_s))))] if after_s is not None else []
        board.agent.decide(invite.call, refusal.why)
        board.agent.reject(invite.call, status, board.now, headers=headers)
        board.end(call, CallFailed(refusal.why))

    def _answer(self, call: OpenCall, invite: InviteReceived, cause: EventId | None) -> None:
        board, media = self._board, call.media
        assert media is not None
        ours = board.description(call)
        board.agent.decide(invite.call, "a test call: answered with its own audio")
        board.agent.answer(invite.call, ours, board.now)
        call.change(phase=Phase.ANSWERING, rtp_port=media.port)
        board.snapshot(call)
        mirror = _mirror(call, ours)
        media.play(Sound.ITSELF, mirror)
        call.wait_timer = self._loop.call_later(self._setting.seconds, self._time_over, call)
        packets = mirror.packet_format.value if mirror.packet_format is not None else ""
        started = LoopbackStarted(mirror.loopback.value, media.described[0], mirror.asked, packets)
        board.record(call, [started], cause)

    def _time_over(self, call: OpenCall) -> None:
        if call.key is not None and call.kept.phase is not Phase.ENDED:
            call.change(released=True)
            self._board.record(call, [])
            self._board.agent.bye(call.key, self._board.now)
            self._board.send()

    def _refusal(self, source: str) -> Refusal | None:
        setting = self._setting
        if not setting.answer:
            return Refusal(NOT_ANSWERED)
        since_s = self._board.now - self._last.get(source, float("-inf"))
        if since_s < setting.per_source_s:
            return Refusal(TOO_SOON.format(seconds=setting.per_source_s), setting.per_source_s - since_s)
        open_calls = [each for each in self._board.open.values() if each.media is not None]
        if sum(each.kept.test for each in open_calls) >= setting.at_once:
            return Refusal(TOO_MANY.format(count=setting.at_once), setting.seconds)
        if ports_left(self._board.settings.sip.rtp_ports, len(open_calls)) <= setting.ports_kept:
            return Refusal(NO_PORT, setting.seconds)
        return None

    def _remember(self, source: str) -> None:
        self._last.pop(source, None)
        self._last[source] = self._board.now
        while len(self._last) > REMEMBERED_SOURCES:
            del self._last[next(iter(self._last))]


def ports_left(ports: tuple[int, int], taken: int) -> int:
    """Even ports of the range that no call has."""
    low, high = ports
    return len(range(low + low % 2, high + 1, 2)) - taken


def _mirror(call: OpenCall, ours: bytes) -> Mirror:
    """What was agreed on: by our answer's place in their offer, ordinary audio where we made the offer."""
    if isinstance(read_offer(call.kept.sdp), Offered) or call.kept.sdp is None:
        return Mirror()
    return mirror_of(parse_sdp(call.kept.sdp), place_of_audio(parse_sdp(ours)))
