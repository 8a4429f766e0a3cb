"""Who may take how much of the line: what a packet is, budgets, room for calls, queues that are served in turn."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.telephony.admission import SHEDDING, Admission, Bucket, PacketClass, Strain, classify, strain_of
from tenfour.telephony.call_room import CallRoom
from tenfour.telephony.dialog import DialogKey
from tenfour.telephony.fair_queue import FairQueue

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "line.md").read_text(encoding="utf-8")


def packet(method: str, number: int = 1) -> bytes:
    return f"{method} sip:911@example.org SIP/2.0\r\nCall-ID: {number}\r\n\r\n".encode()


def strangers(_: str) -> tuple[str, float]:
    return "", 1.0


def trunk(host: str) -> tuple[str, float]:
    return ("county", 10.0) if host == "192.0.2.9" else ("", 1.0)


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (packet("INVITE"), PacketClass.CALL),
        (b"\r\n\r\n" + packet("BYE"), PacketClass.CALL),
        (packet("ACK"), PacketClass.CALL),
        (packet("CANCEL"), PacketClass.CALL),
        (packet("PRACK"), PacketClass.IN_CALL),
        (b"SIP/2.0 200 OK\r\n\r\n", PacketClass.IN_CALL),
        (packet("OPTIONS"), PacketClass.OUT_OF_CALL),
        (packet("FROBNICATE"), PacketClass.OUT_OF_CALL),
        (b"GET / HTTP/1.1\r\n\r\n", PacketClass.JUNK),
        (b"\x80\x00\x12\x34" * 40, PacketClass.JUNK),
        (b"", PacketClass.JUNK),
    ],
)
def test_packet_is_known_by_its_first_bytes(data: bytes, wanted: PacketClass) -> None:
    assert classify(data) is wanted


@given(st.binary(max_size=300))
def test_any_bytes_are_something(data: bytes) -> None:
    assert classify(data) in PacketClass


@given(st.floats(0.1, 1000), st.floats(1, 1000), st.lists(st.floats(-5, 100), max_size=200))
def test_bucket_never_gives_more_than_burst_and_rate(rate: float, burst: float, times: list[float]) -> None:
    bucket, given_out = Bucket(burst, 0.0), 0
    for now in times:
        given_out += bucket.take(rate, burst, now)
        assert 0 <= bucket.tokens <= burst
    assert given_out <= burst + rate * max([0.0, *times]) + 1e-6


@pytest.mark.parametrize("rung", SHEDDING, ids=lambda rung: rung.packet.value)
def test_what_is_shed_stands_in_the_documents_in_this_order(rung) -> None:
    place = SHEDDING.index(rung) + 1
    assert f"| {place} | `{rung.packet.value}`" in PAGE
    assert f"| {rung.rate:,.0f} | {rung.burst:,.0f} |" in PAGE


def test_nothing_that_begins_or_ends_a_call_is_shed_by_rate() -> None:
    admission = Admission(strangers)
    admission.strain = Strain.FAR_BEHIND
    for number in range(5000):
        for method in ("INVITE", "ACK", "CANCEL", "BYE"):
            assert admission.admit(packet(method, number), "192.0.2.1", 0.0) == (PacketClass.CALL, True)
    assert not admission.shed


@pytest.mark.parametrize("method", ["OPTIONS", "REGISTER", "SUBSCRIBE", "MESSAGE", "PUBLISH"])
def test_flood_of_one_kind_is_cut_and_leaves_the_others_alone(method: str) -> None:
    admission = Admission(strangers)
    taken = sum(admission.admit(packet(method, n), "192.0.2.1", n / 1000)[1] for n in range(3000))
    assert 200 <= taken <= 200 + 3 * 50 + 1
    assert admission.admit(packet(method), "192.0.2.2", 3.0)[1]
    assert admission.admit(packet("INVITE"), "192.0.2.1", 3.0)[1]
    assert admission.shed["", PacketClass.OUT_OF_CALL] == 3000 - taken


def test_trunk_may_send_more() -> None:
    admission = Admission(trunk)
    taken = sum(admission.admit(packet("OPTIONS", n), "192.0.2.9", 0.0)[1] for n in range(3000))
    assert taken == 2000
    assert admission.received["county", PacketClass.OUT_OF_CALL] == 3000


def test_invite_that_comes_again_too_soon_is_told_apart_and_one_at_its_pace_is_not() -> None:
    admission = Admission(strangers)
    assert admission.admit(packet("INVITE"), "a", 0.0)[0] is PacketClass.CALL
    assert admission.admit(packet("INVITE"), "a", 0.1)[0] is PacketClass.REPEATED_INVITE
    assert admission.admit(packet("INVITE"), "a", 0.6)[0] is PacketClass.CALL
    assert admission.admit(packet("INVITE"), "b", 0.6)[0] is PacketClass.CALL
    shed = [admission.admit(packet("INVITE"), "a", 0.7)[1] for _ in range(100)].count(False)
    assert shed >= 80


def test_behind_strangers_share_what_may_still_be_sent_and_trunks_do_not() -> None:
    admission = Admission(trunk)
    admission.strain = Strain.BEHIND
    hosts = [f"192.0.2.{n}" for n in range(100, 140)]
    for host in hosts:  # a whole second in which all are heard
        admission.admit(packet("OPTIONS"), host, 0.5)
    taken = {host: sum(admission.admit(packet("OPTIONS", n), host, 1.5)[1] for n in range(50)) for host in hosts}
    assert max(taken.values()) - min(taken.values()) <= 1
    assert 1 <= max(taken.values()) <= 10
    assert all(admission.admit(packet("OPTIONS", n), "192.0.2.9", 1.5)[1] for n in range(50))


def test_strain_follows_lag_and_work() -> None:
    assert strain_of(0.0, 0.1) is Strain.NONE
    assert strain_of(0.06, 0.1) is strain_of(0.0, 0.9) is Strain.BEHIND
    assert strain_of(0.3, 0.1) is Strain.FAR_BEHIND


@given(st.lists(st.integers(0, 10_000), max_size=300))
def test_table_of_sources_is_bounded(hosts: list[int]) -> None:
    admission = Admission(strangers, sources=20)
    for host in hosts:
        admission.admit(packet("OPTIONS"), str(host), 0.0)
        assert len(admission.accounts) <= 20
    assert list(admission.accounts) == list(dict.fromkeys(map(str, reversed(hosts))))[:20][::-1]


# ---- waiting in turn ----


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 50)), max_size=100))
def test_queue_keeps_the_order_of_each_source_and_serves_them_in_turn(puts: list[tuple[str, int]]) -> None:
    queue: FairQueue[tuple[str, int]] = FairQueue()
    for place, (source, size) in enumerate(puts):
        assert queue.put(source, PacketClass.CALL, (source, place), size)
    taken = [queue.take() for _ in puts]
    assert queue.take() is None
    assert not queue
    for source in "abc":
        own = [place for name, place in taken if name == source]
        assert own == [place for place, (name, _) in enumerate(puts) if name == source]
    first = {name: place for place, (name, _) in reversed(list(enumerate(taken)))}
    assert all(place < 3 for place in first.values())


def test_queue_is_bounded_and_full_first_for_what_is_shed_first() -> None:
    queue: FairQueue[int] = FairQueue(packets=100)
    held = {}
    for kind in PacketClass:
        queue = FairQueue(packets=100)
        held[kind] = sum(queue.put("a", kind, n, 10) for n in range(300))
        assert queue.put("b", kind, 0, 10)
    assert list(held.values()) == sorted(held.values())
    assert held[PacketClass.CALL] == 100
    sized: FairQueue[int] = FairQueue(size=1000, all_size=1500)
    assert sum(sized.put("a", PacketClass.CALL, n, 100) for n in range(99)) == 10
    assert sum(sized.put("b", PacketClass.CALL, n, 100) for n in range(99)) == 5
    assert sized.put("c", PacketClass.CALL, 0, 100)


# ---- room for calls ----


def key(number: object) -> DialogKey:
    return DialogKey(f"{number}", "l", "r")


def test_flood_from_one_address_leaves_room_for_the_others() -> None:
    room = CallRoom(100, lambda host: "county" if host == "t" else "")
    taken = 0
    while room.has_room("flood", 500):
        room.enter(key(taken), "flood", 500)
        taken += 1
    assert taken == 80
    assert room.has_room("other", 500)
    for number in range(20):
        assert room.has_room("t", 500)
        room.enter(key(f"t{number}"), "t", 500)
    assert not room.has_room("t", 500)
    assert next(room.greedier("other")) == key(79)
    assert list(room.greedier("flood")) == []


@given(
    st.lists(st.tuples(st.sampled_from(["a", "b", "c", "t"]), st.integers(1, 400), st.booleans()), max_size=200),
)
def test_room_is_bounded_in_calls_and_bytes_and_empty_when_all_have_left(steps) -> None:
    room = CallRoom(30, lambda host: "county" if host == "t" else "", size=3000)
    held: dict[DialogKey, int] = {}
    for number, (host, size, leaves) in enumerate(steps):
        if leaves and held:
            gone = next(iter(held))
            room.leave(gone)
            del held[gone]
        elif room.has_room(host, size):
            room.enter(key(number), host, size)
            held[key(number)] = size
        assert len(room) == len(held) <= 30
        assert sum(held.values()) <= 3000
    for gone in held:
        room.leave(gone)
    assert len(room) == 0
    assert room.held("a") == room.held("t") == 0
    assert room.has_room("a", 1)
