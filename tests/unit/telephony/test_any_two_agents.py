"""Two user agents, a wire of any badness, users who do anything at any time: nothing raises, and all calls end."""

from collections.abc import Callable
from random import Random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from tenfour.telephony.dialog import Dialog
from tenfour.telephony.message import parse, serialise
from tenfour.telephony.sip_event import AckTimedOut, InviteReceived, MessageBroken, Reinvited
from tenfour.vocabulary.errors import NotFound, Refused

DEEDS = ["dial", "dial without offer", "ring", "answer", "reject", "cancel", "bye", "centre says bye", "reinvite",
         "centre reinvites", "info", "restart"]  # fmt: skip
deeds = st.lists(st.tuples(st.sampled_from(DEEDS), st.floats(0, 3)), max_size=14)


class Users:
    """Do what they are told, where the state permits it; a refusal in words is a proper answer."""

    def __init__(self, sip, new_tokens: Callable[[str], Callable[[], str]]) -> None:
        self.sip, self.new_tokens, self.restarts = sip, new_tokens, 0

    def do(self, deed: str) -> None:
        sip, now = self.sip, self.sip.now
        offer = sip.offer
        every_caller, every_centre = sip.caller.calls(), sip.centre.calls()
        match deed:
            case "dial":
                sip.caller.invite("urn:service:sos", flow=sip.centre_flow, from_="sip:a@192.0.2.1", now=now, body=offer)
            case "dial without offer":
                sip.caller.invite("urn:service:sos", flow=sip.centre_flow, from_="sip:a@192.0.2.1", now=now)
            case "ring":
                self._each(every_centre, lambda call: sip.centre.provisional(call, 180, now))
            case "answer":
                self._each(every_centre, lambda call: sip.centre.answer(call, sip.answer, now))
                self._each(every_caller, lambda call: sip.caller.acknowledge(call, sip.offer, now))
            case "reject":
                self._each(every_centre, lambda call: sip.centre.reject(call, 486, now))
            case "cancel":
                self._each(every_caller, lambda call: sip.caller.cancel(call, now))
            case "bye":
                self._each(every_caller, lambda call: sip.caller.bye(call, now))
            case "centre says bye":
                self._each(every_centre, lambda call: sip.centre.bye(call, now))
            case "reinvite":
                self._each(every_caller, lambda call: sip.caller.reinvite(call, offer, now))
            case "centre reinvites":
                self._each(every_centre, lambda call: sip.centre.reinvite(call, sip.answer, now))
            case "info":
                self._each(every_caller, lambda call: sip.caller.request(call, "INFO", now))
            case "restart":
                self.restart()

    def _each(self, calls, deed) -> None:
        for call in calls:
            try:
                deed(call)
            except (Refused, NotFound) as refusal:
                assert str(refusal)

    def restart(self) -> None:
        """The centre's process is another one, with what its calls were on disk."""
        sip, self.restarts = self.sip, self.restarts + 1
        kept = [msgspec.json.encode(sip.centre.snapshot(call)) for call in sip.centre.calls()]
        fresh = type(sip.centre)(host="192.0.2.9", port=5060, new_token=self.new_tokens(f"r{self.restarts}"))
        sip.centre = sip.wire._endpoints[sip.centre_flow] = fresh
        for each in kept:
            fresh.restore(msgspec.json.decode(each, type=Dialog), sip.now)


def settle(sip, users: Users) -> None:
    """Both hang up whatever they have, again and again, on a wire that is now good."""
    sip.wire._loss = sip.wire._duplicate = 0.0
    for _ in range(4):
        users.do("answer")
        sip.run(40)
        users.do("bye")
        users.do("centre says bye")
        sip.run(80)


@settings(max_examples=120, deadline=None)
@given(seed=st.integers(0, 2**32), loss=st.sampled_from([0.0, 0.2, 0.5]), todo=deeds)
def test_whatever_users_and_wire_do_every_call_ends_on_both_sides(make_sip, new_tokens, seed, loss, todo):
    sip = make_sip(seed, loss=loss, duplicate=0.2, delay_s=(0.005, 0.4))
    users = Users(sip, new_tokens)
    for deed, wait in todo:
        users.do(deed)
        sip.run(wait)
    settle(sip, users)
    assert sip.caller.calls() == sip.centre.calls() == ()
    assert sip.caller.next_timer() is sip.centre.next_timer() is None
    assert sip.told(MessageBroken) == sip.told(MessageBroken, sip.caller_events) == []
    assert len(sip.caller._core.layer) == len(sip.centre._core.layer) == 0


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), todo=deeds)
def test_all_that_we_write_can_be_read_and_says_who_we_are(make_sip, new_tokens, seed, todo):
    sip = make_sip(seed)
    users = Users(sip, new_tokens)
    for deed, wait in todo:
        users.do(deed)
        sip.run(wait)
    for _, source, _, data in sip.wire.sent:
        message = parse(data)
        assert message.problems == ()
        assert serialise(message) == data
        for name in ("Via", "From", "To", "Call-ID", "CSeq"):
            assert message.first(name), (name, data)
        assert source in (sip.caller_flow, sip.centre_flow)


def spoilt(data: bytes, random: Random) -> bytes:
    """A message with something broken in it."""
    spoil = bytearray(data)
    for _ in range(random.randrange(1, 6)):
        at = random.randrange(len(spoil))
        match random.randrange(4):
            case 0:
                spoil[at] = random.randrange(256)
            case 1:
                del spoil[at : at + random.randrange(1, 30)]
            case 2:
                spoil[at:at] = random.choice([b"\r\n", b"\0", b'"', b"<", b",", b";", b"\xff", b"9" * 40, b": "])
            case _:
                spoil[at:at] = spoil[at : at + 60]
        if not spoil:
            return b"x"
    return bytes(spoil)


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_no_broken_message_raises_or_ends_the_call_that_it_does_not_name(make_sip, seed):
    random = Random(seed)
    sip = make_sip(seed)
    mine, theirs = sip.talk()
    for _, _, target, data in list(sip.wire.sent):
        broken = spoilt(data, random)
        agent = sip.centre if target == sip.centre_flow else sip.caller
        agent.receive_datagram(broken, sip.caller_flow, sip.now)
    sip.run(1)
    for event in sip.told(Reinvited):
        sip.centre.answer(event.call, sip.answer, sip.now)
    for event in sip.told(InviteReceived)[1:]:
        assert event.request.first("Call-ID")
    assert theirs in sip.centre.calls()
    assert mine in sip.caller.calls()
    sip.caller.bye(mine, sip.now)
    sip.run(1)
    assert theirs not in sip.centre.calls() or sip.told(AckTimedOut)


BEGINNINGS = [
    b"",
    b"INVITE sip:a SIP/2.0\r\n",
    b"SIP/2.0 200 OK\r\n",
    b"ACK sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@b>\r\nTo: <sip:c@d>;tag=1\r\n",
]


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=200), head=st.sampled_from(BEGINNINGS))
def test_any_bytes_are_taken(make_peer, head, data):
    peer = make_peer()
    peer.say(head + data)
    peer.wait(100)
    assert peer.agent.next_timer() is None or peer.agent.next_timer() > 0
