"""An ear hears every voice that speaks, none that does not, and any other sound for what it is."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tenfour.play.ear import CENTRE, LISTENS_S, Ear, tone, who_speaks
from tenfour.play.sound import SILENCE
from tenfour.telephony.g711 import Samples, decode_ulaw, encode_ulaw

VOICES = {"girl": 440, "Castellanos": 700, "interpreter": 1150, "supervisor": 1800, "Novak": 3100}


def said(name: str, begin: int = 0) -> Samples:
    """Some of this voice, from any of its packets on."""
    packets = tone(VOICES[name])
    return decode_ulaw(b"".join((*packets[begin:], *packets[:begin])[: int(LISTENS_S * 50)]))


def mixed(sounds: list[Samples]) -> Samples:
    total = np.sum(sounds, axis=0, dtype=np.int32) if sounds else np.zeros(3200, np.int32)
    return decode_ulaw(encode_ulaw(np.clip(total, -32768, 32767).astype(np.int16)))


@given(st.sets(st.sampled_from(sorted(VOICES))), st.integers(0, 49))
def test_exactly_those_who_speak_are_heard(speaking: set[str], begin: int) -> None:
    heard = who_speaks(mixed([said(name, begin) for name in sorted(speaking)]), VOICES)
    assert heard == speaking


@given(st.sets(st.sampled_from(sorted(VOICES)), max_size=2), st.integers(0, 2**32 - 1))
def test_any_other_sound_is_the_centre_s(speaking: set[str], seed: int) -> None:
    noise = np.random.default_rng(seed).normal(0, 2500, 3200).astype(np.int16)
    assert who_speaks(mixed([noise, *(said(name) for name in sorted(speaking))]), VOICES) == speaking | {CENTRE}


def test_a_late_packet_makes_nobody_else_speak() -> None:
    torn = said("girl").copy()
    torn[1600:1760] = 0
    assert who_speaks(torn, VOICES) == {"girl"}


def test_silence_and_a_line_without_packets_are_nobody() -> None:
    ear = Ear()
    assert ear.hears(VOICES, 0.0) == frozenset()
    for number in range(50):
        ear.take(decode_ulaw(SILENCE), number * 0.02)
    assert ear.hears(VOICES, 1.0) == frozenset()


def test_what_was_said_a_while_ago_is_not_heard_now() -> None:
    ear = Ear()
    for number, packet in enumerate(tone(440)):
        ear.take(decode_ulaw(packet), number * 0.02)
    assert ear.hears(VOICES, 1.0) == {"girl"}
    assert ear.hears(VOICES, 2.0) == frozenset()


def test_a_voice_follows_itself_without_a_click() -> None:
    twice = decode_ulaw(b"".join(tone(440) * 2)).astype(np.int64)
    steps = np.abs(np.diff(twice))
    assert steps[7990:8010].max() <= steps[:7000].max()
