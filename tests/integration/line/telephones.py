"""Telephones that are not ours made ready in a folder: what they say, how baresip listens, as whom it calls."""

import wave
from pathlib import Path

import numpy as np

from tenfour.telephony.g711 import encode_ulaw

CONFIG = """
poll_method epoll
sip_listen 127.0.0.1:{port}
audio_source aufile,{folder}/voice.wav
audio_player aubridge,nowhere
audio_alert aubridge,nowhere
ausrc_srate 8000
auplay_srate 8000
module_path {modules}
module cons.so
module g711.so
module aufile.so
module aubridge.so
module_app account.so
module_app menu.so
"""


def write_mulaw(path: Path, hertz: float) -> None:
    """A second of a tone as SIPp says it again and again."""
    path.write_bytes(encode_ulaw((8000 * np.sin(2 * np.pi * hertz * np.arange(8000) / 8000)).astype("<i2")))


def write_voice(path: Path, hertz: float) -> None:
    """Twenty seconds of a tone."""
    at = np.arange(20 * 8000) / 8000
    with wave.open(str(path), "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(8000)
        wav.writeframes((8000 * np.sin(2 * np.pi * hertz * at)).astype("<i2").tobytes())


def write_baresip(folder: Path, *, modules: Path, port: int, account: str, more: str = "") -> None:
    """A telephone that says a tone of 700 Hz; `more`: further lines of its settings."""
    write_voice(folder / "voice.wav", 700)
    (folder / "config").write_text(CONFIG.format(port=port, folder=folder, modules=modules) + more)
    (folder / "accounts").write_text(account + "\n")
