"""Frames for clients: bounded queues, one frame for a class of viewers."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import msgspec

from tenfour.desk.board import Shown, Viewer, viewer_of
from tenfour.desk.desk import Desk
from tenfour.desk.feed import QUEUED_FRAMES, Client, Feed
from tenfour.desk.permission import READS, Role
from tenfour.desk.principal import Principal
from tenfour.vocabulary.ids import CallId, PersonId, PositionId, UnitId
from tenfour.workflow.world import World


def at_desk(role: Role) -> Principal:
    return Principal(PersonId("p"), "P", role, PositionId("04"), None, "s")


def test_client_that_falls_behind_is_told_to_come_again_and_gets_nothing_more() -> None:
    client = Client(Viewer(READS[Role.DISPATCHER]))
    assert all(client.offer("frame") for _ in range(QUEUED_FRAMES))
    assert client.offer("one too many") is False
    assert client.frames.get_nowait() is None
    assert client.frames.empty()


def test_frames_come_in_their_order() -> None:
    client = Client(Viewer(READS[Role.DISPATCHER]))
    for frame in ("1", "2", "3"):
        client.offer(frame)
    assert [client.frames.get_nowait() for _ in range(3)] == ["1", "2", "3"]


def test_people_who_read_the_same_are_one_class_and_each_crew_is_its_own() -> None:
    assert viewer_of(at_desk(Role.DISPATCHER)) == viewer_of(at_desk(Role.DISPATCHER))
    assert viewer_of(at_desk(Role.DISPATCHER)) != viewer_of(at_desk(Role.CALL_TAKER))
    crews = {viewer_of(Principal(PersonId("b"), "B", Role.UNIT, None, UnitId(unit), "s")) for unit in ("12A3", "14B2")}
    assert len(crews) == 2


class DeskOfCalls:
    """As much of a desk as a feed of calls asks for; a row is the call's name."""

    speed, failing_since = 1.0, None

    def __init__(self) -> None:
        self.ledger = self.clock = self
        self.shown = World()
        self.shown.seq = 40

    def now(self) -> datetime:
        return datetime(2026, 11, 26, tzinfo=UTC)

    def call(self, _: object, call_id: CallId) -> str:
        return call_id

    def positions(self) -> tuple[()]:
        return ()

    def line_row(self) -> None:
        return None


def calls_told(client: Client) -> list[str]:
    frame = client.frames.get_nowait()
    assert frame is not None
    return cast("list[str]", msgspec.json.decode(frame, type=dict[str, Any])["calls"])


def test_captions_that_change_while_the_record_stands_still_are_not_missed_by_a_window_that_joins() -> None:
    feed, everything = Feed(cast("Desk", DeskOfCalls()), timedelta(hours=1)), Viewer(READS[Role.SUPERVISOR])
    feed.begin()
    feed.mark(Shown(frozenset([CallId("captioned")])))
    assert calls_told(feed.join(everything, after=40)) == ["captioned"]


def test_window_that_joins_is_told_nothing_of_calls_that_did_not_change_since() -> None:
    desk = DeskOfCalls()
    feed = Feed(cast("Desk", desk), timedelta(hours=1))
    feed.begin()
    feed.mark(Shown(frozenset([CallId("before")])))
    desk.shown.seq = 41
    feed.mark(Shown(frozenset([CallId("after")])))
    assert calls_told(feed.join(Viewer(READS[Role.SUPERVISOR]), after=41)) == ["after"]
