"""`tenfour init DIR`: a new centre folder, ready to be run and to be filled in."""

import argparse
import re
import shutil
import sys
from pathlib import Path

from tenfour.adapters.centre_folder import MODES, read_centre_folder
from tenfour.cli.run import DEMO_CACHE
from tenfour.demo.make import FOLDERS, HERE, make_centre
from tenfour.vocabulary.errors import BadInput, Refused

CENTRE_TOML = """\
# {name}. Every setting is described in docs/settings.md; what is not said here has its preset.
id = "{centre_id}"
name = "{name}"
mode = "{mode}"                      # live, demo, training or practice; fixed once the record has begun
time_zone = "{time_zone}"

[[agency]]
id = "police"
name = "Police"
service = "police"                   # police, fire or ems

[[position]]
id = "01"

[[position]]
id = "02"

[[person]]
id = "first"
name = "First Person"
roles = ["call_taker", "dispatcher", "supervisor"]

[[person]]
id = "p1"
name = "Crew of P1"
roles = ["unit"]
unit = "P1"

[http]
host = "127.0.0.1"                   # any other address is refused until there is TLS and login
port = 8911

[sip]
bind = "127.0.0.1:5060"
rtp_ports = [40000, 40998]
"""

UNITS_TOML = """\
# The roster: one [[unit]] for each call sign. `post` is where the unit starts its shift.
[[unit]]
id = "P1"
agency = "police"
crew = ["First Crew"]
post = {{ lat = {lat}, lon = {lon} }}
"""

POLICY_TOML = """\
# What this centre decides by rule: clocks, advice, plans. Everything not said here has the preset of docs/settings.md.
"""


def add_to(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `init` to the command line."""
    command = subcommands.add_parser("init", help="make a new centre folder")
    command.add_argument("folder", metavar="DIR", type=Path, help="a folder that is not there yet, or empty")
    command.add_argument("--demo", action="store_true", help="the demo centre: an invented county on real streets")
    command.add_argument("--name", default="New Centre", help="the centre's name")
    command.add_argument("--mode", choices=MODES, default="training", help="fixed for ever once the record has begun")
    command.add_argument("--time-zone", default="America/New_York", help="an IANA name: days and shifts are told in it")
    command.add_argument("--post", default="39.9612,-82.9988", metavar="LAT,LON", help="where the first unit stands")
    command.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Make the folder; raises `Refused` when it is not empty and `BadFile` when a setting given is no good."""
    folder: Path = chosen.folder
    if chosen.demo:
        make_centre(folder, DEMO_CACHE)
    else:
        _make(folder, chosen)
    sys.stdout.write(f"A centre folder is in {folder}. Start it: tenfour run {folder}\n")
    if not chosen.demo:
        sys.stdout.write(
            f"Before it can recommend: fill in centre.toml and units.toml, then\n"
            f"  tenfour import roads FILE.osm.pbf {folder}\n  tenfour import addresses FILE {folder}\n"
        )
    return 0


def _make(folder: Path, chosen: argparse.Namespace) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused(f"{folder} is there and not empty; a new centre needs a folder of its own.")
    name = chosen.name.strip()
    if not name or not name.isprintable() or '"' in name or "\\" in name:
        raise BadInput(f"The name {chosen.name!r} cannot be used; expected words without quotation marks.")
    lat, lon = _post(chosen.post)
    made = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        _fill(folder, name, chosen, lat, lon)
        read_centre_folder(folder)
    except Exception:
        _take_back(folder, made)
        raise


def _fill(folder: Path, name: str, chosen: argparse.Namespace, lat: float, lon: float) -> None:
    for sub in FOLDERS:
        (folder / sub).mkdir(mode=0o700 if sub in {"secrets", "run"} else 0o755)
    centre_id = re.sub(r"[^a-z0-9]+", ".", name.lower()).strip(".") or "centre"
    centre = CENTRE_TOML.format(name=name, centre_id=centre_id, mode=chosen.mode, time_zone=chosen.time_zone)
    (folder / "centre.toml").write_text(centre, encoding="utf-8")
    (folder / "units.toml").write_text(UNITS_TOML.format(lat=lat, lon=lon), encoding="utf-8")
    (folder / "policy.toml").write_text(POLICY_TOML, encoding="utf-8")
    shutil.copyfile(HERE / "announcement.wav", folder / "announcement.wav")


def _take_back(folder: Path, made: bool) -> None:
    """Leave nothing half-made."""
    for child in folder.iterdir():
        shutil.rmtree(child) if child.is_dir() else child.unlink()
    if made:
        folder.rmdir()


def _post(text: str) -> tuple[float, float]:
    found = re.fullmatch(r"\s*(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\s*", text)
    if not found or abs(float(found[1])) > 90 or abs(float(found[2])) > 180:
        raise BadInput(f"--post {text!r} is no place; expected LAT,LON such as 39.9612,-82.9988.")
    return float(found[1]), float(found[2])
