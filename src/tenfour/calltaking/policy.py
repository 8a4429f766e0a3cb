"""Policy of call taking: how fast calls are to be answered, and what is advised on a call that has ended.

Settings with defaults, never constants: agencies differ (see the sources beside each preset).
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from tenfour.calltaking.call import Call
from tenfour.calltaking.event import Handset
from tenfour.calltaking.queue import CallQueue, Skills


class RingGoal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A goal for answering: `percent` of the calls within `seconds`. `source` names who asks for it."""

    seconds: float
    percent: float
    source: str


RING_PRESETS: dict[str, tuple[RingGoal, ...]] = {
    "florida": (RingGoal(10, 90, "Florida rule 60FF-6.005"),),
    "nena": (RingGoal(15, 90, "NENA-STA-020.1"), RingGoal(20, 95, "NENA-STA-020.1")),
}
"""Ring goals by preset name."""


class AdviceRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to advise when a call has ended; the first rule whose conditions all hold is taken.

    Conditions: `handset` (any of; empty: every kind), `heard_any` (at least one of), `heard_none` (none of),
    `silent` (True: nothing was noted as heard, or only silence), `answered` (by a person, or not), `ended` (any of
    abandoned, disconnected, released, failed).
    Advice: incident type, priority, what to do next, why. `{heard}` in the reason stands for what was heard.
    """

    rule: str
    kind: str
    priority: int
    next_step: str
    reason: str
    handset: tuple[Handset, ...] = ()
    heard_any: tuple[str, ...] = ()
    heard_none: tuple[str, ...] = ()
    silent: bool | None = None
    answered: bool | None = None
    ended: tuple[str, ...] = ()


DISTRESS = ("distress", "struggle", "screaming", "crying", "fighting", "shots", "choking", "call_for_help")
"""What, once heard, is never calmed down by anything else that was heard."""

HEARD: dict[str, str] = {
    "child_voice": "Child's voice",
    "adult_voice": "Adult voice",
    "several_voices": "Several voices",
    "laughter": "Laughter",
    "calm": "Calm",
    "no_distress": "No distress heard",
    "silence": "Silence",
    "breathing": "Breathing",
    "whispering": "Whispering",
    "keypress": "Keys pressed",
    "tty_tones": "TTY tones",
    "music_or_tv": "Music or television",
    "traffic": "Traffic",
    "distress": "Distress",
    "struggle": "Struggle",
    "screaming": "Screaming",
    "crying": "Crying",
    "fighting": "Fighting",
    "shots": "Shots",
    "choking": "Choking",
    "call_for_help": "Call for help",
}
"""Code to label of what a call taker may hear."""

Phrase = Annotated[str, Meta(min_length=1, max_length=200)]

PHRASES: tuple[Phrase, ...] = (
    "911. What is the address of your emergency?",
    "Tell me what is happening.",
    "Are you safe where you are?",
    "Is anyone hurt?",
    "Are there weapons?",
    "Answer 1 for yes, 2 for no.",
    "Help is on the way.",
    "Turn the sound of your phone off. Stay where you are safe.",
    "Keep writing. Do not hang up.",
)
"""What a call taker writes again and again."""

_DROPPED = ("disconnected", "failed")
_SEND = "send a unit within 60 s of the drop"

DEFAULT_ADVICE: tuple[AdviceRule, ...] = (
    AdviceRule(
        rule="open_line.distress",
        kind="911OPN",
        priority=1,
        next_step="send two units; no voicemail, no audible callback",
        reason="Heard on the line: {heard}. A calm voice beside it does not lower this.",
        heard_any=DISTRESS,
    ),
    AdviceRule(
        rule="hangup.nsi.voice",
        kind="911H",
        priority=2,
        next_step=_SEND,
        reason="No service plan: nobody can call back. Heard: {heard}. Nobody was seen to be well.",
        handset=(Handset.NSI,),
        silent=False,
        answered=True,
        ended=_DROPPED,
    ),
    AdviceRule(
        rule="hangup.nsi.silent",
        kind="911H",
        priority=2,
        next_step=_SEND,
        reason="No service plan: nobody can call back. Nothing was noted as heard.",
        handset=(Handset.NSI,),
        silent=True,
        answered=True,
        ended=("released", *_DROPPED),
    ),
    AdviceRule(
        rule="abandoned.nsi",
        kind="911H",
        priority=2,
        next_step=_SEND,
        reason="The caller left before anyone answered, and nobody can call back.",
        handset=(Handset.NSI,),
        answered=False,
    ),
    AdviceRule(
        rule="hangup.landline",
        kind="911H",
        priority=2,
        next_step="call back once, and send a unit whatever is said",
        reason="A landline always gets a unit: the address is known.",
        handset=(Handset.LANDLINE,),
        ended=("abandoned", *_DROPPED),
    ),
    AdviceRule(
        rule="silent.answered",
        kind="911H",
        priority=2,
        next_step="TTY, text and keypress challenge; then call back, then send",
        reason="Nothing was noted as heard: the caller may be unable to speak. It is not taken for a pocket dial.",
        silent=True,
        answered=True,
        ended=("released", *_DROPPED),
    ),
    AdviceRule(
        rule="abandoned.callable",
        kind="911H",
        priority=3,
        next_step="call back; send a unit when nobody answers",
        reason="The caller left before anyone answered; the number can be called.",
        answered=False,
    ),
    AdviceRule(
        rule="hangup.callable",
        kind="911H",
        priority=3,
        next_step="call back; send a unit when nobody answers",
        reason="The line dropped. Heard: {heard}. The number can be called.",
        answered=True,
        ended=_DROPPED,
    ),
)
"""The preset. Sources: Boca Raton, Arlington, Hillsborough as in docs/workflow.md."""


class CalltakingPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything an agency may set about taking calls."""

    ring: tuple[RingGoal, ...] = RING_PRESETS["florida"]
    ring_overdue_s: float = 10.0
    """A call ringing longer than this is told to the supervisor, once."""
    admin_ring_overdue_s: float = 0.0
    """The same for a call to an administrative line; 0: never."""
    calls_answered_by_itself: int = 1
    """How many calls a position that answers by itself may hold at once."""
    ring_back_s: float = 15.0
    """A call whose headset was lost rings at its position for so long, then at every one."""
    handed_over_silent_s: float = 30.0
    """A caller whom nobody of ours has rings at every position when whoever has it was silent so long; 0: never."""
    advice: tuple[AdviceRule, ...] = DEFAULT_ADVICE
    heard: dict[str, str] = msgspec.field(default_factory=lambda: dict(HEARD))
    queue: tuple[CallQueue, ...] = ()
    """In the order they are asked. None: every call rings everywhere."""
    skills: Skills = Skills()
    wrap_up_s: float = 0.0
    """So long nothing is offered to a position after a call; 0: it is ready at once."""
    not_ready_reasons: tuple[str, ...] = ("Break", "Paperwork", "Training", "Away from the desk")
    """What the desk proposes; other words are taken, too."""
    phrases: Annotated[tuple[Phrase, ...], Meta(max_length=40)] = PHRASES
    """What is said to callers in text by one key; the first nine have one."""

    def ring_limit_s(self, call: Call) -> float | None:
        """How long a call may ring before the supervisor is told; None: as long as it does."""
        if call.is_emergency:
            return self.ring_overdue_s
        return self.admin_ring_overdue_s or None if call.admin_line else None
