"""Recordings: WAV with ranges, also while they are being made."""

import asyncio
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from tenfour.desk.byte_range import byte_range
from tenfour.desk.given import GivenDesk, GivenPrincipal
from tenfour.desk.permission import Permission
from tenfour.desk.wav import open_recording
from tenfour.vocabulary.errors import NotFound

WAV = "audio/wav"


@get(
    "/api/calls/{call_id:str}/recordings/{segment:str}",
    summary="A recording of the caller's audio",
    tags=["call"],
    media_type=WAV,
)
async def recording(
    request: Request[Any, Any, Any],
    desk: GivenDesk,
    principal: GivenPrincipal,
    call_id: FromPath[str],
    segment: FromPath[str],
) -> Response[bytes]:
    """`segment` is `1.wav`, `2.wav` …; `Range` is served. While it is being made, what there is so far."""
    principal.require(Permission.HEAR_RECORDING)
    desk.require_call(principal, call_id)
    call = desk.ledger.shown.call(call_id)
    kept = next((one for one in call.recordings if f"{one.segment}.wav" == segment), None)
    if kept is None:
        raise NotFound("recording", segment, f"Call {call.ani} has {len(call.recordings)}.")
    path = (desk.recordings / kept.file).resolve()
    if not path.is_relative_to(desk.recordings.resolve()):
        raise NotFound("recording", segment)
    wav = await asyncio.to_thread(open_recording, path)
    headers = {"accept-ranges": "bytes", "cache-control": "private, no-store"}
    try:
        wanted = byte_range(request.headers.get("range"), wav.length)
    except ValueError:
        headers["content-range"] = f"bytes */{wav.length}"
        return Response(b"", status_code=416, headers=headers, media_type=WAV)
    start, end = wanted or (0, wav.length)
    body = await asyncio.to_thread(wav.read, start, end)
    if wanted is None:
        return Response(body, headers=headers, media_type=WAV)
    headers["content-range"] = f"bytes {start}-{end - 1}/{wav.length}"
    return Response(body, status_code=206, headers=headers, media_type=WAV)


ROUTES = (recording,)
