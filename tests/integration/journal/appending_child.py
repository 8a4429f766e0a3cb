"""Appends facts until it is killed, and prints the id of each once it is acknowledged.

Arguments: the journal, and how many writers. Facts are the same in every run, so that each run first retries all that
the runs before it did: those already recorded must be answered, not recorded again.
"""

import asyncio
import os
import sys
from pathlib import Path

from tenfour.adapters.sqlite_journal import SqliteJournal
from tenfour.journal.codec import Codec
from tenfour.journal.port import Appended, Batch
from tenfour.testing.sample_fact import BEGAN, SampleFacts
from tenfour.vocabulary.ids import NodeId
from tenfour.workflow.catalogue import CATALOGUE


async def write(journal: SqliteJournal, writer: int) -> None:
    facts = SampleFacts(run=writer)
    while True:
        batch = Batch((facts.note(f"incident/{writer}"), facts.note("incident/shared")))
        answer = await journal.append(batch, recorded_at=BEGAN)
        assert isinstance(answer, Appended)
        acknowledged = "".join(f"{record.header.id} {record.seq}\n" for record in answer.records)
        os.write(1, acknowledged.encode())


async def main(path: Path, writers: int) -> None:
    journal = await SqliteJournal.open(path, node=NodeId("child"), codec=Codec(CATALOGUE))
    await asyncio.gather(*(write(journal, writer) for writer in range(writers)))


asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
