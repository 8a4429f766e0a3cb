"""Plays a story: takes its steps in order, then judges the record."""

import re
from collections.abc import Callable

from tenfour.play import act_caller, act_desk, act_outside, act_unit, act_voice
from tenfour.play.api import CentreSaidNo
from tenfour.play.expectation import Wait
from tenfour.play.stage import Stage
from tenfour.play.step import ClockJumps, Sees, does
from tenfour.play.story import Script
from tenfour.play.timeline import Moment, Result, Timeline, result_of
from tenfour.play.verb import CallerVerb, PartyVerb, PersonVerb, UnitVerb, Verb, VoiceVerb
from tenfour.play.verdict import Verdict, differences, is_wanted, judge
from tenfour.vocabulary.errors import Refused, TenfourError

SETTLE_S = 5.0
"""How long what is expected may still come after the last step (real seconds)."""


class StepFailed(TenfourError):
    """A step could not be taken as the story says; the rest is not played."""


async def play(
    script: Script,
    url: str,
    *,
    sip: str | None = None,
    bind: str = "127.0.0.1",
    outside: str = "",
    speed: float | None = None,
    on_moment: Callable[[Moment], None],
) -> Result:
    """Play `script` against the centre at `url` and judge what came of it.

    `sip` overrides the SIP address that the centre names; `bind` is the address that callers bind to and send
    from; `outside` where the story's parties answer; `speed` lets the centre's clock run so many times real time.
    Raises `Refused` for a live centre, `BadInput` for one that lacks somebody, `Unavailable` when it does not answer.
    """
    timeline = Timeline(on_moment)
    stage = Stage(script, url, bind=bind, timeline=timeline, outside=outside)
    try:
        await stage.set_up(sip)
        if speed is not None:
            await stage.set_clock(speed=speed)
        verdicts = await _steps(stage)
        facts_met = await _settle(stage)
    finally:
        await stage.clear_away()
    return result_of(script.name, [*verdicts, *facts_met], timeline.moments)


async def _steps(stage: Stage) -> list[Verdict]:
    """Take the steps; a verdict for each that is an expectation of its own, and for the one that failed."""
    verdicts: list[Verdict] = []
    for number, step in enumerate(stage.script.story.steps, 1):
        name = step.name or f"step {number}: {step.who} {does(step)}"
        try:
            words, seq = await _take(stage, step)
        except TenfourError as error:
            stage.timeline.step(step.who, f"{does(step)}: {error}", "failed")
            verdicts.append(Verdict(name, False, _expected(step), str(error)))
            return verdicts
        stage.timeline.step(step.who, words, "refused" if step.refused else "done", seq)
        if step.name or step.refused:
            verdicts.append(Verdict(name, True, _expected(step), words, seq))
    return verdicts


async def _take(stage: Stage, step: Verb) -> tuple[str, int | None]:
    """One step with its pause and its wait; the words for the timeline and the fact that was waited for."""
    await stage.pause(step.after_s, of_clock=not isinstance(step, CallerVerb))
    before = stage.record.seq
    words = await _act(stage, step) if not step.refused else await _refused(stage, step)
    if step.until is None:
        return words, None
    return words, await _wait(stage, step.until, before)


async def _act(stage: Stage, step: Verb) -> str:
    if isinstance(step, CallerVerb):
        return await act_caller.act(stage, step)
    if isinstance(step, VoiceVerb):
        return await act_voice.act(stage, step)
    if isinstance(step, PartyVerb):
        return await act_outside.act(stage, step)
    if isinstance(step, PersonVerb) and not isinstance(step, UnitVerb):
        return await act_desk.act(stage, step)
    if isinstance(step, UnitVerb):
        return await act_unit.act(stage, step)
    if isinstance(step, ClockJumps):
        await stage.set_clock(jump_s=step.seconds)
        return f"jumps {step.seconds:g} s"
    await stage.set_clock(speed=step.speed)
    return f"runs {step.speed:g} times real time"


async def _refused(stage: Stage, step: Verb) -> str:
    try:
        words = await _act(stage, step)
    except (CentreSaidNo, Refused) as no:
        sentence = no.sentence if isinstance(no, CentreSaidNo) else str(no)
        if re.search(step.refused, sentence, re.IGNORECASE):
            return f"{does(step)}: refused, as it must be: {sentence}"
        raise StepFailed(f"It was refused, but not with /{step.refused}/: {sentence}") from no
    raise StepFailed(f"It was not refused: {words}.")


async def _wait(stage: Stage, wait: Wait, before: int) -> int:
    """The seq of the fact that was waited for."""

    def found() -> int | None:
        new = (fact for fact in stage.record.facts if fact.seq > before and is_wanted(wait, fact, stage.refer))
        return next((fact.seq for fact in new), None)

    await stage.record.wait_until(lambda: found() is not None, wait.timeout_s)
    seq = found()
    if seq is not None:
        return seq
    near = next((f for f in reversed(stage.record.facts) if f.seq > before and f.type == wait.event), None)
    seen = f"the last one: {'; '.join(differences(wait, near, stage.refer))}" if near else "none came"
    raise StepFailed(f"No such {wait.event} came within {wait.timeout_s:g} s ({seen}).")


async def _settle(stage: Stage) -> list[Verdict]:
    """The verdicts on the record, once all are met or `SETTLE_S` has passed."""
    expectations = stage.script.story.expectations

    def verdicts() -> list[Verdict]:
        return judge(expectations, stage.record.facts, stage.refer)

    await stage.record.wait_until(lambda: all(verdict.met for verdict in verdicts()), SETTLE_S)
    await stage.record.read()
    return verdicts()


def _expected(step: Verb) -> str:
    if step.refused:
        return f"{step.who} {does(step)}: refused with /{step.refused}/"
    if isinstance(step, Sees):
        return f"{step.who} sees on the {step.view} screen what the story says"
    return f"{step.who} {does(step)}"
