"""All verbs of stories, by who may do them."""

from typing import Any

from tenfour.play.step import (
    AddsExhibit,
    Answers,
    AsksHelp,
    AutoAnswers,
    CallsBack,
    Cancels,
    ChangesStatus,
    ChecksArea,
    ChecksOff,
    ChoosesDoor,
    ChoosesPlace,
    ClockJumps,
    ClockRuns,
    Closes,
    Dials,
    Dispatches,
    DraftsPress,
    Drives,
    Drops,
    EditsPress,
    Emergency,
    EmergencyOver,
    FallsSilent,
    FollowsAdvice,
    Hangs,
    Hears,
    IsSafe,
    Joins,
    MakesVisit,
    Notes,
    NotesHeard,
    Opens,
    PromisesVisit,
    Proposes,
    Reads,
    ReadsBack,
    Rebids,
    Recommends,
    Redials,
    Reopens,
    Sees,
    SetsKind,
    SetsPriority,
    SoundsAgain,
    Speaks,
    Stands,
    Step,
    Types,
    VerifiesExhibit,
    VerifiesPlace,
    Writes,
    WrongHouse,
    does,
)
from tenfour.play.step_voice import (
    CallsIn,
    HandsOver,
    HangsUp,
    HearsVoices,
    Holds,
    IsTold,
    Leaves,
    LetsGo,
    LosesHeadset,
    Mutes,
    PassesOn,
    PicksUp,
    PutsOn,
    Supervises,
    TakesOff,
    TakesUp,
    TurnsAway,
)

CallerVerb = Dials | Redials | Speaks | FallsSilent | SoundsAgain | Hears | Types | Reads | Drops | Cancels
AfterVerb = AddsExhibit | VerifiesExhibit | DraftsPress | EditsPress | PromisesVisit | MakesVisit
PersonVerb = (
    Answers
    | Hangs
    | AutoAnswers
    | NotesHeard
    | Writes
    | Rebids
    | CallsBack
    | Opens
    | Joins
    | ChoosesDoor
    | ChoosesPlace
    | SetsKind
    | SetsPriority
    | FollowsAdvice
    | Recommends
    | ReadsBack
    | Dispatches
    | Notes
    | ChecksArea
    | Reopens
    | Sees
    | AfterVerb
)
UnitVerb = (
    ChangesStatus
    | Stands
    | Drives
    | ChecksOff
    | WrongHouse
    | VerifiesPlace
    | AsksHelp
    | Emergency
    | EmergencyOver
    | IsSafe
    | Proposes
    | Closes
)
VoiceVerb = (
    PutsOn
    | TakesOff
    | LosesHeadset
    | Mutes
    | Holds
    | TakesUp
    | Leaves
    | Supervises
    | PassesOn
    | CallsIn
    | LetsGo
    | HandsOver
    | HearsVoices
)
PartyVerb = PicksUp | TurnsAway | HangsUp | IsTold
ClockVerb = ClockJumps | ClockRuns
Verb = CallerVerb | PersonVerb | VoiceVerb | PartyVerb | UnitVerb | ClockVerb


def verbs_of(union: Any) -> dict[str, type[Step]]:
    """The verbs of a union by how stories write them."""
    return {does(kind): kind for kind in union.__args__}


CALLER_VERBS = verbs_of(CallerVerb)
PERSON_VERBS = verbs_of(PersonVerb)
VOICE_VERBS = verbs_of(VoiceVerb)
PARTY_VERBS = verbs_of(PartyVerb)
UNIT_VERBS = verbs_of(UnitVerb)
CLOCK_VERBS = verbs_of(ClockVerb)
VERBS = CALLER_VERBS | PERSON_VERBS | VOICE_VERBS | PARTY_VERBS | UNIT_VERBS | CLOCK_VERBS
ANYBODY = UNIT_VERBS.keys() - {"is at", "drives", "emergency"} | {
    "notes",
    "sees",
    "adds exhibit",
    "promises visit",
    "makes visit",
}
"""What people of the centre and units may both try; the centre's roles decide."""
