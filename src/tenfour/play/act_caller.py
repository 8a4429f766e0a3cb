"""What callers do: on the wire, in real time."""

import asyncio
from collections.abc import Awaitable

import msgspec

from tenfour.play.caller import Onward, PlacedCall, cancel, dial, drop
from tenfour.play.onward import take_up
from tenfour.play.sound import packets_of, seconds_of
from tenfour.play.stage import Stage
from tenfour.play.step import Cancels, Dials, Drops, FallsSilent, Hears, Reads, SoundsAgain, Speaks, Types
from tenfour.play.texter import corrected
from tenfour.play.verb import CallerVerb
from tenfour.vocabulary.errors import Refused

RINGS_WITHIN_S = 15.0
SAID_WITHIN_S = 10.0
TYPED_WITHIN_S = 30.0
NOT_TYPED = "it could not be typed"


async def act(stage: Stage, step: CallerVerb) -> str:
    """Do it; the words for the timeline. Raises `Refused` when the line does not let it."""
    if isinstance(step, Dials):
        return await _dials(stage, step)
    call = stage.in_call[step.who].current
    if isinstance(step, Cancels):
        await cancel(call)
        return "gives up before anybody answers"
    await _until(call, call.answered.wait(), stage.answered_within_s, "nobody answered")
    match step:
        case Speaks():
            return await _speaks(stage, step, call)
        case FallsSilent():
            call.voice.fall_silent()
            return "falls silent; the line stays open"
        case SoundsAgain():
            call.voice.sound_again()
            return "can be heard again"
        case Hears():
            await _until(call, call.voice.until_heard(step.seconds), step.timeout_s, "nothing was heard")
            return f"hears the centre ({call.voice.heard_s:.1f} s of sound)"
        case Types():
            seconds = len(step.text) / step.letters_per_s
            await _until(call, call.typewriter.type(step.text, step.letters_per_s), seconds + TYPED_WITHIN_S, NOT_TYPED)
            return f"types {corrected(step.text)!r}"
        case Reads():
            await _until(call, call.typewriter.until_read(step.words), step.timeout_s, f"{step.words!r} did not come")
            return f"reads {step.words!r}"
        case Drops():
            await drop(call)
            return "drops the line"


async def _dials(stage: Stage, step: Dials) -> str:
    caller = next(caller for caller in stage.script.story.callers if caller.name == step.who)
    before = stage.in_call.get(step.who)
    if before is not None and not before.current.over.is_set():
        raise Refused(f"{step.who} is still in a call.")
    location_uri = stage.location_uris.get(step.who, "")
    call = await dial(caller, sip=stage.sip, bind=stage.bind, location_uri=location_uri)

    async def dial_onward(onward: Onward) -> PlacedCall:
        """With the newest place that the network has told anybody."""
        here = msgspec.structs.replace(caller, location=stage.held.latest(step.who) or caller.location)
        return await dial(here, sip=onward.peer, bind=stage.bind, location_uri=location_uri, onward=onward)

    if caller.refers:
        take_up(call, dial_onward)
    call.voice.hum(stage.voice_of(step.who))
    stage.placed[step.label] = stage.in_call[step.who] = call
    await _until(call, call.ringing.wait(), RINGS_WITHIN_S, "it did not ring")
    return f"dials 911 from {caller.number} over {caller.transport}; it rings"


async def _speaks(stage: Stage, step: Speaks, call: PlacedCall) -> str:
    packets = packets_of(stage.script.clips[step.who, step.clip])
    call.voice.speak(packets)
    if not step.meanwhile:
        await _until(call, call.voice.until_spoken(), seconds_of(packets) + SAID_WITHIN_S, "it could not be said")
    return f"says {step.clip!r} ({seconds_of(packets):.1f} s)" + (" meanwhile" if step.meanwhile else "")


async def _until(call: PlacedCall, happens: Awaitable[object], timeout_s: float, otherwise: str) -> None:
    """Wait for something on the wire; raises `Refused` when the call is over first, or after `timeout_s`."""
    wanted, over = asyncio.ensure_future(happens), asyncio.create_task(call.over.wait())
    done, rest = await asyncio.wait({wanted, over}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    if wanted not in done:
        words = call.ended_words if call.over.is_set() else f"{otherwise} within {timeout_s:g} s"
        raise Refused(f"The call came to nothing: {words}.")
