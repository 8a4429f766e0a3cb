"""A position's headset, and who speaks with a caller."""

from litestar import post
from litestar.params import FromPath, JSONBody

from tenfour.calltaking import voice_decision as voices
from tenfour.calltaking.call import Call
from tenfour.desk.answer import HeadsetAnswer
from tenfour.desk.call_change import change_call
from tenfour.desk.given import GivenDesk, GivenPrincipal, Key
from tenfour.desk.permission import Permission
from tenfour.desk.request import Headset, Mute, Nothing, PutAway, Supervise
from tenfour.desk.view import CallView
from tenfour.telephony.party import Role
from tenfour.vocabulary.envelope import Event
from tenfour.workflow.world import World

LEFT, PUT_AWAY = "The browser's page was closed.", "The headset was put away."


@post("/api/voice", summary="Connect the headset of this position", tags=["voice"], status_code=200)
async def connect(desk: GivenDesk, principal: GivenPrincipal, data: JSONBody[Headset]) -> HeadsetAnswer:
    """The offer of a browser (WebRTC, one audio in PCMU) and our answer; an earlier headset of the position is let go.

    No fact yet: `HeadsetConnected` follows when its audio is heard. 409 says what is wrong with the offer.
    """
    principal.require(Permission.ANSWER_CALL)
    return HeadsetAnswer(await desk.line.connect_headset(principal.at_position(), principal.person, data.sdp))


@post("/api/voice/put-away", summary="Put the headset of this position away", tags=["voice"], status_code=200)
async def put_away(desk: GivenDesk, principal: GivenPrincipal, data: JSONBody[PutAway]) -> None:
    """Calls that only this headset spoke with ring back to the position. A page that closes says so by `leaving`."""
    principal.require(Permission.ANSWER_CALL)
    why = LEFT if data.leaving else PUT_AWAY
    desk.line.put_headset_away(principal.at_position(), why, put_away=not data.leaving)


@post("/api/calls/{call_id:str}/hold", summary="Let the caller wait", tags=["voice"], status_code=200)
async def hold(
    desk: GivenDesk, principal: GivenPrincipal, call_id: FromPath[str], data: JSONBody[Nothing], key: Key = None
) -> CallView:
    """The caller hears the hold sound and is recorded all the same."""
    principal.require(Permission.ANSWER_CALL)
    position = principal.at_position()
    return await change_call(desk, principal, call_id, key, lambda call, _: voices.hold(call, position))


@post("/api/calls/{call_id:str}/take-up", summary="Speak with the caller again", tags=["voice"], status_code=200)
async def take_up(
    desk: GivenDesk, principal: GivenPrincipal, call_id: FromPath[str], data: JSONBody[Nothing], key: Key = None
) -> CallView:
    """The other calls in this position's hand are held."""
    principal.require(Permission.ANSWER_CALL)
    at, person = principal.at_position(), principal.person
    return await change_call(
        desk, principal, call_id, key, lambda call, world: voices.take_up(call, world.positions.get(at), at, person)
    )


@post("/api/calls/{call_id:str}/mute", summary="Mute oneself in a call", tags=["voice"], status_code=200)
async def mute(
    desk: GivenDesk, principal: GivenPrincipal, call_id: FromPath[str], data: JSONBody[Mute], key: Key = None
) -> CallView:
    """Nobody in the call hears this position, or everybody does again."""
    principal.require(Permission.ANSWER_CALL)
    position = principal.at_position()
    return await change_call(desk, principal, call_id, key, lambda call, _: voices.mute(call, position, data.muted))


@post("/api/calls/{call_id:str}/supervise", summary="Listen, coach or barge in", tags=["voice"], status_code=200)
async def supervise(
    desk: GivenDesk, principal: GivenPrincipal, call_id: FromPath[str], data: JSONBody[Supervise], key: Key = None
) -> CallView:
    """A supervisor hears the call; who hears the supervisor is said by the role (docs/voice.md)."""
    principal.require(Permission.SUPERVISE_CALL)
    at, person = principal.at_position(), principal.person

    def decided(call: Call, world: World) -> Event:
        return voices.supervise(call, world.positions.get(at), at, person, Role(data.role))

    return await change_call(desk, principal, call_id, key, decided)


@post("/api/calls/{call_id:str}/leave", summary="Leave a call that others speak in", tags=["voice"], status_code=200)
async def leave(
    desk: GivenDesk, principal: GivenPrincipal, call_id: FromPath[str], data: JSONBody[Nothing], key: Key = None
) -> CallView:
    """The call goes on. Refused for whoever alone speaks with the caller."""
    principal.require(Permission.ANSWER_CALL)
    position = principal.at_position()
    return await change_call(desk, principal, call_id, key, lambda call, _: voices.leave(call, position))


ROUTES = (connect, put_away, hold, take_up, mute, supervise, leave)
