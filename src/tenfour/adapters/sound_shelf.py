"""The sounds that a media worker can play to callers, read once."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from tenfour.adapters.announcement import (
    LONGEST_S,
    play,
    play_hold,
    play_waiting,
    read_announcement,
    read_consent,
    read_hold,
    read_waiting,
)
from tenfour.adapters.media_protocol import Playing, Sound, Sounds

FRAME_S = 0.02


class SoundShelf:
    """Frames of 20 ms, by what is to be played."""

    def __init__(self, sounds: Sounds) -> None:
        self._announcement = read_announcement(Path(sounds.announcement))
        self._waiting = read_waiting(sounds.waiting)
        self._hold = read_hold(sounds.hold)
        self._still_here = read_announcement(Path(sounds.still_here)) if sounds.still_here else self._announcement
        self._beep_every_s = sounds.beep_every_s
        self.consent = read_consent(sounds.consent)
        """What says that a call is recorded; nothing where there is no such file."""

    def frames(self, playing: Playing) -> Iterator[bytes]:
        """What a caller hears from this place of the sound on; beyond the longest announcement it is the same again."""
        skipped = round(min(playing.from_s, LONGEST_S) / FRAME_S)
        return islice(self._sound(playing.sound), skipped, None)

    def _sound(self, sound: Sound) -> Iterator[bytes]:
        match sound:
            case Sound.ANNOUNCEMENT:
                return play(self._announcement, self._beep_every_s)
            case Sound.WAITING:
                return play_waiting(self._waiting)
            case Sound.BEEPS:
                return play((), self._beep_every_s)
            case Sound.SILENCE:
                return play((), 0)
            case Sound.HOLD:
                return play_hold(self._hold)
            case Sound.STILL_HERE:
                return play_waiting(self._still_here)
            case Sound.VOICES | Sound.NOTHING | Sound.ITSELF:
                return iter(())
