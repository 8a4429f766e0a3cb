"""A call in words: what a screen says of its state, of what the caller hears, and of its end."""

from typing import assert_never

from tenfour.calltaking.call import ENDED, Call, CallState


def caller_hears(call: Call) -> str:
    """What the caller hears now, in words."""
    if not call.in_progress:
        return "nothing"
    if call.test:
        return "itself (a test call)"
    if call.outgoing is not None and call.connected_at is None:
        return "its telephone, which rings" if call.outgoing.ringing_at else "nothing yet: it is being dialled"
    if call.no_audio_words:
        return f"nothing. {call.no_audio_words}"
    if call.audio_interrupted:
        return f"nothing. {call.audio_interrupted}"
    if call.connected_at is None:
        return f'announcement "{call.announcement}", and it rings on' if call.announcement else "ringing"
    if call.outgoing is not None and call.outgoing.in_call is not None and not call.voice.members:
        return "the call that it was called into"
    if call.voice.rang_back_at is None and (call.voice.speaking or call.conference.joined):
        return _hears_of_voices(call)
    if call.announcement:
        why = "nobody speaks with it just now" if call.voice.rang_back_at else "no headset at the position"
        return f'announcement "{call.announcement}" ({why})'
    return "silence: no headset at the position" if call.outgoing is not None else "nothing"


def _hears_of_voices(call: Call) -> str:
    voice = call.voice
    if voice.held_at is not None:
        return "the hold sound"
    ours = [f"position {one.position}" for one in voice.speaking if not one.muted]
    heard = [*ours, *(one.name for one in call.conference.joined)]
    return " and ".join(heard) if heard else "nothing: muted"


def end_words(call: Call) -> str:
    """How the call ended, as a sentence; empty while it has not."""
    if call.state in ENDED and call.transfer is not None and call.transfer.done_at is not None:
        return f"Passed on to {call.transfer.name}."
    match call.state:
        case CallState.RINGING | CallState.QUEUED | CallState.CONNECTING | CallState.DIALLING | CallState.TALKING:
            return ""
        case CallState.ABANDONED:
            return _abandoned_words(call)
        case CallState.DISCONNECTED:
            side = "the caller's side" if call.outgoing is None else "the other side"
            return f"Disconnected by {side} ({call.end_detail})."
        case CallState.RELEASED:
            return "Released by the centre."
        case CallState.FAILED:
            return f"Failed: {call.end_detail}"
        case CallState.NOT_TAKEN:
            return f"Not taken: {call.end_detail}"
        case _:
            assert_never(call.state)


def _abandoned_words(call: Call) -> str:
    if call.answered_at is None or call.ended_at is None:
        return f"Abandoned: the caller left before anyone answered ({call.end_detail})."
    apart_s = (call.answered_at - call.ended_at).total_seconds()
    when = f"{abs(apart_s):.1f} s {'before' if apart_s >= 0 else 'after'}"
    return f"Abandoned: the caller left {when} position {call.position} picked up ({call.end_detail}); nobody spoke."


STATE_WORDS: dict[CallState, str] = {
    CallState.RINGING: "Ringing",
    CallState.QUEUED: "In the queue",
    CallState.CONNECTING: "Picked up, connecting",
    CallState.DIALLING: "Dialling",
    CallState.TALKING: "On the line",
    CallState.ABANDONED: "Abandoned",
    CallState.DISCONNECTED: "Disconnected",
    CallState.RELEASED: "Released",
    CallState.FAILED: "Failed",
    CallState.NOT_TAKEN: "Not taken",
}
"""What a screen says for each state."""
