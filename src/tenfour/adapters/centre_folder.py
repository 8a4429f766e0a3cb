"""The centre folder: everything an agency decides, as TOML with a checked schema.

`centre.toml`, `units.toml` and `policy.toml` must be there; `codes.toml` adds codes. Every setting is described in
`docs/settings.md`. An error is a `BadFile`: file, line, what was expected; nothing is half-read.
"""

import ipaddress
import os
import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec.structs import replace

from tenfour.adapters.line_settings import (
    AdminLineSetting,
    AnnouncementSetting,
    LineSetting,
    LoopbackSetting,
    SipSetting,
    VoiceSetting,
)
from tenfour.adapters.outgoing_setting import OutgoingSetting
from tenfour.adapters.queue_check import check_queues
from tenfour.adapters.recording_setting import RecordingSetting
from tenfour.adapters.third_party_setting import ThirdPartySetting, check_third_parties
from tenfour.adapters.toml_file import KeyPath, TomlFile, load
from tenfour.adapters.transfer_setting import TransferSetting, check_transfers
from tenfour.incident.code import Codes
from tenfour.journal.event import Agency, CentreFounded
from tenfour.units.colour import StatusColours, flaw_of
from tenfour.units.event import UnitListed
from tenfour.vocabulary.code import Service
from tenfour.vocabulary.errors import BadFile
from tenfour.vocabulary.ids import AgencyId, CentreId, UnitId
from tenfour.vocabulary.place import Point
from tenfour.workflow.policy import Policy

MODES = ("live", "demo", "training", "practice")
ROLES = ("call_taker", "dispatcher", "supervisor", "unit")
KEY_BYTES = 32
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Setting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of every table of the centre folder: a key that is not known is an error, not a silence."""


class AgencySetting(Setting, frozen=True):
    """`[[agency]]` of centre.toml: who is dispatched for."""

    id: str
    name: str
    service: Service


class PositionSetting(Setting, frozen=True):
    """`[[position]]` of centre.toml: a desk. `auto_answer`: it answers by itself from the start."""

    id: str
    auto_answer: bool = False


class PersonSetting(Setting, frozen=True):
    """`[[person]]` of centre.toml: somebody who works here, and as what."""

    id: str
    name: str
    roles: tuple[str, ...]
    unit: str = ""


class HttpSetting(Setting, frozen=True):
    """`[http]` of centre.toml: where the desk is served."""

    host: str = "127.0.0.1"
    port: int = 8911


class LocationSetting(Setting, frozen=True):
    """`[location]` of centre.toml: hosts that may be asked for a location (HELD).

    `lis_hosts` absent: this machine alone, and in a live centre none.
    """

    lis_hosts: tuple[str, ...] | None = None
    lis_timeout_s: float = 4.0


class DeskSetting(Setting, frozen=True):
    """`[desk]` of centre.toml: how long what is finished stays on the board, and how long a login lasts."""

    keep_finished_min: float = 60.0
    session_hours: float = 12.0


class MapSetting(Setting, frozen=True):
    """`[map]` of centre.toml: the map that desks draw, a PMTiles archive in the centre folder."""

    file: str = "data/map.pmtiles"


class EvidenceSetting(Setting, frozen=True):
    """`[evidence]` of centre.toml: how large one file may be, how many may be on their way, how long one may wait."""

    largest_mb: float = 4096.0
    at_once: int = 20
    keep_unfinished_h: float = 24.0


class SpeechSetting(Setting, frozen=True):
    """`[speech]` of centre.toml: whether a machine understands calls and recordings, which language, which models."""

    captions: bool = False
    transcripts: bool = False
    language: str = "en"
    model: str = ""
    caption_model: str = ""


class CentreSetting(Setting, frozen=True):
    """`centre.toml`."""

    id: str
    name: str
    mode: str
    time_zone: str
    agency: tuple[AgencySetting, ...]
    position: tuple[PositionSetting, ...]
    person: tuple[PersonSetting, ...]
    http: HttpSetting = HttpSetting()
    sip: SipSetting = SipSetting()
    announcement: AnnouncementSetting = AnnouncementSetting()
    line: LineSetting = LineSetting()
    voice: VoiceSetting = VoiceSetting()
    recording: RecordingSetting = RecordingSetting()
    test_call: LoopbackSetting = LoopbackSetting()
    admin_line: tuple[AdminLineSetting, ...] = ()
    outgoing: OutgoingSetting = OutgoingSetting()
    transfer: tuple[TransferSetting, ...] = ()
    third_party: tuple[ThirdPartySetting, ...] = ()
    location: LocationSetting = LocationSetting()
    desk: DeskSetting = DeskSetting()
    map: MapSetting = MapSetting()
    evidence: EvidenceSetting = EvidenceSetting()
    speech: SpeechSetting = SpeechSetting()


class UnitSetting(Setting, frozen=True):
    """`[[unit]]` of units.toml: a unit of the roster. `post` is where it starts its shift."""

    id: str
    agency: str
    post: Point
    beat: str = ""
    crew: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    post_name: str = ""


class UnitsSetting(Setting, frozen=True):
    """`units.toml`."""

    unit: tuple[UnitSetting, ...] = ()
    colour: StatusColours = StatusColours()


class CentreFolder(msgspec.Struct, frozen=True):
    """A centre folder that was read and found good."""

    path: Path
    centre: CentreSetting
    roster: tuple[UnitSetting, ...]
    policy: Policy
    colours: StatusColours = StatusColours()

    def founded(self) -> CentreFounded:
        """The first event of this centre's journal."""
        agencies = tuple(Agency(AgencyId(a.id), a.name, a.service) for a in self.centre.agency)
        centre = self.centre
        return CentreFounded(CentreId(centre.id), centre.name, centre.mode, centre.time_zone, agencies)

    def lis_hosts(self) -> tuple[str, ...]:
        """Hosts that may be asked for a location."""
        if self.centre.location.lis_hosts is not None:
            return self.centre.location.lis_hosts
        return () if self.centre.mode == "live" else LOOPBACK

    def service_of(self, agency: str) -> Service:
        """What the units of an agency do."""
        return next(a.service for a in self.centre.agency if a.id == agency)

    def listed(self, unit: UnitSetting) -> UnitListed:
        """The fact that lists a unit of the roster."""
        return UnitListed(
            UnitId(unit.id),
            self.service_of(unit.agency),
            unit.beat,
            unit.crew,
            unit.capabilities,
            unit.post,
            unit.post_name,
        )

    def map_file(self) -> Path:
        """Where the map is, if there is one."""
        return self.path / self.centre.map.file

    def data(self, name: str) -> Path:
        """A file of `data/`."""
        return self.path / "data" / name


def read_centre_folder(path: Path, *, sip: str | None = None) -> CentreFolder:
    """Read and check the folder; raises `BadFile`. `codes.toml` need not be there. `sip` stands above `[sip] bind`."""
    if not path.is_dir():
        raise BadFile(path, None, "is not a folder; `tenfour init DIR` makes a centre folder.")
    centre_file, units_file = TomlFile(path / "centre.toml"), TomlFile(path / "units.toml")
    centre = centre_file.as_type(CentreSetting)
    units = units_file.as_type(UnitsSetting)
    roster = units.unit
    policy = _policy_with_codes(path)
    _check_centre(centre_file, centre)
    _check_units(units_file, roster, centre)
    _check_colours(units_file, units.colour)
    _check_people(centre_file, centre, roster)
    check_transfers(centre_file, centre.transfer)
    check_third_parties(centre_file, centre.third_party, centre.transfer)
    centres = {one.name: one.uri for one in centre.transfer}
    policy_file, people = TomlFile(path / "policy.toml"), [one.id for one in centre.person]
    check_queues(policy_file, policy.calltaking, people, ROLES, centres)
    if policy.centres:
        raise policy_file.error(("centres",), "centres are named by [[transfer]] of centre.toml.")
    policy = msgspec.structs.replace(policy, centres=centres)
    if sip is not None:
        centre = msgspec.structs.replace(centre, sip=msgspec.structs.replace(centre.sip, bind=sip))
    return CentreFolder(path, centre, roster, policy, units.colour)


def _policy_with_codes(path: Path) -> Policy:
    """`policy.toml` with the codes of `codes.toml` in it; every kind that it names must be a code of this centre."""
    file = TomlFile(path / "policy.toml")
    policy = file.as_type(Policy)
    file.refuse_negative(policy)
    for name in ("realert_every_s", "safety_every_s"):
        if getattr(policy.dispatch.timers, name) < 1:
            raise file.error(("dispatch", "timers", name), f"{name} must be 1 or more.")
    if (path / "codes.toml").exists():
        codes = policy.incident.codes.with_more(load(path / "codes.toml", Codes))
        policy = replace(policy, incident=replace(policy.incident, codes=codes))
    for index, plan in enumerate(policy.dispatch.plan):
        _check_kinds(file, ("dispatch", "plan", index, "kinds"), plan.kinds, policy)
    for index, rule in enumerate(policy.calltaking.advice):
        _check_kinds(file, ("calltaking", "advice", index, "kind"), (rule.kind,), policy)
    return policy


def _check_kinds(file: TomlFile, where: KeyPath, kinds: Iterable[str], policy: Policy) -> None:
    for kind in kinds:
        if kind not in policy.incident.codes.kinds:
            known = ", ".join(policy.incident.codes.kinds)
            raise file.error(where, f"kind {kind!r} is not a code of this centre; expected one of {known}.")


def refuse_open_bind(host: str) -> None:
    """Raises `BadFile` unless `host` is this machine alone: anything else needs TLS and login, not here yet."""
    if host == "localhost":
        return
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise BadFile("centre.toml", None, f"http.host {host!r} is refused without TLS and login; use 127.0.0.1.")


def session_key(path: Path) -> bytes:
    """The key that signs sessions: `secrets/session.key`, made (0600) when it is missing. Raises `BadFile`."""
    file = path / "secrets" / "session.key"
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(secrets.token_bytes(KEY_BYTES))
    if file.stat().st_mode & 0o077:
        raise BadFile(file, None, "may be read by others; expected mode 0600 (chmod 600).")
    key = file.read_bytes()
    if len(key) < KEY_BYTES:
        raise BadFile(file, None, f"holds {len(key)} bytes, expected {KEY_BYTES}; remove it and a new one is made.")
    return key


def _check_centre(file: TomlFile, centre: CentreSetting) -> None:
    if centre.mode not in MODES:
        raise file.error(("mode",), f"mode {centre.mode!r} is not known; expected one of {', '.join(MODES)}.")
    try:
        ZoneInfo(centre.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise file.error(
            ("time_zone",),
            f"time_zone {centre.time_zone!r} is not known; expected an IANA name such as America/New_York.",
        ) from error
    for table, rows in (("agency", centre.agency), ("position", centre.position), ("person", centre.person)):
        _check_some(file, table, rows)
        _check_unique(file, table, [row.id for row in rows])
    evidence = (("evidence", setting) for setting in EvidenceSetting.__struct_fields__)
    for table, setting in (*evidence, ("location", "lis_timeout_s"), ("desk", "session_hours")):
        if getattr(getattr(centre, table), setting) <= 0:
            raise file.error((table, setting), f"{setting} must be more than 0.")
    file.refuse_negative(centre)
    try:
        refuse_open_bind(centre.http.host)
    except BadFile as error:
        raise file.error(("http", "host"), error.problem) from error


def _check_units(file: TomlFile, roster: Sequence[UnitSetting], centre: CentreSetting) -> None:
    _check_unique(file, "unit", [unit.id for unit in roster])
    known = [agency.id for agency in centre.agency]
    for index, unit in enumerate(roster):
        if unit.agency not in known:
            raise file.error(
                ("unit", index, "agency"),
                f"unit {unit.id} names agency {unit.agency!r}, which centre.toml has not; expected {', '.join(known)}.",
            )


def _check_colours(file: TomlFile, colours: StatusColours) -> None:
    if (flaw := flaw_of(colours)) is not None:
        raise file.error(("colour", flaw.group, flaw.name), flaw.words)


def _check_people(file: TomlFile, centre: CentreSetting, roster: Sequence[UnitSetting]) -> None:
    units = {unit.id for unit in roster}
    for index, person in enumerate(centre.person):
        for role in person.roles:
            if role not in ROLES:
                raise file.error(
                    ("person", index, "roles"), f"role {role!r} is not known; expected one of {', '.join(ROLES)}."
                )
        if person.unit and person.unit not in units:
            raise file.error(("person", index, "unit"), f"there is no unit {person.unit!r} in units.toml.")


def _check_some(file: TomlFile, table: str, rows: Sequence[object]) -> None:
    if not rows:
        raise file.error((table,), f"expected at least one [[{table}]].")


def _check_unique(file: TomlFile, table: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for index, name in enumerate(ids):
        if not name:
            raise file.error((table, index, "id"), "an id cannot be empty.")
        if name in seen:
            raise file.error((table, index, "id"), f"{table} {name!r} is there twice.")
        seen.add(name)
