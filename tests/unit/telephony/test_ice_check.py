"""The side that checks the path: its checks are taken by ours, it is believed by nobody's word but the other side's."""

from itertools import count, pairwise

from hypothesis import given
from hypothesis import strategies as st

from tenfour.telephony.browser_offer import BrowserEnd, browser_offer, read_line_answer
from tenfour.telephony.browser_sdp import OurEnd, answer_browser, read_browser_offer
from tenfour.telephony.ice import IceAgent
from tenfour.telephony.ice_check import CONSENT_S, KEEP_ALIVE_S, PathCheck
from tenfour.telephony.sdp import parse_sdp, serialise_sdp
from tenfour.telephony.secured_sdp import Fingerprint
from tenfour.telephony.stun import Kind, parse_stun, serialise_stun

OURS, THEIRS, PASSWORD = "tenf", "brow", "a password of ICE, long"
BROWSER = ("192.0.2.1", 40000)


def path() -> PathCheck:
    numbers = count(1)
    return PathCheck(f"{OURS}:{THEIRS}", PASSWORD, 7, lambda: next(numbers).to_bytes(12, "big"))


@given(st.lists(st.booleans(), max_size=12), st.lists(st.booleans(), max_size=12))
def test_a_path_works_as_soon_as_one_check_and_its_answer_arrive(there: list[bool], back: list[bool]) -> None:
    checking, lite = path(), IceAgent(OURS, PASSWORD, THEIRS)
    now, arrived = 0.0, False
    for goes, comes in zip([*there, True], [*back, *[True] * (1 + len(there))], strict=False):
        now = max(now, checking.next_timer())
        check = checking.check(now)
        assert check is not None
        answer = lite.take(check, BROWSER, now) if goes else None
        if answer is not None and comes:
            checking.take(answer, now)
            arrived = True
        assert checking.works is arrived
    assert (lite.path, lite.refused, lite.known[BROWSER].nominated) == (BROWSER, 0, True)


def test_a_check_that_is_not_answered_is_repeated_as_it_was_and_ever_later() -> None:
    checking, sent, times = path(), [], []
    while len(sent) < 5:
        sent.append(checking.check(checking.next_timer()))
        times.append(checking.next_timer())
    assert len(set(sent)) == 1
    assert [round(later - before, 3) for before, later in pairwise(times)] == [1.0, 2.0, 4.0, 4.0]


def test_a_path_that_works_is_asked_again_and_ends_without_consent() -> None:
    checking, lite = path(), IceAgent(OURS, PASSWORD, THEIRS)
    first = checking.check(0.0)
    assert first is not None
    checking.take(lite.take(first, BROWSER, 0.0) or b"", 0.1)
    assert (checking.works, checking.next_timer(), checking.check(1.0)) == (True, 0.1 + KEEP_ALIVE_S, None)
    now, checks = 0.0, set()
    while now < CONSENT_S:
        now = checking.next_timer()
        checks.add(checking.check(now))
    checking.check(checking.next_timer())
    assert not checking.works
    assert first not in checks


def test_nobody_but_who_knows_the_password_answers() -> None:
    checking = path()
    asked = parse_stun(checking.check(0.0) or b"")
    forged = serialise_stun(Kind.SUCCESS, asked.transaction, (), b"another password of ICE")
    other = serialise_stun(Kind.SUCCESS, bytes(12), (), PASSWORD.encode())
    for nonsense in (
        forged,
        other,
        b"",
        b"\x01\x01",
        bytes(40),
        serialise_stun(Kind.REQUEST, asked.transaction, (), None),
    ):
        checking.take(nonsense, 0.1)
    assert not checking.works
    checking.take(serialise_stun(Kind.SUCCESS, asked.transaction, (), PASSWORD.encode()), 0.2)
    assert checking.works


def test_a_refused_check_is_tried_anew_later() -> None:
    checking, lite = path(), IceAgent(OURS, "another password, long enough", THEIRS)
    checking.take(lite.take(checking.check(0.0) or b"", BROWSER, 0.0) or b"", 0.1)
    assert (checking.works, checking.refused, checking.next_timer()) == (False, 1, 0.1 + KEEP_ALIVE_S)


def test_what_a_browser_offers_and_the_line_answers_is_read_by_the_other() -> None:
    theirs = BrowserEnd("127.0.0.1", 50000, "brow", "0123456789012345678901", Fingerprint("sha-256", bytes(32)), 5, 9)
    offered = parse_sdp(serialise_sdp(browser_offer(theirs)))
    offer = read_browser_offer(offered)
    assert (offer.mid, offer.ufrag, offer.fingerprints) == ("0", "brow", (theirs.fingerprint,))
    ours = OurEnd("127.0.0.1", 40000, "tenf", "a password of ours, long", Fingerprint("sha-256", bytes([7] * 32)), 7)
    line = read_line_answer(parse_sdp(serialise_sdp(answer_browser(offer, ours))))
    assert (line.host, line.port) == ("127.0.0.1", 40000)
    assert (line.ufrag, line.password, line.fingerprints) == (ours.ufrag, ours.password, (ours.fingerprint,))
