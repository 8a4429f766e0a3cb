"""Subscriptions (RFC 6665) between two user agents, and by hand where a peer is odd."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.telephony.errors import HeaderError
from tenfour.telephony.flow import Flow
from tenfour.telephony.message import Request, parse, response_to, serialise
from tenfour.telephony.sip_event import (
    Notified,
    OutOfDialog,
    RequestAnswered,
    SubscribeReceived,
    SubscriptionEnded,
)
from tenfour.telephony.subscription import (
    NOTIFIER,
    SUBSCRIBER,
    EventName,
    NotifierState,
    Standing,
    SubscriberState,
    parse_event,
    parse_standing,
)
from tenfour.telephony.user_agent import UserAgent
from tenfour.vocabulary.errors import IllegalTransition, NotFound, Unavailable

PIDF = "application/pidf+xml"


class Watching:
    """The caller subscribes to the presence of somebody whom the centre tells of."""

    def __init__(self, sip, new_tokens, *, accept: bool = True, **more) -> None:
        self.sip = sip
        sip.centre = UserAgent(host="192.0.2.9", port=5060, new_token=new_tokens("s"), packages=("presence",), **more)
        sip.wire._endpoints[sip.centre_flow] = sip.centre
        sip.on_centre = self.accept if accept else lambda event: None

    def accept(self, event) -> None:
        if isinstance(event, SubscribeReceived):
            self.sip.centre.accept_subscription(event.subscription, self.sip.now, body=b"<here/>", content_type=PIDF)

    def subscribe(self, **more) -> str:
        given = {"event": "presence", "flow": self.sip.centre_flow, "from_": "sip:me@192.0.2.1", "accept": [PIDF]}
        return self.sip.caller.subscribe("sip:ann@192.0.2.9", now=self.sip.now, **(given | more))

    @property
    def theirs(self) -> str:
        return self.told(SubscribeReceived, self.sip.centre_events)[-1].subscription

    def told(self, kind, events=None) -> list:
        return self.sip.told(kind, self.sip.caller_events if events is None else events)

    def bodies(self) -> list[bytes]:
        return [event.parts[0].content for event in self.told(Notified)]

    def at_rest(self) -> None:
        self.sip.run(4000)
        assert self.sip.caller.subscriptions() == self.sip.centre.subscriptions() == ()
        assert self.sip.caller.next_timer() is self.sip.centre.next_timer() is None


@pytest.fixture
def watching(make_sip, new_tokens) -> Watching:
    return Watching(make_sip(), new_tokens)


def test_a_subscription_from_the_first_word_to_the_last(watching):
    sip = watching.sip
    mine = watching.subscribe()
    sip.run(1)
    (asked,) = sip.told(SubscribeReceived)
    assert (asked.package, asked.expires_s, asked.request.first("Accept")) == ("presence", 3600, PIDF)
    assert [(event.token, event.status) for event in watching.told(RequestAnswered)] == [(mine, 200)]
    sip.centre.notify(asked.subscription, b"<there/>", sip.now, content_type=PIDF)
    sip.run(1)
    assert watching.bodies() == [b"<here/>", b"<there/>"]
    assert {event.state for event in watching.told(Notified)} == {"active"}
    sip.caller.unsubscribe(mine, sip.now)
    sip.run(1)
    (ended,) = watching.told(SubscriptionEnded)
    assert (ended.subscription, ended.reason) == (mine, "timeout")
    assert sip.told(SubscriptionEnded)[0].subscription == asked.subscription
    watching.at_rest()


def test_it_is_refreshed_before_its_time_is_up(watching):
    watching.subscribe(expires_s=600)
    watching.sip.run(1500)
    subscribes = [at for at, *_, data in watching.sip.wire.sent if data.startswith(b"SUBSCRIBE")]
    assert [round(at) for at in subscribes] == [0, 568, 1136]
    assert len(watching.bodies()) == 3
    assert len(watching.told(RequestAnswered)) == 1
    assert watching.told(SubscriptionEnded) == []


def test_it_ends_on_both_sides_when_the_peer_is_gone(watching):
    mine = watching.subscribe(expires_s=600)
    watching.sip.run(1)
    watching.sip.wire.swallows = lambda data: True
    watching.sip.run(700)
    (ended,) = watching.told(SubscriptionEnded)
    assert (ended.subscription, ended.why) == (mine, "Its time is up.")
    watching.at_rest()


def test_notify_that_comes_before_the_200_is_taken(watching):
    sip = watching.sip
    sip.wire.swallows = lambda data: data.startswith(b"SIP/2.0 200") and b"SUBSCRIBE" in data and sip.now < 3
    watching.subscribe()
    sip.run(10)
    assert watching.bodies() == [b"<here/>"]
    assert [event.status for event in watching.told(RequestAnswered)] == [200]


def test_the_notifier_ends_it_with_a_reason(watching):
    sip = watching.sip
    watching.subscribe()
    sip.run(1)
    sip.centre.terminate_subscription(watching.theirs, sip.now, reason="probation", retry_after_s=90)
    sip.run(1)
    (ended,) = watching.told(SubscriptionEnded)
    assert (ended.reason, ended.retry_after_s) == ("probation", 90)
    watching.at_rest()


def test_pending_first_then_active(watching):
    sip = watching.sip
    sip.on_centre = lambda event: None
    watching.subscribe()
    sip.run(0.1)
    sip.centre.accept_subscription(watching.theirs, sip.now, pending=True)
    sip.run(0.1)
    sip.centre.accept_subscription(watching.theirs, sip.now, body=b"<here/>", content_type=PIDF)
    sip.run(0.1)
    assert [event.state for event in watching.told(Notified)] == ["pending", "active"]


def test_rejected(watching):
    sip = watching.sip
    sip.on_centre = lambda event: sip.centre.reject_subscription(event.subscription, 403, sip.now)
    mine = watching.subscribe()
    sip.run(1)
    (ended,) = watching.told(SubscriptionEnded)
    assert (ended.subscription, ended.status) == (mine, 403)
    watching.at_rest()


def test_nobody_decides(watching):
    watching.sip.on_centre = lambda event: None
    watching.subscribe()
    watching.sip.run(20)
    assert watching.told(SubscriptionEnded)[0].status == 480
    watching.at_rest()


def test_a_package_that_is_not_there(watching):
    watching.subscribe(event="dialog")
    watching.sip.run(1)
    (answered,) = watching.told(RequestAnswered)
    assert (answered.status, answered.response.first("Allow-Events")) == (489, "presence")
    assert watching.sip.told(OutOfDialog)[0].status == 489
    watching.at_rest()


def test_too_short_is_asked_again_for_longer(watching):
    watching.subscribe(expires_s=5)
    watching.sip.run(1)
    assert watching.sip.told(SubscribeReceived)[0].expires_s == 60
    assert watching.bodies() == [b"<here/>"]


def test_the_present_state_and_no_more(watching):
    watching.subscribe(expires_s=0)
    watching.sip.run(1)
    assert watching.bodies() == [b"<here/>"]
    assert watching.told(SubscriptionEnded)
    watching.at_rest()


def test_no_notify_ends_it_after_timer_n(watching):
    watching.sip.wire.swallows = lambda data: data.startswith(b"NOTIFY")
    watching.subscribe()
    watching.sip.run(40)
    assert watching.told(SubscriptionEnded)[0].why == "No NOTIFY came."
    watching.at_rest()


def test_notify_that_nobody_answers_ends_it_at_the_notifier(watching):
    sip = watching.sip
    watching.subscribe()
    sip.run(1)
    sip.wire.swallows = lambda data: True
    sip.centre.notify(watching.theirs, b"<there/>", sip.now, content_type=PIDF)
    sip.run(40)
    assert sip.told(SubscriptionEnded)[0].status == 408


def test_notifies_go_one_at_a_time_and_the_newest_counts(watching):
    sip = watching.sip
    watching.subscribe()
    sip.run(1)
    for number in range(5):
        sip.centre.notify(watching.theirs, b"%d" % number, sip.now, content_type=PIDF)
    sip.run(1)
    assert watching.bodies()[1:] == [b"0", b"4"]


def test_unsubscribed_before_anything_came(watching):
    mine = watching.subscribe()
    watching.sip.caller.unsubscribe(mine, watching.sip.now)
    watching.sip.run(5)
    assert watching.told(SubscriptionEnded)
    watching.at_rest()


def test_there_are_not_too_many(make_sip, new_tokens):
    watching = Watching(make_sip(), new_tokens, max_subscriptions=1)
    sip = watching.sip
    sip.caller = UserAgent(host="192.0.2.1", port=5060, new_token=new_tokens("c"), max_subscriptions=2)
    sip.wire._endpoints[sip.caller_flow] = sip.caller
    watching.subscribe()
    watching.subscribe()
    with pytest.raises(Unavailable):
        watching.subscribe()
    sip.run(1)
    assert sorted(event.status for event in watching.told(RequestAnswered)) == [200, 503]
    assert watching.told(SubscriptionEnded)[0].retry_after_s == 60


def test_what_is_not_there_cannot_be_told_of(watching):
    sip = watching.sip
    for act in (
        lambda: sip.caller.unsubscribe("x", 0.0),
        lambda: sip.centre.notify("x", b"", 0.0, content_type=PIDF),
        lambda: sip.centre.accept_subscription("x", 0.0),
    ):
        with pytest.raises(NotFound):
            act()
    watching.subscribe()
    sip.run(1)
    with pytest.raises(IllegalTransition):
        sip.centre.accept_subscription(watching.theirs, sip.now)


def test_without_packages_it_is_489(peer):
    (answer,) = peer.request("SUBSCRIBE", more="Event: presence\n")
    assert answer.status == 489
    assert peer.events[-1].status == 489


def test_allow_says_what_is_there(make_sip, new_tokens):
    watching = Watching(make_sip(), new_tokens)
    sip = watching.sip
    sip.caller.options("sip:192.0.2.9", flow=sip.centre_flow, from_="sip:a@b", now=0.0)
    sip.run(1)
    response = watching.told(RequestAnswered)[0].response
    assert "SUBSCRIBE" in response.first("Allow")
    assert response.first("Allow-Events") == "presence"


# ---- by hand ----


class Hand:
    """One subscription of ours, and NOTIFYs written by hand."""

    def __init__(self, new_tokens) -> None:
        self.agent = UserAgent(host="192.0.2.1", port=5060, new_token=new_tokens("c"))
        self.flow = Flow("UDP", "192.0.2.9", 5060)
        self.name = self.agent.subscribe(
            "sip:ann@192.0.2.9", event="presence;id=7", flow=self.flow, from_="sip:me@b", now=0.0
        )
        ((_, data),) = self.agent.take_outgoing()
        self.subscribe = parse(data)

    def notify(self, tag: str = "n", number: int = 1, event: str = "presence;id=7", state: str = "active") -> int:
        headers = (
            ("Via", f"SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK{tag}{number}"),
            ("From", f"<sip:ann@192.0.2.9>;tag={tag}"),
            ("To", self.subscribe.first("From")),
            ("Call-ID", self.subscribe.first("Call-ID")),
            ("CSeq", f"{number} NOTIFY"),
            ("Contact", "<sip:ann@192.0.2.9>"),
            ("Event", event),
            *((("Subscription-State", state),) if state else ()),
        )
        request = Request(method="NOTIFY", uri="sip:me@192.0.2.1", headers=headers)
        self.agent.receive_datagram(serialise(request), self.flow, 0.0)
        return parse(self.agent.take_outgoing()[0][1]).status


@pytest.fixture
def hand(new_tokens) -> Hand:
    return Hand(new_tokens)


def test_of_a_forked_subscription_the_first_is_kept(hand):
    assert hand.notify("one") == 200
    assert hand.notify("two") == 481
    assert hand.notify("one", 2) == 200
    assert len(hand.agent.take_events()) == 2


def test_notify_of_another_event_is_of_no_subscription(hand):
    assert hand.notify(event="presence") == 481
    assert hand.notify(event="dialog;id=7") == 481
    assert hand.notify(event="") == 481


def test_notify_out_of_its_order_and_without_a_state(hand):
    assert hand.notify(number=5) == 200
    assert hand.notify(number=4) == 500
    assert hand.notify(number=6, state="") == 400
    assert hand.notify(number=7, state="terminated;reason=noresource;retry-after=x") == 200
    assert hand.notify(number=8) == 481
    ended = hand.agent.take_events()[-1]
    assert (ended.reason, ended.retry_after_s) == ("noresource", None)


def test_refresh_that_is_refused_leaves_it_until_its_time_is_up(hand):
    more = (("Expires", "100"), ("Contact", "<sip:ann@192.0.2.9>"))
    hand.agent.receive_datagram(serialise(response_to(hand.subscribe, 200, to_tag="n", more=more)), hand.flow, 0.0)
    hand.notify()
    hand.agent.take_events()
    hand.agent.handle_timer(69.0)
    ((_, data),) = hand.agent.take_outgoing()
    refresh = parse(data)
    assert refresh.first("CSeq") == "2 SUBSCRIBE"
    hand.agent.receive_datagram(serialise(response_to(refresh, 500, to_tag="n")), hand.flow, 69.0)
    assert hand.agent.take_events() == []
    hand.agent.handle_timer(101.0)
    assert [type(event) for event in hand.agent.take_events()] == [SubscriptionEnded]


def test_refresh_answered_481_is_the_end(hand):
    hand.notify(state="active;expires=100")
    hand.agent.handle_timer(69.0)
    refresh = next(m for _, data in hand.agent.take_outgoing() if (m := parse(data)).first("CSeq") == "2 SUBSCRIBE")
    hand.agent.receive_datagram(serialise(response_to(refresh, 481, to_tag="n")), hand.flow, 69.0)
    assert hand.agent.take_events()[-1].status == 481


# ---- headers and tables ----


@pytest.mark.parametrize("text", ["", ";id=4", "two words"])
def test_what_is_no_event_and_no_state(text):
    with pytest.raises(HeaderError):
        parse_event(text)
    with pytest.raises(HeaderError):
        parse_standing(text)


tokens = st.text("abcdefghijklmnopqrstuvwxyz0123456789-.", min_size=1, max_size=12)


@given(package=tokens, id=st.just("") | tokens)
def test_event_is_read_as_it_was_written(package, id):
    assert parse_event(str(EventName(package, id))) == EventName(package, id)


@given(tokens, st.just("") | tokens, st.none() | st.integers(0, 2**31), st.none() | st.integers(0, 2**31))
def test_standing_is_read_as_it_was_written(state, reason, expires_s, retry_after_s):
    standing = Standing(state, reason, expires_s, retry_after_s)
    assert parse_standing(str(standing)) == standing


@pytest.mark.parametrize(("table", "states"), [(SUBSCRIBER, SubscriberState), (NOTIFIER, NotifierState)])
def test_every_state_can_be_left_but_the_last(table, states):
    left = {state for state, _ in table}
    assert left == set(states) - {states.OVER}
    assert states.OVER in table.values()
