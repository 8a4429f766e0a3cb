"""What the line and its media workers say to each other of headsets, and of who is in a conversation."""

from typing import NewType

import msgspec

from tenfour.adapters.audio_security import KeptSecurity
from tenfour.adapters.audio_source import Address
from tenfour.adapters.headset_state import HeadsetState
from tenfour.adapters.srtp import Place, SrtpKeys
from tenfour.telephony.party import Role
from tenfour.vocabulary.ids import CallId, PositionId

HeadsetId = NewType("HeadsetId", str)
"""One connection of a browser; each new one of a position has another."""


class Voice(msgspec.Struct, frozen=True):
    """A position in a conversation, and as what."""

    position: PositionId
    role: Role
    muted: bool = False


class Voices(msgspec.Struct, frozen=True):
    """Which positions are in a conversation, and whether its caller waits."""

    parties: tuple[Voice, ...] = ()
    held: bool = False


class HeadsetAudio(msgspec.Struct, frozen=True):
    """What a worker needs to speak with a browser. `path`: where the browser was last found, None before."""

    ufrag: str
    password: str
    their_ufrag: str
    payload_type: int
    security: KeptSecurity
    path: Address | None = None


# ---- line → worker ----


class OpenHeadset(msgspec.Struct, frozen=True, tag=True):
    """A headset belongs here from now on. As many sockets come with it: of RTP, and mostly of RTCP."""

    headset: HeadsetId
    audio: HeadsetAudio
    sockets: int


class WireHeadset(msgspec.Struct, frozen=True, tag=True):
    """The headset is in the conversation at the other end of the socket that comes with it; without one, in none."""

    headset: HeadsetId
    sockets: int


class CloseHeadset(msgspec.Struct, frozen=True, tag=True):
    """Let go of the headset and its ports."""

    headset: HeadsetId


class WireCall(msgspec.Struct, frozen=True, tag=True):
    """A position's headset is at the other end of the socket that comes with it; without one, it is gone."""

    call_id: CallId
    position: PositionId
    sockets: int


HeadsetOrder = OpenHeadset | WireHeadset | CloseHeadset | WireCall


# ---- worker → line ----


class HeadsetChanged(msgspec.Struct, frozen=True, tag=True):
    """The headset is connected, lost, or closed because its browser never came."""

    headset: HeadsetId
    state: HeadsetState
    path: Address | None


class HeadsetSecured(msgspec.Struct, frozen=True, tag=True):
    """The handshake ended with these keys; another worker can go on with them."""

    headset: HeadsetId
    keys: SrtpKeys


class HeadsetCameTo(msgspec.Struct, frozen=True, tag=True):
    """The browser's secured stream has come so far."""

    headset: HeadsetId
    place: Place


HeadsetReport = HeadsetChanged | HeadsetSecured | HeadsetCameTo
"""What a worker tells of one headset."""
