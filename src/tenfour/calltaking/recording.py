"""The recordings of a call, folded by segment."""

from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from tenfour.calltaking.event import RecordingEnded, RecordingStarted
from tenfour.calltaking.recording_event import RecordingCompressed
from tenfour.vocabulary.envelope import Event


class Recording(msgspec.Struct, frozen=True):
    """A recording of the caller's audio; length and SHA-256 (hex) once it is closed. `file`: as it was sealed.

    `flac`: what keeps it since, None while it is the WAV.
    """

    segment: int
    file: str
    started_at: datetime
    duration_s: float | None = None
    sha256: str | None = None
    flac: RecordingCompressed | None = None


def fold(recordings: tuple[Recording, ...], event: Event, at: datetime) -> tuple[Recording, ...]:
    """The recordings after this fact, by segment."""
    match event:
        case RecordingStarted(file=file, segment=segment):
            return _put(recordings, Recording(segment, file, at))
        case RecordingEnded():
            return _put(recordings, _closed(recordings, event, at))
        case RecordingCompressed(segment=segment):
            return tuple(replace(one, flac=event) if one.segment == segment else one for one in recordings)
        case _:
            return recordings


def _put(recordings: tuple[Recording, ...], recording: Recording) -> tuple[Recording, ...]:
    others = [one for one in recordings if one.segment != recording.segment]
    return tuple(sorted([*others, recording], key=lambda one: one.segment))


def _closed(recordings: tuple[Recording, ...], event: RecordingEnded, at: datetime) -> Recording:
    started = next((one.started_at for one in recordings if one.segment == event.segment), None)
    begun = started or at - timedelta(seconds=event.duration_s)
    return Recording(event.segment, event.file, begun, event.duration_s, event.sha256)
