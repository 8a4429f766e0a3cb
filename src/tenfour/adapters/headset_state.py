"""How far a headset is."""

from enum import Enum


class HeadsetState(Enum):
    """From the browser's offer to its end."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    LOST = "lost"
    """Was connected, and nothing comes any more; it may come back."""
    CLOSED = "closed"
