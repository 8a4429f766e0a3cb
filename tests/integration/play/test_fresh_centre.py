"""The demo centre that is made for one story, and the ports it is given."""

import socket
from pathlib import Path

import pytest

from tenfour.cli.story import free_port, fresh_centre
from tenfour.play.api import CentreSaidNo, Door
from tenfour.play.record import Record
from tenfour.play.seen import SeenFact
from tenfour.vocabulary.errors import Unavailable


def test_a_free_port_is_free_for_both() -> None:
    port = free_port()
    with socket.socket(type=socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
        udp.bind(("127.0.0.1", port))
        tcp.bind(("127.0.0.1", port))


def folders_in(folder: Path) -> int:
    return len(list(folder.iterdir()))


@pytest.fixture
def said() -> list[str]:
    return []


async def test_a_fresh_centre_is_up_while_it_is_needed_and_gone_afterwards(
    said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    async with fresh_centre(said.append) as url:
        assert folders_in(tmp_path) == 1
        door = Door(url)
        card = await door.centre()
        assert (card.mode, card.centre_id) == ("demo", "larkspur.demo")
        assert "12A3" in {unit.unit_id for unit in card.units}
        await door.close()
    assert folders_in(tmp_path) == 0
    gone = Door(url)
    with pytest.raises(Unavailable, match="does not answer"):
        await gone.centre()
    await gone.close()
    assert said[0] == "Making a fresh demo centre ..."


async def test_doors_and_record_of_a_running_centre(said: list[str]) -> None:
    async with fresh_centre(said.append) as url:
        watcher, novak = Door(url), Door(url)
        await watcher.log_in(role="supervisor", person="whitfield")
        await novak.log_in(role="dispatcher", person="novak", position="05")
        seen: list[SeenFact] = []
        record = Record(watcher, seen.extend)
        try:
            await record.start()
            await a_live_fact_wakes_whoever_waits_for_it(record, novak)
            await nothing_from_before_the_story_is_read(record, seen)
            await a_wait_that_is_in_vain_ends(record)
            await a_refusal_brings_the_centre_s_sentence(novak)
        finally:
            await record.stop()
            await watcher.close()
            await novak.close()


async def a_live_fact_wakes_whoever_waits_for_it(record: Record, novak: Door) -> None:
    view = await novak.post("/api/incidents", {"kind": "INFO", "place": "9417 Kendall Place"})
    stream = f"incident/{view['incident_id']}"
    assert await record.wait_until(lambda: any(fact.stream == stream for fact in record.facts), 5)
    opened = next(fact for fact in record.facts if fact.type == "IncidentOpened")
    assert (opened.actor.id, opened.actor.position) == ("novak", "05")


async def nothing_from_before_the_story_is_read(record: Record, seen: list[SeenFact]) -> None:
    assert {fact.type for fact in record.facts} == {"IncidentOpened", "KindSet", "PlaceSet"}
    assert seen == record.facts
    assert [fact.seq for fact in seen] == sorted(fact.seq for fact in seen)
    assert record.line_connected


async def a_wait_that_is_in_vain_ends(record: Record) -> None:
    assert not await record.wait_until(lambda: False, 0.2)


async def a_refusal_brings_the_centre_s_sentence(novak: Door) -> None:
    with pytest.raises(CentreSaidNo, match="There is no call 'nothing'") as raised:
        await novak.post("/api/calls/nothing/answer")
    assert raised.value.status == 404
    with pytest.raises(CentreSaidNo) as bad:
        await novak.post("/api/incidents", {"kindd": "INFO"})
    assert bad.value.status == 400
