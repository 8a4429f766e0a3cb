"""Takes files in, piece by piece (tus 1.0), and makes an exhibit of each that is whole.

What is answered is on the disk. The fact is recorded only when the whole file stands in its place, fsynced and hashed;
its idempotency key is the upload's name, so that a kill in between gives one exhibit, not none and not two.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import structlog

from tenfour.desk.ledger import Command, Ledger
from tenfour.desk.port import EvidenceFiles
from tenfour.desk.principal import Principal
from tenfour.evidence.decision import About, about, add
from tenfour.evidence.exhibit import access_of
from tenfour.evidence.upload import Upload
from tenfour.vocabulary.errors import BadInput, Conflict, NotFound, Refused, TenfourError
from tenfour.vocabulary.ids import CommandId, IncidentId, exhibit_stream
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World

PIECE = 4 * 1024 * 1024
"""So much is gathered before it goes to the disk."""

log = structlog.get_logger(__name__)


class Uploads:
    """The uploads of one centre. `largest`: bytes of one file; `at_once`: how many may wait, `waits`: how long."""

    def __init__(
        self,
        files: EvidenceFiles,
        ledger: Ledger,
        *,
        largest: int,
        at_once: int,
        waits: timedelta,
        new_id: Callable[[], str],
        real_now: Callable[[], datetime],
    ) -> None:
        self.files, self._ledger = files, ledger
        self._largest, self._at_once, self.waits = largest, at_once, waits
        self._new_id, self._now = new_id, real_now
        self._writing: set[str] = set()
        self._beginning = asyncio.Lock()

    async def begin(self, incident_id: str, length: int, known: About, principal: Principal) -> Upload:
        """Agree to take a file; raises `BadInput`, `Refused` when it is too large or too many are on their way."""
        known = about(known)
        if length < 1:
            raise BadInput(f"{known.file_name} is empty.")
        if length > self._largest:
            raise Refused(
                f"{known.file_name} has {length / 1e6:,.1f} MB; this centre takes at most {self._largest / 1e6:,.1f}."
            )
        upload = Upload(self._new_id(), IncidentId(incident_id), length, known, principal.actor, self._now())
        async with self._beginning:
            await asyncio.to_thread(self.files.sweep, self._now())
            waiting = await asyncio.to_thread(lambda: len(list(self.files.waiting())))
            if waiting >= self._at_once:
                raise Refused(f"{waiting} uploads are unfinished already; finish one first.")
            await asyncio.to_thread(self.files.begin, upload)
        return upload

    async def find(self, upload_id: str, principal: Principal) -> Upload:
        """An upload of this person's own; raises `NotFound`."""
        upload = await asyncio.to_thread(self.files.find, upload_id)
        if upload.actor.id != principal.person:
            raise NotFound("upload", upload_id)
        return upload

    async def offset(self, upload: Upload) -> tuple[int, Upload]:
        """How much of it is here. One that is whole is made an exhibit first."""
        if upload.exhibit_id:
            return upload.length, upload
        offset = await asyncio.to_thread(self.files.offset, upload)
        if offset < upload.length:
            return offset, upload
        async with self._alone(upload):
            return offset, await self._finish(upload)

    async def receive(self, upload: Upload, offset: int, body: AsyncIterator[bytes]) -> tuple[int, Upload]:
        """Take bytes in from `offset` on; the new offset, and what has become of the upload.

        Raises `Conflict` when `offset` is not where it stands, or somebody else writes it now; `BadInput` for more than
        was announced; `Unavailable` for a full disk. What came until then is kept.
        """
        async with self._alone(upload):
            here = upload.length if upload.exhibit_id else await asyncio.to_thread(self.files.offset, upload)
            if offset != here:
                raise Conflict(f"This upload stands at {here}, not at {offset}.")
            gathered = bytearray()
            try:
                async for piece in body:
                    if here + len(gathered) + len(piece) > upload.length:
                        raise BadInput(f"More came than the {upload.length} bytes announced.")
                    gathered += piece
                    if len(gathered) >= PIECE:
                        here = await self._write(upload, here, gathered)
            finally:  # also when the connection is torn: what came is not sent again
                if gathered:
                    here = await asyncio.shield(self._write(upload, here, gathered))
            return here, upload if here < upload.length or upload.exhibit_id else await self._finish(upload)

    async def resume(self) -> None:
        """At the start: whatever is whole on the disk, and not yet in the record, is made an exhibit."""
        for upload in await asyncio.to_thread(lambda: list(self.files.waiting())):
            try:
                await self.offset(upload)
            except (TenfourError, OSError, ValueError) as error:
                log.warning("an upload could not be taken up again", upload=upload.upload_id, problem=str(error))
        await asyncio.to_thread(self.files.sweep, self._now())

    # ---- inside ----

    async def _write(self, upload: Upload, here: int, gathered: bytearray) -> int:
        data = bytes(gathered)
        gathered.clear()
        return await asyncio.to_thread(self.files.write, upload, here, data)

    @asynccontextmanager
    async def _alone(self, upload: Upload) -> AsyncIterator[None]:
        if upload.upload_id in self._writing:
            raise Conflict("Another request writes this upload just now.")
        self._writing.add(upload.upload_id)
        try:
            yield
        finally:
            self._writing.discard(upload.upload_id)

    async def _finish(self, upload: Upload) -> Upload:
        file, digest = await asyncio.to_thread(self.files.keep, upload)

        def decide(world: World, _: datetime) -> list[Draft]:
            incident = world.incident(upload.incident_id)
            number = len(world.casework_of(incident.incident_id).exhibits) + 1
            added = add(upload.incident_id, number, upload.about, file=file, size=upload.length, sha256=digest)
            access = access_of(added.kind, child=added.child)
            return [Draft(added, exhibit_stream(added.exhibit_id), access)]

        try:
            done = await self._ledger.record(
                decide, Command(upload.actor, CommandId(f"upload {upload.upload_id}"), given=True)
            )
        except BadInput:
            await asyncio.to_thread(self.files.drop, upload)
            raise
        exhibit_id = done.subject("exhibit") or ""
        await asyncio.to_thread(self.files.mark_done, upload, exhibit_id)
        return await asyncio.to_thread(self.files.find, upload.upload_id)
