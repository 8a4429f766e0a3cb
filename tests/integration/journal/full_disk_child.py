"""Appends while the disk takes no more (a limit on file size), then again when it does; says how it went as JSON."""

import asyncio
import json
import resource
import sys
from pathlib import Path

from tenfour.adapters.sqlite_journal import SqliteJournal
from tenfour.journal.codec import Codec
from tenfour.journal.port import Appended, Batch
from tenfour.journal.verify import Verifier
from tenfour.testing.sample_fact import BEGAN, SampleFacts
from tenfour.vocabulary.errors import Unavailable
from tenfour.vocabulary.ids import NodeId
from tenfour.workflow.catalogue import CATALOGUE


def size_of_wal(path: Path) -> int:
    return Path(f"{path}-wal").stat().st_size


async def main(path: Path) -> dict[str, object]:
    journal = await SqliteJournal.open(path, node=NodeId("child"), codec=Codec(CATALOGUE))
    facts = SampleFacts()

    async def append(batch: Batch) -> object:
        try:
            return await journal.append(batch, recorded_at=BEGAN)
        except Unavailable as error:
            return str(error)

    before = await append(Batch((facts.note(),)))
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_of_wal(path) + 10_000, unlimited[1]))
    batches = [Batch(tuple(facts.call() for _ in range(3))) for _ in range(30)]
    during = await asyncio.gather(*(append(batch) for batch in batches))
    head_then = await journal.head()
    resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    after = await asyncio.gather(*(append(batch) for batch in batches))
    verifier = Verifier(known=await journal.head())
    altered = [verifier.check(*entry) for entry in await journal.headers(0, 10_000)]
    ids = [record.header.id for record in await journal.read(0, 10_000)]
    await journal.close()
    return {
        "before": isinstance(before, Appended),
        "during": sorted({str(answer) for answer in during if isinstance(answer, str)}),
        "refused": sum(isinstance(answer, str) for answer in during),
        "head_then": head_then.seq,
        "after": sum(isinstance(answer, Appended) for answer in after),
        "altered": [one for one in altered if one is not None],
        "events": len(ids),
        "different": len(set(ids)),
    }


print(json.dumps(asyncio.run(main(Path(sys.argv[1])))))
