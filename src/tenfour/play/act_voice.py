"""What is done with voices: headsets are put on by `/api/voice` and real packets, and every ear can be asked."""

import asyncio

from tenfour.play.caller import PlacedCall
from tenfour.play.headset import Headset
from tenfour.play.stage import Stage
from tenfour.play.step import does
from tenfour.play.step_voice import (
    CallsIn,
    HandsOver,
    HearsVoices,
    Holds,
    Leaves,
    LetsGo,
    LosesHeadset,
    Mutes,
    PassesOn,
    PutsOn,
    Supervises,
    TakesOff,
    TakesUp,
)
from tenfour.play.verb import VoiceVerb
from tenfour.play.voice import Voice
from tenfour.telephony.errors import SdpError
from tenfour.vocabulary.errors import Refused

CONNECTED_WITHIN_S = 15.0
LISTENS_EVERY_S = 0.1
HEADSET = "/api/voice"

InCall = Mutes | Holds | TakesUp | Leaves | Supervises
WithOthers = PassesOn | CallsIn | LetsGo | HandsOver


async def act(stage: Stage, step: VoiceVerb) -> str:
    """Do it; the words for the timeline. Raises `CentreSaidNo`, and `Refused` where something else is heard."""
    match step:
        case PutsOn():
            return await _puts_on(stage, step.who)
        case TakesOff():
            await stage.doors[step.who].post(f"{HEADSET}/put-away")
            await stage.headsets.pop(step.who).close()
            return "takes the headset off"
        case LosesHeadset():
            await stage.headsets.pop(step.who).vanish()
            return "the browser is gone: no goodbye, not one packet more"
        case HearsVoices():
            return await _hears(stage, step)
        case PassesOn() | CallsIn() | LetsGo() | HandsOver():
            return await _with_others(stage, step)
        case _:
            return await _in_call(stage, step)


async def _puts_on(stage: Stage, who: str) -> str:
    headset = stage.headsets[who] = await Headset.open(stage.bind)
    headset.hum(stage.voice_of(who))
    answer = await stage.doors[who].post(HEADSET, {"sdp": headset.offer()})
    try:
        headset.take_answer(str(answer["sdp"]))
        async with asyncio.timeout(CONNECTED_WITHIN_S):
            await headset.connected.wait()
    except SdpError as error:
        raise Refused(f"The headset cannot be connected: {error}") from error
    except TimeoutError as error:
        why = headset.failed_words or "nothing came from there"
        raise Refused(f"The headset was not connected within {CONNECTED_WITHIN_S:g} s: {why}.") from error
    return f"puts a headset on at position {stage.position_of(who)}"


async def _in_call(stage: Stage, step: InCall) -> str:
    door, call = stage.doors[step.who], f"/api/calls/{await stage.call_id(step.of)}"
    match step:
        case Mutes():
            await door.post(f"{call}/mute", {"muted": step.muted})
            return "mutes the microphone" if step.muted else "can be heard again"
        case Holds():
            await door.post(f"{call}/hold")
            return "lets the caller wait"
        case TakesUp():
            await door.post(f"{call}/take-up")
            return "speaks with the caller again"
        case Leaves():
            await door.post(f"{call}/leave")
            return "leaves the call"
        case Supervises():
            await door.post(f"{call}/supervise", {"role": step.role})
            return f"is in the call as {step.role.replace('_', ' ')}"


async def _with_others(stage: Stage, step: WithOthers) -> str:
    door, call = stage.doors[step.who], f"/api/calls/{await stage.call_id(step.of)}"
    match step:
        case PassesOn():
            await door.post(f"{call}/transfer", {"to": stage.known_as(step.to)})
            return f"passes the call on to {stage.known_as(step.to)}"
        case CallsIn(to=to, key=key):
            whom = stage.known_as(to) if to else stage.by_key(key)
            await door.post(f"{call}/third-parties", {"to": whom, "hold": step.hold})
            return f"calls {whom} into the call" + (f" by key {key}" if key else "")
        case LetsGo():
            third = await _third_party(stage, step, step.party)
            await door.post(f"{call}/third-parties/drop", {"third": third})
            return f"lets {stage.known_as(step.party)} go"
        case HandsOver():
            third = await _third_party(stage, step, step.to)
            await door.post(f"{call}/hand-over", {"third": third})
            return f"leaves the caller to {stage.known_as(step.to)}"


async def _third_party(stage: Stage, step: WithOthers, party: str) -> str:
    """The own call of a party that is in this one, or called."""
    row = await stage.doors[step.who].get(f"/api/calls/{await stage.call_id(step.of)}")
    name, parties = stage.known_as(party), (row["conference"] or {"parties": []})["parties"]
    found = next((one for one in parties if one["name"] == name and one["live"]), None)
    if found is None:
        raise Refused(f"{name} is not in the call.")
    return str(found["call_id"])


async def _hears(stage: Stage, step: HearsVoices) -> str:
    """Ask the ear again and again until it hears these and no others for so long on end."""
    voice, voices, wanted = _ear(stage, step), stage.voices, frozenset(step.voices)
    loop = asyncio.get_running_loop()
    deadline, since = loop.time() + step.timeout_s, loop.time()
    while (now := loop.time()) - since < step.seconds:
        heard = voice.ear.hears(voices, now)
        if heard != wanted:
            if now >= deadline:
                raise Refused(f"{step.who} hears {_listed(heard)}; expected {_listed(wanted)}.")
            since = now
        await asyncio.sleep(LISTENS_EVERY_S)
    return f"hears {_listed(wanted)}"


def _ear(stage: Stage, step: HearsVoices) -> Voice:
    if stage.script.party(step.who) is not None:
        outside = stage.outside.call_of(step.who).voice
        if outside is None:
            raise Refused(f"{step.who} has not picked up.")
        return outside
    placed = stage.in_call.get(step.who)
    if isinstance(placed, PlacedCall):
        placed.current.require_connected()
        return placed.current.voice
    headset = stage.headsets.get(step.who)
    if headset is None:
        raise Refused(f"{step.who} {does(step)}: there is no headset and no telephone.")
    return headset


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"
