"""A TTY in packets: lost ones are made up for, late ones put in their place, a sender that counts anew goes on."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tenfour.telephony.baudot import BaudotReader, BaudotSender
from tenfour.telephony.g711 import Samples
from tenfour.telephony.rtp import RtpPacket
from tenfour.telephony.tty_ear import TtyEar

WORDS = "FIRE 1428 ELM ST GA"


def frames(text: str = WORDS) -> list[Samples]:
    sender, said = BaudotSender(), [np.zeros(160, dtype=np.int16)] * 10
    sender.type(text)
    while (frame := sender.frame()) is not None:
        said.append(frame)
    return said + [np.zeros(160, dtype=np.int16)] * 10


def packets(text: str = WORDS, *, first: int = 65_500, ssrc: int = 1) -> list[tuple[RtpPacket, Samples]]:
    return [(RtpPacket(0, (first + at) & 0xFFFF, 0, ssrc, b""), each) for at, each in enumerate(frames(text))]


def heard(given_packets, ear: TtyEar | None = None) -> str:
    ear = ear or TtyEar()
    return "".join([*(ear.take(packet, samples) for packet, samples in given_packets), ear.finish()])


def test_packets_in_order_are_read():
    assert heard(packets()) == WORDS


@given(st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None)
def test_neighbours_may_change_places_and_come_twice(random):
    given_packets = packets()
    for at in range(0, len(given_packets) - 3, 3):
        if random.random() < 0.5:
            given_packets[at], given_packets[at + 2] = given_packets[at + 2], given_packets[at]
    doubled = [each for each in given_packets for _ in range(random.choice((1, 1, 2)))]
    assert heard(doubled) == WORDS


def test_one_lost_packet_costs_two_characters_at_most():
    given_packets = packets()
    del given_packets[60]
    read = heard(given_packets)
    assert read.endswith("1428 ELM ST GA")
    assert abs(len(read) - len(WORDS)) <= 2


def test_once_there_is_a_tty_each_packet_is_listened_to_as_it_comes():
    """Before, 200 ms at once are: to be sure of one takes two characters, which last longer than that."""
    ear = TtyEar()
    told = [came for packet, samples in packets("GA" * 20) if (came := ear.take(packet, samples))]
    assert "".join(told) == "GA" * 20
    assert {len(each) for each in told[1:]} == {1}


def test_wherever_it_ends_all_that_came_was_listened_to():
    said = packets("OK")
    for count in range(len(said)):
        reader, ear = BaudotReader(), TtyEar()
        wanted = "".join(reader.take(samples) for _, samples in said[:count])
        assert heard(said[:count], ear) == wanted


def test_a_new_source_and_one_that_counts_anew_go_on():
    ear = TtyEar()
    assert heard(packets("ONE "), ear) == "ONE "
    assert heard(packets("TWO ", first=20_000), ear) == "TWO "
    assert heard(packets("SIX", ssrc=9), ear) == "SIX"
    assert ear.sure
