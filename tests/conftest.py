"""What tests share: real peers, free ports, the data folder beside the checkout.

A peer that is missing skips its tests with a plain reason; where CI=true it fails them.
"""

import os
import shutil
from pathlib import Path

import pytest

from tenfour.cli.story import free_port as unused_port

CHECKOUT = Path(__file__).resolve().parent.parent
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


@pytest.fixture(scope="session")
def chromium() -> str:
    """Debian's chromium."""
    return peer("chromium", "chromium")


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
