"""What a unit did last, in words."""

from typing import Final

from tenfour.desk.desk import Desk
from tenfour.desk.principal import Principal
from tenfour.desk.view import NarrativeView
from tenfour.vocabulary.ids import UnitId, unit_stream

LONGEST_HISTORY: Final = 200
"""So many facts can be asked for at once; older ones are read with /api/facts."""


async def history_of(desk: Desk, principal: Principal, unit_id: UnitId, limit: int) -> tuple[NarrativeView, ...]:
    """The unit's newest facts in words, oldest first: what this person may read."""
    records = await desk.ledger.read_stream(unit_stream(unit_id), newest=limit)
    return desk.chronicle.lines_of(records, desk.ledger.shown, principal.reads)
