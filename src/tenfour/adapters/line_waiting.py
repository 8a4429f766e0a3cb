"""A caller whom nobody has answered for a while hears an announcement, and is recorded from then on.

It is early media (183, RFC 3960): the call goes on ringing, and no clock of the answer stops. Where no audio port is
free, or the caller described no audio for us, the call just rings on.
"""

import asyncio
from collections.abc import Callable

import structlog

from tenfour.adapters.line_call import OpenCall, Phase
from tenfour.adapters.line_media import CallMedia
from tenfour.adapters.line_offer import Offered, read_offer
from tenfour.adapters.line_settings import AnnouncementSetting
from tenfour.adapters.media_protocol import Sound
from tenfour.calltaking.event import AnnouncementStarted
from tenfour.vocabulary.errors import Unavailable

WHY = "Nobody has answered for {seconds:g} s; the call rings on."

log = structlog.get_logger(__name__)


class WaitingCallers:
    """Announces to callers who wait. `open_media` makes a call's audio, `say` sends 183 and tells what happened."""

    def __init__(
        self,
        setting: AnnouncementSetting,
        *,
        open_media: Callable[[OpenCall], CallMedia],
        say: Callable[[OpenCall, AnnouncementStarted], None],
    ) -> None:
        self._setting = setting
        self._open_media, self._say = open_media, say
        self._loop = asyncio.get_running_loop()

    def begin(self, call: OpenCall) -> None:
        """The call rings: announce when it has rung for long."""
        after_s = self._setting.waiting_after_s
        if after_s:
            call.announce_timer = self._loop.call_later(after_s, self._announce, call)

    def _announce(self, call: OpenCall) -> None:
        if call.kept.phase is not Phase.RINGING or call.media is not None or call.key is None:
            return
        if isinstance(read_offer(call.kept.sdp), Offered):
            return
        try:
            call.media = self._open_media(call)
        except Unavailable as error:
            log.warning("a caller who waits hears no announcement", call=call.call_id, problem=str(error))
            return
        call.change(rtp_port=call.media.port)
        call.media.record(segment=call.kept.segment + 1, heard=call.kept.heard)
        call.media.play(Sound.WAITING)
        self._say(
            call, AnnouncementStarted(self._setting.waiting_text, WHY.format(seconds=self._setting.waiting_after_s))
        )
