"""What people outside do: they pick up or turn away what rings there, and look at what came along with it."""

import msgspec

from tenfour.play.match import described, mismatches
from tenfour.play.stage import Stage
from tenfour.play.step_voice import HangsUp, IsTold, PicksUp, TurnsAway
from tenfour.play.verb import PartyVerb
from tenfour.vocabulary.errors import Refused


async def act(stage: Stage, step: PartyVerb) -> str:
    """Do it; the words for the timeline. Raises `Refused` where nobody calls, or something else came along."""
    outside, who = stage.outside, step.who
    match step:
        case PicksUp(timeout_s=timeout_s):
            call = await outside.pick_up(who, timeout_s)
            return "picks up" + (f" a call from {call.arrived.number}" if call.arrived.number else "")
        case TurnsAway(status=status, timeout_s=timeout_s):
            await outside.turn_away(who, status, timeout_s)
            return f"does not take the call ({status})"
        case HangsUp():
            await outside.hang_up(who)
            return "hangs up"
        case IsTold():
            found = msgspec.json.decode(msgspec.json.encode(outside.call_of(who).arrived))
            problems = mismatches(step.where, found, stage.refer)
            if problems:
                raise Refused(f"With the call to {who} came: {'; '.join(problems)}.")
            return f"is told with the call: {described(step.where)}"
