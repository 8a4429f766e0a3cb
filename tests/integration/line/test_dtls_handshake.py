"""DTLS handshakes of two sides over a wire that loses packets, by the event loop's own clock."""

import asyncio
import random

import pytest
from OpenSSL import SSL

from tenfour.adapters import dtls_handshake
from tenfour.adapters.dtls_certificate import SRTP_PROFILES, DtlsCertificate, new_certificate
from tenfour.adapters.dtls_handshake import DATAGRAM, NO_PROFILE, NOBODY, NOT_THEIRS, DtlsHandshake, datagrams
from tenfour.adapters.srtp import SrtpKeys
from tenfour.telephony.secured_sdp import Dtls, Fingerprint
from tenfour.vocabulary.errors import BadInput

US, THEM = (DtlsCertificate(new_certificate()) for _ in range(2))


class Wire:
    """Two sides and what goes between them; `lost(n, datagram)` says of each datagram whether it is."""

    def __init__(self, lost=lambda n, datagram: False, *, ours=(THEM.fingerprint,), theirs=(US.fingerprint,)) -> None:
        self._lost, self._loop = lost, asyncio.get_running_loop()
        self.sent: list[bytes] = []
        self.ends: dict[str, list[SrtpKeys | str]] = {"us": [], "them": []}
        self.sides: dict[str, DtlsHandshake] = {}
        self.sides["them"] = DtlsHandshake(THEM, Dtls(theirs, False), self._to("us"), self.ends["them"].append)
        self.sides["us"] = DtlsHandshake(US, Dtls(ours, True), self._to("them"), self.ends["us"].append)

    def _to(self, side: str):
        def send(datagram: bytes) -> None:
            self.sent.append(datagram)
            if not self._lost(len(self.sent) - 1, datagram):
                self._loop.call_soon(lambda: self.sides[side].take(datagram))

        return send

    def close(self) -> None:
        for side in self.sides.values():
            side.close()


@pytest.fixture
async def wire():
    """Makes wires, and closes them when the test is over."""
    made: list[Wire] = []

    def make(*rest, **more) -> Wire:
        made.append(Wire(*rest, **more))
        return made[-1]

    yield make
    for each in made:
        each.close()


def both_have_keys(wire: Wire) -> None:
    (ours,), (theirs,) = wire.ends["us"], wire.ends["them"]
    assert isinstance(ours, SrtpKeys)
    assert isinstance(theirs, SrtpKeys)
    assert ours.suite == theirs.suite
    assert (ours.ours, ours.theirs[0].key) == (theirs.theirs[0].key, theirs.ours)
    assert ours.ours != theirs.ours
    assert len(ours.ours) == ours.suite.key_bytes + ours.suite.salt_bytes


async def test_both_sides_come_to_the_same_keys(wire, wait_until) -> None:
    between = wire()
    await wait_until(lambda: all(between.ends.values()))
    both_have_keys(between)
    assert all(len(datagram) <= DATAGRAM for datagram in between.sent)


@pytest.mark.parametrize("lost", range(6))
async def test_a_datagram_that_is_lost_is_sent_again(lost, wire, wait_until) -> None:
    between = wire(lambda n, _: n == lost)
    await wait_until(lambda: all(between.ends.values()))
    both_have_keys(between)


async def test_a_wire_that_loses_a_third_and_doubles_nothing_still_gives_keys(wire, wait_until) -> None:
    dice = random.Random(4347)
    between = wire(lambda n, _: n < 12 and dice.random() < 0.33)
    await wait_until(lambda: all(between.ends.values()), 60)
    both_have_keys(between)


async def test_another_certificate_than_the_description_names_gives_no_keys(wire, wait_until) -> None:
    between = wire(ours=(Fingerprint("sha-256", bytes(32)),))
    await wait_until(lambda: between.ends["us"])
    assert between.ends["us"] == [NOT_THEIRS]


async def test_one_of_several_fingerprints_is_enough(wire, wait_until) -> None:
    between = wire(ours=(Fingerprint("sha-256", bytes(32)), THEM.fingerprint))
    await wait_until(lambda: all(between.ends.values()))
    both_have_keys(between)


async def test_nobody_there_is_told_once_and_then_it_is_quiet(wire, wait_until, monkeypatch) -> None:
    monkeypatch.setattr(dtls_handshake, "GIVE_UP_S", 1.5)
    between = wire(lambda n, _: True)
    await wait_until(lambda: all(between.ends.values()))
    assert between.ends == {"us": [NOBODY], "them": [NOBODY]}
    assert 2 <= len(between.sent) <= 4


async def test_a_side_that_comes_late_still_gets_its_keys(wire, wait_until, monkeypatch) -> None:
    monkeypatch.setattr(dtls_handshake, "GIVE_UP_S", 0.3)
    held: list[bytes] = []
    between = wire(lambda n, datagram: not between_is_open and not held.append(datagram))
    between_is_open = False
    await wait_until(lambda: all(between.ends.values()))
    between_is_open = True
    between.sides["them"].take(held[0])
    await wait_until(lambda: len(between.ends["us"]) == len(between.ends["them"]) == 2)
    assert between.ends["us"].pop(0) == between.ends["them"].pop(0) == NOBODY
    both_have_keys(between)


async def test_garbage_and_forged_alerts_do_not_keep_both_sides_apart(wire, wait_until, monkeypatch) -> None:
    monkeypatch.setattr(dtls_handshake, "NEW_TRY_AFTER_S", 0.05)
    between = wire()
    fatal = b"\x15\xfe\xfd\x00\x00\x00\x00\x00\x00\x00\x09\x00\x02\x02\x28"
    for side in between.sides.values():
        for datagram in (b"\x16", b"\x16\xfe\xfd" + bytes(40), bytes(range(20, 64)) * 30, fatal):
            side.take(datagram)
    await wait_until(lambda: all(between.ends.values()), 30)
    both_have_keys(between)


async def test_one_who_alerts_for_ever_is_given_up(wire, wait_until, monkeypatch) -> None:
    monkeypatch.setattr(dtls_handshake, "NEW_TRY_AFTER_S", 0.01)
    between = wire(lambda n, _: True)
    fatal = b"\x15\xfe\xfd\x00\x00\x00\x00\x00\x00\x00\x09\x00\x02\x02\x28"
    async with asyncio.timeout(15):
        while not between.ends["us"]:
            between.sides["us"].take(fatal)
            await asyncio.sleep(0.005)
    assert between.ends["us"] == [NOBODY]
    assert len(between.sent) <= 1 + dtls_handshake.NEW_TRIES


async def test_a_side_without_a_profile_of_ours_gives_no_keys(wire, wait_until, monkeypatch) -> None:
    monkeypatch.setattr(
        "tenfour.adapters.dtls_handshake.SRTP_PROFILES", {b"SRTP_NULL": next(iter(SRTP_PROFILES.values()))}
    )
    between = wire()
    await wait_until(lambda: all(between.ends.values()))
    assert between.ends["us"] == [NO_PROFILE]


def test_a_flight_is_cut_between_its_records() -> None:
    records = [bytes(11) + length.to_bytes(2, "big") + bytes(length) for length in (700, 600, 20, 1100, 1, 1400)]
    cut = list(datagrams(b"".join(records)))
    assert b"".join(cut) == b"".join(records)
    assert [len(datagram) for datagram in cut] == [713, 646, 1127, 1413]


def test_a_certificate_reads_back_with_the_same_digest_and_another_is_refused() -> None:
    pem = new_certificate()
    assert DtlsCertificate(pem).fingerprint == DtlsCertificate(pem).fingerprint
    for broken in (b"", pem[: len(pem) // 3], b"-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"):
        with pytest.raises(BadInput):
            DtlsCertificate(broken)


def test_nothing_older_than_dtls_1_2_is_spoken() -> None:
    connection = SSL.Connection(US.context, None)
    connection.set_ciphertext_mtu(DATAGRAM)
    connection.set_connect_state()
    with pytest.raises(SSL.WantReadError):
        connection.do_handshake()
    hello = connection.bio_read(4096)
    assert hello[13 + 12 : 13 + 14] == b"\xfe\xfd"
