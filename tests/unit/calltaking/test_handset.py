"""Recognising deactivated phones, and what may be done with a handset."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.calltaking.event import Handset
from tenfour.calltaking.handset import NO_SERVICE_PLAN, digits, display, is_deactivated, recognise


@pytest.mark.parametrize(
    "number",
    [
        "911-442-7186", "9114427186", "+19114427186", "19114427186", "+1 (911) 442-7186", "tel:+1-911-442-7186",
        "sip:+19114427186@line.example;user=phone", "123-456-7890", "1234567890", "+11234567890", "911.442.7186",
    ],
)  # fmt: skip
def test_number_of_a_deactivated_phone_is_recognised_however_it_is_delivered(number):
    assert is_deactivated(number)
    card = recognise(number, None)
    assert (card.handset, card.may_call_back, card.may_text, card.reason) == (
        Handset.NSI,
        False,
        False,
        NO_SERVICE_PLAN,
    )


@pytest.mark.parametrize(
    "number", ["614-555-0137", "911", "9115550", "+49 911 442718", "411-911-4427", "", "anonymous"]
)
def test_other_numbers_are_not_taken_for_deactivated_phones(number):
    assert not is_deactivated(number)


def test_phone_without_service_is_never_called_whatever_callback_number_came_with_it():
    assert not recognise("911-442-7186", "614-555-0137").may_call_back


def test_callback_number_that_is_itself_a_911_number_is_not_callable():
    assert not recognise("614-555-0137", "911-442-7186").may_call_back


@pytest.mark.parametrize(
    ("service", "handset", "may_text"),
    [
        ("", Handset.UNKNOWN, True), ("WPH2", Handset.WIRELESS, True), ("wph1", Handset.WIRELESS, True),
        ("RES", Handset.LANDLINE, False), ("VOIP", Handset.VOIP, False), ("NSI", Handset.NSI, False),
    ],
)  # fmt: skip
def test_class_of_service_decides_what_may_be_done(service, handset, may_text):
    card = recognise("614-555-0137", "+16145550137", service)
    assert (card.handset, card.may_text) == (handset, may_text)
    assert card.may_call_back == (handset is not Handset.NSI)


def test_sentence_for_the_call_taker_names_the_number_as_people_read_it():
    assert recognise("6145550137", "+16145550137", "WPH2").reason == (
        "Wireless: can be called back or texted at 614-555-0137."
    )
    assert recognise("6145550137", "+16145550137", "RES").reason.startswith("Landline: can be called back, not texted")


def test_call_without_any_number_cannot_be_called_back():
    card = recognise("anonymous", None)
    assert (card.may_call_back, card.reason) == (False, "No number came with the call that could be called back.")


@given(st.text(alphabet="0123456789", min_size=7, max_size=7), st.sampled_from(["", "1", "+1"]))
def test_911_and_any_seven_digits_is_deactivated_and_reads_the_same(tail, country):
    number = f"{country}911{tail}"
    assert is_deactivated(number)
    assert display(number) == f"911-{tail[:3]}-{tail[3:]}"


@given(st.text(max_size=40))
def test_any_text_delivered_as_a_number_is_taken(number):
    assert set(digits(number)) <= set("0123456789")
    assert recognise(number, number).reason
