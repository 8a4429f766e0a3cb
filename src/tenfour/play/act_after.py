"""What people do when it is over: exhibits through the upload door (tus), a press text, a promised visit."""

import hashlib
from datetime import datetime, timedelta

from tenfour.play.stage import Stage
from tenfour.play.step import AddsExhibit, DraftsPress, EditsPress, MakesVisit, PromisesVisit, VerifiesExhibit
from tenfour.play.verb import AfterVerb
from tenfour.vocabulary.errors import Refused

WRONG_DIGEST = "0" * 64


async def act(stage: Stage, step: AfterVerb) -> str:
    """Do it; the words for the timeline. Raises `CentreSaidNo`, `Refused`."""
    incident = f"/api/incidents/{await stage.incident_id(step.of)}"
    match step:
        case AddsExhibit():
            return await _adds(stage, step, incident)
        case VerifiesExhibit():
            view = await stage.doors[step.who].post(f"/api/exhibits/{incident.rpartition('/')[2]}-{step.number}/verify")
            return f"has exhibit {step.number} hashed again: {view['state_words']}"
        case DraftsPress() | EditsPress():
            return await _press(stage, step, incident)
        case PromisesVisit() | MakesVisit():
            return await _visit(stage, step, incident)


async def _adds(stage: Stage, step: AddsExhibit, incident: str) -> str:
    door, data = stage.doors[step.who], (stage.script.path.parent / step.file).read_bytes()
    said = {
        "kind": step.kind,
        "title": step.title,
        "file_name": step.file.rpartition("/")[2],
        "length": len(data),
        "owner": step.owner,
        "consent": step.consent,
        "scope": step.scope,
        "child": step.child,
        "sha256": hashlib.sha256(data).hexdigest() if step.digest else WRONG_DIGEST,
    }
    begun = await door.post(f"{incident}/exhibits", said)
    await door.upload(begun["location"], data, step.pieces)
    return f"adds an exhibit, {step.kind}: {step.title} ({len(data)} bytes)"


async def _press(stage: Stage, step: DraftsPress | EditsPress, incident: str) -> str:
    door = stage.doors[step.who]
    shown = await door.get(f"{incident}/press")
    if isinstance(step, DraftsPress):
        made = await door.post(f"{incident}/press/draft", {"based_on": shown["version"]})
        return f"has a press text drafted: {' '.join(sentence['text'] for sentence in made['sentences'])}"
    sentences = shown["sentences"]
    if not 0 < step.sentence <= len(sentences):
        raise Refused(f"There is no sentence {step.sentence} on the screen, only {len(sentences)}.")
    sentences[step.sentence - 1]["text"] = step.text
    await door.post(f"{incident}/press", {"based_on": shown["version"], "sentences": sentences})
    return f"writes in the press text: {step.text}"


async def _visit(stage: Stage, step: PromisesVisit | MakesVisit, incident: str) -> str:
    door = stage.doors[step.who]
    if isinstance(step, PromisesVisit):
        now = datetime.fromisoformat((await stage.observer.get("/api/clock"))["now"])
        due_at = (now + timedelta(seconds=step.in_s)).isoformat()
        view = await door.post(f"{incident}/visits", {"who": step.visitor, "due_at": due_at, "words": step.words})
        return f"promises that {step.visitor} will come, {view['state_words']}: {step.words}"
    visits = (await stage.observer.get(incident))["visits"]
    waiting = next((visit for visit in visits if visit["state"] != "done"), None)
    if waiting is None:
        raise Refused("No promised visit is still to be made there.")
    await door.post(f"/api/visits/{waiting['visit_id']}/done", {"words": step.words})
    return f"was there, as promised: {step.words}"
