"""The rules there are, in the order they are asked. Each is a file named as a sentence."""

from typing import Final

from tenfour.calltaking.conference_event import CallCameBack, CallHandedOver
from tenfour.calltaking.distribution_event import (
    CallPutInQueue,
    CallRingsEverywhere,
    OfferPassed,
    PositionLeft,
    PositionNotReady,
    PositionReady,
    WrapUpBegun,
)
from tenfour.calltaking.event import (
    BodyPartKept,
    CallAbandoned,
    CallAnswered,
    CallConnected,
    CallerDisconnected,
    CallFailed,
    CallJoinedIncident,
    CallReceived,
    CallReleased,
    CallRinging,
    HandsetRecognised,
    HeardOnCall,
    LocationConveyed,
    PositionSet,
    RecordingEnded,
)
from tenfour.calltaking.outgoing_event import CalleeRinging, CallNotTaken, CallPlaced
from tenfour.calltaking.recording_event import RecordingCompressed
from tenfour.calltaking.text_event import TextReceived, TextTyped
from tenfour.calltaking.transfer_event import TransferFailed
from tenfour.calltaking.voice_event import CallResumed, HeadsetConnected, HeadsetLost, PartyJoined
from tenfour.dispatch.event import AreaCheckOrdered, HelpAsked, UnitsDispatched
from tenfour.incident.event import IncidentClosed
from tenfour.location.event import FixRecorded
from tenfour.units.event import EmergencyRaised, UnitStatusChanged
from tenfour.workflow import (
    abandoned_call_opens_incident,
    address_tells_fixed_line,
    answered_call_opens_incident,
    area_check_alerts_supervisor,
    asked_help_alerts_supervisor,
    closed_incident_frees_units,
    compressed_recording_is_told_of_its_exhibit,
    conveyed_location_becomes_fixes,
    dispatched_unit_changes_status,
    ended_call_begins_wrap_up,
    ended_call_ends_its_conference,
    ended_call_gets_advice,
    headset_joins_its_calls,
    lost_headset_rings_back,
    overflowing_call_goes_to_other_centre,
    placed_call_joins_incident,
    position_speaks_in_one_call,
    raised_emergency_alerts_supervisor,
    ready_position_answers_by_itself,
    received_call_enters_queue,
    received_call_is_recognised,
    refused_transfer_is_bridged,
    repeat_call_joins_incident,
    sealed_recording_becomes_exhibit,
    service_info_tells_handset,
    third_party_is_in_its_call,
    tower_fix_tells_wireless,
    unit_moves_incident_status,
    waiting_call_is_offered,
    whole_line_is_told,
)
from tenfour.workflow.reaction import Reaction, Reactions

ENDINGS: Final = (CallAbandoned, CallerDisconnected, CallFailed, CallReleased)

OFFERED_ON: Final = (
    *(*ENDINGS, CallNotTaken, CallPlaced, CallHandedOver, CallPutInQueue, CallAnswered, OfferPassed),
    *(PositionSet, PositionReady, PositionNotReady, PositionLeft, WrapUpBegun),
)

REACTIONS: Final = Reactions(
    Reaction("received_call_is_recognised", received_call_is_recognised.react, (CallReceived,)),
    Reaction("received_call_enters_queue", received_call_enters_queue.react, (CallReceived,)),
    Reaction("repeat_call_joins_incident", repeat_call_joins_incident.react, (CallReceived,)),
    Reaction("conveyed_location_becomes_fixes", conveyed_location_becomes_fixes.react, (LocationConveyed,)),
    Reaction("service_info_tells_handset", service_info_tells_handset.react, (BodyPartKept,)),
    Reaction("tower_fix_tells_wireless", tower_fix_tells_wireless.react, (FixRecorded,)),
    Reaction("address_tells_fixed_line", address_tells_fixed_line.react, (FixRecorded,)),
    Reaction("answered_call_opens_incident", answered_call_opens_incident.react, (CallAnswered,)),
    Reaction("abandoned_call_opens_incident", abandoned_call_opens_incident.react, ENDINGS),
    Reaction("ended_call_gets_advice", ended_call_gets_advice.react, (*ENDINGS, HeardOnCall, HandsetRecognised)),
    Reaction(
        "third_party_is_in_its_call",
        third_party_is_in_its_call.react,
        (CalleeRinging, CallConnected, CallNotTaken, *ENDINGS),
    ),
    Reaction(
        "overflowing_call_goes_to_other_centre",
        overflowing_call_goes_to_other_centre.react,
        (CallRingsEverywhere, CallAnswered),
    ),
    Reaction("refused_transfer_is_bridged", refused_transfer_is_bridged.react, (TransferFailed,)),
    Reaction("ended_call_ends_its_conference", ended_call_ends_its_conference.react, ENDINGS),
    Reaction(
        "ready_position_answers_by_itself",
        ready_position_answers_by_itself.react,
        (*ENDINGS, CallNotTaken, CallRinging, CallCameBack, CallHandedOver, PositionSet, PositionReady),
    ),
    Reaction("ended_call_begins_wrap_up", ended_call_begins_wrap_up.react, (*ENDINGS, CallNotTaken, CallHandedOver)),
    Reaction("waiting_call_is_offered", waiting_call_is_offered.react, OFFERED_ON),
    Reaction("placed_call_joins_incident", placed_call_joins_incident.react, (CallPlaced,)),
    Reaction("headset_joins_its_calls", headset_joins_its_calls.react, (CallAnswered, CallConnected, HeadsetConnected)),
    Reaction("position_speaks_in_one_call", position_speaks_in_one_call.react, (PartyJoined, CallResumed)),
    Reaction("lost_headset_rings_back", lost_headset_rings_back.react, (HeadsetLost,)),
    Reaction("dispatched_unit_changes_status", dispatched_unit_changes_status.react, (UnitsDispatched,)),
    Reaction("unit_moves_incident_status", unit_moves_incident_status.react, (UnitStatusChanged,)),
    Reaction("closed_incident_frees_units", closed_incident_frees_units.react, (IncidentClosed,)),
    Reaction("asked_help_alerts_supervisor", asked_help_alerts_supervisor.react, (HelpAsked,)),
    Reaction("raised_emergency_alerts_supervisor", raised_emergency_alerts_supervisor.react, (EmergencyRaised,)),
    Reaction("area_check_alerts_supervisor", area_check_alerts_supervisor.react, (AreaCheckOrdered,)),
    Reaction(
        "sealed_recording_becomes_exhibit",
        sealed_recording_becomes_exhibit.react,
        (RecordingEnded, CallJoinedIncident),
    ),
    Reaction(
        "compressed_recording_is_told_of_its_exhibit",
        compressed_recording_is_told_of_its_exhibit.react,
        (RecordingCompressed,),
    ),
    Reaction("whole_line_is_told", whole_line_is_told.react, (TextReceived, TextTyped, *ENDINGS)),
)
"""Asked in this order; a rule's name is its file's."""
