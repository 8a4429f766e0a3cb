"""Further parties of a call, as the desk shows them."""

from tenfour.calltaking.call import Call
from tenfour.calltaking.conference import ThirdParty, ThirdState
from tenfour.calltaking.third_party import KIND_WORDS, PSAP, Listed
from tenfour.desk.conference_view import ConferenceView, ListedView, ThirdPartyView
from tenfour.desk.scene import Scene
from tenfour.vocabulary.ids import CallId
from tenfour.workflow.world import World

PSAP_WORDS = "Centre"


def conference_row(call: Call, scene: Scene) -> ConferenceView | None:
    """The third parties of a call; None where nobody was called in."""
    conference = call.conference
    if not conference.parties:
        return None
    to = conference.party(conference.handed_over_to) if conference.handed_over_to is not None else None
    parties = tuple(_row(one, was_heard(one.call_id, scene.world)) for one in conference.parties)
    return ConferenceView(parties, to.name if to is not None else "", _words(call, to))


def transfer_through_us(call: Call) -> str | None:
    """How far a call has come that is passed on through us; None where the caller's side is asked to do it."""
    party = next((one for one in reversed(call.conference.parties) if one.then_leave), None)
    if call.conference.handed_over_to is not None:
        party = call.conference.party(call.conference.handed_over_to)
        return f"passed on to {party.name}, through us" if party is not None else None
    if party is None or (call.transfer is not None and call.transfer.under_way):
        return None
    if party.is_live:
        return f"being passed on to {party.name} through us: {_state(party)}"
    return f"not passed on to {party.name}: {party.why}" if party.state is ThirdState.NOT_REACHED else None


def listed_row(one: Listed) -> ListedView:
    """Somebody whom the settings list."""
    return ListedView(one.name, one.kind, kind_words(one.kind), one.key, one.languages)


def kind_words(kind: str) -> str:
    """What a screen calls this kind of third party."""
    return PSAP_WORDS if kind == PSAP else KIND_WORDS.get(kind, KIND_WORDS["other"])


def was_heard(third: CallId, world: World) -> bool:
    """Did audio ever come from this third party?"""
    own = world.calls.get(third)
    return own is not None and own.audio_since is not None


def _row(one: ThirdParty, heard: bool) -> ThirdPartyView:
    silent = one.state is ThirdState.IN_CALL and not heard
    words = f"{_state(one)}, nothing was heard of it yet" if silent else _state(one)
    since = one.joined_at or one.called_at
    return ThirdPartyView(
        one.call_id, one.name, kind_words(one.kind), one.state.value, words, one.is_live, heard, since
    )


def _state(one: ThirdParty) -> str:
    match one.state:
        case ThirdState.CALLED:
            return "being called"
        case ThirdState.RINGING:
            return "rings there"
        case ThirdState.IN_CALL:
            return "in the call"
        case ThirdState.NOT_REACHED:
            return f"not reached. {one.why}"
        case ThirdState.GONE:
            return f"gone. {one.why}"


def _words(call: Call, to: ThirdParty | None) -> str:
    if to is not None:
        return f"Left to {to.name}: caller and {to.name} are connected through us."
    return call.conference.came_back_why
