"""A call is passed on to another centre, or stays."""

from datetime import UTC, datetime, timedelta

import pytest

from tenfour.calltaking import event as e
from tenfour.calltaking.call import apply
from tenfour.calltaking.call_words import end_words
from tenfour.calltaking.outgoing_event import CallPlaced
from tenfour.calltaking.placing import connect, pass_on
from tenfour.calltaking.transfer import refer_target
from tenfour.calltaking.transfer_event import CallTransferred, TransferAccepted, TransferFailed, TransferOrdered
from tenfour.vocabulary.envelope import Actor, ActorKind
from tenfour.vocabulary.errors import IllegalTransition, Refused
from tenfour.vocabulary.ids import CallId, IncidentId, PersonId, PositionId

T0 = datetime(2026, 11, 14, 21, 40, 42, tzinfo=UTC)
LINE = Actor(ActorKind.DEVICE, "line-1")
ANSWERED = (e.CallRinging(), e.CallAnswered(PositionId("04"), PersonId("adeyemi")), e.CallConnected("PCMU/8000", "x"))
ORDERED = TransferOrdered("Franklin", "sip:911@franklin.example", PositionId("04"))


def fold(*events):
    received = e.CallReceived(
        CallId("c7d2e9f4a1b8c3d6e5f0"), IncidentId("i4k2m8n1p5q7r3s6t9u0"), True, "614-555-0137", "614-555-0137",
        "urn:service:sos", "1@line", "udp", "127.0.0.1:5070",
    )  # fmt: skip
    call = None
    for index, event in enumerate((received, *events)):
        call = apply(call, event, at=T0 + timedelta(seconds=index), actor=LINE)
    assert call is not None
    return call


def passed_on(call):
    return pass_on(call, "Franklin", "sip:911@franklin.example", PositionId("04"), host="larkspur.demo")


def test_identifiers_of_call_and_incident_go_along_in_the_uri():
    target = passed_on(fold(*ANSWERED)).target
    assert target == (
        "sip:911@franklin.example"
        "?Call-Info=%3Curn%3Aemergency%3Auid%3Acallid%3Ac7d2e9f4a1b8c3d6e5f0%3Alarkspur.demo%3E%3Bpurpose%3Demergency-CallId"
        "&Call-Info=%3Curn%3Aemergency%3Auid%3Aincidentid%3Ai4k2m8n1p5q7r3s6t9u0%3Alarkspur.demo%3E%3Bpurpose%3Demergency-IncidentId"
    )
    assert refer_target("sip:a@b", ()) == "sip:a@b"


@pytest.mark.parametrize("events", [(), ANSWERED[:2], (*ANSWERED, e.CallerDisconnected())])
def test_only_a_call_on_the_line_is_passed_on(events):
    with pytest.raises(IllegalTransition, match="on the line"):
        passed_on(fold(*events))


def test_call_is_passed_on_once_at_a_time_and_again_when_it_failed():
    under_way = fold(*ANSWERED, ORDERED, TransferAccepted())
    with pytest.raises(Refused, match="being passed on to Franklin already"):
        passed_on(under_way)
    failed = fold(*ANSWERED, ORDERED, TransferFailed("busy (486 Busy Here)"))
    assert failed.transfer.failed_why == "busy (486 Busy Here)"
    assert isinstance(passed_on(failed), TransferOrdered)


def test_end_of_a_call_that_was_passed_on_says_to_whom():
    over = fold(*ANSWERED, ORDERED, TransferAccepted(), CallTransferred(), e.CallReleased())
    assert end_words(over) == "Passed on to Franklin."
    assert end_words(fold(*ANSWERED, ORDERED, TransferFailed("x"), e.CallReleased())) == "Released by the centre."


def test_caller_is_connected_only_with_a_call_of_ours_that_is_on_the_line():
    placed = CallPlaced(
        CallId("c9d2e9f4a1b8c3d6e5f0"), IncidentId("i" * 20), "614-555-0188", PositionId("04"), PersonId("adeyemi")
    )
    ours = apply(None, placed, at=T0, actor=LINE)
    caller = fold(*ANSWERED)
    with pytest.raises(Refused, match="that we placed and that is on the line"):
        connect(caller, ours, PositionId("04"), host="larkspur.demo")
    ours = apply(ours, e.CallConnected("PCMU/8000", "x"), at=T0, actor=LINE)
    ordered = connect(caller, ours, PositionId("04"), host="larkspur.demo")
    assert (ordered.name, ordered.to_call) == ("614-555-0188", "c9d2e9f4a1b8c3d6e5f0")
    assert ordered.target.startswith("?Call-Info=")
    for other in (caller, fold(*ANSWERED)):
        with pytest.raises(Refused, match="that we placed"):
            connect(caller, other, PositionId("04"), host="larkspur.demo")
