"""Plays the callers of a story and nobody else: people at the desks do what they like, and nothing is judged."""

import asyncio
from collections.abc import Callable

from tenfour.play import act_caller
from tenfour.play.caller import PlacedCall, cancel
from tenfour.play.stage import Stage
from tenfour.play.step import does
from tenfour.play.story import Script
from tenfour.play.timeline import Moment, Timeline
from tenfour.play.verb import CallerVerb, Verb
from tenfour.vocabulary.errors import Refused

OTHERS_TAKE_S = 2.0
"""Real seconds that pass for a step of somebody else."""

STAYS_S = 300.0
"""How long callers who have said everything stay on the line."""


async def call_in(
    script: Script, url: str, *, sip: str | None = None, bind: str = "127.0.0.1", on_moment: Callable[[Moment], None]
) -> None:
    """Let the callers of `script` ring the centre at `url`; returns when their calls are over.

    Raises `Refused` for a live centre, `BadInput` for one whose places are others, `Unavailable` when it does not
    answer.
    """
    stage = Stage(script, url, bind=bind, timeline=Timeline(on_moment), only_callers=True)
    try:
        await stage.set_up(sip)
        for step in script.story.steps:
            await _take(stage, step)
        await _until_over(stage)
    finally:
        await stage.clear_away()


async def _take(stage: Stage, step: Verb) -> None:
    """What a caller cannot do any more, as the call went another way, is told and passed over."""
    if not isinstance(step, CallerVerb):
        await asyncio.sleep(OTHERS_TAKE_S)
        return
    await stage.pause(step.after_s, of_clock=False)
    try:
        words, outcome = await act_caller.act(stage, step), "done"
    except Refused as no:
        words, outcome = f"{does(step)}: {no}", "refused"
        await _give_up(stage, step.who)
    stage.timeline.step(step.who, words, outcome)


async def _give_up(stage: Stage, who: str) -> None:
    """Whom nobody answered for so long hangs up."""
    call = stage.in_call.get(who)
    if call is not None and not call.answered.is_set() and not call.over.is_set():
        await cancel(call)


async def _until_over(stage: Stage) -> None:
    """Wait until the desk has released the calls that still stand, or the callers have stayed long enough."""
    waiting = [asyncio.create_task(_over(call)) for call in stage.placed.values()]
    if waiting:
        await asyncio.wait(waiting, timeout=STAYS_S)
    for one in waiting:
        one.cancel()


async def _over(call: PlacedCall) -> None:
    """The call is over, and so is the one that it was passed on to."""
    await call.over.wait()
    if call.current is not call:
        await _over(call.current)
