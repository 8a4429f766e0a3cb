"""Words, an address or a point as the place of an incident."""

from tenfour.desk.port import Address, Places
from tenfour.vocabulary.errors import BadInput
from tenfour.vocabulary.place import Place, Point


def place_of(places: Places, *, text: str = "", address_id: str | None = None, point: Point | None = None) -> Place:
    """The place meant. Raises `NotFound` for an unknown address, `BadInput` when nothing was said.

    Words that fit exactly one address are that address; other words stay words, without a point.
    """
    if address_id is not None:
        return _of(places.get(address_id))
    words = " ".join(text.split())
    if point is not None:
        street = places.street(point)
        return Place(words or (f"Near {street}" if street else f"{point.lat:.5f}, {point.lon:.5f}"), point)
    if not words:
        raise BadInput("A place needs an address_id, words, or a point.")
    found = list(places.find(words, 8))
    same = [address for address in found if address.label.casefold() == words.casefold()]
    if len(same) == 1 or len(found) == 1:
        return _of((same or found)[0])
    return Place(words)


def _of(address: Address) -> Place:
    return Place(address.label, address.point, address.address_id)
