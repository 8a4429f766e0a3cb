"""Who is called back, with what, and who is not called."""

from datetime import UTC, datetime, timedelta

import pytest

from tenfour.calltaking import event as e
from tenfour.calltaking.call import CallState, apply
from tenfour.calltaking.call_words import caller_hears, end_words
from tenfour.calltaking.outgoing import reach_of
from tenfour.calltaking.outgoing_event import CallDialled, CalleeRinging, CallNotTaken, CallPlaced, NumberRefused
from tenfour.calltaking.placing import call_back, dial
from tenfour.vocabulary.envelope import Actor, ActorKind
from tenfour.vocabulary.errors import BadInput, IllegalTransition
from tenfour.vocabulary.ids import CallId, IncidentId, PersonId, PositionId

T0 = datetime(2026, 11, 14, 21, 40, 42, tzinfo=UTC)
LINE = Actor(ActorKind.DEVICE, "line-1")
POSITION, PERSON = PositionId("04"), PersonId("adeyemi")
NEW = CallId("c9d2e9f4a1b8c3d6e5f0")
FROM = ("From", '"Handset" <sip:+16145550137@carrier.example;user=phone>;tag=1')
ASSERTED = ("P-Asserted-Identity", "<tel:+16145550199>")
THEIR_IDS = (
    ("Call-Info", "<urn:emergency:uid:callid:c7d2e9f4a1b8c3d6e5f0:carrier.example>;purpose=emergency-CallId"),
    ("Call-Info", "<urn:emergency:uid:incidentid:i4k2m8n1p5q7r3s6t9u0:esrp.example>;purpose=emergency-IncidentId"),
)


def ended(*headers, number="614-555-0137", may=True, ids=True):
    received = e.CallReceived(
        CallId("c7d2e9f4a1b8c3d6e5f0"), IncidentId("i4k2m8n1p5q7r3s6t9u0"), not ids, number, number if may else None,
        "urn:service:sos", "1@line", "udp", "127.0.0.1:5070", headers=headers or (FROM,),
    )  # fmt: skip
    words = "Wireless: can be called back." if may else "No service plan: cannot be called back or texted."
    facts = (received, e.HandsetRecognised(e.Handset.WIRELESS, may, may, words), e.CallAbandoned(e.Signal.CANCEL))
    call = None
    for index, fact in enumerate(facts):
        call = apply(call, fact, at=T0 + timedelta(seconds=index), actor=LINE)
    assert call is not None
    return call


def back(call, means="voice", *, places_calls=True):
    return call_back(
        call, means, POSITION, PERSON, new_id=NEW, host="larkspur.demo", places_calls=places_calls
    )  # fmt: skip


def test_callback_goes_to_the_asserted_identity_and_else_to_from():
    assert back(ended(FROM, ASSERTED)).target == "tel:+16145550199"
    assert back(ended(FROM)).target == "sip:+16145550137@carrier.example;user=phone"


def test_callback_says_that_it_is_one_and_carries_the_first_calls_identifiers():
    placed = back(ended(FROM, *THEIR_IDS))
    assert placed.headers[:2] == (("Priority", "psap-callback"), ("Resource-Priority", "esnet.0"))
    assert placed.headers[2:] == THEIR_IDS
    assert (placed.callback_of, placed.i3_incident_id) == ("c7d2e9f4a1b8c3d6e5f0", "i4k2m8n1p5q7r3s6t9u0")
    ours = back(ended(FROM, ids=False)).headers[2:]
    assert [value.partition(";")[0] for _, value in ours] == [
        "<urn:emergency:uid:callid:c7d2e9f4a1b8c3d6e5f0:larkspur.demo>",
        "<urn:emergency:uid:incidentid:i4k2m8n1p5q7r3s6t9u0:larkspur.demo>",
    ]


@pytest.mark.parametrize(
    "value",
    [
        "Anonymous <sip:anonymous@anonymous.invalid>;tag=1",
        "<sip:+16145550137@carrier.example\x07>;tag=1",
        f"<sip:+16145550137@{'a' * 300}.example>;tag=1",
        "<mailto:614@example.com>;tag=1",
        "<<<",
    ],
)
def test_address_that_nobody_could_call_is_none(value):
    assert reach_of((("From", value),)).uri == ""


def test_headers_that_a_uri_asks_for_are_left_out():
    assert reach_of((("From", "<sip:6145550137@x.example?Replaces=1>;tag=1"),)).uri == "sip:6145550137@x.example"


@pytest.mark.parametrize("means", ["voice", "text"])
def test_phone_without_service_is_refused_for_the_record(means):
    assert back(ended(may=False), means) == e.CallbackRefused(
        means, "No service plan: cannot be called back or texted."
    )


def test_what_this_line_cannot_do_is_refused_in_words():
    assert "sends no texts" in back(ended(), "text").reason
    assert "places no calls: 614-555-0137 is dialled by telephone" in back(ended(), places_calls=False).reason


def test_callback_waits_for_the_end_of_the_call_and_is_not_called_back_itself():
    call = ended()
    with pytest.raises(IllegalTransition, match="expected a call that has ended"):
        back(apply(None, _received(call), at=T0, actor=LINE))
    with pytest.raises(BadInput, match="voice or text"):
        back(call, "pigeon")
    ours = apply(apply(None, back(call), at=T0, actor=LINE), CallNotTaken(486, "busy"), at=T0, actor=LINE)
    with pytest.raises(IllegalTransition, match="came in"):
        back(ours)


def _received(call):
    return e.CallReceived(
        call.call_id, call.i3_incident_id, True, call.ani, call.ani, "urn:service:sos", "x@y", "udp", "127.0.0.1:5"
    )  # fmt: skip


def outbound(number):
    return dial(
        number, POSITION, PERSON, new_id=NEW, i3_incident_id=IncidentId("i" * 20), host="larkspur.demo"
    )  # fmt: skip


def test_ordinary_call_carries_identifiers_of_its_own_and_no_priority():
    placed = outbound("(614) 555-0137")
    assert isinstance(placed, CallPlaced)
    assert (placed.number, placed.target) == ("614-555-0137", "")
    assert [name for name, _ in placed.headers] == ["Call-Info", "Call-Info"]


@pytest.mark.parametrize("number", ["911-442-7186", "+1 911 442 7186", "123-456-7890", "911", "112"])
def test_number_that_is_not_called_is_refused_for_the_record(number):
    assert isinstance(outbound(number), NumberRefused)


@pytest.mark.parametrize("number", ["", "7", "six one four", "614-555-0137;evil", "1" * 16, "sip:a@b"])
def test_what_is_no_number_is_bad_input(number):
    with pytest.raises(BadInput, match="no telephone number"):
        outbound(number)


def told(*events):
    call = apply(None, back(ended()), at=T0, actor=LINE)
    for event in events:
        call = apply(call, event, at=T0 + timedelta(seconds=5), actor=LINE)
    return call


DIALLED = CallDialled("sip:+16145550137@carrier.example", "f81d4fae@127.0.0.1", "127.0.0.1:5070 over UDP")


def test_call_of_ours_is_in_the_hand_of_who_placed_it_from_the_first():
    call = told()
    assert (call.state, call.position, call.answered_at, call.is_emergency) == (CallState.DIALLING, "04", T0, False)
    assert caller_hears(call) == "nothing yet: it is being dialled"
    assert told(DIALLED).sip_call_id == "f81d4fae@127.0.0.1"


def test_call_of_ours_rings_is_taken_and_ends():
    ringing = told(DIALLED, CalleeRinging(), CalleeRinging(True))
    assert ringing.outgoing.ringing_at == T0 + timedelta(seconds=5)
    assert (ringing.outgoing.early_media, caller_hears(ringing)) == (True, "its telephone, which rings")
    talking = told(DIALLED, e.CallConnected("PCMU/8000", "127.0.0.1:4000"))
    assert talking.state is CallState.TALKING
    assert caller_hears(talking) == "silence: no headset at the position"
    over = told(e.CallConnected("PCMU/8000", "x"), e.CallerDisconnected())
    assert end_words(over) == "Disconnected by the other side (BYE)."


def test_call_that_nobody_takes_says_why():
    call = told(DIALLED, CallNotTaken(486, "busy (486 Busy Here)"))
    assert (call.state, call.in_progress) == (CallState.NOT_TAKEN, False)
    assert end_words(call) == "Not taken: busy (486 Busy Here)"
    assert call.outgoing.refused == 486
