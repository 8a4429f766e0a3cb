"""What is told of a recording, and what becomes of it after it was sealed (stream `call/<call id>`)."""

from tenfour.vocabulary.envelope import Event


class RecordingCompressed(Event, frozen=True):
    """A sealed recording is kept as FLAC from now on: `recordings/<file>`, `size` bytes, with its own SHA-256 (hex).

    It was decoded before this was recorded, and gave back the sealed WAV, byte for byte: the seal of `RecordingEnded`
    holds for what it decodes to. The WAV is deleted after this is on disk.
    """

    segment: int
    file: str
    sha256: str
    size: int


class RecordingAnnounced(Event, frozen=True):
    """The other side heard to its end that the call is recorded, in these words (`[recording]` consent_file)."""

    words: str


LINE_EVENTS: tuple[type[Event], ...] = (RecordingAnnounced,)
CENTRE_EVENTS: tuple[type[Event], ...] = (RecordingCompressed,)
