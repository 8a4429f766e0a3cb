"""Callers who insist on PRACK (RFC 3262), and callers who refresh their session (RFC 4028)."""

import pytest

from tenfour.telephony.errors import HeaderError
from tenfour.telephony.header import CSeq
from tenfour.telephony.message import Request
from tenfour.telephony.reliable import RAck, parse_rack, session_timer
from tenfour.telephony.sip_event import Acknowledged, InviteReceived


def rings(peer, more: str = "Require: 100rel\n"):
    """A caller's INVITE, and our 180 to it."""
    peer.request(more=more)
    peer.agent.provisional(peer.call, 180, peer.now)
    (ringing,) = peer.heard()
    return ringing


def prack(peer, rack: str = "1 1 INVITE", *, number: int = 2):
    """The caller's PRACK, and our answer to it."""
    return peer.request(
        "PRACK", to_tag=peer.call.local_tag, number=number, branch=f"z9hG4bKp{number}", more=f"RAck: {rack}\n"
    )


def test_caller_who_requires_it_gets_a_ringing_that_asks_for_prack(peer):
    ringing = rings(peer)
    assert (ringing.first("Require"), ringing.first("RSeq")) == ("100rel", "1")
    assert peer.events[0].problems == ()


def test_caller_who_only_supports_it_gets_a_plain_ringing(peer):
    ringing = rings(peer, "Supported: 100rel\n")
    assert (ringing.first("Require"), ringing.first("RSeq")) == (None, None)
    assert peer.wait(1) == []


def test_ringing_is_repeated_until_prack_comes(peer):
    rings(peer)
    for pause in (0.5, 1.0, 2.0):
        assert [message.status for message in peer.wait(pause)] == [180]
    assert [message.status for message in prack(peer)] == [200]
    assert peer.wait(60) == []
    assert peer.agent.calls() == (peer.call,)


def test_prack_that_comes_again_is_answered_again(peer):
    rings(peer)
    assert [message.status for message in prack(peer)] == [200]
    assert [message.status for message in prack(peer)] == [200]
    assert [message.status for message in prack(peer, number=3)] == [200]


def test_without_prack_the_call_rings_on_and_can_be_answered(peer, sip):
    rings(peer)
    for _ in range(100):
        peer.wait(1)
    assert peer.wait(60) == []
    peer.agent.answer(peer.call, sip.answer, peer.now)
    assert [message.status for message in peer.heard()] == [200]


def test_second_ringing_has_the_next_number(peer):
    rings(peer)
    prack(peer)
    peer.agent.provisional(peer.call, 183, peer.now)
    (progress,) = peer.heard()
    assert progress.first("RSeq") == "2"
    assert [message.status for message in prack(peer, "2 1 INVITE", number=3)] == [200]
    assert peer.wait(20) == []


def test_answer_ends_the_repeating_and_the_call_goes_its_way(peer, sip):
    rings(peer)
    peer.agent.answer(peer.call, sip.answer, peer.now)
    assert [message.status for message in peer.heard()] == [200]
    assert [message.status for message in peer.wait(0.5)] == [200]
    assert [message.status for message in prack(peer)] == [200]
    peer.request("ACK", to_tag=peer.call.local_tag, branch="z9hG4bKa")
    assert isinstance(peer.events[-1], Acknowledged)
    assert peer.wait(60) == []


def test_cancel_ends_the_repeating(peer):
    rings(peer)
    assert sorted(message.status for message in peer.request("CANCEL")) == [200, 487]
    assert all(message.status != 180 for message in peer.wait(0.5))


@pytest.mark.parametrize("rack", ["", "x 1 INVITE", "1", "1 INVITE", "99999999999 1 INVITE"])
def test_prack_that_cannot_be_read_is_refused_and_the_call_rings_on(peer, rack):
    rings(peer)
    assert [message.status for message in prack(peer, rack)] == [400]
    assert peer.agent.calls() == (peer.call,)


def test_prack_of_no_call_is_481(peer):
    assert [message.status for message in peer.request("PRACK", to_tag="nobody", more="RAck: 1 1 INVITE\n")] == [481]


def test_rack_is_two_numbers_and_a_method():
    assert parse_rack(" 776656 1  INVITE") == RAck(776656, CSeq(1, "INVITE"))
    with pytest.raises(HeaderError):
        parse_rack("1 2 3 INVITE")


def test_other_extensions_are_still_named(peer):
    peer.request(more="Require: 100rel, timer, foo\n")
    (event,) = [event for event in peer.events if isinstance(event, InviteReceived)]
    assert event.problems == ("The caller requires 'foo', which is not supported here.",)


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ((("Supported", "timer"), ("Session-Expires", "1800")), "1800;refresher=uac"),
        ((("Require", "timer"), ("Session-Expires", "90;refresher=uac")), "90;refresher=uac"),
        ((("Supported", "100rel, timer"), ("Session-Expires", "90 ; refresher = uac")), "90;refresher=uac"),
        ((("Supported", "timer"), ("Session-Expires", "1800;refresher=uas")), None),
        ((("Session-Expires", "1800"),), None),
        ((("Supported", "timer"),), None),
        ((("Supported", "timer"), ("Session-Expires", "soon")), None),
    ],
)
def test_who_refreshes_is_told_so(headers, told):
    answer = dict(session_timer(Request(method="INVITE", uri="sip:a@b", headers=headers)))
    assert answer.get("Session-Expires") == told
    assert answer.get("Require") == ("timer" if told else None)


def test_answer_refresh_and_update_all_name_the_interval(peer, sip):
    timer = "Supported: timer\nSession-Expires: 1800;refresher=uac\n"
    peer.request(more=timer)
    peer.agent.answer(peer.call, sip.answer, peer.now)
    (ok,) = peer.heard()
    tag = peer.call.local_tag
    peer.request("ACK", to_tag=tag, branch="z9hG4bKa")
    (updated,) = peer.request("UPDATE", to_tag=tag, number=2, branch="z9hG4bKu", more=timer)
    peer.request(to_tag=tag, number=3, branch="z9hG4bKr", more=timer, body=sip.offer)
    peer.agent.answer(peer.call, sip.answer, peer.now)
    refreshed = peer.heard()[-1]
    assert {each.first("Session-Expires") for each in (ok, updated, refreshed)} == {"1800;refresher=uac"}


def test_call_whose_refresh_never_comes_stays_up(peer, sip):
    peer.request(more="Require: timer\nSession-Expires: 90\n")
    peer.agent.answer(peer.call, sip.answer, peer.now)
    peer.request("ACK", to_tag=peer.call.local_tag, branch="z9hG4bKa")
    peer.wait(3600)
    assert peer.agent.calls() == (peer.call,)
