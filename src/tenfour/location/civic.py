"""Civic addresses of RFC 5139 (with the older names of RFC 4119 and the street parts of RFC 6848) read as addresses."""

from typing import TYPE_CHECKING

from tenfour.location.shape import local_name
from tenfour.vocabulary.place import CivicAddress

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_STREET = ("prd", "stp", "rd", "a6", "sts", "pod")
"""Direction before, type before, name, older name of the street, type, direction after: in the order they are said."""


def read_civic(element: "Element") -> CivicAddress:
    """The address of a `civicAddress` element; elements of other namespaces that mean nothing here are left out."""
    parts = {local_name(child): " ".join((child.text or "").split()) for child in element}
    number = "".join(parts.get(name, "") for name in ("hnp", "hno")) + (f" {parts['hns']}" if parts.get("hns") else "")
    return CivicAddress(
        house_number=number.strip(),
        street=" ".join(parts[name] for name in _STREET if parts.get(name)),
        unit=parts.get("unit") or parts.get("loc", ""),
        city=parts.get("a3") or parts.get("pcn", ""),
        county=parts.get("a2", ""),
        state=parts.get("a1", ""),
        postal_code=parts.get("pc", ""),
        country=parts.get("country", ""),
        landmark=parts.get("lmk") or parts.get("nam", ""),
    )
