"""Files of exhibits: `evidence/` of the centre folder, and `evidence/incoming/` for what is still arriving.

An upload is three files there: what is known of it (`.json`), what came (`.part`), and how much of that is on the disk
(`.at`). More than `.at` says may be in `.part` after a kill; it is cut off and sent again. Names are ours alone. Every
method blocks: call it in a thread.
"""

import errno
import os
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from tenfour.adapters.flac_file import digest_as_sealed, digest_of, stored, sync_folder
from tenfour.adapters.recording_file import FLAC
from tenfour.evidence.upload import Upload
from tenfour.vocabulary.errors import NotFound, Unavailable

FOLDER = "evidence"
_NAME = re.compile(r"[a-z0-9]{10,40}")


class EvidenceStore:
    """The files of one centre folder. `keep`: so long an upload that is not finished may wait."""

    def __init__(self, centre: Path, keep: timedelta) -> None:
        self._centre, self._keep = centre, keep
        self._folder = centre / FOLDER
        self._incoming = self._folder / "incoming"

    # ---- arriving ----

    def begin(self, upload: Upload) -> None:
        """Remember an upload; returns when that is on the disk."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._incoming.mkdir(mode=0o700, exist_ok=True)
        with _in_words():
            _write_whole(self._path(upload.upload_id, "part"), b"")
            _write_whole(self._path(upload.upload_id, "at"), b"0")
            _write_whole(self._path(upload.upload_id, "json"), msgspec.json.encode(upload))

    def find(self, upload_id: str) -> Upload:
        """What is known of an upload; raises `NotFound`."""
        try:
            return msgspec.json.decode(self._path(upload_id, "json").read_bytes(), type=Upload)
        except (OSError, msgspec.DecodeError) as error:
            raise NotFound("upload", upload_id[:40], "It was finished or refused, or waited too long.") from error

    def offset(self, upload: Upload) -> int:
        """How many bytes of it are on the disk."""
        if self._kept(upload.upload_id).exists():
            return upload.length
        return int(self._path(upload.upload_id, "at").read_text())

    def write(self, upload: Upload, offset: int, data: bytes) -> int:
        """Put `data` at `offset` (cutting off what is behind); the new offset, once it is on the disk.

        Raises `Unavailable` in words when the disk is full: then what was there before is there still.
        """
        with _in_words():
            handle = os.open(self._path(upload.upload_id, "part"), os.O_WRONLY)
            try:
                os.ftruncate(handle, offset)
                os.lseek(handle, offset, os.SEEK_SET)
                view = memoryview(data)
                while view:
                    view = view[os.write(handle, view) :]
                os.fdatasync(handle)
            finally:
                os.close(handle)
            _write_whole(self._path(upload.upload_id, "at"), str(offset + len(data)).encode())
        return offset + len(data)

    def keep(self, upload: Upload) -> tuple[str, str]:
        """Take a whole upload in: its path in the centre folder and its SHA-256, once it stands there for good."""
        kept, part = self._kept(upload.upload_id), self._path(upload.upload_id, "part")
        if not kept.exists():
            os.truncate(part, upload.length)
            part.rename(kept)
            sync_folder(self._folder)
        return f"{FOLDER}/{kept.name}", digest_of(kept)

    def drop(self, upload: Upload) -> None:
        """Nothing of it is to be left."""
        self._kept(upload.upload_id).unlink(missing_ok=True)
        self.forget(upload)

    def forget(self, upload: Upload) -> None:
        """It is an exhibit now: only that is still known, so that whoever missed the answer can ask."""
        for end in ("json", "part", "at"):
            self._path(upload.upload_id, end).unlink(missing_ok=True)

    def mark_done(self, upload: Upload, exhibit_id: str) -> None:
        """It is an exhibit now; that much is remembered as long as an upload may wait."""
        _write_whole(
            self._path(upload.upload_id, "json"),
            msgspec.json.encode(msgspec.structs.replace(upload, exhibit_id=exhibit_id)),
        )

    def waiting(self) -> Iterator[Upload]:
        """Every upload that is not finished."""
        for path in sorted(self._incoming.glob("*.json")):
            try:
                upload = msgspec.json.decode(path.read_bytes(), type=Upload)
            except (OSError, msgspec.DecodeError):
                continue  # torn by a kill while it began: nobody was told of it
            if not upload.exhibit_id:
                yield upload

    def sweep(self, now: datetime) -> None:
        """Drop what waited too long, and what nobody knows of."""
        known = set()
        for path in self._incoming.glob("*.json"):
            try:
                upload = msgspec.json.decode(path.read_bytes(), type=Upload)
            except (OSError, msgspec.DecodeError):
                continue
            known.add(upload.upload_id)
            if upload.begun_at + self._keep < now:
                (self.forget if upload.exhibit_id else self.drop)(upload)
        for path in self._incoming.glob("*"):
            if path.stem not in known and datetime.fromtimestamp(path.stat().st_mtime, now.tzinfo) + self._keep < now:
                path.unlink(missing_ok=True)

    # ---- kept ----

    def path(self, file: str) -> Path:
        """The file of an exhibit, inside the folders of the centre that hold such: as it came, or the FLAC that took
        its place. Raises `NotFound`.
        """
        path = stored(self._centre / file).resolve()
        inside = any(path.is_relative_to((self._centre / one).resolve()) for one in (FOLDER, "recordings"))
        if not inside or not path.is_file():
            raise NotFound("file", file, "The exhibit’s facts stay in the record.")
        return path

    def digest(self, file: str, flac_sha256: str = "") -> str:
        """The SHA-256 of an exhibit's file as it is now; empty where it cannot be read. `flac_sha256`: what the record
        says of the FLAC that took its place; where that is so, it is of what the FLAC gives back.
        """
        try:
            path = self.path(file)
            found = digest_of(path)
            return digest_as_sealed(path) if path.suffix == FLAC and found == flac_sha256 else found
        except (NotFound, OSError):
            return ""

    # ---- names ----

    def _path(self, upload_id: str, end: str) -> Path:
        if not _NAME.fullmatch(upload_id):
            raise NotFound("upload", upload_id[:40])
        return self._incoming / f"{upload_id}.{end}"

    def _kept(self, upload_id: str) -> Path:
        return self._folder / f"{self._path(upload_id, 'x').stem}.bin"


class _in_words:  # noqa: N801 (reads as a statement)
    """What a disk says, as a sentence."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError):
            full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
            why = "The centre’s disk is full" if full else f"The centre’s disk cannot be written ({error.strerror})"
            raise Unavailable(f"{why}; what had arrived is kept, go on from there later.") from error


def _write_whole(path: Path, data: bytes) -> None:
    """Written beside and put in place: after a kill the old or the new is there, whole."""
    beside = path.with_name(f"{path.name}~")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(handle, data)
        os.fsync(handle)
    finally:
        os.close(handle)
    beside.replace(path)
    sync_folder(path.parent)
