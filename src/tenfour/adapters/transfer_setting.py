"""`[[transfer]]` of centre.toml: other centres that calls may be passed on to."""

import msgspec

from tenfour.adapters.toml_file import TomlFile
from tenfour.telephony.uri import scheme_of

LONGEST_URI = 256
HOW = ("refer", "bridge")


class TransferSetting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`name`: as the desk calls it. `uri`: where its calls go (`sip:911@psap.example`, `urn:service:sos`).

    `how`: `refer`, the caller's side calls there, and where it does not, we do; `bridge`, we do at once.
    """

    name: str
    uri: str
    how: str = "refer"


def check_transfers(file: TomlFile, transfers: tuple[TransferSetting, ...]) -> None:
    """Raises `BadFile` with the line of the first flaw."""
    seen: set[str] = set()
    for index, one in enumerate(transfers):
        if not one.name.strip() or one.name in seen:
            raise file.error(("transfer", index, "name"), f"name {one.name!r} must be there, and only once.")
        fits = len(one.uri) <= LONGEST_URI and one.uri.isascii() and one.uri.isprintable()
        if scheme_of(one.uri) not in ("sip", "sips", "tel", "urn") or set(' <>"?') & set(one.uri) or not fits:
            raise file.error(("transfer", index, "uri"), f"uri {one.uri!r} is none that can be called.")
        if one.how not in HOW:
            raise file.error(("transfer", index, "how"), f"how {one.how!r} is not known; expected {' or '.join(HOW)}.")
        seen.add(one.name)
