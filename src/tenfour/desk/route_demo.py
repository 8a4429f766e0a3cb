"""Stories played onto this centre's own desks: their callers ring, people answer. Never in a live centre."""

from litestar import get, post

from tenfour.desk.answer import StoriesView
from tenfour.desk.desk import Desk
from tenfour.desk.given import GivenDesk, GivenPrincipal
from tenfour.desk.permission import Permission
from tenfour.desk.principal import Principal
from tenfour.vocabulary.errors import Refused

MODES = ("demo", "training")


@get("/api/demo", summary="Stories whose callers can ring here", tags=["demo"])
async def read_demo(desk: GivenDesk, principal: GivenPrincipal) -> StoriesView:
    """The stories, and the one that is played or was played last."""
    _require(desk, principal)
    return StoriesView(desk.story_calls.stories(), desk.story_calls.played)


@post("/api/demo/stories/{name:str}", summary="Let the callers of a story ring", tags=["demo"], status_code=200)
async def play_story(name: str, desk: GivenDesk, principal: GivenPrincipal) -> StoriesView:
    """One story at a time (409 while another is played). What its people would do at the desks is left to people."""
    _require(desk, principal)
    await desk.story_calls.start(name)
    return StoriesView(desk.story_calls.stories(), desk.story_calls.played)


@post("/api/demo/stop", summary="Stop the story", tags=["demo"], status_code=200)
async def stop_story(desk: GivenDesk, principal: GivenPrincipal) -> StoriesView:
    """Its callers hang up; what they came to stays in the record."""
    _require(desk, principal)
    await desk.story_calls.stop()
    return StoriesView(desk.story_calls.stories(), desk.story_calls.played)


def _require(desk: Desk, principal: Principal) -> None:
    """Raises `NotPermitted` for a crew, `Refused` in a centre that is no demo and no training centre."""
    principal.require(Permission.ANSWER_CALL)
    if desk.card.mode not in MODES:
        raise Refused(f"{desk.card.name} is a {desk.card.mode} centre: no story is ever played there.")


ROUTES = (read_demo, play_story, stop_story)
