"""The lock of the extra asks for nothing else than the lock of everything."""

import re
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
PIN = re.compile(r"^([a-z0-9-]+)==(\S+)", re.M)


def pins(name: str) -> set[tuple[str, str]]:
    return set(PIN.findall((CHECKOUT / name).read_text(encoding="utf-8")))


def test_extra_is_locked_on_top_of_everything_else() -> None:
    everything, with_extra = pins("requirements.lock"), pins("requirements-speech.lock")
    assert everything <= with_extra, "made anew as pyproject.toml says, with --extra speech -c requirements.lock"
    assert "faster-whisper" in {name for name, _ in with_extra - everything}
