"""Who may do and read what: two tables, read by the guards, the feed, the tests and the documentation."""

from enum import Enum

from tenfour.vocabulary.envelope import Access


class Role(Enum):
    """As what a person is here."""

    CALL_TAKER = "call_taker"
    DISPATCHER = "dispatcher"
    SUPERVISOR = "supervisor"
    UNIT = "unit"


class Permission(Enum):
    """One thing that a person may be allowed to do. The value is the name told to screens."""

    ANSWER_CALL = "answer_call"
    SUPERVISE_CALL = "supervise_call"
    WORK_CALL = "work_call"
    PLACE_CALL = "place_call"
    HEAR_RECORDING = "hear_recording"
    READ_SIGNALLING = "read_signalling"
    OPEN_INCIDENT = "open_incident"
    WORK_INCIDENT = "work_incident"
    SEND_UNIT = "send_unit"
    CLOSE_INCIDENT = "close_incident"
    REOPEN_INCIDENT = "reopen_incident"
    SET_ANY_UNIT = "set_any_unit"
    SET_OWN_UNIT = "set_own_unit"
    REPORT_FROM_SCENE = "report_from_scene"
    SET_POSITION = "set_position"
    SET_CLOCK = "set_clock"
    READ_BOARD = "read_board"
    READ_RECORD = "read_record"
    KEEP_EVIDENCE = "keep_evidence"
    WRITE_PRESS = "write_press"


_DESK = frozenset(
    {
        Permission.ANSWER_CALL,
        Permission.WORK_CALL,
        Permission.PLACE_CALL,
        Permission.HEAR_RECORDING,
        Permission.READ_SIGNALLING,
        Permission.OPEN_INCIDENT,
        Permission.WORK_INCIDENT,
        Permission.REPORT_FROM_SCENE,
        Permission.SET_POSITION,
        Permission.SET_CLOCK,
        Permission.READ_BOARD,
        Permission.READ_RECORD,
    }
)
_DISPATCH = (
    _DESK
    | {Permission.SEND_UNIT, Permission.CLOSE_INCIDENT, Permission.SET_ANY_UNIT}
    | {
        Permission.KEEP_EVIDENCE,
        Permission.WRITE_PRESS,
    }
)

PERMITTED: dict[Role, frozenset[Permission]] = {
    Role.CALL_TAKER: _DESK,
    Role.DISPATCHER: _DISPATCH,
    Role.SUPERVISOR: _DISPATCH | {Permission.REOPEN_INCIDENT, Permission.SUPERVISE_CALL},
    Role.UNIT: frozenset(
        {
            Permission.SET_OWN_UNIT,
            Permission.REPORT_FROM_SCENE,
            Permission.CLOSE_INCIDENT,
            Permission.READ_RECORD,
            Permission.KEEP_EVIDENCE,
        }
    ),
}
"""Role to what it may do. A unit does these things only to itself and to the incident it is on."""

READS: dict[Role, frozenset[Access]] = {
    Role.CALL_TAKER: frozenset({Access.PUBLIC, Access.CALL, Access.MEDICAL, Access.CHILD}),
    Role.DISPATCHER: frozenset({Access.PUBLIC, Access.CALL, Access.POLICE, Access.MEDICAL, Access.CHILD}),
    Role.SUPERVISOR: frozenset(Access),
    Role.UNIT: frozenset({Access.PUBLIC, Access.CALL, Access.POLICE, Access.MEDICAL, Access.CHILD}),
}
"""Role to the access classes it may read."""
