"""How each person has laid out the desk: kept beside the record, not in it, for it is no fact of the centre.

`people/NAME.desk.json` of the centre folder, NAME as in a URL. A file that cannot be read is as none: the desk then
stands as it comes.
"""

import os
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import msgspec
import structlog
from msgspec import Meta

from tenfour.desk.request import Ask
from tenfour.vocabulary.errors import Unavailable
from tenfour.vocabulary.ids import PersonId

MOST_REGIONS = 24
Region = Annotated[str, Meta(pattern="^[a-z]{1,16}$")]
Share = Annotated[float, Meta(gt=0, le=10_000)]

log = structlog.get_logger(__name__)


class Cell(Ask, frozen=True):
    """A region in a row. `share`: of the row's width, in parts of all shares; None: as it comes."""

    region: Region
    share: Share | None = None


class Row(Ask, frozen=True):
    """Regions side by side. `share`: of the column's height; None: as much as it holds."""

    cells: Annotated[tuple[Cell, ...], Meta(min_length=1, max_length=4)]
    share: Share | None = None


class Column(Ask, frozen=True):
    """Rows under each other. `share`: of the screen's width."""

    rows: Annotated[tuple[Row, ...], Meta(min_length=1, max_length=MOST_REGIONS)]
    share: Share | None = None


class Arrangement(Ask, frozen=True):
    """Where the regions are on screens of one class of width. `hidden`: those not shown."""

    columns: Annotated[tuple[Column, ...], Meta(max_length=6)]
    hidden: Annotated[tuple[Region, ...], Meta(max_length=MOST_REGIONS)] = ()


class DeskLayout(Ask, frozen=True):
    """One person's layout of the desk: for wide, middle and narrow screens; None: as it comes."""

    wide: Arrangement | None = None
    middle: Arrangement | None = None
    narrow: Arrangement | None = None


class DeskLayouts:
    """The layouts of all persons, in the folder `people`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, person: PersonId) -> DeskLayout:
        """What this person has kept, else the desk as it comes."""
        try:
            return msgspec.json.decode(self._file(person).read_bytes(), type=DeskLayout)
        except FileNotFoundError:
            return DeskLayout()
        except (OSError, msgspec.MsgspecError) as error:
            log.warning("a desk's layout cannot be read; it stands as it comes", person=person, problem=str(error))
            return DeskLayout()

    def keep(self, person: PersonId, layout: DeskLayout) -> None:
        """Put it in the place of what was kept. Raises `Unavailable` where it cannot be written."""
        file = self._file(person)
        fresh = file.with_suffix(".new")
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "wb") as out:
                out.write(msgspec.json.encode(layout))
                out.flush()
                os.fsync(out.fileno())
            fresh.replace(file)
        except OSError as error:
            raise Unavailable("The layout could not be written down; this screen keeps it until it is left.") from error

    def _file(self, person: PersonId) -> Path:
        return self._folder / f"{quote(person, safe='').replace('.', '%2E')}.desk.json"
