"""A process dies; another takes the call up from its snapshot."""

import msgspec
import pytest

from tenfour.telephony.dialog import Dialog
from tenfour.telephony.flow import Flow
from tenfour.telephony.message import parse
from tenfour.telephony.sip_event import Acknowledged, Answered, ByeAnswered, ByeReceived, Cancelled, Reinvited
from tenfour.vocabulary.errors import IllegalTransition


@pytest.fixture
def restarted(new_tokens):
    """The centre's user agent is a new one that knows only what was on disk."""

    def restart(sip, call):
        kept = msgspec.json.encode(sip.centre.snapshot(call))
        fresh = type(sip.centre)(host=sip.centre_flow.host, port=5060, new_token=new_tokens("r"))
        sip.centre = sip.wire._endpoints[sip.centre_flow] = fresh
        return fresh.restore(msgspec.json.decode(kept, type=Dialog), sip.now)

    return restart


def test_restored_call_answers_the_callers_bye(sip, restarted):
    mine, theirs = sip.talk()
    assert restarted(sip, theirs) == theirs
    sip.caller.bye(mine, sip.now)
    sip.run(1)
    assert sip.told(ByeReceived) == [ByeReceived(call=theirs)]
    assert sip.told(ByeAnswered, sip.caller_events)[0].status == 200


def test_restored_call_can_say_bye(sip, restarted):
    mine, theirs = sip.talk()
    restarted(sip, theirs)
    sip.centre.bye(theirs, sip.now)
    sip.run(1)
    assert sip.told(ByeReceived, sip.caller_events)[0].call == mine
    assert sip.told(ByeAnswered)[0].status == 200


def test_restored_call_answers_a_reinvite(sip, restarted):
    mine, theirs = sip.talk()
    restarted(sip, theirs)
    sip.caller.reinvite(mine, sip.offer, sip.now)
    sip.run(0.1)
    assert sip.told(Reinvited)[0].call == theirs
    sip.centre.answer(theirs, sip.answer, sip.now)
    sip.run(1)
    assert len(sip.told(Answered, sip.caller_events)) == 2


def test_restored_call_counts_its_requests_on(sip, restarted):
    _, theirs = sip.talk()
    sip.centre.request(theirs, "INFO", sip.now)
    sip.run(0.1)
    restarted(sip, theirs)
    sip.centre.request(theirs, "INFO", sip.now)
    sip.run(0.1)
    infos = [parse(data).first("CSeq") for *_, data in sip.wire.sent if data.startswith(b"INFO")]
    assert infos == ["1 INFO", "2 INFO"]
    assert all(event.status == 200 for event in sip.centre_events if type(event).__name__ == "RequestAnswered")


def test_call_that_rang_goes_on_ringing_and_is_answered(sip, restarted):
    mine, theirs = sip.place()
    sip.centre.provisional(theirs, 180, sip.now)
    sip.run(0.1)
    restarted(sip, theirs)
    sip.centre.answer(theirs, sip.answer, sip.now)
    sip.run(1)
    assert sip.told(Answered, sip.caller_events)[0].call == mine
    assert sip.told(Acknowledged)[0].call == theirs


def test_call_that_rang_can_still_be_abandoned(sip, restarted):
    mine, theirs = sip.place()
    restarted(sip, theirs)
    sip.caller.cancel(mine, sip.now)
    sip.run(60)
    assert sip.told(Cancelled)[0].call == theirs
    assert sip.caller.calls() == sip.centre.calls() == ()


def test_answer_that_was_not_acknowledged_is_said_again(sip, restarted):
    _, theirs = sip.place()
    sip.wire.swallows = lambda data: data.startswith(b"SIP/2.0 200")
    sip.centre.answer(theirs, sip.answer, sip.now)
    sip.run(0.1)
    sip.wire.swallows = lambda data: False
    restarted(sip, theirs)
    sip.run(2)
    assert sip.told(Acknowledged)[0].call == theirs
    assert sip.told(Answered, sip.caller_events)


def test_restored_tcp_call_asks_for_a_new_connection(peer, sip):
    tcp = Flow("TCP", "192.0.2.1", 41000, 7)
    peer.flow = tcp
    peer.request(body=sip.offer)
    peer.agent.answer(peer.call, sip.answer, 0)
    peer.heard()
    peer.request("ACK", branch="z9hG4bKa", to_tag=peer.call.local_tag)
    kept = peer.agent.snapshot(peer.call)
    fresh = type(peer.agent)(host="192.0.2.9", port=5060, new_token=lambda: "t" * 16)
    fresh.restore(kept, 0)
    fresh.bye(kept.key, 0)
    ((flow, _),) = fresh.take_outgoing()
    assert flow == Flow("TCP", "192.0.2.1", 5060)


def test_a_call_is_not_taken_up_twice(sip):
    _, theirs = sip.talk()
    with pytest.raises(IllegalTransition):
        sip.centre.restore(sip.centre.snapshot(theirs), sip.now)
