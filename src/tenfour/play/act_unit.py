"""What units do, and what people do for a unit."""

from itertools import pairwise
from typing import Any

from tenfour.play.match import mismatches
from tenfour.play.stage import Stage
from tenfour.play.step import (
    AsksHelp,
    ChangesStatus,
    ChecksOff,
    Closes,
    Drives,
    Emergency,
    EmergencyOver,
    IsSafe,
    Proposes,
    Stands,
    VerifiesPlace,
    WrongHouse,
)
from tenfour.play.verb import UnitVerb
from tenfour.vocabulary.errors import Refused
from tenfour.vocabulary.place import Point, distance_m


async def act(stage: Stage, step: UnitVerb) -> str:
    """Do it; the words for the timeline. Raises `CentreSaidNo`, `Refused`."""
    match step:
        case ChangesStatus() | Stands() | Drives() | Emergency() | EmergencyOver() | IsSafe():
            return await _of_unit(stage, step)
        case Proposes() | Closes():
            return await _closing(stage, step)
        case _:
            return await _on_scene(stage, step)


async def _of_unit(stage: Stage, step: ChangesStatus | Stands | Drives | Emergency | EmergencyOver | IsSafe) -> str:
    door, name = stage.doors[step.who], getattr(step, "unit", "") or step.who
    unit = f"/api/units/{name}"
    match step:
        case ChangesStatus():
            await door.post(f"{unit}/status", await _status(stage, step))
            return f"{_of(step.who, name)}is {step.status}"
        case Stands():
            await door.post(f"{unit}/position", {"lat": step.lat, "lon": step.lon})
            return f"is at {step.lat:.5f}, {step.lon:.5f}"
        case Drives():
            return await _drives(stage, step)
        case Emergency():
            await door.post(f"{unit}/emergency")
            return "presses the emergency button"
        case EmergencyOver():
            await door.post(f"{unit}/emergency-clear", {"words": step.words})
            return f"the emergency of {name} is over: {step.words}"
        case IsSafe():
            await door.post(f"{unit}/safety-check", {"words": step.words})
            return f"{_of(step.who, name)}is all right" + (f": {step.words}" if step.words else "")


def _of(who: str, unit: str) -> str:
    """The unit's name, where somebody else acts for it."""
    return "" if who == unit else f"{unit} "


async def _status(stage: Stage, step: ChangesStatus) -> dict[str, Any]:
    """The centre knows the incident of a unit that is on one."""
    incident_id = await stage.incident_id(step.to) if step.to else None
    return {"status": step.status, "incident_id": incident_id, "reason": step.reason}


async def _drives(stage: Stage, step: Drives) -> str:
    door, way = stage.doors[step.who], [Point(lat, lon) for lat, lon in step.through]
    for number in range(step.reports):
        await stage.pause(step.seconds / (step.reports - 1) if number else 0, of_clock=True)
        at = along(way, number / (step.reports - 1))
        await door.post(f"/api/units/{step.who}/position", {"lat": at.lat, "lon": at.lon})
    length_m = sum(distance_m(a, b) for a, b in pairwise(way))
    return f"drives {length_m / 1000:.1f} km in {step.seconds:g} s of the centre's clock, {step.reports} positions"


def along(way: list[Point], share: float) -> Point:
    """The point at `share` (0 to 1) of the way's length."""
    legs = [(a, b, distance_m(a, b)) for a, b in pairwise(way)]
    left_m = share * sum(length for _, _, length in legs)
    for a, b, length in legs:
        if left_m <= length and length > 0:
            part = left_m / length
            return Point(a.lat + (b.lat - a.lat) * part, a.lon + (b.lon - a.lon) * part)
        left_m -= length
    return way[-1]


async def _on_scene(stage: Stage, step: ChecksOff | WrongHouse | VerifiesPlace | AsksHelp) -> str:
    door, incident = stage.doors[step.who], f"/api/incidents/{await stage.incident_id(step.of)}"
    match step:
        case ChecksOff():
            for item in step.items:
                await door.post(f"{incident}/checklist", {"item": item, "done": step.done})
            return f"{'checks' if step.done else 'clears'}: {', '.join(step.items)}"
        case WrongHouse():
            view = await door.post(f"{incident}/next-door", {"reason": step.reason})
            return f"it is not this house ({step.reason}); next: {view['place']}"
        case VerifiesPlace():
            view = await door.post(f"{incident}/verify-place")
            return f"this is the house: {view['place']}"
        case AsksHelp():
            await door.post(f"{incident}/help", {"unit": step.unit or step.who, "text": step.text})
            return f"asks for a second unit: {step.text}"


async def _closing(stage: Stage, step: Proposes | Closes) -> str:
    door, incident = stage.doors[step.who], f"/api/incidents/{await stage.incident_id(step.of)}"
    proposal = await door.post(f"{incident}/propose", {"words": step.words})
    if isinstance(step, Proposes):
        problems = mismatches(step.where, proposal, stage.refer)
        if problems:
            raise Refused(f"The proposal is another one: {'; '.join(problems)}.")
        return f"says {step.words!r}; proposed: {', '.join(code for code, _ in proposal['dispositions'])}"
    await door.post(f"{incident}/close", closing(step, proposal))
    return f"closes: {step.words!r}"


def closing(step: Closes, proposal: dict[str, Any]) -> dict[str, Any]:
    """The order to close: what the story says, else what the screen proposes. The centre adds who was ticked."""
    return {
        "words": step.words,
        "dispositions": list(step.dispositions) or [code for code, _ in proposal["dispositions"]],
        "cause": step.cause or proposal["cause"] or "unknown",
        "seen": list(step.seen),
        "tried": list(step.tried),
    }
