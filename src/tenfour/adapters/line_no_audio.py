"""A caller whose description holds no audio that is spoken here: the call is taken all the same, and ours is offered.

An emergency call is never refused for its codecs (RFC 3261 would have it 488): its number and location are worth a
call taker. Our 200 refuses the media, and after the ACK a re-INVITE offers PCMU and PCMA in their place.
"""

from collections.abc import Callable

from tenfour.adapters.line_call import OpenCall
from tenfour.adapters.line_offer import Offered, no_audio_words, our_counter_offer, read_offer
from tenfour.calltaking.event import AudioAgreed, AudioNotAgreed
from tenfour.telephony.sip_event import RequestAnswered
from tenfour.telephony.user_agent import UserAgent
from tenfour.vocabulary.envelope import Event

REFUSED = "The caller's side refused the audio that was offered to it ({status}): nobody hears anything."


def has_no_audio(call: OpenCall) -> bool:
    """Did the caller's side describe itself, with nothing for us in it?"""
    return read_offer(call.kept.sdp) is Offered.NOTHING_FOR_US


def offer_ours(
    call: OpenCall, agent: UserAgent, host: str, now: float, beside: Callable[[OpenCall, bytes], bytes]
) -> AudioNotAgreed:
    """Offer our audio in an established call, `beside` what else is agreed; gives the fact of what was missing."""
    described = call.kept.sdp or b""
    if call.key is not None and call.media is not None:
        call.change(description_version=call.kept.description_version + 1)
        ours = our_counter_offer(described, host, call.media.port, call.call_id, call.kept.description_version)
        call.counter_offer = agent.reinvite(call.key, beside(call, ours), now)
    call.no_audio = True
    return AudioNotAgreed(no_audio_words(described))


def agreed(call: OpenCall) -> AudioAgreed | None:
    """The fact that there is audio after all, once; None where there was before, or still is none."""
    if not call.no_audio or call.media is None or has_no_audio(call):
        return None
    call.no_audio = False
    return AudioAgreed(*call.media.described)


def refused(call: OpenCall, answered: RequestAnswered) -> Event:
    """The fact that the caller's side will not have our audio either."""
    call.counter_offer = ""
    return AudioNotAgreed(REFUSED.format(status=answered.status))
