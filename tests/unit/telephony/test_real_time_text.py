"""Real-time text both ways (RFC 4103): what is typed arrives, whatever the wire loses, doubles or turns round."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tenfour.telephony.redundancy import parse_redundancy
from tenfour.telephony.rtp import RtpPacket
from tenfour.telephony.t140 import MISSING
from tenfour.telephony.text_receiver import BURST, PATIENCE_S, TextPlace, TextReceiver
from tenfour.telephony.text_sender import BUFFERING_S, CPS_OVER_S, KEEPALIVE_S, TextSender

T140, RED = 98, 100


def sender(**changes):
    return TextSender(T140, RED, **{"ssrc": 7, "sequence": 65_530, **changes})


def said(typist: TextSender, words: list[str], *, pause_s: float = 1.0) -> list[tuple[float, RtpPacket]]:
    """Each word typed after a pause; every packet until the redundancy has gone out, with its time."""
    sent, now = [], 100.0
    for word in [*words, ""]:
        typist.type(word)
        until = now + pause_s
        while typist.next_timer() < until or typist.waiting:
            now = max(now, typist.next_timer())
            packet = typist.packet(now)
            assert packet is not None
            sent.append((now, packet))
        now = max(now, until)
    return sent


def heard(packets, receiver: TextReceiver | None = None) -> str:
    receiver = receiver or TextReceiver(T140, RED)
    text, now = "", 0.0
    for now, packet in packets:
        text += receiver.handle_timer(now) + receiver.take(packet, now)
    return text + receiver.handle_timer(now + 2 * PATIENCE_S) + receiver.finish(now + 2 * PATIENCE_S)


def test_each_block_goes_out_three_times():
    packets = [packet for _, packet in said(sender(), ["help"])]
    blocks = [tuple(block.data for block in parse_redundancy(packet.payload)) for packet in packets]
    mark = "\ufeff".encode()
    assert blocks == [(b"", b"", mark + b"help"), (b"", mark + b"help", b""), (mark + b"help", b"", b"")]
    assert [packet.marker for packet in packets] == [True, False, False]


def test_text_is_collected_for_300_ms_and_the_offsets_say_so():
    typist = sender()
    first = typist.packet(10.0)
    typist.type("a")
    assert typist.packet(10.1) is None
    typist.type("b")
    second = typist.packet(10.0 + BUFFERING_S)
    assert first is not None and second is not None
    assert [(block.offset, block.data) for block in parse_redundancy(second.payload)][1:] == [
        (300, "\ufeff".encode()),
        (0, b"ab"),
    ]
    assert (second.timestamp - first.timestamp, second.sequence) == (300, 65_531)


def test_marker_stands_on_the_first_packet_after_a_pause():
    packets = said(sender(), ["a", "b"], pause_s=3.0)
    assert [packet.marker for _, packet in packets] == [True, False, False, True, False, False]


def test_silence_is_broken_by_a_byte_order_mark_that_nobody_reads():
    typist = sender()
    while typist.next_timer() < 12.0:
        typist.packet(max(typist.next_timer(), 10.0))
    assert 10.0 + KEEPALIVE_S <= typist.next_timer() < 20.0
    packet = typist.packet(typist.next_timer())
    assert packet is not None and packet.marker
    assert heard([(0.0, packet)]) == ""


def test_plain_t140_is_spoken_and_heard_where_there_is_no_redundancy():
    packets = said(TextSender(T140, None, ssrc=7, sequence=0), ["no ", "redundancy"])
    assert {packet.payload_type for _, packet in packets} == {T140}
    assert heard(packets, TextReceiver(T140, None)) == "no redundancy"


def test_nobody_is_sent_more_characters_than_they_can_take():
    typist = sender()
    typist.speak(T140, RED, cps=2)
    typist.type("x" * 50)
    sent, now = [], 0.0
    while typist.waiting:
        now = max(now, typist.next_timer())
        packet = typist.packet(now)
        assert packet is not None
        sent.append((now, len(parse_redundancy(packet.payload)[-1].data.decode())))
    for start, _ in sent:
        assert sum(count for at, count in sent if start <= at < start + CPS_OVER_S) <= 2 * CPS_OVER_S


def test_two_packets_in_a_row_may_be_lost():
    packets = said(sender(), list("They are downstairs"), pause_s=0.3)
    kept = [each for at, each in enumerate(packets) if at % 3 == 2 or at == len(packets) - 1]
    assert heard(kept) == "They are downstairs"


def test_three_lost_in_a_row_are_marked_once():
    packets = said(sender(), list("abcdefgh"), pause_s=0.3)
    kept = [each for at, each in enumerate(packets) if not 2 <= at <= 5]
    assert heard(kept) == f"ab{MISSING}efgh"


def test_what_comes_late_is_waited_for_and_put_in_its_place():
    packets = said(TextSender(T140, None, ssrc=7, sequence=65_534), list("abcd"), pause_s=0.3)
    packets[1], packets[2] = (packets[2][0], packets[2][1]), (packets[2][0] + 0.1, packets[1][1])
    assert heard(packets, TextReceiver(T140, None)) == "abcd"


def test_what_comes_after_a_second_is_marked_as_missing():
    packets = said(TextSender(T140, None, ssrc=7, sequence=5), list("abcd"), pause_s=0.3)
    late = packets.pop(1)
    packets.append((packets[-1][0] + 5.0, late[1]))
    assert heard(packets, TextReceiver(T140, None)) == f"a{MISSING}cd"


def test_new_source_is_heard_and_nothing_of_the_old_one_is_lost():
    packets = [*said(sender(), ["one "]), *said(sender(ssrc=8, sequence=3), ["two"])]
    assert heard(packets) == "one two"


def test_sender_that_counts_anew_is_believed_by_its_second_packet():
    packets = [*said(sender(), ["one "]), *said(sender(sequence=30_000), ["two"])]
    assert heard(packets) == "one two"


def test_receiver_of_a_new_run_repeats_nothing():
    packets = said(sender(), list("abc"), pause_s=0.3)
    first = TextReceiver(T140, RED)
    before = "".join(first.take(packet, at) for at, packet in packets[:2])
    assert isinstance(first.place, TextPlace)
    assert before + heard(packets[2:], TextReceiver(T140, RED, first.place)) == "abc"


def test_character_cut_in_two_is_put_together():
    data = "é".encode()
    packets = [(0.3 * at, RtpPacket(T140, at, 300 * at, 7, data[at : at + 1])) for at in range(2)]
    assert heard(packets, TextReceiver(T140, None)) == "é"


def test_flood_is_cut_and_marked_once():
    receiver = TextReceiver(T140, None)
    text = "".join(receiver.take(RtpPacket(T140, at, 0, 7, b"x" * 1000), 1.0) for at in range(30))
    assert text == "x" * BURST + MISSING
    assert receiver.flooded == 30_000 - BURST
    assert receiver.take(RtpPacket(T140, 30, 0, 7, b"still heard"), 2.0) == "still heard"


def test_packets_that_are_no_text_are_counted_and_change_nothing():
    receiver = TextReceiver(T140, RED)
    assert receiver.take(RtpPacket(0, 1, 0, 7, b"audio"), 0.0) == ""
    assert receiver.take(RtpPacket(RED, 1, 0, 7, b"\x80"), 0.0) == ""
    assert receiver.take(RtpPacket(RED, 1, 0, 7, b"\x00hello"), 0.0) == ""
    assert (receiver.broken, receiver.place) == (3, None)


WORDS = st.lists(st.text(alphabet="abc é救\b\n", min_size=1, max_size=6), min_size=1, max_size=12)


@given(WORDS, st.sets(st.integers(0, 60)), st.randoms(use_true_random=False))
def test_nothing_is_lost_where_one_of_three_copies_comes(words, lost, random):
    """Any packets may be lost but never three in a row, and each may come twice or up to 0.6 s late."""
    packets = said(sender(), words, pause_s=0.3)
    kept: list[tuple[float, RtpPacket]] = []
    for at, each in enumerate(packets):
        missing_before = [packets[b] not in kept for b in range(max(0, at - 2), at)]
        if at in lost and at < len(packets) - 1 and not (len(missing_before) == 2 and all(missing_before)):
            continue
        kept.append(each)
    came = [(at + random.choice([0.0, 0.0, 0.29]), packet) for at, packet in [*kept, *random.sample(kept, 1)]]
    text = heard(sorted(came, key=lambda each: each[0]))
    assert text == "".join(words).replace("\ufeff", "")


PACKETS = st.builds(
    RtpPacket, st.sampled_from([T140, RED, 0]), st.integers(0, 65535), st.just(0), st.integers(1, 2), st.binary()
)


@given(st.lists(PACKETS, max_size=30))
def test_no_packets_raise_and_all_text_can_be_kept(packets):
    receiver = TextReceiver(T140, RED)
    for at, packet in enumerate(packets):
        text = receiver.take(packet, at * 0.4) + receiver.handle_timer(at * 0.4 + 0.1)
        assert msgspec.json.decode(msgspec.json.encode(text)) == text
        assert receiver.next_timer() is None or receiver.next_timer() <= at * 0.4 + 0.1 + PATIENCE_S
    receiver.finish(100.0)
    assert receiver.next_timer() is None
