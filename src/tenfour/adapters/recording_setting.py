"""What the agency decides about recordings: `[recording]` of centre.toml."""

from enum import Enum

import msgspec

from tenfour.adapters.toml_file import TomlFile

LONGEST_BETWEEN_BEEPS_S = 3600.0
HIGHEST_HZ = 3400.0
"""A telephone carries no more."""


class CallKind(Enum):
    """What kind of call is recorded: laws on being told of it differ by that."""

    EMERGENCY = "emergency"
    ADMIN = "admin"
    """To an administrative line."""
    OUTGOING = "outgoing"
    """One that we placed, third parties included."""
    CALLBACK = "callback"


BUT_EMERGENCIES = (CallKind.ADMIN, CallKind.OUTGOING, CallKind.CALLBACK)


class HeardBy(Enum):
    """Who hears the beep."""

    EVERYBODY = "everybody"
    CALLER = "caller"
    """The telephone at the other end alone."""


class RecordingSetting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[recording]` of centre.toml. `keep_wav`: sealed recordings stay WAV files, and are not compressed.

    `beep_every_s`: seconds between beeps of `beep_hz` while a call is recorded (0: none), `beep_level` of full scale,
    in calls of the kinds `beep_for`, heard by `beep_heard_by`. `consent_file`: 8 kHz mono PCM16 WAV in the centre
    folder (empty: none) that says that the call is recorded, once, in calls of the kinds `consent_for`;
    `consent_text`: its words.
    """

    keep_wav: bool = False
    beep_every_s: float = 0.0
    beep_hz: float = 1400.0
    beep_level: float = 0.05
    beep_heard_by: HeardBy = HeardBy.EVERYBODY
    beep_for: tuple[CallKind, ...] = BUT_EMERGENCIES
    consent_file: str = ""
    consent_text: str = "This call is recorded."
    consent_for: tuple[CallKind, ...] = BUT_EMERGENCIES


class Beep(msgspec.Struct, frozen=True):
    """A beep again and again; heard by the telephone at the other end, and by `everybody` in the call."""

    every_s: float
    hertz: float
    level: float
    everybody: bool


def beep_in(setting: RecordingSetting, kind: CallKind) -> Beep | None:
    """What a call of this kind beeps with; None: it does not."""
    if setting.beep_every_s <= 0 or kind not in setting.beep_for:
        return None
    everybody = setting.beep_heard_by is HeardBy.EVERYBODY
    return Beep(setting.beep_every_s, setting.beep_hz, setting.beep_level, everybody)


def consent_in(setting: RecordingSetting, kind: CallKind) -> str:
    """The words of what is said in a call of this kind; empty: nothing is."""
    return setting.consent_text if setting.consent_file and kind in setting.consent_for else ""


def check_recording(file: TomlFile, setting: RecordingSetting) -> None:
    """Raises `BadFile` for a beep that cannot be, and for an announcement without words."""
    if setting.beep_every_s != 0 and not 1 <= setting.beep_every_s <= LONGEST_BETWEEN_BEEPS_S:
        allowed = f"0 (none), or 1 to {LONGEST_BETWEEN_BEEPS_S:g}"
        raise file.error(("recording", "beep_every_s"), f"beep_every_s must be {allowed}.")
    if not 100 <= setting.beep_hz <= HIGHEST_HZ:
        raise file.error(("recording", "beep_hz"), f"beep_hz {setting.beep_hz:g}: expected 100 to {HIGHEST_HZ:g}.")
    if not 0 < setting.beep_level <= 0.5:
        raise file.error(("recording", "beep_level"), f"beep_level {setting.beep_level:g}: expected above 0, to 0.5.")
    if setting.consent_file and not setting.consent_text.strip():
        raise file.error(("recording", "consent_text"), "consent_text must say what consent_file says.")
