"""Transfers (RFC 3515): asked for, declined, followed to their end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.telephony.errors import HeaderError
from tenfour.telephony.refer import Sipfrag, parse_sipfrag
from tenfour.telephony.sip_event import (
    ByeReceived,
    InDialog,
    OutOfDialog,
    ReferProgress,
    Referred,
    RequestAnswered,
    SubscriptionEnded,
)
from tenfour.telephony.user_agent import UserAgent


@pytest.fixture
def transfer(make_sip, new_tokens):
    """A call whose centre's side takes REFERs."""
    sip = make_sip()
    sip.centre = UserAgent(host="192.0.2.9", port=5060, new_token=new_tokens("s"), refers=True)
    sip.wire._endpoints[sip.centre_flow] = sip.centre
    return sip, *sip.talk()


def at_rest(sip) -> None:
    sip.run(400)
    assert sip.caller.subscriptions() == sip.centre.subscriptions() == ()
    assert sip.caller.next_timer() is sip.centre.next_timer() is None


def test_a_transfer_that_succeeds(transfer):
    sip, mine, theirs = transfer
    by = (("Referred-By", "<sip:me@192.0.2.1>"),)
    token = sip.caller.refer(mine, "sip:fire@192.0.2.77", sip.now, headers=by)
    sip.run(0.1)
    (event,) = sip.told(Referred)
    assert (event.call, event.refer_to, event.referred_by) == (theirs, "sip:fire@192.0.2.77", "sip:me@192.0.2.1")
    sip.centre.accept_refer(event.refer, sip.now)
    sip.run(0.1)
    assert [(e.token, e.status) for e in sip.told(RequestAnswered, sip.caller_events)] == [(token, 202)]
    sip.centre.refer_progress(event.refer, 180, sip.now)
    sip.run(0.1)
    sip.centre.refer_progress(event.refer, 200, sip.now)
    sip.run(0.1)
    progress = sip.told(ReferProgress, sip.caller_events)
    assert [(e.refer, e.status, e.reason) for e in progress] == [
        (token, 100, "Trying"),
        (token, 180, "Ringing"),
        (token, 200, "OK"),
    ]
    assert sip.told(SubscriptionEnded, sip.caller_events)[0].reason == "noresource"
    assert (mine,) == sip.caller.calls()
    sip.caller.bye(mine, sip.now)
    at_rest(sip)


def test_a_transfer_that_is_declined(transfer):
    sip, mine, _ = transfer
    token = sip.caller.refer(mine, "sip:fire@192.0.2.77", sip.now)
    sip.run(0.1)
    sip.centre.reject_refer(sip.told(Referred)[0].refer, sip.now)
    sip.run(0.1)
    assert sip.told(RequestAnswered, sip.caller_events)[0].status == 603
    assert sip.told(SubscriptionEnded, sip.caller_events)[0].subscription == token
    sip.caller.bye(mine, sip.now)
    at_rest(sip)


def test_the_word_on_a_transfer_comes_after_the_call_is_over(transfer):
    sip, mine, _ = transfer
    sip.caller.refer(mine, "sip:fire@192.0.2.77", sip.now)
    sip.run(0.1)
    refer = sip.told(Referred)[0].refer
    sip.centre.accept_refer(refer, sip.now)
    sip.run(0.1)
    sip.caller.bye(mine, sip.now)
    sip.run(1)
    assert sip.told(ByeReceived)
    sip.centre.refer_progress(refer, 503, sip.now, reason="No way there")
    sip.run(1)
    assert sip.told(ReferProgress, sip.caller_events)[-1].reason == "No way there"
    at_rest(sip)


def test_two_transfers_in_one_call_are_told_apart(transfer):
    sip, mine, _ = transfer
    tokens = [sip.caller.refer(mine, f"sip:{who}@192.0.2.77", sip.now) for who in ("fire", "police")]
    sip.run(1)
    for status, event in zip((200, 486), sip.told(Referred), strict=True):
        sip.centre.accept_refer(event.refer, sip.now)
        sip.centre.refer_progress(event.refer, status, sip.now)
    sip.run(1)
    last = {e.refer: e.status for e in sip.told(ReferProgress, sip.caller_events)}
    by_target = {e.refer_to: status for e, status in zip(sip.told(Referred), (200, 486), strict=True)}
    assert last == {tokens[0]: by_target["sip:fire@192.0.2.77"], tokens[1]: by_target["sip:police@192.0.2.77"]}


def test_without_a_subscription_where_none_is_wanted(transfer):
    sip, mine, _ = transfer
    sip.caller.refer(mine, "sip:fire@192.0.2.77", sip.now, headers=(("Refer-Sub", "false"),))
    sip.run(0.1)
    sip.centre.accept_refer(sip.told(Referred)[0].refer, sip.now)
    sip.run(1)
    assert not any(line.startswith("NOTIFY") for line in sip.starts())
    assert sip.told(SubscriptionEnded, sip.caller_events)
    assert sip.centre.subscriptions() == ()


def test_who_did_not_ask_for_transfers_declines_them(sip):
    mine, _ = sip.talk()
    sip.caller.refer(mine, "sip:fire@192.0.2.77", sip.now)
    sip.run(1)
    assert sip.told(RequestAnswered, sip.caller_events)[0].status == 603
    assert sip.told(InDialog)


@pytest.mark.parametrize(("more", "status"), [("", 400), ("Refer-To: <sip:a@b>\nRefer-To: <sip:c@d>\n", 400)])
def test_a_refer_to_nobody_or_to_two(make_peer, new_tokens, more, status):
    peer = make_peer()
    peer.agent = UserAgent(host="192.0.2.9", port=5060, new_token=new_tokens("s"), refers=True)
    (answer,) = peer.request("REFER", uri="sip:911@192.0.2.9", more=more)
    assert answer.status == status
    assert peer.events[-1] == OutOfDialog(
        request=peer.events[-1].request, flow=peer.flow, status=status, parts=peer.events[-1].parts
    )


def test_a_refer_outside_of_calls(make_peer, new_tokens):
    peer = make_peer()
    peer.agent = UserAgent(host="192.0.2.9", port=5060, new_token=new_tokens("s"), refers=True)
    peer.request("REFER", uri="sip:911@192.0.2.9", more="Refer-To: sip:fire@192.0.2.77\n")
    (event,) = peer.events
    assert event.call is None
    peer.agent.accept_refer(event.refer, 0.0)
    accepted, notify = peer.heard()
    assert accepted.status == 202
    assert notify.first("Subscription-State").startswith("active")
    assert (notify.first("Event"), notify.body) == ("refer;id=1", b"SIP/2.0 100 Trying\r\n")


@given(status=st.integers(100, 699), reason=st.text("abcdefghijkl xyz'", max_size=20))
def test_a_fragment_is_read_as_it_was_written(status, reason):
    read = parse_sipfrag(bytes(Sipfrag(status, reason)))
    assert (read.status, bytes(read)) == (status, bytes(Sipfrag(status, reason.strip())))


@pytest.mark.parametrize("body", [b"", b"hello", b"SIP/2.0 99 No", b"INVITE sip:a@b SIP/2.0", b"\xff"])
def test_what_is_no_fragment(body):
    with pytest.raises(HeaderError):
        parse_sipfrag(body)
