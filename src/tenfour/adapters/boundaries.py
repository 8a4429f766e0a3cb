"""The boundaries of a centre, `data/boundaries.geojson`: which beat a point is in."""

from pathlib import Path

import msgspec
import shapely
from shapely.geometry import shape as geometry_of

from tenfour.adapters.boundary_import import BoundaryProperties
from tenfour.adapters.geojson import features
from tenfour.vocabulary.errors import BadFile
from tenfour.vocabulary.place import Point


class Boundaries:
    """Areas by place. A file that is not there is a centre without boundaries."""

    def __init__(self, path: Path | None) -> None:
        """Read `path` (None: no boundaries); raises `BadFile` when it is there and cannot be used."""
        self.areas: list[BoundaryProperties] = []
        shapes = []
        for feature in features(path) if path is not None and path.exists() else ():
            try:
                self.areas.append(msgspec.convert(feature.properties, BoundaryProperties))
                area = geometry_of({"type": feature.kind, "coordinates": feature.coordinates})
                shapes.append(shapely.union_all(shapely.get_parts(area)))
            except (msgspec.ValidationError, ValueError, TypeError, shapely.errors.GEOSException) as error:
                raise BadFile(
                    path or Path(), feature.line, f"is no area ({error}); import the boundaries again."
                ) from error
        self._tree = shapely.STRtree(shapes)

    def at(self, point: Point) -> list[BoundaryProperties]:
        """Every area that a point is in (its edge belongs to it), in the order of the file."""
        rows = self._tree.query(shapely.Point(point.lon, point.lat), predicate="intersects")
        return [self.areas[row] for row in sorted(rows.tolist())]

    def beat_of(self, point: Point) -> str | None:
        """The beat a point is in (on a shared edge: the first in the file); None outside every beat."""
        return next((area.beat for area in self.at(point) if area.beat), None)
