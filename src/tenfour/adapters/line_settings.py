"""What the line reads of `centre.toml`: see docs/line.md."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from tenfour.adapters.admin_line import EMERGENCY_NUMBERS, NO_LINES, number_dialled
from tenfour.adapters.outgoing_setting import OutgoingSetting, check_outgoing
from tenfour.adapters.recording_setting import RecordingSetting, check_recording
from tenfour.adapters.sip_sockets import CONNECTIONS_A_SOURCE
from tenfour.adapters.toml_file import TomlFile
from tenfour.adapters.trunks import TrunkSetting, check_trunks
from tenfour.telephony.user_agent import MAX_CALLS
from tenfour.vocabulary.ids import AgencyId, CentreId

LARGEST_PART = 512 * 1024
"""Bytes of a body part that still fits in a frame of the link, however it is escaped."""

LARGEST_CALLS_LIMIT = 100_000
"""Calls at once that any line may be told to keep in memory."""

MOST_WORKERS = 64
"""Media workers of one line."""

LONGEST_TEST_CALL_S = 600.0


class SipSetting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[sip]` of centre.toml: where calls come in.

    `bind`: HOST:PORT for UDP and TCP. `tls_bind`: HOST:PORT for TLS, empty: none; with it `tls_certificate` (the
    chain) and `tls_key`, PEM files in the centre folder, and `tls_authorities`, whom we trust when we connect.
    `rtp_ports`: first and last UDP port for audio; each call takes an even one.
    `send_from`: the address that SDP names and RTP leaves from; empty: the host of `bind`.
    `msrp_bind`: HOST:PORT where callers bring messages (MSRP over TCP), empty: they are refused.
    `calls_limit`: calls at once. `ringing_limit`, `connections_limit`: calls of one source that may ring, or wait for
    an ACK, at once, and its TCP connections. `trunk`: whose addresses are known.
    """

    bind: str = "127.0.0.1:5060"
    rtp_ports: tuple[int, int] = (40000, 40998)
    send_from: str = ""
    tls_bind: str = ""
    tls_certificate: str = ""
    tls_key: str = ""
    tls_authorities: str = ""
    msrp_bind: str = ""
    calls_limit: int = MAX_CALLS
    ringing_limit: int = 100
    connections_limit: int = CONNECTIONS_A_SOURCE
    trunk: tuple[TrunkSetting, ...] = ()


class AnnouncementSetting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[announcement]` of centre.toml: what the caller hears after answer. `file`: 8 kHz mono PCM16 WAV in the
    centre folder; `text`: its words, as the desk shows them.

    `beep_every_s`: seconds between the soft beeps that follow (0: silence).
    `waiting_after_s`: a caller who rang so long hears `waiting_file` (empty: the words Tenfour ships) again and again,
    until somebody answers; 0: never. `waiting_text`: its words.
    `hold_file`: what a caller on hold hears (empty: two soft strokes). `lost_file`: what a caller hears whose call
    taker's headset is gone, again and again (empty: `file`); `lost_text`: its words (empty: `text`).
    """

    file: str = "announcement.wav"
    text: str = "Nine one one. We hear you. Stay on the line."
    beep_every_s: float = 15.0
    waiting_after_s: float = 10.0
    waiting_file: str = ""
    hold_file: str = ""
    lost_file: str = ""
    lost_text: str = ""
    waiting_text: str = "Nine one one. All our call takers are busy. Do not hang up. We will answer you."


class VoiceSetting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[voice]` of centre.toml: where browsers find their headsets' other end. `bind`: an address of this machine,
    empty: where RTP leaves from. `ports`: first and last UDP port; each headset takes an even one.
    """

    bind: str = ""
    ports: tuple[int, int] = (41000, 41998)


class LineSetting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[line]` of centre.toml: seconds, sizes, and whose facts the line writes.

    `silence_s`: no RTP for so long is `CallerAudioStopped`. `centre_away_answer_s`: with the centre away a call that
    rang so long is answered by policy. `ring_restart_s`: after a restart of the line, a ringing TCP caller who has
    not come back after so long is `CallFailed`. `part_limit`: bytes of one body part that the record keeps.
    `other_signalling_limit`: bytes a day that are kept of SIP messages of no call of ours (0: none).
    `agency`: owner of the facts; empty: the first agency of the centre. `node`: the writer's name.
    `languages`: tags (RFC 5646) of what is spoken here, the first preferred; callers who name theirs are told.
    """

    silence_s: float = 3.0
    centre_away_answer_s: float = 6.0
    ring_restart_s: float = 32.0
    part_limit: int = 65_536
    other_signalling_limit: int = 16_777_216
    agency: str = ""
    node: str = "line-1"
    languages: tuple[str, ...] = ("en",)


class MediaSetting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[media]` of centre.toml. `workers`: processes that carry the audio of calls; one more stands by."""

    workers: int = 1


class LoopbackSetting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[test_call]` of centre.toml: calls to `urn:service:test.*`, which are answered with the caller's own audio.

    `answer`: false refuses them all. `at_once`: so many are answered at a time, each for `seconds` at most.
    `per_source_s`: a source (address and number) may make one in so many seconds. `ports_kept`: audio ports that test
    calls leave free for emergency calls.
    """

    answer: bool = True
    at_once: int = 2
    seconds: float = 30.0
    per_source_s: float = 10.0
    ports_kept: int = 50


class AdminLineSetting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[[admin_line]]` of centre.toml: a `number` that is no emergency, and the `name` it has on the desk."""

    number: str
    name: str


class LineSettings(msgspec.Struct, frozen=True):
    """Everything the line was told."""

    folder: Path
    centre_id: CentreId
    agency: AgencyId
    sip: SipSetting
    announcement: AnnouncementSetting
    line: LineSetting
    test_call: LoopbackSetting = LoopbackSetting()
    admin_lines: Mapping[str, str] = NO_LINES
    media: MediaSetting = MediaSetting()
    outgoing: OutgoingSetting = OutgoingSetting()
    voice: VoiceSetting = VoiceSetting()
    recording: RecordingSetting = RecordingSetting()

    @property
    def our_host(self) -> str:
        """The address that our descriptions name and media leave from."""
        bound = host_and_port(self.sip.bind)
        return self.sip.send_from or (bound[0] if bound else "127.0.0.1")


class _Agency(msgspec.Struct, frozen=True):
    id: str


class _Centre(msgspec.Struct, frozen=True):
    """The tables of centre.toml that concern the line; the rest is checked by the centre."""

    id: str
    agency: tuple[_Agency, ...] = ()
    sip: SipSetting = SipSetting()
    announcement: AnnouncementSetting = AnnouncementSetting()
    line: LineSetting = LineSetting()
    test_call: LoopbackSetting = LoopbackSetting()
    admin_line: tuple[AdminLineSetting, ...] = ()
    media: MediaSetting = MediaSetting()
    outgoing: OutgoingSetting = OutgoingSetting()
    voice: VoiceSetting = VoiceSetting()
    recording: RecordingSetting = RecordingSetting()


def read_line_settings(folder: Path, *, bind: str | None = None) -> LineSettings:
    """Read `centre.toml` in the folder; `bind` stands above `[sip] bind`.

    Raises `BadFile` with the line and what was expected.
    """
    file = TomlFile(folder / "centre.toml")
    centre = file.as_type(_Centre)
    sip = msgspec.structs.replace(centre.sip, bind=bind) if bind else centre.sip
    bound = host_and_port(sip.bind)
    if bound is None:
        raise file.error(("sip", "bind"), f"bind {sip.bind!r} is no HOST:PORT; expected such as 127.0.0.1:5060.")
    if bound[0] in ("0.0.0.0", "::") and not sip.send_from:  # noqa: S104
        raise file.error(("sip", "send_from"), f"bind {sip.bind} is every address; expected send_from to name ours.")
    _check_tls(file, sip)
    if sip.msrp_bind and host_and_port(sip.msrp_bind) is None:
        problem = f"msrp_bind {sip.msrp_bind!r} is no HOST:PORT; expected such as 127.0.0.1:2855."
        raise file.error(("sip", "msrp_bind"), problem)
    _check_test_call(file, centre.test_call)
    _check_limits(file, sip)
    if not 1 <= centre.media.workers <= MOST_WORKERS:
        raise file.error(("media", "workers"), f"workers {centre.media.workers}: expected 1 to {MOST_WORKERS}.")
    check_recording(file, centre.recording)
    check_outgoing(file, centre.outgoing, tls=bool(sip.tls_bind))
    for table, name, (low, high) in (("sip", "rtp_ports", sip.rtp_ports), ("voice", "ports", centre.voice.ports)):
        if not 1024 <= low < high <= 65535:
            raise file.error((table, name), f"{name} {low} to {high}: expected two ports from 1024 to 65535.")
    if centre.voice.bind in ("0.0.0.0", "::"):  # noqa: S104
        raise file.error(("voice", "bind"), f"bind {centre.voice.bind} is every address; expected one of this machine.")
    for name in ("silence_s", "centre_away_answer_s", "ring_restart_s", "part_limit"):
        if getattr(centre.line, name) <= 0:
            raise file.error(("line", name), f"{name} must be above 0.")
    if centre.line.other_signalling_limit < 0:
        raise file.error(("line", "other_signalling_limit"), "other_signalling_limit must be 0 or above.")
    if centre.line.part_limit > LARGEST_PART:
        raise file.error(("line", "part_limit"), f"part_limit must be {LARGEST_PART} bytes or less.")
    file.refuse_negative(centre)
    agency = centre.line.agency or (centre.agency[0].id if centre.agency else centre.id)
    return LineSettings(
        folder,
        CentreId(centre.id),
        AgencyId(agency),
        sip,
        centre.announcement,
        centre.line,
        centre.test_call,
        _admin_lines(file, centre.admin_line),
        centre.media,
        centre.outgoing,
        centre.voice,
        centre.recording,
    )


def _check_limits(file: TomlFile, sip: SipSetting) -> None:
    check_trunks(file, sip.trunk)
    for name, most in (
        ("calls_limit", LARGEST_CALLS_LIMIT),
        ("ringing_limit", sip.calls_limit),
        ("connections_limit", 1024),
    ):
        if not 1 <= getattr(sip, name) <= most:
            raise file.error(("sip", name), f"{name} {getattr(sip, name)}: expected a number from 1 to {most}.")


def _check_tls(file: TomlFile, sip: SipSetting) -> None:
    """Raises `BadFile` where TLS is half set up."""
    if not sip.tls_bind:
        return
    if host_and_port(sip.tls_bind) is None:
        raise file.error(
            ("sip", "tls_bind"), f"tls_bind {sip.tls_bind!r} is no HOST:PORT; expected such as 127.0.0.1:5061."
        )
    for name in ("tls_certificate", "tls_key"):
        if not getattr(sip, name):
            raise file.error(("sip", "tls_bind"), f"tls_bind is given; expected {name} to name a PEM file.")


def _check_test_call(file: TomlFile, test_call: LoopbackSetting) -> None:
    """Raises `BadFile` where a limit is none."""
    if not 0 < test_call.seconds <= LONGEST_TEST_CALL_S:
        raise file.error(
            ("test_call", "seconds"), f"seconds must be above 0 and {LONGEST_TEST_CALL_S:g} or less (answer = false)."
        )
    for name in ("at_once", "per_source_s", "ports_kept"):
        if getattr(test_call, name) < 0:
            raise file.error(("test_call", name), f"{name} must be 0 or above.")


def _admin_lines(file: TomlFile, lines: tuple[AdminLineSetting, ...]) -> dict[str, str]:
    """Names by number. Raises `BadFile` for a number that is none, is an emergency number, or stands there twice."""
    names: dict[str, str] = {}
    for index, line in enumerate(lines):
        number, where = number_dialled(line.number), ("admin_line", index, "number")
        if len(number) < 3:
            raise file.error(where, f"number {line.number!r} is no telephone number; expected such as 614-555-0100.")
        if number in EMERGENCY_NUMBERS or number in names:
            what = "stands here twice" if number in names else "is an emergency number, and no administrative line"
            raise file.error(where, f"number {line.number} {what}.")
        if not line.name.strip():
            raise file.error(("admin_line", index, "name"), "name must say what the line is called on the desk.")
        names[number] = line.name
    return names


def host_and_port(bind: str) -> tuple[str, int] | None:
    """`127.0.0.1:5060` as host and port; None when it is not that."""
    host, _, port = bind.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) <= 65535:
        return None
    return host.strip("[]"), int(port)
