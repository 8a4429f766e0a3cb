"""What the line does about the audio of its calls: ports, keys, descriptions of ours, orders to the media workers."""

from collections.abc import Callable

from tenfour.adapters.audio_ports import bind_audio
from tenfour.adapters.left_recordings import LeftRecordings
from tenfour.adapters.line_call import OpenCall
from tenfour.adapters.line_media import CallMedia, Carriers
from tenfour.adapters.line_offer import Offered, our_description, our_offer_again, read_offer
from tenfour.adapters.line_security import LineSecurity
from tenfour.adapters.line_settings import LineSettings, host_and_port
from tenfour.adapters.media_protocol import CallerAudio
from tenfour.adapters.recording_setting import beep_in, consent_in
from tenfour.telephony.sdp import OUR_TELEPHONE_EVENT, Codec


class LineAudio:
    """Opens a call's audio, tells what was agreed on, and says what we say of it."""

    def __init__(
        self, settings: LineSettings, *, security: LineSecurity, carriers: Carriers, left: LeftRecordings
    ) -> None:
        bound = host_and_port(settings.sip.bind)
        self.host = settings.sip.send_from or (bound[0] if bound else "127.0.0.1")
        self.left = left
        self.on_port_free: Callable[[], None] = lambda: None
        """Hears when a worker has let go of a call's port; to be set before there are calls."""
        self.security = security
        self._settings, self._carriers = settings, carriers

    def open(self, call: OpenCall) -> CallMedia:
        """Ports for a call, and a worker for them as soon as there is one. Raises `Unavailable` when none is free."""
        ports = bind_audio(self.host, self._settings.sip.rtp_ports, call.kept.rtp_port or None)
        stream = read_offer(call.kept.sdp)
        described = None if isinstance(stream, Offered) else stream
        caller = CallerAudio(
            described=(described.host, described.port) if described else None,
            codec=described.codec if described else Codec.PCMU,
            payload_type=described.payload_type if described else Codec.PCMU.value,
            telephone_event=described.telephone_event if described else OUR_TELEPHONE_EVENT,
            silence_s=self._settings.line.silence_s,
            beep=beep_in(self._settings.recording, call.kept.kind),
            consent="" if call.kept.consented else consent_in(self._settings.recording, call.kept.kind),
        )
        media = CallMedia(call.call_id, call, ports, caller, carriers=self._carriers, left=self.left)
        media.on_port_free = self.on_port_free
        if described is not None:
            self.security.secure(call, media, described)
        return media

    def describe(self, call: OpenCall, *, answers_ours: bool = False) -> None:
        """The caller's side described its audio anew; a description with nothing for us changes nothing.

        `answers_ours`: to an offer of ours, which named our keys already.
        """
        stream = read_offer(call.kept.sdp)
        if call.media is not None and not isinstance(stream, Offered):
            call.media.describe((stream.host, stream.port), stream.codec, stream.payload_type, stream.telephone_event)
            self.security.secure(call, call.media, stream, answers_ours=answers_ours)

    def ours(self, call: OpenCall, *, offers: bool = False) -> bytes:
        """What we say of our audio; `offers`: it is an offer of ours in a call that is up."""
        kept, port = call.kept, call.media.port if call.media is not None else 0
        security = self.security.ours(call.kept.security)
        say = our_offer_again if offers else our_description
        return say(kept.sdp, self.host, port, call.call_id, kept.description_version, security=security)
