"""The demo centre: Larkspur County 911, an invented county on the streets of Columbus, Ohio.

`prepare` derives roads, made-up house numbers and boundaries once; `make_centre` makes a centre folder from them.
Roads and addresses are derived from OpenStreetMap and under the ODbL: see LICENSE-DATA.
"""

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from tenfour.adapters.address_index import write_addresses
from tenfour.adapters.boundary_import import import_boundaries
from tenfour.adapters.osm_import import import_roads
from tenfour.adapters.progress import Progress, Tell
from tenfour.demo.houses import County, synthesise
from tenfour.vocabulary.errors import BadInput, Refused

HERE = Path(__file__).parent
EXTRACT = HERE / "columbus.osm.pbf"
LARKSPUR = County(town="Larkspur", county="Larkspur County", state="OH")
FIRST_NUMBERS = {"Kendall Place": 9400}
"""The golden story is told at 9417 Kendall Place."""

DERIVED = ("roads.npz", "addresses.sqlite", "boundaries.geojson")
MAP = HERE / "columbus.pmtiles"
"""Made of the extract by scripts/map/make."""
SETTINGS = ("centre.toml", "units.toml", "policy.toml", "announcement.wav")
FOLDERS = ("data", "line", "recordings", "run", "secrets")

_STAMP = "made-from"
_MADE_BY = (
    "roads/*.py",
    "demo/houses.py",
    "demo/make.py",
    "adapters/osm_import.py",
    "adapters/road_store.py",
    "adapters/address_index.py",
    "adapters/street_words.py",
    "adapters/boundary_import.py",
    "adapters/geojson.py",
)


def prepare(cache: Path) -> None:
    """Derive the demo's data into `cache`; at once when it is there and nothing it is made from has changed."""
    made_from = _made_from()
    stamp = cache / _STAMP
    if stamp.exists() and stamp.read_text() == made_from and all((cache / name).exists() for name in DERIVED):
        return
    cache.mkdir(parents=True, exist_ok=True)
    stamp.unlink(missing_ok=True)
    with Progress("demo centre") as tell:
        _derive(cache, tell)
    stamp.write_text(made_from)


def make_centre(
    folder: Path,
    cache: Path | None = None,
    *,
    http: str | None = None,
    sip: str | None = None,
    rtp_ports: tuple[int, int] | None = None,
    outside: str | None = None,
) -> None:
    """Make a demo centre in `folder`, which must be new or empty; raises `Refused` when it is not.

    `cache` is where `prepare` derived (or will derive) the data; without it the data is derived for this folder.
    `http` and `sip` are HOST:PORT, `rtp_ports` the first and last port for audio, all instead of the usual ones.
    `outside` is HOST:PORT of whoever plays other centres and third parties; without it the centre knows of none.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused(f"{folder} is there and not empty; a new centre needs a folder of its own.")
    settings = _with_addresses((HERE / "centre.toml").read_text(encoding="utf-8"), http, sip, rtp_ports)
    if outside is not None:
        settings += _outside(outside)
    folder.mkdir(parents=True, exist_ok=True)
    for name in FOLDERS:
        (folder / name).mkdir(mode=0o700 if name in {"secrets", "run"} else 0o755)
    _bring_data(folder / "data", cache)
    shutil.copyfile(MAP, folder / "data" / "map.pmtiles")
    for name in SETTINGS[1:]:
        shutil.copyfile(HERE / name, folder / name)
    (folder / "centre.toml").write_text(settings, encoding="utf-8")


def _bring_data(data: Path, cache: Path | None) -> None:
    if cache is None:
        with tempfile.TemporaryDirectory(dir=data.parent, prefix=".derive-") as own:
            prepare(Path(own))
            _link_all(Path(own), data)
    else:
        prepare(cache)
        _link_all(cache, data)


def _link_all(source: Path, data: Path) -> None:
    """The derived files are never written to again, so that one file can lie in many centre folders."""
    for name in DERIVED:
        try:
            os.link(source / name, data / name)
        except OSError:
            shutil.copyfile(source / name, data / name)


def _derive(cache: Path, tell: Tell) -> None:
    graph = import_roads(EXTRACT, cache / "roads.npz", tell)
    tell("numbering houses")
    write_addresses(cache / "addresses.sqlite", synthesise(graph, LARKSPUR, FIRST_NUMBERS))
    import_boundaries(HERE / "boundaries.geojson", cache / "boundaries.geojson", tell)


def _made_from() -> str:
    """A digest of the extract and of the code that derives from it."""
    digest = sha256()
    sources = [EXTRACT, HERE / "boundaries.geojson"]
    for pattern in _MADE_BY:
        sources += sorted(HERE.parent.glob(pattern))
    for source in sources:
        digest.update(source.name.encode() + b"\0" + source.read_bytes())
    return digest.hexdigest()


def _with_addresses(settings: str, http: str | None, sip: str | None, rtp_ports: tuple[int, int] | None) -> str:
    if http is not None:
        host, port = _host_and_port(http)
        settings = _set(settings, "host", f'"{host}"')
        settings = _set(settings, "port", str(port))
    if sip is not None:
        host, port = _host_and_port(sip)
        settings = _set(settings, "bind", f'"{host}:{port}"')
    if rtp_ports is not None:
        settings = _set(settings, "rtp_ports", f"[{rtp_ports[0]}, {rtp_ports[1]}]")
    return settings


def _outside(address: str) -> str:
    """Who is outside of the county, all of them at this address."""
    host, port = _host_and_port(address)
    return "\n" + (HERE / "outside.toml").read_text(encoding="utf-8").replace("HOST:PORT", f"{host}:{port}")


def _host_and_port(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not re.fullmatch(r"[A-Za-z0-9.:\[\]-]+", host) or not port.isdecimal() or int(port) > 65_535:
        raise BadInput(f"{text!r} is no HOST:PORT; expected such as 127.0.0.1:8911.")
    return host, int(port)


def _set(settings: str, key: str, value: str) -> str:
    changed, times = re.subn(rf"(?m)^{key} = .*$", f"{key} = {value}", settings)
    if times != 1:
        raise BadInput(f"The demo's centre.toml sets {key} {times} times; expected once.")
    return changed


def main(arguments: Sequence[str] | None = None) -> int:
    """`python -m tenfour.demo.make CACHE`: derive the data there."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if len(given) != 1:
        sys.stderr.write("usage: python -m tenfour.demo.make CACHE\n")
        return 2
    prepare(Path(given[0]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
