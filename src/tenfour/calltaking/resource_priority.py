"""The Resource-Priority of a call in the namespace `esnet` (RFC 7135)."""

import re
from collections.abc import Iterable
from typing import Final

USUAL: Final = 1
"""What a call to 911 counts as that says nothing of its priority: NENA-STA-010.3 marks each `esnet.1`."""

_ESNET = re.compile(r"esnet\.([0-4])", re.IGNORECASE)


def esnet_of(values: Iterable[str]) -> int | None:
    """The highest `esnet` priority in values of Resource-Priority: 0 to 4, and 4 goes first."""
    found = (_ESNET.fullmatch(one.strip()) for value in values for one in value.split(","))
    return max((int(one.group(1)) for one in found if one is not None), default=None)
