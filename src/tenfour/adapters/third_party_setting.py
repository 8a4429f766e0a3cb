"""`[[third_party]]` of centre.toml: whom a call taker calls into a call by one key."""

import msgspec

from tenfour.adapters.toml_file import TomlFile
from tenfour.adapters.transfer_setting import LONGEST_URI, TransferSetting
from tenfour.calltaking.handset import digits
from tenfour.calltaking.third_party import KIND_WORDS, PSAP, Listed
from tenfour.telephony.uri import scheme_of

KEYS = "123456789"


class ThirdPartySetting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`name`: as the desk calls it. `kind`: interpreter, poison_control and the like. Either `number` or `uri`.

    `key`: the digit that calls it; empty: none. `languages`: of an interpreter, tags (RFC 5646) without a region.
    """

    name: str
    kind: str = "other"
    number: str = ""
    uri: str = ""
    key: str = ""
    languages: tuple[str, ...] = ()


def check_third_parties(
    file: TomlFile, parties: tuple[ThirdPartySetting, ...], transfers: tuple[TransferSetting, ...]
) -> None:
    """Raises `BadFile` with the line of the first flaw."""
    names, keys = {one.name for one in transfers}, set[str]()
    for index, one in enumerate(parties):
        problem = _problem(one, names, keys)
        if problem is not None:
            raise file.error(("third_party", index, problem[0]), problem[1])
        names.add(one.name)
        keys.add(one.key)


def _problem(one: ThirdPartySetting, names: set[str], keys: set[str]) -> tuple[str, str] | None:
    """The field with a flaw, and the flaw in words."""
    if not one.name.strip() or one.name in names:
        return "name", f"name {one.name!r} must be there, and only once, also among [[transfer]]."
    if one.kind not in KIND_WORDS:
        return "kind", f"kind {one.kind!r} is not known; expected one of {', '.join(KIND_WORDS)}."
    if bool(one.number) is bool(one.uri):
        return "name", f"{one.name} needs either number or uri."
    if one.number and len(digits(one.number)) < 3:
        return "number", f"number {one.number!r} is none that can be called."
    if one.uri and not is_callable(one.uri):
        return "uri", f"uri {one.uri!r} is none that can be called."
    if one.key and (one.key not in KEYS or len(one.key) != 1 or one.key in keys):
        return "key", f"key {one.key!r}: expected a digit from 1 to 9 that no other third party has."
    return None


def is_callable(uri: str) -> bool:
    """Is this a URI that an INVITE can go to?"""
    fits = len(uri) <= LONGEST_URI and uri.isascii() and uri.isprintable() and not set(' <>"?') & set(uri)
    return fits and scheme_of(uri) in ("sip", "sips", "tel", "urn")


def listed(parties: tuple[ThirdPartySetting, ...], transfers: tuple[TransferSetting, ...]) -> dict[str, Listed]:
    """Everybody of outside whom the settings name, by name: third parties first, then other centres."""
    own = [Listed(one.name, one.kind, one.uri, one.number, one.key, one.languages) for one in parties]
    centres = [Listed(one.name, PSAP, one.uri, bridged=one.how == "bridge") for one in transfers]
    return {one.name: one for one in (*own, *centres)}
