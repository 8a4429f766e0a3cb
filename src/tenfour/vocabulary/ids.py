"""Names of things. Each is text, so that it reads the same in a URL, a file and a log."""

from typing import NewType

CentreId = NewType("CentreId", str)
AgencyId = NewType("AgencyId", str)
NodeId = NewType("NodeId", str)
"""The process that wrote a fact: `line-1`, `center-1`."""

EventId = NewType("EventId", str)
"""UUIDv7 (RFC 9562), hyphenated lower case. A retry with the same id is the same fact."""

CommandId = NewType("CommandId", str)
"""The idempotency key of the command that led to a fact."""

CallId = NewType("CallId", str)
"""The local part of the i3 Call Identifier (NENA-STA-010.3): 10 to 32 letters or digits."""

IncidentId = NewType("IncidentId", str)
"""The local part of the i3 Incident Tracking Identifier: 10 to 32 letters or digits."""

UnitId = NewType("UnitId", str)
"""The call sign, as said on the radio: `12A3`."""

PositionId = NewType("PositionId", str)
"""A desk in the centre: `04`."""

PersonId = NewType("PersonId", str)

ExhibitId = NewType("ExhibitId", str)
"""The incident's id and the exhibit's number in it: `4f0k…-3`."""

VisitId = NewType("VisitId", str)
"""The incident's id and the number of the promised visit: `4f0k…-v1`."""

StreamName = NewType("StreamName", str)
"""`call/…`, `incident/…`, `unit/…`, `position/…`, `exhibit/…`, `release/…`, `visit/…`, `centre/…`, `line/…`."""


def call_stream(call_id: CallId) -> StreamName:
    """The stream of one call."""
    return StreamName(f"call/{call_id}")


def incident_stream(incident_id: IncidentId) -> StreamName:
    """The stream of one incident."""
    return StreamName(f"incident/{incident_id}")


def unit_stream(unit_id: UnitId) -> StreamName:
    """The stream of one unit."""
    return StreamName(f"unit/{unit_id}")


def position_stream(position_id: PositionId) -> StreamName:
    """The stream of one position."""
    return StreamName(f"position/{position_id}")


def exhibit_stream(exhibit_id: ExhibitId) -> StreamName:
    """The stream of one exhibit."""
    return StreamName(f"exhibit/{exhibit_id}")


def release_stream(incident_id: IncidentId) -> StreamName:
    """The stream of what is to be told to the public of one incident."""
    return StreamName(f"release/{incident_id}")


def visit_stream(visit_id: VisitId) -> StreamName:
    """The stream of one promised visit."""
    return StreamName(f"visit/{visit_id}")


def line_stream(node: NodeId) -> StreamName:
    """The stream of one line process: what happened on the wire beside the calls."""
    return StreamName(f"line/{node}")


def centre_stream(centre_id: CentreId) -> StreamName:
    """The stream of the centre itself."""
    return StreamName(f"centre/{centre_id}")
