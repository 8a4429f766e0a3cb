"""Recordings: WAV with ranges and how loud they are, also while they are being made."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from tenfour.calltaking.recording import Recording
from tenfour.desk.desk import Desk
from tenfour.desk.given import GivenDesk, GivenPrincipal
from tenfour.desk.permission import Permission
from tenfour.desk.piecewise import answer
from tenfour.desk.principal import Principal
from tenfour.desk.view import WaveformView
from tenfour.desk.wav import open_recording
from tenfour.desk.waveform import waveform
from tenfour.vocabulary.errors import NotFound

WAV = "audio/wav"
LONGEST_S = 1_000_000
"""No recording is longer (eleven days)."""

Seconds = Annotated[float | None, QueryParameter(gt=0, le=LONGEST_S)]
Step = Annotated[int, QueryParameter(ge=0, le=10 * LONGEST_S)]


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
    *,
    until: Seconds = None,
) -> Response[bytes] | Stream:
    """`segment` is `1.wav`, `2.wav` …; `Range` is served. While it is being made, what there is so far.

    `until`: its first so many seconds only; they are the same length whenever they are asked for.
    """
    _, path = _kept(desk, principal, call_id, segment)
    wav = await asyncio.to_thread(open_recording, path, until)
    return answer(wav, request.headers.get("range"), {}, WAV)


@get(
    "/api/calls/{call_id:str}/recordings/{segment:str}/waveform",
    summary="How loud a recording is, every tenth of a second",
    tags=["call"],
)
async def read_waveform(
    desk: GivenDesk, principal: GivenPrincipal, call_id: FromPath[str], segment: FromPath[str], after: Step = 0
) -> WaveformView:
    """`segment` is `1`, `2` …; from step `after` on, an hour at most: then ask again from the end."""
    kept, path = _kept(desk, principal, call_id, f"{segment}.wav")
    return await asyncio.to_thread(waveform, path, after, growing=kept.duration_s is None)


def _kept(desk: Desk, principal: Principal, call_id: str, name: str) -> tuple[Recording, Path]:
    """A recording that this person may hear, and its file. Raises `NotPermitted`, `NotFound`."""
    principal.require(Permission.HEAR_RECORDING)
    desk.require_call(principal, call_id)
    call = desk.ledger.shown.call(call_id)
    kept = next((one for one in call.recordings if f"{one.segment}.wav" == name), None)
    if kept is None:
        raise NotFound("recording", name, f"Call {call.ani} has {len(call.recordings)}.")
    path = (desk.recordings / kept.file).resolve()
    if not path.is_relative_to(desk.recordings.resolve()):
        raise NotFound("recording", name)
    return kept, path


ROUTES = (recording, read_waveform)
