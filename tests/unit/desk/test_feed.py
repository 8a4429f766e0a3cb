"""Frames for clients: bounded queues, one frame for a class of viewers."""

from tenfour.desk.board import Viewer, viewer_of
from tenfour.desk.feed import QUEUED_FRAMES, Client
from tenfour.desk.permission import READS, Role
from tenfour.desk.principal import Principal
from tenfour.vocabulary.ids import PersonId, PositionId, UnitId


def at_desk(role: Role) -> Principal:
    return Principal(PersonId("p"), "P", role, PositionId("04"), None, "s")


def test_client_that_falls_behind_is_told_to_come_again_and_gets_nothing_more() -> None:
    client = Client(Viewer(READS[Role.DISPATCHER]))
    assert all(client.offer(b"frame") for _ in range(QUEUED_FRAMES))
    assert client.offer(b"one too many") is False
    assert client.frames.get_nowait() is None
    assert client.frames.empty()


def test_frames_come_in_their_order() -> None:
    client = Client(Viewer(READS[Role.DISPATCHER]))
    for frame in (b"1", b"2", b"3"):
        client.offer(frame)
    assert [client.frames.get_nowait() for _ in range(3)] == [b"1", b"2", b"3"]


def test_people_who_read_the_same_are_one_class_and_each_crew_is_its_own() -> None:
    assert viewer_of(at_desk(Role.DISPATCHER)) == viewer_of(at_desk(Role.DISPATCHER))
    assert viewer_of(at_desk(Role.DISPATCHER)) != viewer_of(at_desk(Role.CALL_TAKER))
    crews = {viewer_of(Principal(PersonId("b"), "B", Role.UNIT, None, UnitId(unit), "s")) for unit in ("12A3", "14B2")}
    assert len(crews) == 2
