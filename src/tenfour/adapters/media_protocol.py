"""What the line and its media workers say to each other. Nobody waits for the other.

An order says how the audio of a call should be, whole, and may be said again: so whatever a worker knew of a call can
be said to the next one. Reports come when they come.
"""

from enum import Enum

import msgspec

from tenfour.adapters.audio_security import KeptSecurity
from tenfour.adapters.audio_source import Address
from tenfour.adapters.headset_protocol import HeadsetOrder, HeadsetReport, Voices
from tenfour.adapters.recording_file import Ended
from tenfour.adapters.recording_setting import Beep
from tenfour.adapters.srtp import Place, SrtpKeys
from tenfour.calltaking.event import AudioMeasured
from tenfour.telephony.loopback import Mirror
from tenfour.telephony.sdp import Codec
from tenfour.vocabulary.ids import CallId


class Sound(Enum):
    """What a caller hears while no person speaks to it."""

    NOTHING = "nothing"
    """Nothing is sent."""
    ANNOUNCEMENT = "announcement"
    """The announcement once, then silence with soft beeps."""
    BEEPS = "beeps"
    """The same without the announcement."""
    SILENCE = "silence"
    """Packets of silence: the way stays open."""
    WAITING = "waiting"
    """The waiting announcement, again and again."""
    VOICES = "voices"
    """The people who are in the conversation; while the caller waits, the hold sound."""
    HOLD = "hold"
    STILL_HERE = "still_here"
    """Nobody who was in the conversation is there just now."""
    ITSELF = "itself"
    """The caller's own audio (a test call)."""


class Playing(msgspec.Struct, frozen=True):
    """A sound, from `from_s` on. `turn` counts what was played in this call: a new one begins the sound anew."""

    sound: Sound = Sound.NOTHING
    turn: int = 0
    from_s: float = 0.0
    mirror: Mirror = Mirror()


class Recorded(msgspec.Struct, frozen=True):
    """Record, as this segment or the next that is free. `heard`, `stopped`: what was told of the caller before.

    `since_s`: it should have begun so long ago; what waits in the ports since then is recorded, too.
    """

    segment: int
    since_s: float = 0.0
    heard: bool = False
    stopped: bool = False


class Typed(msgspec.Struct, frozen=True):
    """A piece that the caller is to be told by TTY: its number in the call, and its text."""

    number: int
    text: str


class CallerAudio(msgspec.Struct, frozen=True):
    """How the audio of a caller should be.

    `described`: where the caller's side says that it hears. `telephone_event`: the payload type of keypresses, None
    without. `security`: None for plain RTP. `reports_to`: where RTCP goes where it is not beside the audio;
    `rtcp_mux`: on the audio's own port. `silence_s`: so long without a packet is told, where `watched`.
    `typed`: what is to be said by TTY and was not yet.
    """

    described: Address | None
    codec: Codec
    payload_type: int
    telephone_event: int | None
    silence_s: float
    security: KeptSecurity | None = None
    reports_to: Address | None = None
    rtcp_mux: bool = False
    watched: bool = False
    playing: Playing = Playing()
    typed: tuple[Typed, ...] = ()
    recorded: Recorded | None = None
    voices: Voices = Voices()
    beep: Beep | None = None
    """While it is recorded; `consent`: the words of the announcement that is still to be heard, empty: none is."""
    consent: str = ""


class Sounds(msgspec.Struct, frozen=True):
    """WAV files in the centre folder (see `read_announcement`), and the seconds between beeps."""

    announcement: str
    waiting: str
    beep_every_s: float
    hold: str = ""
    still_here: str = ""
    consent: str = ""


# ---- line → worker ----


class Welcome(msgspec.Struct, frozen=True, tag=True):
    """The first order. `certificate`: what `new_certificate` made."""

    certificate: bytes
    sounds: Sounds
    recordings: str


class Open(msgspec.Struct, frozen=True, tag=True):
    """A conversation begins here, with the caller. As many sockets come with it: of RTP, and mostly of RTCP."""

    call_id: CallId
    caller: CallerAudio
    sockets: int


class Alter(msgspec.Struct, frozen=True, tag=True):
    """The caller's audio should now be so."""

    call_id: CallId
    caller: CallerAudio


class Close(msgspec.Struct, frozen=True, tag=True):
    """The conversation is over: let go of the ports, close the recording."""

    call_id: CallId


class Ping(msgspec.Struct, frozen=True, tag=True):
    """Are you there?"""

    n: int


Order = Welcome | Open | Alter | Close | Ping | HeadsetOrder


# ---- worker → line ----


class Ready(msgspec.Struct, frozen=True, tag=True):
    """The worker takes conversations."""


class Pong(msgspec.Struct, frozen=True, tag=True):
    """Yes."""

    n: int


class Opened(msgspec.Struct, frozen=True, tag=True):
    """The conversation's sockets are read."""

    call_id: CallId


class AudioStarted(msgspec.Struct, frozen=True, tag=True):
    """The first packet of the caller arrived."""

    call_id: CallId


class AudioStopped(msgspec.Struct, frozen=True, tag=True):
    """No packet came for so long."""

    call_id: CallId
    silent_for_s: float


class AudioResumed(msgspec.Struct, frozen=True, tag=True):
    """Packets come again after so long."""

    call_id: CallId
    silent_for_s: float


class KeyPressed(msgspec.Struct, frozen=True, tag=True):
    """The caller pressed a key and let it go."""

    call_id: CallId
    digit: str
    duration_s: float


class TtyRead(msgspec.Struct, frozen=True, tag=True):
    """The caller said this by TTY; how many milliseconds ago each character came."""

    call_id: CallId
    text: str
    ago_ms: tuple[int, ...]


class TtySaid(msgspec.Struct, frozen=True, tag=True):
    """The caller was told the piece of this number by TTY."""

    call_id: CallId
    number: int


class ConsentHeard(msgspec.Struct, frozen=True, tag=True):
    """The announcement that the call is recorded was heard to its end."""

    call_id: CallId


class Secured(msgspec.Struct, frozen=True, tag=True):
    """A handshake ended with these keys."""

    call_id: CallId
    keys: SrtpKeys


class NotSecured(msgspec.Struct, frozen=True, tag=True):
    """A handshake ended without."""

    call_id: CallId
    why: str


class CameTo(msgspec.Struct, frozen=True, tag=True):
    """The caller's secured stream has come so far."""

    call_id: CallId
    place: Place


class RecordingBegan(msgspec.Struct, frozen=True, tag=True):
    """The file is there. `began`: when its first sample was (monotonic seconds; those of the line are the same)."""

    call_id: CallId
    file: str
    segment: int
    began: float


class LetGo(msgspec.Struct, frozen=True, tag=True):
    """The ports are closed; this is how the audio came and went."""

    call_id: CallId
    measured: AudioMeasured


class Closed(msgspec.Struct, frozen=True, tag=True):
    """The conversation is forgotten. `ended`: its recording, None where there was none or it could not be closed."""

    call_id: CallId
    ended: Ended | None


CallReport = (
    Opened
    | AudioStarted
    | AudioStopped
    | AudioResumed
    | KeyPressed
    | TtyRead
    | TtySaid
    | ConsentHeard
    | Secured
    | NotSecured
    | CameTo
    | RecordingBegan
    | LetGo
    | Closed
)
"""What a worker tells of one call."""

Report = Ready | Pong | CallReport | HeadsetReport

decode_order = msgspec.msgpack.Decoder(Order).decode
decode_report = msgspec.msgpack.Decoder(Report).decode
