"""What is done with voices: headsets, who is in a call, and who hears whom."""

from typing import Any

import msgspec

from tenfour.play.step import Step


class PutsOn(Step, frozen=True, kw_only=True, tag="puts on headset"):
    """Connects a headset at the person's position, as a browser does; over when each end hears the other."""


class TakesOff(Step, frozen=True, kw_only=True, tag="takes off headset"):
    """Puts the headset away; the centre is told."""


class LosesHeadset(Step, frozen=True, kw_only=True, tag="loses headset"):
    """The browser is gone in the middle of a word: no goodbye, and nobody is at its port any more."""


class Mutes(Step, frozen=True, kw_only=True, tag="mutes"):
    """Is heard by nobody in the call, or (`muted = false`) again by everybody who may."""

    muted: bool = True


class Holds(Step, frozen=True, kw_only=True, tag="holds"):
    """Lets the caller wait."""


class TakesUp(Step, frozen=True, kw_only=True, tag="takes up"):
    """Speaks with the caller again: of a held call, or of one that rang back."""


class Leaves(Step, frozen=True, kw_only=True, tag="leaves"):
    """Leaves a call in which others speak."""


class Supervises(Step, frozen=True, kw_only=True, tag="supervises"):
    """Is in the call of another in this `role`: `listening`, `coaching` or `barged_in`."""

    role: str = "listening"


class PassesOn(Step, frozen=True, kw_only=True, tag="passes on"):
    """Passes the call on to the party `to` of the story, another centre."""

    to: str


class CallsIn(Step, frozen=True, kw_only=True, tag="calls in"):
    """Calls a party into the call: by its name in the story (`to`), or by the one `key` that the centre gave it.

    `hold`: the caller waits meanwhile.
    """

    to: str = ""
    key: str = ""
    hold: bool = False


class LetsGo(Step, frozen=True, kw_only=True, tag="lets go"):
    """Lets the `party` that was called in go, or calls it no longer."""

    party: str


class HandsOver(Step, frozen=True, kw_only=True, tag="hands over"):
    """Leaves the caller to the party `to`, which is in the call; both stay connected through the centre."""

    to: str


# ---- somebody outside ----


class PicksUp(Step, frozen=True, kw_only=True, tag="picks up"):
    """Takes the call that rings there; waits for one at most `timeout_s`."""

    timeout_s: float = 10.0


class TurnsAway(Step, frozen=True, kw_only=True, tag="turns away"):
    """Does not take the call that rings there: `status` is what SIP says (486: busy)."""

    status: int = 486
    timeout_s: float = 10.0


class HangsUp(Step, frozen=True, kw_only=True, tag="hangs up"):
    """Ends the call."""


class IsTold(Step, frozen=True, kw_only=True, tag="is told"):
    """What came along with the call is as `where` says. An expectation: it needs a `name`."""

    where: dict[str, Any] = msgspec.field(default_factory=dict)


class HearsVoices(Step, frozen=True, kw_only=True, tag="hears voices"):
    """Hears these `voices` and no others, for `seconds` on end, within `timeout_s`. An expectation.

    None: not a sound. `centre` is every sound that is no voice of the story, such as an announcement.
    """

    voices: tuple[str, ...]
    seconds: float = 0.6
    timeout_s: float = 10.0
