"""What people of the centre do: the same HTTP calls that their screens make."""

import asyncio
from typing import Any

from tenfour.play import act_after
from tenfour.play.match import described, mismatches
from tenfour.play.stage import Stage
from tenfour.play.step import (
    Answers,
    AutoAnswers,
    CallsBack,
    ChecksArea,
    ChoosesDoor,
    ChoosesPlace,
    Dispatches,
    FollowsAdvice,
    Hangs,
    Joins,
    Notes,
    NotesHeard,
    Opens,
    ReadsBack,
    Rebids,
    Recommends,
    Reopens,
    Sees,
    SetsKind,
    SetsPriority,
    Writes,
)
from tenfour.play.verb import PersonVerb
from tenfour.vocabulary.errors import Refused

OnCall = Answers | Hangs | NotesHeard | Writes | Rebids | CallsBack | Joins


async def act(stage: Stage, step: PersonVerb) -> str:
    """Do it; the words for the timeline. Raises `CentreSaidNo`, `Refused` where the screen shows something else."""
    match step:
        case Answers() | Hangs() | NotesHeard() | Writes() | Rebids() | CallsBack() | Joins():
            return await _on_call(stage, step)
        case ChoosesDoor() | ChoosesPlace():
            return await _sets_place(stage, step)
        case SetsKind() | SetsPriority() | FollowsAdvice():
            return await _sets_kind(stage, step)
        case Recommends() | ReadsBack() | Dispatches() | Notes() | ChecksArea() | Reopens():
            return await _on_incident(stage, step)
        case AutoAnswers():
            position = next(person.position for person in stage.script.story.people if person.name == step.who)
            await stage.doors[step.who].post(f"/api/positions/{position}", {"auto_answer": step.on})
            return f"sets position {position} to answer by itself: {'yes' if step.on else 'no'}"
        case Opens():
            view = await stage.doors[step.who].post("/api/incidents", {"kind": step.kind, "place": step.place})
            stage.opened[step.label] = str(view["incident_id"])
            return f"opens incident {view['number']}, {step.kind} at {step.place}"
        case Sees():
            return await _sees(stage, step)
        case _:
            return await act_after.act(stage, step)


async def _on_call(stage: Stage, step: OnCall) -> str:
    door, call = stage.doors[step.who], f"/api/calls/{await stage.call_id(step.of)}"
    match step:
        case Answers():
            await door.post(f"{call}/answer")
            return "answers"
        case Hangs():
            await door.post(f"{call}/release")
            return "ends the call"
        case NotesHeard():
            await door.post(f"{call}/heard", {"heard": list(step.heard), "text": step.text})
            return f"notes what was heard: {', '.join(step.heard)}" + (f" ({step.text})" if step.text else "")
        case Writes():
            await door.post(f"{call}/text", {"text": f"{step.text}\n"})
            return f"writes {step.text!r}"
        case Rebids():
            await door.post(f"{call}/rebid")
            return "asks again where the caller is"
        case CallsBack():
            await door.post(f"{call}/callback", {"means": step.means})
            return f"calls back ({step.means})"
        case Joins():
            await door.post(f"{call}/join", {"incident_id": await stage.incident_id(step.to)})
            return f"joins the call to the incident of {step.to!r}"


async def _sets_place(stage: Stage, step: ChoosesDoor | ChoosesPlace) -> str:
    incident = f"/api/incidents/{await stage.incident_id(step.of)}"
    door = stage.doors[step.who]
    if isinstance(step, ChoosesPlace):
        point = None if step.lat is None or step.lon is None else {"lat": step.lat, "lon": step.lon}
        await door.post(f"{incident}/place", {"text": step.text, "point": point, "reason": step.reason})
        return f"sets the place: {step.text or point}"
    doors = (await door.get(incident))["doors"]
    chosen = next((candidate for candidate in doors if candidate["rank"] == step.door), None)
    if chosen is None:
        raise Refused(f"There is no door {step.door} on the screen, only {len(doors)}.")
    if step.expecting and step.expecting != chosen["label"]:
        raise Refused(f"Door {step.door} on the screen is {chosen['label']}, not {step.expecting}.")
    await door.post(f"{incident}/place", {"address_id": chosen["address_id"], "reason": step.reason})
    return f"chooses door {step.door}, {chosen['label']}"


async def _sets_kind(stage: Stage, step: SetsKind | SetsPriority | FollowsAdvice) -> str:
    incident = f"/api/incidents/{await stage.incident_id(step.of)}"
    door = stage.doors[step.who]
    match step:
        case SetsKind():
            await door.post(f"{incident}/kind", {"kind": step.kind, "rule": step.rule})
            return f"sets the kind: {step.kind}"
        case SetsPriority():
            await door.post(f"{incident}/priority", {"priority": step.priority, "reason": step.reason})
            return f"sets the priority: {step.priority}"
        case FollowsAdvice():
            advice = (await door.get(incident))["advice"]
            if advice is None:
                raise Refused("There is no advice on the screen.")
            if step.rule and advice["rule"] != step.rule:
                raise Refused(f"The advice on the screen is of rule {advice['rule']}, not {step.rule}.")
            await door.post(f"{incident}/kind", {"kind": advice["kind"], "rule": advice["rule"]})
            await door.post(f"{incident}/priority", {"priority": advice["priority"], "reason": advice["reason"]})
            return f"follows the advice of {advice['rule']}: {advice['kind']}, priority {advice['priority']}"


async def _on_incident(stage: Stage, step: Recommends | ReadsBack | Dispatches | Notes | ChecksArea | Reopens) -> str:
    incident = f"/api/incidents/{await stage.incident_id(step.of)}"
    door = stage.doors[step.who]
    match step:
        case Recommends():
            made = await door.post(f"{incident}/recommend")
            return f"asks whom to send: {', '.join(unit['unit'] for unit in made['units']) or made['words']}"
        case ReadsBack():
            view = await door.post(f"{incident}/read-back")
            return f"reads the address back: {view['place']}"
        case Dispatches():
            return await _dispatches(stage, step, incident)
        case Notes():
            await door.post(f"{incident}/notes", {"text": step.text})
            return f"notes: {step.text}"
        case ChecksArea():
            await door.post(f"{incident}/area-check", {"area": step.area})
            return f"orders the area to be searched: {step.area}"
        case Reopens():
            await door.post(f"{incident}/reopen", {"reason": step.reason})
            return f"opens the incident again: {step.reason}"


async def _dispatches(stage: Stage, step: Dispatches, incident: str) -> str:
    door = stage.doors[step.who]
    made = (await door.get(incident))["recommendation"]
    units = list(step.units) or [unit["unit"] for unit in (made or {"units": []})["units"]]
    if not units:
        raise Refused("No unit is recommended on the screen, and the story names none.")
    order: dict[str, Any] = {"units": units, "override_reason": step.reason}
    order["recommendation_id"] = made["recommendation_id"] if made else None
    await door.post(f"{incident}/dispatch", order)
    return f"sends {', '.join(units)}" + (f" because: {step.reason}" if step.reason else "")


async def _sees(stage: Stage, step: Sees) -> str:
    """Look again at every change, until it is as wanted or the time is over."""
    door, path = stage.doors[step.who], await _screen(stage, step)
    deadline = asyncio.get_running_loop().time() + step.timeout_s
    while True:
        seq = stage.record.seq
        problems = mismatches(step.where, await door.get(path), stage.refer)
        if not problems:
            return f"sees on the {step.view} screen: {described(step.where)}"
        left_s = deadline - asyncio.get_running_loop().time()
        if left_s <= 0 or not await stage.record.wait_until(lambda seq=seq: stage.record.seq > seq, left_s):  # type: ignore[misc]
            raise Refused(f"The {step.view} screen shows: {'; '.join(problems)}.")


async def _screen(stage: Stage, step: Sees) -> str:
    match step.view:
        case "call":
            return f"/api/calls/{await stage.call_id(step.of)}"
        case "incident":
            return f"/api/incidents/{await stage.incident_id(step.of)}"
        case "press":
            return f"/api/incidents/{await stage.incident_id(step.of)}/press"
        case "unit":
            return f"/api/units/{step.of}"
        case _:
            return "/api/board"
