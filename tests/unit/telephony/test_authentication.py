"""Two user agents, one of which asks for a password: answered once, again where the nonce is stale, else told."""

import itertools

import pytest

from tenfour.telephony.authenticator import Authenticator, is_emergency
from tenfour.telephony.digest import parse_proof
from tenfour.telephony.flow import Flow
from tenfour.telephony.message import Request, parse, response_to, serialise
from tenfour.telephony.sip_event import (
    Acknowledged,
    Answered,
    ByeAnswered,
    InDialog,
    InviteReceived,
    OutOfDialog,
    Rejected,
    RequestAnswered,
    Updated,
)
from tenfour.telephony.user_agent import UserAgent
from tenfour.vocabulary.errors import BadInput

PASSWORDS = {"ann": "correct horse"}
CHALLENGE = 'Digest realm="trunk", nonce="{}", qop="auth", algorithm=SHA-256{}'


def authenticator(*methods: str, **more) -> Authenticator:
    given = {"realm": "centre", "secret": b"0123456789abcdef", "password_of": PASSWORDS.get} | more
    return Authenticator(methods=methods, **given)


def guarded(make_sip, new_tokens, *methods: str, credentials=lambda realm: ("ann", "correct horse"), **more):
    """A caller with credentials, and a centre that asks for them."""
    sip = make_sip()
    sip.caller = UserAgent(host="192.0.2.1", port=5060, new_token=new_tokens("c"), credentials=credentials)
    gate = authenticator(*methods, **more)
    sip.centre = UserAgent(
        host="192.0.2.9",
        port=5060,
        new_token=new_tokens("s"),
        authenticator=gate,
        on_message=lambda _request, _flow: 200,
    )
    sip.wire._endpoints |= {sip.caller_flow: sip.caller, sip.centre_flow: sip.centre}
    return sip


def say(sip, text: bytes = b"hello") -> str:
    token = sip.caller.message("sip:911@192.0.2.9", text, flow=sip.centre_flow, from_="sip:ann@b", now=sip.now)
    sip.run(1)
    return token


def test_a_message_is_asked_and_goes_through(make_sip, new_tokens):
    sip = guarded(make_sip, new_tokens, "MESSAGE")
    token = say(sip)
    assert [event.status for event in sip.told(OutOfDialog)] == [401, 200]
    (answered,) = sip.told(RequestAnswered, sip.caller_events)
    assert (answered.token, answered.status) == (token, 200)
    first, second = (parse(data) for *_, data in sip.wire.sent if data.startswith(b"MESSAGE"))
    assert (first.first("CSeq"), second.first("CSeq")) == ("1 MESSAGE", "2 MESSAGE")
    assert first.first("Via") != second.first("Via")
    assert first.first("Call-ID") == second.first("Call-ID")
    assert parse_proof(second.first("Authorization")).algorithm == "SHA-256"


def test_a_wrong_password_is_told_after_one_try(make_sip, new_tokens):
    sip = guarded(make_sip, new_tokens, "MESSAGE", credentials=lambda realm: ("ann", "wrong"))
    say(sip)
    assert [event.status for event in sip.told(RequestAnswered, sip.caller_events)] == [401]
    assert sum(line.startswith("MESSAGE") for line in sip.starts()) == 2


def test_without_credentials_the_challenge_is_told(make_sip, new_tokens):
    sip = guarded(make_sip, new_tokens, "MESSAGE", credentials=lambda realm: None)
    say(sip)
    assert [event.status for event in sip.told(RequestAnswered, sip.caller_events)] == [401]
    assert sum(line.startswith("MESSAGE") for line in sip.starts()) == 1


def test_a_call_to_an_emergency_service_is_never_asked(make_sip, new_tokens):
    sip = guarded(make_sip, new_tokens, "INVITE")
    _, theirs = sip.place()
    assert theirs is not None
    assert sip.told(OutOfDialog) == []


def test_another_call_is_asked_and_its_ack_carries_the_credentials(make_sip, new_tokens):
    sip = guarded(make_sip, new_tokens, "INVITE")
    mine = sip.caller.invite("sip:desk@192.0.2.9", flow=sip.centre_flow, from_="sip:ann@b", now=0.0, body=sip.offer)
    sip.run(0.2)
    (event,) = sip.told(InviteReceived)
    sip.centre.answer(event.call, sip.answer, sip.now)
    sip.run(1)
    assert sip.told(Answered, sip.caller_events)[0].call == mine
    assert sip.told(Acknowledged)
    ack = next(parse(data) for *_, data in reversed(sip.wire.sent) if data.startswith(b"ACK"))
    assert ack.first("Authorization") == event.request.first("Authorization")
    sip.caller.bye(mine, sip.now)
    sip.run(60)
    assert sip.told(ByeAnswered, sip.caller_events)[0].status == 200
    assert sip.caller.next_timer() is sip.centre.next_timer() is None


def test_a_stale_nonce_is_no_refusal(make_sip, new_tokens):
    sip = guarded(make_sip, new_tokens, "MESSAGE", nonce_good_s=0.005)
    say(sip)
    challenges = [
        parse(data).first("WWW-Authenticate") for *_, data in sip.wire.sent if data.startswith(b"SIP/2.0 401")
    ]
    assert ["stale=true" in challenge for challenge in challenges] == [False, True, True]
    assert [event.status for event in sip.told(RequestAnswered, sip.caller_events)] == [401]


# ---- by hand: somebody on the way asks ----


class Asked:
    """A user agent with credentials, and what it sends."""

    def __init__(self, new_tokens) -> None:
        self.agent = UserAgent(
            host="192.0.2.1", port=5060, new_token=new_tokens("c"), credentials=lambda realm: ("ann", realm)
        )
        self.flow = Flow("UDP", "192.0.2.9", 5060)

    def sent(self) -> list[Request]:
        return [parse(data) for _, data in self.agent.take_outgoing()]

    def answer(self, request: Request, status: int, *headers, tag: str = "t", body: bytes = b"") -> list[Request]:
        more = (*headers, ("Contact", "<sip:desk@192.0.2.9>"))
        response = response_to(request, status, to_tag=tag, more=more, body=body)
        self.agent.receive_datagram(serialise(response), self.flow, 0.0)
        return self.sent()


@pytest.fixture
def asked(new_tokens) -> Asked:
    return Asked(new_tokens)


def test_two_proxies_and_the_peer_may_all_ask(asked):
    asked.agent.options("sip:x@192.0.2.9", flow=asked.flow, from_="sip:a@b", now=0.0)
    (first,) = asked.sent()
    (second,) = asked.answer(first, 407, ("Proxy-Authenticate", CHALLENGE.format("n1", "")))
    other = CHALLENGE.format("n2", "").replace("trunk", "edge")
    (third,) = asked.answer(second, 407, ("Proxy-Authenticate", other))
    (fourth,) = asked.answer(third, 401, ("WWW-Authenticate", CHALLENGE.format("n3", "")))
    proofs = [parse_proof(line) for line in fourth.all("Proxy-Authorization")]
    assert [(proof.realm, proof.nonce, proof.nc) for proof in proofs] == [("trunk", "n1", 3), ("edge", "n2", 2)]
    assert parse_proof(fourth.first("Authorization")).nonce == "n3"
    assert fourth.first("CSeq") == "4 OPTIONS"


def test_stale_is_made_good_once(asked):
    asked.agent.options("sip:x@192.0.2.9", flow=asked.flow, from_="sip:a@b", now=0.0)
    (request,) = asked.sent()
    (request,) = asked.answer(request, 401, ("WWW-Authenticate", CHALLENGE.format("n1", "")))
    (request,) = asked.answer(request, 401, ("WWW-Authenticate", CHALLENGE.format("n2", ", stale=true")))
    assert asked.answer(request, 401, ("WWW-Authenticate", CHALLENGE.format("n3", ", stale=true"))) == []
    assert asked.agent.take_events()[-1].status == 401


def test_everything_in_a_call_may_be_asked(asked, sip):
    agent = asked.agent
    call = agent.invite("sip:x@192.0.2.9", flow=asked.flow, from_="sip:a@b", now=0.0, body=sip.offer)
    (invite,) = asked.sent()
    typed = ("Content-Type", "application/sdp")
    asked.answer(invite, 200, typed, body=sip.answer)
    for number, ask in enumerate(
        (
            lambda: agent.reinvite(call, sip.offer, 0.0),
            lambda: agent.update(call, sip.offer, 0.0),
            lambda: agent.request(call, "INFO", 0.0),
            lambda: agent.bye(call, 0.0),
        )
    ):
        ask()
        *_, request = asked.sent()
        sent = asked.answer(request, 401, ("WWW-Authenticate", CHALLENGE.format(f"n{number}", "")))
        again = sent[-1]
        assert again.method == request.method
        assert int(again.first("CSeq").split()[0]) == int(request.first("CSeq").split()[0]) + 1
        asked.answer(again, 200, typed, body=sip.answer if again.method != "BYE" else b"")
    told = [type(event) for event in agent.take_events()]
    assert told == [Answered, Answered, Updated, RequestAnswered, ByeAnswered]


def test_a_cancelled_call_is_not_tried_again(asked, sip):
    call = asked.agent.invite("sip:x@192.0.2.9", flow=asked.flow, from_="sip:a@b", now=0.0, body=sip.offer)
    (invite,) = asked.sent()
    asked.agent.cancel(call, 0.0)
    (ack,) = asked.answer(invite, 401, ("WWW-Authenticate", CHALLENGE.format("n1", "")))
    assert ack.method == "ACK"
    assert [type(event) for event in asked.agent.take_events()] == [Rejected]


# ---- the asking side alone ----


def ask(gate: Authenticator, now: float, line: str = "", method: str = "MESSAGE") -> tuple[str, ...]:
    headers = (("To", "<sip:desk@b>"), *((("Authorization", line),) if line else ()))
    count = itertools.count(int(now * 1000))
    found = gate.challenge(Request(method=method, uri="sip:desk@b", headers=headers), now, lambda: f"t{next(count)}")
    return tuple(value for _, value in found)


def proved(challenge: str, count: int = 1, password: str = "correct horse") -> str:
    from tenfour.telephony.digest import answer_challenge, parse_challenges

    request = Request(method="MESSAGE", uri="sip:desk@b")
    (read,) = parse_challenges([challenge])
    return str(answer_challenge(read, request, "ann", password, count=count, cnonce="c"))


def test_the_best_algorithm_is_offered_first():
    offered = ask(authenticator("MESSAGE"), 1.0)
    assert ["SHA-256" in challenge for challenge in offered] == [True, False]


def test_an_answer_is_taken_once_and_the_next_count_once_more():
    gate = authenticator("MESSAGE")
    challenge = ask(gate, 1.0)[0]
    assert ask(gate, 2.0, proved(challenge)) == ()
    assert "stale=true" in ask(gate, 2.0, proved(challenge))[0]
    assert ask(gate, 2.0, proved(challenge, 2)) == ()
    assert "stale=true" in ask(gate, 400.0, proved(challenge, 3))[0]


def test_a_nonce_that_we_did_not_give_is_not_taken():
    gate, other = authenticator("MESSAGE"), authenticator("MESSAGE", secret=b"another secret 16")
    answer = ask(gate, 2.0, proved(ask(other, 1.0)[0]))
    assert answer
    assert "stale" not in answer[0]
    assert ask(gate, 2.0, 'Digest username="ann", realm="centre", nonce="1_5.x.y", uri="sip:desk@b", response="0"')


def test_what_is_forgotten_is_not_taken_again():
    gate = authenticator("MESSAGE", max_answered=3)
    challenges = [ask(gate, float(now))[0] for now in range(1, 6)]
    for challenge in challenges:
        assert ask(gate, 6.0, proved(challenge)) == ()
    assert len(gate._counts) == 3
    for challenge in challenges:
        assert ask(gate, 6.0, proved(challenge)), "an old answer was taken twice"


def test_emergency_is_known_by_service_and_number():
    def invite(uri: str, to: str = "<sip:x@b>") -> Request:
        return Request(method="INVITE", uri=uri, headers=(("To", to),))

    assert is_emergency(invite("urn:service:sos.fire"))
    assert is_emergency(invite("sip:911@centre.example"))
    assert is_emergency(invite("sip:gateway@centre.example", "<urn:service:sos>;tag=1"))
    assert is_emergency(invite("tel:112"))
    assert not is_emergency(invite("sip:desk@centre.example"))


@pytest.mark.parametrize(
    ("more", "word"),
    [({"methods": ["BYE"]}, "BYE"), ({"algorithms": ["ROT13"]}, "ROT13"), ({"secret": b"short"}, "16 bytes")],
)
def test_what_makes_no_sense_is_refused_in_words(more, word):
    given = {"realm": "r", "secret": b"0123456789abcdef", "password_of": PASSWORDS.get, "methods": ["MESSAGE"]} | more
    with pytest.raises(BadInput, match=word):
        Authenticator(**given)


def test_in_dialog_requests_are_not_asked(make_sip, new_tokens):
    sip = guarded(make_sip, new_tokens, "MESSAGE", "INFO")
    mine, theirs = sip.talk()
    sip.caller.request(mine, "MESSAGE", sip.now, body=b"hi", content_type="text/plain")
    sip.run(1)
    assert sip.told(InDialog)[0].call == theirs
