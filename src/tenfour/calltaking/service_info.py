"""What kind of line a call comes over, as its provider says it: the ServiceInfo block of RFC 7852 section 4.2.

Text in, class of service out: nothing is fetched, and what cannot be read says nothing. It stays in the record as kept.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from tenfour.calltaking.additional_data import is_block, local_name, parsed

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

CONTENT_TYPE: Final = "application/EmergencyCallData.ServiceInfo+xml"
_WIRELESS: Final = frozenset({"wireless", "mobile", "cellular"})
_BUSINESS_LINE: Final = frozenset({"mlts", "mlts-hosted", "mlts-local", "pbx"})
_WIRED: Final = frozenset({"pots", "coin", "landline", "wireline"})


def is_service_info(content_type: str) -> bool:
    """Whether a body part is a ServiceInfo block."""
    return is_block(content_type, CONTENT_TYPE)


def class_of_service(block: str) -> str:
    """The class of service that a ServiceInfo block tells: `WRLS`, `VOIP`, `BUS`, `RES`; empty where it tells none.

    A wireless service goes before all else, then internet telephony (RFC 7852 registry of service types), then lines by
    wire. Where only the mobility is said, a mobile service is wireless; a fixed one may be anything.
    """
    root = parsed(block)
    if root is None:
        return ""
    types, mobility = set(_said(root, "servicetype")), set(_said(root, "servicemobility"))
    business = "business" in set(_said(root, "serviceenvironment"))
    if types & _WIRELESS:
        return "WRLS"
    if "voip" in types:
        return "VOIP"
    if types & _BUSINESS_LINE:
        return "BUS"
    if types & _WIRED:
        return "BUS" if business else "RES"
    return "WRLS" if "mobile" in mobility else ""


def _said(root: "Element", name: str) -> Iterator[str]:
    """The texts of the elements of this name, in lower case; the namespaces of the field are mixed up."""
    for element in root.iter():
        if local_name(element).lower() == name:
            yield (element.text or "").strip().lower()
