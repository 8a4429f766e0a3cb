"""Exhibits: a file is announced, sent in pieces (tus 1.0), served in ranges, and hashed again when somebody asks."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, head, patch, post
from litestar.params import FromPath, JSONBody
from litestar.response import Stream

from tenfour.desk.casework_row import exhibit_row
from tenfour.desk.casework_view import ExhibitView, UploadView
from tenfour.desk.desk import Desk
from tenfour.desk.given import GivenDesk, GivenPrincipal, Key
from tenfour.desk.permission import Permission
from tenfour.desk.piecewise import AsItLies, Readable, answer
from tenfour.desk.principal import Principal
from tenfour.desk.request import AddExhibit, NoteCustody, Nothing
from tenfour.desk.wav import FLAC, open_recording
from tenfour.evidence.decision import About, incident_of, note_custody, verify
from tenfour.evidence.event import ExhibitKind
from tenfour.evidence.exhibit import Exhibit
from tenfour.evidence.upload import Upload
from tenfour.vocabulary.envelope import Event
from tenfour.vocabulary.errors import BadInput, NotFound
from tenfour.vocabulary.ids import exhibit_stream
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World

TUS = "1.0.0"
OFFSETS = "application/offset+octet-stream"
TYPES = {
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
}
"""What may be shown as what it is; anything else is only saved."""

UPLOAD = "/api/uploads/{upload_id:str}"
EXHIBIT = "/api/exhibits/{exhibit_id:str}"


@post("/api/incidents/{incident_id:str}/exhibits", summary="Announce an exhibit", tags=["exhibit"], status_code=201)
async def add_exhibit(
    desk: GivenDesk, principal: GivenPrincipal, incident_id: FromPath[str], data: JSONBody[AddExhibit]
) -> Response[UploadView]:
    """Answers where its bytes are to be sent. It is an exhibit when all of them are here, on the disk and hashed."""
    principal.require(Permission.KEEP_EVIDENCE)
    desk.require_told_incident(principal, incident_id)
    if data.kind is ExhibitKind.CALL_AUDIO:
        raise BadInput("The recordings of an incident’s calls are its exhibits by themselves.")
    said = {name: getattr(data, name) for name in About.__struct_fields__}
    upload = await desk.uploads.begin(incident_id, data.length, About(**said), principal)
    location = f"/api/uploads/{upload.upload_id}"
    view = UploadView(location, 0, upload.length, upload.begun_at + desk.uploads.waits)
    return Response(view, status_code=201, headers={"tus-resumable": TUS, "location": location, "upload-offset": "0"})


@head(UPLOAD, summary="How much of an upload is here", tags=["exhibit"])
async def upload_state(desk: GivenDesk, principal: GivenPrincipal, upload_id: FromPath[str]) -> Response[None]:
    """`Upload-Offset` and `Upload-Length`; `Tenfour-Exhibit` once it is an exhibit."""
    principal.require(Permission.KEEP_EVIDENCE)
    offset, upload = await desk.uploads.offset(await desk.uploads.find(upload_id, principal))
    return Response(None, status_code=200, headers=_tus(offset, upload))


@patch(UPLOAD, summary="Send bytes of an upload", tags=["exhibit"], status_code=204, request_max_body_size=None)
async def send_bytes(
    request: Request[Any, Any, Any], desk: GivenDesk, principal: GivenPrincipal, upload_id: FromPath[str]
) -> Response[None]:
    """From `Upload-Offset` on. The new offset is on the disk; with the last byte the file is an exhibit."""
    principal.require(Permission.KEEP_EVIDENCE)
    if request.headers.get("tus-resumable") != TUS:
        return Response(None, status_code=412, headers={"tus-version": TUS})
    if request.headers.get("content-type") != OFFSETS:
        return Response(None, status_code=415, headers={"tus-resumable": TUS})
    told = request.headers.get("upload-offset", "")
    if not (told.isascii() and told.isdigit() and len(told) < 20):
        raise BadInput("Upload-Offset must say from which byte on.")
    upload = await desk.uploads.find(upload_id, principal)
    offset, upload = await desk.uploads.receive(upload, int(told), request.stream())
    return Response(None, status_code=204, headers=_tus(offset, upload))


def _tus(offset: int, upload: Upload) -> dict[str, str]:
    headers = {"tus-resumable": TUS, "upload-offset": str(offset), "upload-length": str(upload.length)}
    made = {"tenfour-exhibit": upload.exhibit_id} if upload.exhibit_id else {}
    return {**headers, **made, "cache-control": "no-store"}


@get(EXHIBIT, summary="An exhibit", tags=["exhibit"])
async def read_exhibit(desk: GivenDesk, principal: GivenPrincipal, exhibit_id: FromPath[str]) -> ExhibitView:
    """What it is, whose, who had it, and whether it still is what it was. A crew sees those of its own incident."""
    return exhibit_row(_exhibit(desk, principal, exhibit_id), desk.scene(principal.reads))


@get(f"{EXHIBIT}/file", summary="The file of an exhibit", tags=["exhibit"], media_type="application/octet-stream")
async def exhibit_file(
    request: Request[Any, Any, Any],
    desk: GivenDesk,
    principal: GivenPrincipal,
    exhibit_id: FromPath[str],
    *,
    stored: bool = False,
) -> Response[bytes] | Stream:
    """As it was taken in, whatever keeps it since; `stored`: as it lies on the disk now. `Range` is served."""
    exhibit = _exhibit(desk, principal, exhibit_id)
    recorded = exhibit.kind is ExhibitKind.CALL_AUDIO
    principal.require(Permission.HEAR_RECORDING if recorded else Permission.KEEP_EVIDENCE)
    path = await asyncio.to_thread(desk.uploads.files.path, exhibit.file)
    compressed = recorded and path.suffix == FLAC
    opened: Callable[[Path], Readable] = open_recording if compressed and not stored else AsItLies
    source = await asyncio.to_thread(opened, path)
    name = Path(exhibit.file_name).with_suffix(FLAC).name if compressed and stored else exhibit.file_name
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
    media = TYPES.get(Path(name).suffix.lower(), "application/octet-stream")
    return answer(source, request.headers.get("range"), headers, media)


@post(f"{EXHIBIT}/verify", summary="Hash an exhibit again", tags=["exhibit"], status_code=200)
async def verify_exhibit(
    desk: GivenDesk, principal: GivenPrincipal, exhibit_id: FromPath[str], data: JSONBody[Nothing], key: Key = None
) -> ExhibitView:
    """Whether its file still is what was taken in; that is a fact either way."""
    principal.require(Permission.KEEP_EVIDENCE)
    exhibit = _exhibit(desk, principal, exhibit_id)
    flac_sha256 = exhibit.flac.sha256 if exhibit.flac is not None else ""
    found = await asyncio.to_thread(desk.uploads.files.digest, exhibit.file, flac_sha256)
    return await _change(desk, principal, exhibit, key, lambda one: verify(one, found))


@post(f"{EXHIBIT}/custody", summary="Note who had an exhibit", tags=["exhibit"], status_code=200)
async def note_of_custody(
    desk: GivenDesk, principal: GivenPrincipal, exhibit_id: FromPath[str], data: JSONBody[NoteCustody], key: Key = None
) -> ExhibitView:
    """In words: who had it, to whom it was given."""
    principal.require(Permission.KEEP_EVIDENCE)
    exhibit = _exhibit(desk, principal, exhibit_id)
    return await _change(desk, principal, exhibit, key, lambda one: note_custody(one, data.words))


async def _change(
    desk: Desk, principal: Principal, exhibit: Exhibit, key: str | None, decision: Callable[[Exhibit], Event]
) -> ExhibitView:
    stream = exhibit_stream(exhibit.exhibit_id)

    def decide(world: World, _: datetime) -> Sequence[Draft]:
        one = world.casework_of(exhibit.incident_id).exhibit(exhibit.exhibit_id)
        return [Draft(decision(one), stream, one.access)]

    await desk.do(principal, key, stream, decide)
    return exhibit_row(_exhibit(desk, principal, exhibit.exhibit_id), desk.scene(principal.reads))


def _exhibit(desk: Desk, principal: Principal, exhibit_id: str) -> Exhibit:
    """One that this person may read; others are not there. Raises `NotFound`."""
    incident_id = incident_of(exhibit_id)
    desk.require_told_incident(principal, incident_id)
    exhibit = desk.ledger.shown.casework_of(incident_id).exhibit(exhibit_id)
    if exhibit.access not in principal.reads:
        raise NotFound("exhibit", exhibit_id)
    return exhibit


ROUTES = (
    add_exhibit,
    upload_state,
    send_bytes,
    read_exhibit,
    exhibit_file,
    verify_exhibit,
    note_of_custody,
)
