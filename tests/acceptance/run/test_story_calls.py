"""The callers of a story ring the centre that runs, and a person answers them: in a demo, never in a live centre."""

import asyncio
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tenfour.adapters.centre_folder import session_key
from tenfour.adapters.supervisor import Supervisor
from tenfour.cli.run import DEMO_CACHE
from tenfour.cli.story import free_port
from tenfour.demo.make import make_centre
from tenfour.desk.permission import Role
from tenfour.desk.principal import Principal
from tenfour.desk.session import Person, Sessions, real_now
from tenfour.play.api import CentreSaidNo, Door
from tenfour.vocabulary.ids import PersonId, PositionId

ADEYEMI = PersonId("adeyemi")


async def test_a_story_rings_the_desk_and_waits_for_a_person(running_centre: Any) -> None:
    door: Door = running_centre.door
    before = await door.get("/api/demo")
    assert before["played"] is None
    cards = {card["name"]: card for card in before["stories"]}
    assert cards["hug"]["title"] == "Just wanted a hug"
    assert cards["hug"]["number"] == "911-442-7186"

    started = await door.post("/api/demo/stories/hug")
    assert started["played"]["running"]
    with pytest.raises(CentreSaidNo, match="Just wanted a hug is being played; stop it first") as refused:
        await door.post("/api/demo/stories/fall-at-home")
    assert refused.value.status == 409

    call = await running_centre.call()
    assert (call["ani"], call["state"], call["position"]) == ("911-442-7186", "ringing", None)
    assert not [row for row in (await door.get("/api/board"))["calls"] if row["state"] == "talking"]
    await door.post(f"/api/calls/{call['call_id']}/answer")
    said = await running_centre.until_fact(f"call/{call['call_id']}", "CallerAudioStarted")
    assert said["type"] == "CallerAudioStarted"
    await running_centre.until_fact(f"call/{call['call_id']}", "CallerDisconnected")

    sat = [fact for fact in await running_centre.facts() if fact["type"] == "PositionSet"]
    assert {fact["payload"]["person"] for fact in sat} <= {"adeyemi", None}, "the story's people sit down nowhere"


async def test_a_story_can_be_stopped_and_its_caller_is_gone(running_centre: Any) -> None:
    door: Door = running_centre.door
    assert (await door.post("/api/demo/stop"))["played"] is None
    await door.post("/api/demo/stories/landline-fall")
    call = await running_centre.call()
    stopped = await door.post("/api/demo/stop")
    assert not stopped["played"]["running"]
    await running_centre.until_fact(f"call/{call['call_id']}", "CallAbandoned")
    again = await door.post("/api/demo/stories/landline-fall")
    assert again["played"]["running"]
    await door.post("/api/demo/stop")


async def test_a_story_that_is_not_there_is_told_and_a_crew_plays_none(running_centre: Any) -> None:
    with pytest.raises(CentreSaidNo, match="no story 'hugg'") as unknown:
        await running_centre.door.post("/api/demo/stories/hugg")
    assert unknown.value.status == 404
    crew = Door(running_centre.door.url)
    try:
        await crew.log_in(role="unit", person="brandt", unit="12A3")
        with pytest.raises(CentreSaidNo) as refused:
            await crew.post("/api/demo/stories/hug")
        assert refused.value.status == 403
    finally:
        await crew.close()


def key_to(folder: Path) -> str:
    """A login of a live centre, as an agency's own way of signing in would issue one."""
    sessions = Sessions(
        key=session_key(folder),
        centre_id="larkspur.demo",
        mode="live",
        lasts=timedelta(hours=1),
        people={ADEYEMI: Person(ADEYEMI, "R. Adeyemi", ("dispatcher",))},
        positions=frozenset({"04"}),
        units=frozenset(),
    )
    who = Principal(ADEYEMI, "R. Adeyemi", Role.DISPATCHER, PositionId("04"), None, secrets.token_urlsafe(12))
    return sessions.token(who, real_now())


async def test_a_live_centre_refuses_by_name(tmp_path: Path) -> None:
    folder = tmp_path / "live"
    http, sip = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
    await asyncio.to_thread(make_centre, folder, DEMO_CACHE, http=http, sip=sip)
    settings = folder / "centre.toml"
    settings.write_text(settings.read_text().replace('mode = "demo"', 'mode = "live"'))
    supervisor, stop = Supervisor(folder, http=http, sip=sip, say=lambda _words: None), asyncio.Event()
    running = asyncio.create_task(supervisor.run(stop))
    door = Door(f"http://{http}")
    try:
        await supervisor.ready()
        door.token = key_to(folder)
        for ask in (door.get("/api/demo"), door.post("/api/demo/stories/hug"), door.post("/api/demo/stop")):
            with pytest.raises(CentreSaidNo, match="Larkspur County 911 is a live centre: no story is ever") as refused:
                await ask
            assert refused.value.status == 409
        assert (await door.get("/api/board"))["calls"] == []
    finally:
        stop.set()
        await running
        await door.close()
