"""The first facts of a centre, and those that follow a change of its folder: the roster, the positions."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from tenfour.calltaking.event import PositionSet
from tenfour.desk.ledger import Command, Ledger
from tenfour.journal.event import CentreFounded
from tenfour.units.event import UnitListed
from tenfour.vocabulary.envelope import Actor, ActorKind
from tenfour.vocabulary.errors import Refused
from tenfour.vocabulary.ids import AgencyId, CommandId, PositionId, centre_stream, position_stream, unit_stream
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World

FOLDER = Actor(ActorKind.RULE, "centre_folder")


async def found(ledger: Ledger, centre: CentreFounded, command: CommandId) -> None:
    """The first event of an empty journal. Raises `Refused` when the journal is another centre's or mode's."""
    founded = ledger.shown.founded
    if founded is None and ledger.shown.seq == 0:
        stream = centre_stream(centre.centre_id)
        agency = AgencyId(centre.centre_id)
        await ledger.record(
            lambda _, __: [Draft(centre, stream, agency=agency)], Command(FOLDER, command), expect={stream: 0}
        )
        return
    if founded is None or (founded.centre_id, founded.mode) != (centre.centre_id, centre.mode):
        was = f"{founded.centre_id} in mode {founded.mode}" if founded else "no centre"
        raise Refused(
            f"The journal was founded by {was}, centre.toml says {centre.centre_id} in mode {centre.mode}: "
            "a centre's id and mode are fixed when it is made."
        )


async def list_roster(
    ledger: Ledger,
    roster: Sequence[tuple[UnitListed, AgencyId]],
    positions: Mapping[PositionId, bool],
    command: CommandId,
) -> None:
    """List units that are new or have changed, and open positions that are new. Nothing when nothing changed."""

    def decide(world: World, _: datetime) -> list[Draft]:
        units = [
            Draft(listed, unit_stream(listed.unit_id), agency=agency)
            for listed, agency in roster
            if _differs(world, listed, agency)
        ]
        opened = [
            Draft(PositionSet(position, auto_answer), position_stream(position))
            for position, auto_answer in positions.items()
            if position not in world.positions
        ]
        return units + opened

    await ledger.record(decide, Command(FOLDER, command))


def _differs(world: World, listed: UnitListed, agency: AgencyId) -> bool:
    unit = world.units.get(listed.unit_id)
    if unit is None:
        return True
    known = UnitListed(unit.unit_id, unit.service, unit.beat, unit.crew, unit.capabilities, unit.post, unit.post_name)
    return known != listed or unit.agency != agency
