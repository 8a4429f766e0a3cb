"""Addresses, streets and beats of a centre, as the desk asks for them."""

from tenfour.adapters.address_index import Address, AddressIndex
from tenfour.adapters.boundaries import Boundaries
from tenfour.adapters.street_words import long_form, words
from tenfour.roads.near import StreetNames
from tenfour.vocabulary.place import CivicAddress, Point, Shape

MOST_DOORS = 100
"""No more addresses than this are given for one shape, the nearest to its middle first."""


MOST_UNITS = 200
"""No more addresses of one house number and street are looked at than this."""


class CentrePlaces:
    """The address index, the street names and the boundaries under one roof; a centre may lack the last two."""

    def __init__(
        self, addresses: AddressIndex, streets: StreetNames | None = None, boundaries: Boundaries | None = None
    ) -> None:
        self._addresses = addresses
        self._streets = streets
        self._boundaries = boundaries

    def inside(self, shape: Shape, spot_radius_m: float) -> list[Address]:
        """Addresses inside a shape (a bare point: within `spot_radius_m` of it), nearest its middle first."""
        return [near.address for near in self._addresses.inside(shape, MOST_DOORS, spot_radius_m=spot_radius_m)]

    def find(self, text: str, limit: int = 12) -> list[Address]:
        """Addresses that have these words, the last perhaps unfinished."""
        return self._addresses.find(text, limit)

    def exactly(self, civic: CivicAddress) -> list[Address]:
        """The addresses with this house number and street; city, state, postal code and unit must not contradict.

        The spelling of directions and street types does not matter. Where the unit is said it goes before the address
        of the whole building, where it is not said after it. Without a house number or a street, nothing is exact.
        """
        number = "".join(civic.house_number.split())
        if not number or not civic.street:
            return []
        found = self._addresses.find(f"{number} {civic.street}", MOST_UNITS)
        same = [address for address in found if _is(address.civic, civic)]
        return [address for address in same if bool(address.civic.unit) == bool(civic.unit)] or same

    def get(self, address_id: str) -> Address:
        """One address; raises `NotFound`."""
        return self._addresses.get(address_id)

    def street(self, point: Point) -> str:
        """The street a point is at; empty when none is near."""
        return self._streets.near(point) if self._streets else ""

    def between(self, point: Point) -> str:
        """`Between Main Street and Carrie Avenue`; empty when that is not known."""
        found = self._streets.cross_streets(point) if self._streets else None
        return found.words() if found else ""

    def beat(self, point: Point) -> str:
        """The beat a point is in; empty outside every beat."""
        return (self._boundaries.beat_of(point) if self._boundaries else None) or ""


def _is(known: CivicAddress, told: CivicAddress) -> bool:
    """Is the address of the index the one that was told?"""
    same = known.house_number.replace(" ", "").casefold() == told.house_number.replace(" ", "").casefold()
    pairs = ((known.unit, told.unit), (known.city, told.city), (known.state, told.state))
    postal = not (known.postal_code and told.postal_code) or known.postal_code[:5] == told.postal_code[:5]
    agrees = all(_plain(a) == _plain(b) for a, b in pairs if a and b)
    return same and _plain(known.street) == _plain(told.street) and agrees and postal


def _plain(text: str) -> list[str]:
    return [long_form(word) for word in words(text)]
