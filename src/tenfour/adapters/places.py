"""Addresses, streets and beats of a centre, as the desk asks for them."""

from tenfour.adapters.address_index import Address, AddressIndex
from tenfour.adapters.boundaries import Boundaries
from tenfour.roads.near import StreetNames
from tenfour.vocabulary.place import Point, Shape

MOST_DOORS = 100
"""No more addresses than this are given for one shape, the nearest to its middle first."""


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
