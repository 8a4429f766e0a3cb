"""A fact that the outbox called durable is there after SIGKILL, whatever the writer was doing."""

import signal
import subprocess
import sys
from pathlib import Path

from tenfour.adapters.outbox import Outbox

KILLS = 12

WRITER = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from tenfour.adapters.identity import new_event_id
from tenfour.adapters.outbox import Outbox
from tenfour.calltaking.event import CallRinging
from tenfour.vocabulary.envelope import Actor, ActorKind, Fact
from tenfour.vocabulary.ids import AgencyId, StreamName

async def write(lane, outbox):
    while True:
        actor = Actor(ActorKind.DEVICE, "line-1")
        now = datetime.now(UTC)
        fact = Fact(new_event_id(), StreamName(f"call/{lane}"), CallRinging(), now, actor, AgencyId("sheriff"))
        await outbox.put([fact], kept=(f"call{lane}", fact.id.encode()))
        print(lane, fact.id, flush=True)

async def main():
    outbox = Outbox(Path(sys.argv[1]))
    await asyncio.gather(*(write(lane, outbox) for lane in range(8)))

asyncio.run(main())
"""


def write_and_die(path: Path, facts: int) -> list[tuple[str, str]]:
    """What a writer had been told is durable when it was killed after about so many facts."""
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        told = [writer.stdout.readline() for _ in range(facts)]
        writer.send_signal(signal.SIGKILL)
        told += writer.stdout.readlines()
    whole = [line.split() for line in told if line.endswith("\n")]
    return [(lane, fact_id) for lane, fact_id in whole]


async def test_nothing_called_durable_is_lost_or_doubled_over_many_kills(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    promised: list[tuple[str, str]] = []
    for kill in range(KILLS):
        promised += write_and_die(path, 20 + 7 * kill)
    outbox = Outbox(path)
    found = [(w.carried.stream.partition("/")[2], w.carried.id) for w in await outbox.waiting(0, 1_000_000)]
    assert len(found) == len(set(found))
    assert set(promised) <= set(found)
    for lane in {lane for lane, _ in promised}:
        in_order = [fact_id for at, fact_id in found if at == lane]
        assert in_order == sorted(in_order)
        assert outbox.kept_calls[f"call{lane}"].decode() == in_order[-1]
    await outbox.close()
