"""Who speaks with a caller, as the desk shows it."""

from tenfour.calltaking.call import Call
from tenfour.desk.scene import Scene
from tenfour.desk.voice_view import MemberView, VoiceView
from tenfour.telephony.party import Role

ROLE_WORDS = {
    Role.CALLER: "Caller",
    Role.CALL_TAKER: "Call taker",
    Role.THIRD_PARTY: "Third party",
    Role.BARGED_IN: "Supervisor, speaks with all",
    Role.COACHING: "Supervisor, heard by the call taker only",
    Role.LISTENING: "Supervisor, listens",
    Role.SOUND: "Announcement",
}
"""What a screen says for each role."""


def voice_row(call: Call, scene: Scene) -> VoiceView | None:
    """The voices of a call in progress; None where nobody is in it."""
    voice = call.voice
    if not call.in_progress or not voice.members:
        return None
    members = tuple(
        MemberView(one.position, scene.person(one.person), one.role.value, ROLE_WORDS[one.role], one.muted)
        for one in voice.members
    )
    rings_for_all = voice.rings_for_all_at is not None
    rings_back = voice.rang_back_at is not None
    return VoiceView(members, voice.is_two_way, voice.held_at is not None, rings_back, rings_for_all, _words(call))


def _words(call: Call) -> str:
    voice = call.voice
    if voice.rings_for_all_at is not None:
        return f"Rings again, for everybody: {voice.rang_back_why} The caller is still there."
    if voice.rang_back_at is not None:
        return f"Rings back to position {call.position}: {voice.rang_back_why} The caller is still there."
    return "The caller waits and hears the hold sound." if voice.held_at is not None else ""
