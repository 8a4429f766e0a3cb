"""The trunks of a centre: whose addresses are known, and how much more than a stranger they may send."""

import ipaddress
import re
from collections.abc import Sequence

import msgspec

from tenfour.adapters.toml_file import TomlFile
from tenfour.telephony.admission import TRUNKS_TIMES

TRUNKS_LIMIT = 64
"""Trunks that a centre may name: each is a label of figures."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")


class TrunkSetting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[[sip.trunk]]` of centre.toml: `name`, `sources` (addresses or CIDRs that calls of this trunk come from), and
    `times`: how many times a stranger's budgets it has (packets, connections, calls that ring at once).
    """

    name: str
    sources: tuple[str, ...]
    times: float = TRUNKS_TIMES


class Trunks:
    """Which trunk an address belongs to: the first that names it."""

    def __init__(self, trunks: Sequence[TrunkSetting]) -> None:
        """The settings must have been checked."""
        self._times = {trunk.name: trunk.times for trunk in trunks}
        self._networks = [
            (ipaddress.ip_network(source, strict=False), trunk.name) for trunk in trunks for source in trunk.sources
        ]

    def name_of(self, host: str) -> str:
        """The trunk's name, "" for a stranger."""
        try:
            address = ipaddress.ip_address(host.partition("%")[0])
        except ValueError:
            return ""
        return next((name for network, name in self._networks if address in network), "")

    def budget_of(self, host: str) -> tuple[str, float]:
        """The trunk's name and how many times a stranger's budgets it has; "" and 1 for a stranger."""
        name = self.name_of(host)
        return name, self._times.get(name, 1.0)


def check_trunks(file: TomlFile, trunks: Sequence[TrunkSetting]) -> None:
    """Raises `BadFile` where a trunk cannot be meant."""
    if len(trunks) > TRUNKS_LIMIT:
        raise file.error(("sip", "trunk", TRUNKS_LIMIT), f"there may be {TRUNKS_LIMIT} trunks at most.")
    names: set[str] = set()
    for index, trunk in enumerate(trunks):
        where = ("sip", "trunk", index)
        if not _NAME.fullmatch(trunk.name):
            problem = f"name {trunk.name!r} of a trunk: expected 1 to 32 letters, digits, '-', '_' or '.'."
            raise file.error((*where, "name"), problem)
        if trunk.name in names:
            raise file.error((*where, "name"), f"trunk {trunk.name!r} is there twice.")
        names.add(trunk.name)
        if not trunk.sources:
            raise file.error((*where, "sources"), f"trunk {trunk.name}: expected at least one address in sources.")
        if not 1 <= trunk.times <= 1000:
            raise file.error((*where, "times"), f"times {trunk.times:g} of trunk {trunk.name}: expected 1 to 1000.")
        for source in trunk.sources:
            _check_source(file, (*where, "sources"), source, trunk.name)


def _check_source(file: TomlFile, where: tuple[str | int, ...], source: str, trunk: str) -> None:
    try:
        ipaddress.ip_network(source, strict=False)
    except ValueError as error:
        problem = f"{source!r} of trunk {trunk} is no address; expected such as 192.0.2.7 or 192.0.2.0/28."
        raise file.error(where, problem) from error
