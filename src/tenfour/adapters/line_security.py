"""How the audio and the text of each call are secured: what is agreed on, what our side says, what a restart needs."""

import secrets

import structlog

from tenfour.adapters.audio_security import KeptSecurity
from tenfour.adapters.dtls_certificate import DtlsCertificate, new_certificate
from tenfour.adapters.line_call import OpenCall
from tenfour.adapters.line_media import CallMedia
from tenfour.adapters.outbox import Outbox
from tenfour.telephony.sdp import AudioStream
from tenfour.telephony.secured_sdp import OUR_KEY_BYTES, Dtls, Fingerprint, OurSecurity, Sdes, Security
from tenfour.vocabulary.errors import BadInput

NOTE = "dtls certificate"

log = structlog.get_logger(__name__)


class LineSecurity:
    """One certificate for all calls of this run; each call has keys of its own."""

    def __init__(self, outbox: Outbox) -> None:
        self.certificate_pem = _certificate(outbox)
        self.certificate = DtlsCertificate(self.certificate_pem)

    @property
    def fingerprint(self) -> Fingerprint:
        """The certificate's digest, as our descriptions name it."""
        return self.certificate.fingerprint

    def ours(self, kept: KeptSecurity | None) -> OurSecurity:
        """What our answer says of a stream; `kept`: what is agreed on by now."""
        key = kept.random if kept is not None else secrets.token_bytes(OUR_KEY_BYTES)
        stays_passive = kept is not None and isinstance(kept.agreed, Dtls) and not kept.agreed.we_begin
        return OurSecurity(key, self.fingerprint, stays_passive)

    def secure(self, call: OpenCall, media: CallMedia, stream: AudioStream, *, answers_ours: bool = False) -> None:
        """Speak as the caller's description asks. An answer to our first offer, which is plain, asks for nothing.

        `answers_ours`: our keys are as a later offer of ours named them.
        """
        asked = None if call.kept.we_offered else stream.security
        kept = still_or_anew(call.kept.security, asked, ours_stand=answers_ours)
        if kept is not call.kept.security:
            call.change(security=kept)
        media.secure(kept, reports_to=stream.rtcp, rtcp_mux=stream.rtcp_mux and not call.kept.we_offered)


def still_or_anew(
    kept: KeptSecurity | None, agreed: Security | None, *, ours_stand: bool = False
) -> KeptSecurity | None:
    """What is kept of a stream's security as it is agreed now; keys of our own are new wherever theirs are.

    `ours_stand`: but those that we have told stand.
    """
    if agreed is None:
        return None
    if kept is not None and _is_same(kept.agreed, agreed):
        return kept
    random = kept.random if kept is not None and ours_stand else secrets.token_bytes(OUR_KEY_BYTES)
    return KeptSecurity(agreed, random)


def _is_same(earlier: Security, agreed: Security) -> bool:
    """The same keys, or the same handshake: a later offer leaves open who began it (RFC 8842 section 5.2)."""
    match earlier, agreed:
        case Sdes(), Sdes():
            return (earlier.suite, earlier.keys) == (agreed.suite, agreed.keys)
        case Dtls(), Dtls():
            return earlier.fingerprints == agreed.fingerprints and agreed.we_begin >= earlier.we_begin
        case _:
            return False


def _certificate(outbox: Outbox) -> bytes:
    """A new one for each run, unless there are calls whose other side knows the one before."""
    noted = outbox.notes.get(NOTE) if outbox.kept_calls else None
    try:
        if noted is not None:
            DtlsCertificate(noted)
            return noted
    except BadInput as error:
        log.error("calls by DTLS cannot go on where their handshake has not ended", problem=str(error))
    made = new_certificate()
    outbox.put([], note=(NOTE, made))
    return made
