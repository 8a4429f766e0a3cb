"""A leg's keys, as the line orders them: plain, secured, and reports with a handshake of their own."""

from tenfour.adapters.audio_security import AudioSecurity, KeptSecurity, SecurityWatcher
from tenfour.adapters.dtls_certificate import DtlsCertificate
from tenfour.adapters.media_protocol import CallerAudio
from tenfour.adapters.rtp_leg import RtpLeg
from tenfour.adapters.srtp import Place, SrtpKeys
from tenfour.telephony.secured_sdp import Sdes


def secure_leg(leg: RtpLeg, caller: CallerAudio, certificate: DtlsCertificate, watcher: SecurityWatcher) -> None:
    """Let the leg speak as it should; saying the same again changes nothing."""
    leg.report(caller.reports_to, mux=caller.rtcp_mux)
    kept = caller.security
    if kept is None:
        leg.secure(None)
        return
    security = leg.security or AudioSecurity(certificate, watcher, leg.send_raw, leg.speak_anew)
    security.agree(kept, leg.source.described)
    shared = isinstance(kept.agreed, Sdes) or caller.rtcp_mux
    leg.secure(security, None if shared else _of_reports(leg, kept, caller, certificate))


def _of_reports(leg: RtpLeg, kept: KeptSecurity, caller: CallerAudio, certificate: DtlsCertificate) -> AudioSecurity:
    """Reports on a port of their own need a handshake of their own (RFC 5764 section 3); its end changes nothing.

    It is not kept: in another worker such reports stop.
    """
    security = leg.rtcp.security if leg.rtcp.security not in (None, leg.security) else None
    security = security or AudioSecurity(certificate, _Unwatched(), leg.rtcp.send_raw, lambda: None)
    if kept.keys is None:
        security.agree(kept, leg.reports_described)
    return security


class _Unwatched:
    """Wants to know nothing of a handshake."""

    def audio_secured(self, keys: SrtpKeys) -> None:
        """Nothing to do."""

    def audio_not_secured(self, why: str) -> None:
        """Nothing to do."""

    def audio_came_to(self, place: Place) -> None:
        """Nothing to do."""
