"""The two tables of who may do and read what."""

import pytest

from tenfour.desk.permission import PERMITTED, READS, Permission, Role
from tenfour.desk.principal import Principal
from tenfour.vocabulary.envelope import Access
from tenfour.vocabulary.errors import NotPermitted, Refused
from tenfour.vocabulary.ids import PersonId, PositionId, UnitId

P, R = Permission, Role
MAY: dict[Permission, set[Role]] = {
    P.ANSWER_CALL: {R.CALL_TAKER, R.DISPATCHER, R.SUPERVISOR},
    P.WORK_CALL: {R.CALL_TAKER, R.DISPATCHER, R.SUPERVISOR},
    P.PLACE_CALL: {R.CALL_TAKER, R.DISPATCHER, R.SUPERVISOR},
    P.SUPERVISE_CALL: {R.SUPERVISOR},
    P.HEAR_RECORDING: {R.CALL_TAKER, R.DISPATCHER, R.SUPERVISOR},
    P.READ_SIGNALLING: {R.CALL_TAKER, R.DISPATCHER, R.SUPERVISOR},
    P.OPEN_INCIDENT: {R.CALL_TAKER, R.DISPATCHER, R.SUPERVISOR},
    P.WORK_INCIDENT: {R.CALL_TAKER, R.DISPATCHER, R.SUPERVISOR},
    P.SEND_UNIT: {R.DISPATCHER, R.SUPERVISOR},
    P.CLOSE_INCIDENT: {R.DISPATCHER, R.SUPERVISOR, R.UNIT},
    P.REOPEN_INCIDENT: {R.SUPERVISOR},
    P.SET_ANY_UNIT: {R.DISPATCHER, R.SUPERVISOR},
    P.SET_OWN_UNIT: {R.UNIT},
    P.REPORT_FROM_SCENE: {R.CALL_TAKER, R.DISPATCHER, R.SUPERVISOR, R.UNIT},
    P.SET_POSITION: {R.CALL_TAKER, R.DISPATCHER, R.SUPERVISOR},
    P.SET_CLOCK: {R.CALL_TAKER, R.DISPATCHER, R.SUPERVISOR},
    P.READ_BOARD: {R.CALL_TAKER, R.DISPATCHER, R.SUPERVISOR},
    P.READ_RECORD: {R.CALL_TAKER, R.DISPATCHER, R.SUPERVISOR, R.UNIT},
    P.KEEP_EVIDENCE: {R.DISPATCHER, R.SUPERVISOR, R.UNIT},
    P.WRITE_PRESS: {R.DISPATCHER, R.SUPERVISOR},
}


def somebody(role: Role, position: str | None = "04", unit: str | None = None) -> Principal:
    return Principal(
        PersonId("p"),
        "P. Person",
        role,
        PositionId(position) if position else None,
        UnitId(unit) if unit else None,
        "s",
    )


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("permission", list(Permission))
def test_table_says_who_may(role: Role, permission: Permission) -> None:
    assert (permission in PERMITTED[role]) == (role in MAY[permission])


def test_only_a_supervisor_and_who_sends_police_reads_police_facts() -> None:
    assert {role for role in Role if Access.POLICE in READS[role]} == {R.DISPATCHER, R.SUPERVISOR, R.UNIT}
    assert all(Access.PUBLIC in reads for reads in READS.values())


def test_refusal_names_the_person_the_role_and_the_deed() -> None:
    with pytest.raises(NotPermitted, match=r"P\. Person, as call taker, may not send unit\."):
        somebody(Role.CALL_TAKER).require(Permission.SEND_UNIT)


def test_who_sits_nowhere_cannot_answer() -> None:
    with pytest.raises(Refused, match="sits at no position"):
        somebody(Role.DISPATCHER, position=None).at_position()


def test_crew_acts_for_its_own_unit_only_and_a_dispatcher_for_any() -> None:
    crew = somebody(Role.UNIT, None, "12A3")
    crew.require_unit(UnitId("12A3"))
    with pytest.raises(NotPermitted, match="crew of 12A3, not of 14B2"):
        crew.require_unit(UnitId("14B2"))
    somebody(Role.DISPATCHER).require_unit(UnitId("14B2"))
    with pytest.raises(NotPermitted):
        somebody(Role.CALL_TAKER).require_unit(UnitId("14B2"))


def test_actor_carries_role_and_place() -> None:
    assert somebody(Role.DISPATCHER).actor.position == "04"
    assert somebody(Role.UNIT, None, "12A3").actor.position == "12A3"
