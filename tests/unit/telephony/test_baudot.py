"""TTY in the audio: what one says the other reads, and nothing else in a call is taken for it."""

import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenfour.telephony.baudot import (
    BIT,
    FRAME,
    IN_FIGURES,
    IN_LETTERS,
    MARK_HZ,
    RATE,
    SPACE_HZ,
    ZERO_DBM0,
    BaudotReader,
    BaudotSender,
    for_tty,
)
from tenfour.telephony.concealment import Concealer
from tenfour.telephony.g711 import Samples, decode_ulaw, encode_ulaw

VOICES = Path(__file__).parents[3] / "stories" / "audio"
HELP = "HELP HE HAS A GUN 1428 ELM ST GA"


def tones(text: str, level_dbm0: float = -10.0) -> Samples:
    """All that is heard when this is said, and half a second of silence before and after."""
    sender = BaudotSender(level_dbm0)
    sender.type(text)
    frames = []
    while (frame := sender.frame()) is not None:
        frames.append(frame)
    silence = np.zeros(RATE // 2, dtype=np.int16)
    return np.concatenate([silence, *frames, silence])


def heard(samples: Samples, reader: BaudotReader | None = None, size: int = FRAME) -> str:
    reader = reader or BaudotReader()
    return "".join(reader.take(samples[at : at + size]) for at in range(0, samples.size, size))


def noise(size: int, dbm0: float, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, ZERO_DBM0 / 2**0.5 * 10 ** (dbm0 / 20), size)


def sine(*hertz: float, seconds: float = 2.0, dbm0: float = -13.0) -> np.ndarray:
    at = np.arange(int(seconds * RATE)) / RATE
    return sum(np.sin(2 * np.pi * each * at) for each in hertz) * ZERO_DBM0 * 10 ** (dbm0 / 20)


def as_samples(wave: np.ndarray) -> Samples:
    return np.clip(np.rint(wave), -32768, 32767).astype(np.int16)


@pytest.mark.parametrize("level_dbm0", [-3, -10, -20, -35])
def test_what_is_said_is_read_at_any_level(level_dbm0):
    assert heard(tones(HELP, level_dbm0)) == HELP


def test_every_character_there_is_can_be_said():
    everything = "".join(dict.fromkeys((IN_LETTERS + IN_FIGURES).translate({0: None, 13: None, 10: None, 8: None})))
    assert heard(tones(everything)) == everything


def test_new_lines_and_backspaces_are_read_as_such():
    assert heard(tones("HEP\bLP\nME\r\nNOW")) == "HEP\bLP\nME\nNOW"


def test_what_tty_does_not_have_is_said_by_what_is_like_it():
    assert for_tty("Olá, 50% @ café ☃\u0007") == "OLA, 50/ X CAFE ?"


@given(st.text(alphabet="ABC 123?\n", min_size=3, max_size=12), st.integers(20, 500))
@settings(max_examples=20, deadline=None)
def test_where_audio_is_cut_makes_no_difference(text, size):
    assert heard(tones(text), size=size) == heard(tones(text)) == for_tty(text).replace("\r\n", "\n")


@pytest.mark.parametrize("size", [20, 160, 800, 1600, 40_000])
def test_a_voice_before_and_noise_below_are_listened_through_however_the_audio_is_cut(size):
    with wave.open(str(VOICES / "hello.wav")) as voice:
        spoken = np.frombuffer(voice.readframes(voice.getnframes()), dtype="<i2")
    said = np.concatenate([spoken, spoken[:4321], tones(HELP, -25.0)[RATE // 2 :], spoken[:8000], tones("SK")])
    assert heard(as_samples(said + noise(said.size, -50.0)), size=size) == HELP + "SK"


@pytest.mark.parametrize("clock", [0.95, 0.98, 1.02, 1.05])
def test_clock_may_be_five_percent_off(clock, monkeypatch):
    monkeypatch.setattr("tenfour.telephony.baudot.BIT", round(BIT * clock))
    monkeypatch.setattr("tenfour.telephony.baudot.STOP", round(BIT * clock * 1.5))
    assert heard(tones(HELP)) == HELP


@pytest.mark.parametrize("offset_hz", [-20, 20])
def test_tones_may_be_a_little_off(offset_hz, monkeypatch):
    monkeypatch.setattr("tenfour.telephony.baudot.MARK_HZ", MARK_HZ + offset_hz)
    monkeypatch.setattr("tenfour.telephony.baudot.SPACE_HZ", SPACE_HZ + offset_hz)
    assert heard(tones(HELP)) == HELP


@pytest.mark.parametrize("level_dbm0", [-10, -35])
def test_mu_law_does_no_harm(level_dbm0):
    assert heard(decode_ulaw(encode_ulaw(tones(HELP, level_dbm0)))) == HELP


@pytest.mark.parametrize("below_db", [30, 20, 12])
def test_noise_below_it_does_no_harm(below_db):
    said = tones(HELP, -15.0)
    assert heard(as_samples(said + noise(said.size, -15.0 - below_db))) == HELP


def test_lost_packets_that_are_made_up_for_damage_what_they_hit_and_no_more():
    said = tones("THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG " * 2)
    lost, concealer = {60, 61, 155, 250}, Concealer()
    frames = [
        concealer.lost(FRAME) if at in lost else concealer.heard(said[at * FRAME : (at + 1) * FRAME])
        for at in range(said.size // FRAME)
    ]
    read = heard(np.concatenate(frames))
    wanted = "THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG " * 2
    assert read.endswith(wanted[50:])
    assert abs(len(read) - len(wanted)) <= 3


def test_first_character_is_not_lost_though_one_alone_is_no_tty():
    assert heard(tones("GA")) == "GA"
    reader = BaudotReader()
    assert heard(tones("E")[: RATE // 2 + 1200 + 9 * BIT], reader) == ""
    assert not reader.sure


def test_two_tty_one_after_the_other_and_a_voice_between():
    voice = as_samples(sine(130, 390, 650, 1040, dbm0=-20) * (1 + sine(3, dbm0=-80)))
    assert heard(np.concatenate([tones("HELLO GA"), voice, tones("YES GA")])) == "HELLO GAYES GA"


DTMF = [(low, high) for low in (697, 770, 852, 941) for high in (1209, 1336, 1477, 1633)]


@pytest.mark.parametrize("hertz", DTMF, ids=str)
def test_keys_are_no_tty(hertz):
    bursts = [np.concatenate([sine(*hertz, seconds=0.1), np.zeros(600)]) for _ in range(20)]
    assert heard(as_samples(np.concatenate(bursts))) == ""


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(5 * RATE),
        noise(20 * RATE, -20),
        noise(20 * RATE, -50, seed=2),
        sine(1400, seconds=5),
        sine(1800, seconds=5),
        np.concatenate([sine(each, seconds=0.33) for each in (950, 1400, 1800, 0, 950, 1400, 1800) * 5]),
        np.concatenate([sine(2100, seconds=3), sine(1100, seconds=0.5), sine(1400, 2300, seconds=2)]),
        np.concatenate([sine(440, 480), np.zeros(2 * RATE)] * 3),
    ],
    ids=["silence", "noise", "faint noise", "mark", "space", "information tones", "fax and modem", "ringing"],
)
def test_other_sounds_are_no_tty(sound):
    reader = BaudotReader()
    assert heard(as_samples(sound), reader) == ""
    assert not reader.sure


@pytest.mark.parametrize("level_db", [0, -20])
@pytest.mark.parametrize("file", sorted(VOICES.glob("*.wav")), ids=lambda file: file.stem)
def test_voices_are_no_tty(file, level_db):
    with wave.open(str(file)) as voice:
        said = np.frombuffer(voice.readframes(voice.getnframes()), dtype="<i2")
    reader = BaudotReader()
    assert heard(as_samples(np.tile(said, 5) * 10 ** (level_db / 20)), reader) == ""
    assert not reader.sure


def test_any_audio_can_be_taken():
    random = np.random.default_rng(3)
    reader = BaudotReader()
    for _ in range(50):
        reader.take(random.integers(-32768, 32767, random.integers(0, 700), dtype=np.int16))
