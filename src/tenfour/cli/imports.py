"""`tenfour import roads | addresses | boundaries | map FILE [DIR]`: bring an agency's own data into a centre folder."""

import argparse
import sys
import tomllib
from pathlib import Path
from typing import Any

from tenfour.adapters.address_import import import_addresses
from tenfour.adapters.address_index import write_addresses
from tenfour.adapters.boundary_import import import_boundaries
from tenfour.adapters.centre_folder import MapSetting
from tenfour.adapters.map_file import import_map
from tenfour.adapters.osm_import import import_roads
from tenfour.adapters.progress import Progress
from tenfour.cli.run import DEMO_FOLDER
from tenfour.demo.houses import County, synthesise
from tenfour.roads.graph import RoadGraph
from tenfour.vocabulary.errors import BadFile, Refused

MADE_UP_IN = ("demo", "training", "practice")
"""Modes of a centre that may have house numbers made up."""


def add_to(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `import` to the command line."""
    command = subcommands.add_parser("import", help="bring roads, addresses, boundaries or a map into a centre")
    kinds = command.add_subparsers(title="what to import", metavar="WHAT", required=True)
    roads = _kind(kinds, "roads", "an OpenStreetMap extract (.osm.pbf)")
    roads.add_argument("--synthesise", action="store_true", help="make up house numbers too (not in a live centre)")
    roads.set_defaults(run=lambda chosen: roads_run(chosen.file, chosen.folder, synthesised=chosen.synthesise))
    addresses = _kind(kinds, "addresses", "CSV or GeoJSON with NENA GIS field names")
    addresses.set_defaults(run=lambda chosen: addresses_run(chosen.file, chosen.folder))
    boundaries = _kind(kinds, "boundaries", "GeoJSON polygons of beats and agencies")
    boundaries.set_defaults(run=lambda chosen: boundaries_run(chosen.file, chosen.folder))
    tiles = _kind(kinds, "map", "a PMTiles archive of vector tiles (scripts/map/make makes one)")
    tiles.set_defaults(run=lambda chosen: map_run(chosen.file, chosen.folder))


def _kind(
    kinds: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, file_help: str
) -> argparse.ArgumentParser:
    command = kinds.add_parser(name, help=f"{name} from {file_help}")
    command.add_argument("file", metavar="FILE", type=Path, help=file_help)
    command.add_argument("folder", metavar="DIR", nargs="?", type=Path, default=_here(), help="the centre folder")
    return command


def _here() -> Path:
    """The centre meant when none is named: the one we stand in, else the demo centre."""
    return Path() if Path("centre.toml").is_file() else DEMO_FOLDER


def roads_run(file: Path, folder: Path, *, synthesised: bool = False) -> int:
    """Import a road network; raises `BadFile` (nothing is then changed), `Refused` for made-up houses when live."""
    name, mode = _centre(folder)
    if synthesised and mode not in MADE_UP_IN:
        raise Refused(
            f"{folder} is a {mode} centre; house numbers are made up only in {', '.join(MADE_UP_IN)} centres."
        )
    with Progress("import roads") as tell:
        graph = import_roads(file, folder / "data" / "roads.npz", tell)
        houses = None
        if synthesised:
            tell("numbering houses")
            county = County(town=name, county=name, state="")
            houses = write_addresses(folder / "data" / "addresses.sqlite", synthesise(graph, county))
    _say(_imported_roads(graph, houses))
    return _restart()


def addresses_run(file: Path, folder: Path) -> int:
    """Import addresses; raises `BadFile` (nothing is then changed)."""
    _centre(folder)
    with Progress("import addresses") as tell:
        count = import_addresses(file, folder / "data" / "addresses.sqlite", tell)
    _say(f"Imported {count:,} addresses.")
    return _restart()


def boundaries_run(file: Path, folder: Path) -> int:
    """Import boundaries; raises `BadFile` (nothing is then changed)."""
    _centre(folder)
    with Progress("import boundaries") as tell:
        count = import_boundaries(file, folder / "data" / "boundaries.geojson", tell)
    _say(f"Imported {count:,} areas.")
    return _restart()


def map_run(file: Path, folder: Path) -> int:
    """Bring the map that desks draw; raises `BadFile` (nothing is then changed)."""
    chosen = _settings(folder).get("map", {}).get("file", MapSetting().file)
    header = import_map(file, folder / str(chosen))
    whose = f" {header.credit}." if header.credit else ""
    _say(f"Imported a map of {header.length / 1e6:,.1f} MB.{whose}")
    return _restart()


def _centre(folder: Path) -> tuple[str, str]:
    """Name and mode of the centre in `folder`; raises `BadFile` when there is none."""
    settings = _settings(folder)
    return str(settings.get("name", "")), str(settings.get("mode", ""))


def _settings(folder: Path) -> dict[str, Any]:
    """What centre.toml says, unchecked: data can be brought in before the rest is right. Raises `BadFile`."""
    file = folder / "centre.toml"
    if not file.is_file():
        raise BadFile(folder, None, "is no centre folder (it has no centre.toml); make one with: tenfour init DIR")
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise BadFile(file, None, f"cannot be read: {error}.") from error


def _imported_roads(graph: RoadGraph, houses: int | None) -> str:
    kilometres = graph.edge_length_m.sum() / 1000
    text = f"Imported {kilometres:,.0f} km of roads: {graph.node_count:,} junctions, {len(graph.names) - 1:,} names"
    return f"{text}; made up {houses:,} house numbers. {graph.source}." if houses else f"{text}. {graph.source}."


def _restart() -> int:
    _say("A running centre uses it from its next start.")
    return 0


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
