"""What kind of telephone a number comes from, and what may be done with it.

A deactivated phone (NSI, non-service-initialised) shows 911 and the last seven digits of its serial number, or
123-456-7890 (ATIS/TIA J-STD-036; FCC). The seven digits repeat per handset and are not unique to it.
"""

import re
from typing import Final

from tenfour.calltaking.call import Call
from tenfour.calltaking.event import Handset, HandsetRecognised

BY_ADDRESS: Final = "FIXED"
"""No class of service came; the location is an address that does not move. A class that is delivered goes before it."""

NO_SERVICE_PLAN: Final = "No service plan: cannot be called back or texted."
_NSI_SUBSCRIBER: Final = "1234567890"
_CLASS_OF_SERVICE: Final[dict[str, Handset]] = {
    "NSI": Handset.NSI,
    "WPH1": Handset.WIRELESS,
    "WPH2": Handset.WIRELESS,
    "WRLS": Handset.WIRELESS,
    "MOBL": Handset.WIRELESS,
    "VOIP": Handset.VOIP,
    "RES": Handset.LANDLINE,
    "RESD": Handset.LANDLINE,
    "BUS": Handset.LANDLINE,
    "BUSN": Handset.LANDLINE,
    "PBX": Handset.LANDLINE,
    BY_ADDRESS: Handset.LANDLINE,
}
"""Class of service as delivered, where it is delivered (NENA 02-010 and common spellings)."""


def digits(number: str) -> str:
    """The national number: digits only, without a country code 1, visual separators, `tel:`/`sip:` or parameters."""
    user = re.sub(r"^(sips?|tel):", "", number.strip(), flags=re.IGNORECASE)
    user = re.split(r"[@;?]", user, maxsplit=1)[0]
    bare = re.sub(r"[^0-9]", "", user)
    return bare[1:] if len(bare) == 11 and bare.startswith("1") else bare


def display(number: str) -> str:
    """The form people read: `911-442-7186`; a number of another length is given as delivered."""
    bare = digits(number)
    return f"{bare[:3]}-{bare[3:6]}-{bare[6:]}" if len(bare) == 10 else number.strip()


def is_deactivated(number: str) -> bool:
    """Whether the number is one that only a phone without service shows: 911 + 7 digits, or 123-456-7890."""
    bare = digits(number)
    return len(bare) == 10 and (bare.startswith("911") or bare == _NSI_SUBSCRIBER)


def recognise(ani: str, callback_number: str | None, class_of_service: str = "") -> HandsetRecognised:
    """What the handset is, and whether it may be called or texted, with the sentence for the call taker.

    A number that only a phone without service shows decides alone, whatever class of service came with it.
    """
    handset, told = _kind(ani, class_of_service), class_of_service.strip().upper()
    if handset is Handset.NSI:
        return HandsetRecognised(handset, may_call_back=False, may_text=False, reason=NO_SERVICE_PLAN)
    if callback_number is None or is_deactivated(callback_number) or len(digits(callback_number)) < 7:
        words = "No number came with the call that could be called back."
        return HandsetRecognised(handset, False, False, words, told)
    may_text = handset in {Handset.WIRELESS, Handset.UNKNOWN}
    text = "called back or texted" if may_text else "called back, not texted"
    name = f"{_NAMES[handset]}, by its address" if told == BY_ADDRESS else _NAMES[handset]
    return HandsetRecognised(handset, True, may_text, f"{name}: can be {text} at {display(callback_number)}.", told)


def recognise_anew(call: Call, class_of_service: str) -> HandsetRecognised | None:
    """What the handset is now that a class of service is known; None where that changes nothing."""
    told = recognise(call.ani, call.callback_number, class_of_service)
    known = HandsetRecognised(
        call.handset or Handset.UNKNOWN,
        call.may_call_back,
        call.may_text,
        call.handset_words,
        call.class_of_service,
    )
    return None if told == known else told


_NAMES: Final[dict[Handset, str]] = {
    Handset.NSI: "No service plan",
    Handset.WIRELESS: "Wireless",
    Handset.LANDLINE: "Landline",
    Handset.VOIP: "Internet telephone",
    Handset.UNKNOWN: "Telephone of unknown kind",
}


def _kind(ani: str, class_of_service: str) -> Handset:
    if is_deactivated(ani):
        return Handset.NSI
    return _CLASS_OF_SERVICE.get(class_of_service.strip().upper(), Handset.UNKNOWN)
