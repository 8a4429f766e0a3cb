"""Who is asking: the authenticated person, as what, from where."""

import msgspec

from tenfour.desk.permission import PERMITTED, READS, Permission, Role
from tenfour.vocabulary.envelope import Access, Actor, ActorKind
from tenfour.vocabulary.errors import NotPermitted, Refused
from tenfour.vocabulary.ids import PersonId, PositionId, UnitId


class Principal(msgspec.Struct, frozen=True):
    """A person with a role, at a position or in a unit. `session` names the login."""

    person: PersonId
    name: str
    role: Role
    position: PositionId | None
    unit: UnitId | None
    session: str

    @property
    def actor(self) -> Actor:
        """This person as the envelope names an actor; a crew member's place is the unit."""
        return Actor(ActorKind.PERSON, self.person, self.role.value, self.position or self.unit or "")

    @property
    def reads(self) -> frozenset[Access]:
        """The access classes this person may read."""
        return READS[self.role]

    @property
    def permissions(self) -> tuple[str, ...]:
        """What this person may do, by name, in the order of the table."""
        return tuple(one.value for one in Permission if one in PERMITTED[self.role])

    def may(self, wanted: Permission) -> bool:
        """Is this permitted to the role?"""
        return wanted in PERMITTED[self.role]

    def require(self, wanted: Permission) -> None:
        """Raises `NotPermitted` unless the role may do this."""
        if not self.may(wanted):
            raise NotPermitted(
                f"{self.name}, as {self.role.value.replace('_', ' ')}, may not {wanted.value.replace('_', ' ')}."
            )

    def at_position(self) -> PositionId:
        """The position this person sits at; raises `Refused` when there is none."""
        if self.position is None:
            raise Refused(f"{self.name} sits at no position; log in at one to do this.")
        return self.position

    def require_position(self, position: str) -> None:
        """Who sits at a position sets it, or a supervisor; raises `NotPermitted`."""
        self.require(Permission.SET_POSITION)
        if self.role is not Role.SUPERVISOR and self.position != position:
            where = f"sits at position {self.position}" if self.position else "sits at no position"
            raise NotPermitted(f"{self.name} {where}; position {position} is set by who sits there, or a supervisor.")

    def require_unit(self, unit_id: UnitId) -> None:
        """A desk may act for any unit, a crew for its own; raises `NotPermitted`."""
        if self.may(Permission.SET_ANY_UNIT):
            return
        self.require(Permission.SET_OWN_UNIT)
        self.require_unit_itself(unit_id)

    def require_unit_itself(self, unit_id: str) -> None:
        """A crew speaks for its own unit only; raises `NotPermitted`."""
        if self.unit != unit_id:
            raise NotPermitted(f"{self.name} is the crew of {self.unit or 'no unit'}, not of {unit_id}.")
