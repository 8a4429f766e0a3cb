"""What a centre process takes out of its folder before it runs: roads and map, who may log in, what a desk is told."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final, TypeVar

import structlog

from tenfour.adapters.centre_folder import CentreFolder, session_key
from tenfour.adapters.domain_clock import real_now
from tenfour.adapters.map_file import MapFile
from tenfour.adapters.road_store import load_roads
from tenfour.adapters.road_thread import RoadThread
from tenfour.adapters.road_times import NoRoads, RoadTimes
from tenfour.adapters.third_party_setting import listed
from tenfour.desk.answer import CentreView, ChecklistCard, MapCard, PersonCard, UnitCard
from tenfour.desk.conference_row import listed_row
from tenfour.desk.ended_login import EndedLogins
from tenfour.desk.session import Person, Sessions
from tenfour.journal.event import Agency
from tenfour.roads.near import StreetNames
from tenfour.roads.travel import TravelTimes
from tenfour.units.colour import GROUPS
from tenfour.vocabulary.errors import BadFile
from tenfour.vocabulary.ids import AgencyId, PersonId

LINE_WORDS: Final = "A call taker speaks by headset; who answers without one lets the caller hear an announcement."

log = structlog.get_logger("tenfour.center")

P = TypeVar("P")


def roads_of(path: Path) -> tuple[StreetNames | None, RoadThread | NoRoads]:
    """The road network; a centre without one takes calls all the same."""
    try:
        graph = load_roads(path)
    except BadFile as error:
        log.error("the centre takes calls without a road network", problem=str(error))
        return None, NoRoads(str(error))
    return StreetNames(graph), RoadThread(RoadTimes(TravelTimes(graph)))


def part_of_map(read: Callable[[Path | None], P], path: Path) -> P:
    """A part of the map. One that cannot be read is left out and said: calls are taken without it."""
    try:
        return read(path)
    except BadFile as error:
        log.error("the centre takes calls without a part of its map", problem=str(error))
        return read(None)


def map_of(folder: CentreFolder) -> tuple[MapFile | None, str]:
    """The map; without one, why. Desks then list what they would draw."""
    path = folder.map_file()
    if not path.exists():
        return None, f"This centre has no map ({folder.centre.map.file}); tenfour import map brings one."
    try:
        return MapFile(path), ""
    except BadFile as error:
        log.error("the centre takes calls without its map", problem=str(error))
        return None, f"The map {folder.centre.map.file} {error.problem}"


def sessions_of(folder: CentreFolder) -> Sessions:
    """Who may log in, and where."""
    centre = folder.centre
    lasts = timedelta(hours=centre.desk.session_hours)
    return Sessions(
        key=session_key(folder.path),
        centre_id=centre.id,
        mode=centre.mode,
        lasts=lasts,
        ended=EndedLogins(folder.path / "secrets" / "ended-logins", lasts, real_now()),
        people={PersonId(one.id): Person(PersonId(one.id), one.name, one.roles, one.unit) for one in centre.person},
        positions=frozenset(one.id for one in centre.position),
        units=frozenset(one.id for one in folder.roster),
    )


def labels_of(folder: CentreFolder) -> dict[str, dict[str, str]]:
    """What each code of the policy is called, by what it is a code of."""
    codes = folder.policy.incident.codes
    return {
        "kind": codes.kinds,
        "disposition": codes.dispositions,
        "cause": codes.causes,
        "heard": folder.policy.calltaking.heard,
        "item": folder.policy.incident.checklist,
    }


def card_of(folder: CentreFolder, of_map: MapCard) -> CentreView:
    """What every desk is told of the centre once."""
    centre, labels = folder.centre, labels_of(folder)
    return CentreView(
        centre_id=centre.id,
        name=centre.name,
        mode=centre.mode,
        time_zone=centre.time_zone,
        agencies=tuple(Agency(AgencyId(one.id), one.name, one.service) for one in centre.agency),
        people=tuple(PersonCard(one.id, one.name, one.roles, one.unit) for one in centre.person),
        positions=tuple(one.id for one in centre.position),
        units=tuple(UnitCard(one.id, folder.service_of(one.agency).value, one.crew) for one in folder.roster),
        kinds=labels["kind"],
        dispositions=labels["disposition"],
        causes=labels["cause"],
        checklist=tuple(ChecklistCard(item, label) for item, label in labels["item"].items()),
        heard=labels["heard"],
        not_ready_reasons=folder.policy.calltaking.not_ready_reasons,
        phrases=folder.policy.calltaking.phrases,
        sip=centre.sip.bind,
        line_words=LINE_WORDS,
        places_calls=bool(centre.outgoing.proxy),
        transfers=tuple(one.name for one in centre.transfer),
        third_parties=tuple(listed_row(one) for one in listed(centre.third_party, ()).values()),
        colours={letter: getattr(folder.colours, group) for group, letter in GROUPS.items()},
        map=of_map,
    )


def built_pages() -> Path | None:
    """The built web pages: those of the wheel, or those of the checkout."""
    here = Path(__file__).resolve().parent
    found = (folder for folder in (here / "_web", here.parents[1] / "web" / "dist") if (folder / "index.html").exists())
    return next(found, None)
