"""Two user agents, a wire of any badness, users who do anything at any time: nothing raises, and all calls end."""

import itertools
from collections import Counter
from collections.abc import Callable
from random import Random

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tenfour.telephony.authenticator import Authenticator
from tenfour.telephony.dialog import Dialog
from tenfour.telephony.message import parse, serialise
from tenfour.telephony.sip_event import (
    AckTimedOut,
    InviteReceived,
    MessageBroken,
    Referred,
    Reinvited,
    SubscribeReceived,
)
from tenfour.telephony.user_agent import UserAgent
from tenfour.vocabulary.errors import NotFound, Refused

DEEDS = ["dial", "dial without offer", "dial reliably", "ring", "ring with sound", "answer", "reject", "cancel", "bye",
         "centre says bye", "reinvite", "centre reinvites", "update", "centre updates", "info", "restart", "message",
         "subscribe", "unsubscribe", "decide", "notify", "terminate", "refer", "progress"]  # fmt: skip
deeds = st.lists(st.tuples(st.sampled_from(DEEDS), st.floats(0, 3)), max_size=18)
PASSWORD = ("ann", "correct horse")
RELIABLE = (("Require", "100rel"),)


class Users:
    """Do what they are told, where the state permits it; a refusal in words is a proper answer.

    The centre tells of presence, takes transfers, and asks for a password at SUBSCRIBE, MESSAGE and REFER.
    """

    def __init__(self, sip, new_tokens: Callable[[str], Callable[[], str]]) -> None:
        self.sip, self.new_tokens, self.restarts = sip, new_tokens, 0
        self.forgotten: set[str] = set()
        """Calls that were over when the centre restarted. Whose end was lost on the way may be heard of again."""
        sip.caller = UserAgent(
            host="192.0.2.1", port=5060, new_token=new_tokens("c"), credentials=lambda realm: PASSWORD
        )
        sip.centre = self.new_centre("s")
        sip.wire._endpoints |= {sip.caller_flow: sip.caller, sip.centre_flow: sip.centre}
        self.acts: dict[str, Callable[[], None]] = self._acts_in_calls() | self._acts_beside_calls()

    def new_centre(self, prefix: str) -> UserAgent:
        gate = Authenticator(
            realm="centre",
            secret=b"0123456789abcdef" + prefix.encode(),
            password_of=dict([PASSWORD]).get,
            methods=("SUBSCRIBE", "MESSAGE", "REFER"),
        )
        return UserAgent(
            host="192.0.2.9", port=5060, new_token=self.new_tokens(prefix), authenticator=gate, packages=("presence",),
            refers=True, on_message=lambda _request, _flow: 200,
        )  # fmt: skip

    def do(self, deed: str) -> None:
        self.acts[deed]()

    def _acts_in_calls(self) -> dict[str, Callable[[], None]]:
        sip, offer, answer = self.sip, self.sip.offer, self.sip.answer
        return {
            "dial": lambda: self._dial(body=offer),
            "dial without offer": self._dial,
            "dial reliably": lambda: self._dial(body=offer, headers=RELIABLE),
            "ring": lambda: self._centre(lambda call: sip.centre.provisional(call, 180, sip.now)),
            "ring with sound": lambda: self._centre(
                lambda call: sip.centre.provisional(call, 183, sip.now, sdp=answer)
            ),
            "answer": self._answer,
            "reject": lambda: self._centre(lambda call: sip.centre.reject(call, 486, sip.now)),
            "cancel": lambda: self._caller(lambda call: sip.caller.cancel(call, sip.now)),
            "bye": lambda: self._caller(lambda call: sip.caller.bye(call, sip.now)),
            "centre says bye": lambda: self._centre(lambda call: sip.centre.bye(call, sip.now)),
            "reinvite": lambda: self._caller(lambda call: sip.caller.reinvite(call, offer, sip.now)),
            "centre reinvites": lambda: self._centre(lambda call: sip.centre.reinvite(call, answer, sip.now)),
            "update": lambda: self._caller(lambda call: sip.caller.update(call, offer, sip.now)),
            "centre updates": lambda: self._centre(lambda call: sip.centre.update(call, answer, sip.now)),
            "info": lambda: self._caller(lambda call: sip.caller.request(call, "INFO", sip.now)),
            "refer": lambda: self._caller(lambda call: sip.caller.refer(call, "sip:fire@192.0.2.77", sip.now)),
            "restart": self.restart,
        }

    def _acts_beside_calls(self) -> dict[str, Callable[[], None]]:
        sip = self.sip
        near = {"flow": sip.centre_flow, "from_": "sip:a@192.0.2.1"}
        ann = "sip:ann@192.0.2.9"
        return {
            "message": lambda: sip.caller.message(ann, b"hello", now=sip.now, **near),
            "subscribe": lambda: sip.caller.subscribe(ann, event="presence", expires_s=90, now=sip.now, **near),
            "unsubscribe": lambda: self._each(
                sip.caller.subscriptions(), lambda name: sip.caller.unsubscribe(name, sip.now)
            ),
            "decide": self._decide,
            "notify": lambda: self._each(
                sip.centre.subscriptions(), lambda name: sip.centre.notify(name, b"here", sip.now, content_type="a/b")
            ),
            "terminate": lambda: self._each(
                sip.centre.subscriptions(), lambda name: sip.centre.terminate_subscription(name, sip.now)
            ),
            "progress": lambda: self._each(
                sip.centre.subscriptions(), lambda name: sip.centre.refer_progress(name, 200, sip.now)
            ),
        }

    def _dial(self, **more) -> None:
        sip = self.sip
        sip.caller.invite("urn:service:sos", flow=sip.centre_flow, from_="sip:a@192.0.2.1", now=sip.now, **more)

    def _answer(self) -> None:
        sip = self.sip
        for _ in range(2):  # an UPDATE comes before its INVITE
            self._centre(lambda call: sip.centre.answer(call, sip.answer, sip.now))
            self._caller(lambda call: sip.caller.answer(call, sip.offer, sip.now))
        self._caller(lambda call: sip.caller.acknowledge(call, sip.offer, sip.now))

    def _decide(self) -> None:
        sip = self.sip
        asked = [event.subscription for event in sip.told(SubscribeReceived)]
        self._each(asked, lambda name: sip.centre.accept_subscription(name, sip.now, body=b"here", content_type="a/b"))
        self._each([event.refer for event in sip.told(Referred)], lambda name: sip.centre.accept_refer(name, sip.now))

    def _caller(self, deed) -> None:
        self._each(self.sip.caller.calls(), deed)

    def _centre(self, deed) -> None:
        self._each(self.sip.centre.calls(), deed)

    def _each(self, names, deed) -> None:
        for name in names:
            try:
                deed(name)
            except (Refused, NotFound) as refusal:
                assert str(refusal)

    def restart(self) -> None:
        """The centre's process is another one, with what its calls were on disk."""
        sip, self.restarts = self.sip, self.restarts + 1
        received = {event.call.call_id for event in sip.told(InviteReceived)}
        self.forgotten |= received - {call.call_id for call in sip.centre.calls()}
        kept = [msgspec.json.encode(sip.centre.snapshot(call)) for call in sip.centre.calls()]
        fresh = self.new_centre(f"r{self.restarts}")
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
        users.do("unsubscribe")
        sip.run(250)


UPDATED_THEN_REFUSED = [("dial reliably", 1.0), ("ring with sound", 1.0), ("centre updates", 0.0), ("reject", 0.0)]
END_LOST_THEN_RESTARTED = [("dial", 0.0), ("dial", 0.0), ("dial", 1.0), ("centre says bye", 0.0), ("restart", 0.0)]


@example(seed=0, loss=0.0, todo=UPDATED_THEN_REFUSED)
@example(seed=50, loss=0.5, todo=END_LOST_THEN_RESTARTED)
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
    assert sip.caller.subscriptions() == sip.centre.subscriptions() == ()
    assert sip.caller.next_timer() is sip.centre.next_timer() is None
    calls = Counter(event.call.call_id for event in sip.told(InviteReceived))
    assert {call for call, times in calls.items() if times > 1} <= users.forgotten, "a call was doubled"
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


OFFERS = ["reinvite", "centre reinvites", "update", "centre updates"]


@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    reliable=st.booleans(),
    todo=st.lists(st.tuples(st.sampled_from([*OFFERS, "answer"]), st.floats(0, 1.5)), max_size=8),
)
def test_after_any_offers_both_sides_agree_on_what_was_offered_last(make_sip, new_tokens, seed, reliable, todo):
    """On a wire that doubles and reorders; every description is another, and users answer at once."""
    sip = make_sip(seed, duplicate=0.3, delay_s=(0.005, 0.4))
    users = Users(sip, new_tokens)
    versions = itertools.count(100)

    def fresh(sdp: bytes) -> bytes:
        return sdp.replace(b"o=- 7", b"o=- %d" % next(versions))

    sip.on_caller = lambda e: isinstance(e, Reinvited) and sip.caller.answer(e.call, fresh(sip.offer), sip.now)
    sip.on_centre = lambda e: isinstance(e, Reinvited) and sip.centre.answer(e.call, fresh(sip.answer), sip.now)
    users.do("dial reliably" if reliable else "dial")
    sip.run(2)
    users.do("ring with sound")
    sip.run(2)
    for deed, wait in todo:
        match deed:
            case "answer":
                users._centre(lambda call: sip.centre.answer(call, fresh(sip.answer), sip.now))
            case "reinvite":
                users._caller(lambda call: sip.caller.reinvite(call, fresh(sip.offer), sip.now))
            case "centre reinvites":
                users._centre(lambda call: sip.centre.reinvite(call, fresh(sip.answer), sip.now))
            case "update":
                users._caller(lambda call: sip.caller.update(call, fresh(sip.offer), sip.now))
            case _:
                users._centre(lambda call: sip.centre.update(call, fresh(sip.answer), sip.now))
        sip.run(wait)
    users._centre(lambda call: sip.centre.answer(call, fresh(sip.answer), sip.now))
    sip.run(200)
    ((mine,), (theirs,)) = sip.caller.calls(), sip.centre.calls()
    ours, other = sip.caller.snapshot(mine), sip.centre.snapshot(theirs)
    assert (ours.local_sdp, ours.remote_sdp) == (other.remote_sdp, other.local_sdp)


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
