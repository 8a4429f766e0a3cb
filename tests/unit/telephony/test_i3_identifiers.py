"""i3 call and incident identifiers (NENA-STA-010.3 section 2.1.6 and 2.1.7)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.telephony.i3 import EmergencyIds, call_info, emergency_ids, is_local_part
from tenfour.telephony.message import Request, parse, serialise

local_parts = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=10, max_size=32)


def request(*values: str) -> Request:
    return Request(method="INVITE", uri="sip:a", headers=tuple(("Call-Info", value) for value in values))


@given(local_parts, local_parts)
def test_what_we_write_is_what_we_read(call, incident):
    written = Request(method="INVITE", uri="urn:service:sos", headers=call_info(call, incident, "psap.example"))
    ids = emergency_ids(parse(serialise(written)))
    assert ids == EmergencyIds(call, "psap.example", incident, "psap.example")


@pytest.mark.parametrize(
    "value",
    [
        "<urn:emergency:uid:callid:abcdef1234:bcf.example>;purpose=emergency-CallId",
        "<urn:nena:uid:callid:abcdef1234:bcf.example>; purpose=nena-CallId",
        "<URN:Emergency:UID:callid:abcdef1234:bcf.example> ; purpose = EMERGENCY-CALLID",
        "<urn:nena:uid:callid:abcdef1234:bcf.example>;purpose=emergency-CallId",
        "urn:emergency:uid:callid:abcdef1234:bcf.example;purpose=emergency-CallId",
        '<cid:x@y>;purpose=card, <urn:emergency:uid:callid:abcdef1234:bcf.example>;purpose="emergency-CallId"',
    ],
)
def test_forms_of_the_call_identifier(value):
    ids = emergency_ids(request(value))
    assert (ids.call_id, ids.call_host, ids.incident_id, ids.problems) == ("abcdef1234", "bcf.example", None, ())


@pytest.mark.parametrize(
    "value",
    [
        "<urn:emergency:uid:callid:short:bcf.example>;purpose=emergency-CallId",
        "<urn:emergency:uid:callid:has-hyphens-in-it:bcf.example>;purpose=emergency-CallId",
        f"<urn:emergency:uid:callid:{'x' * 33}:bcf.example>;purpose=emergency-CallId",
        "<urn:emergency:uid:incidentid:abcdef1234:bcf.example>;purpose=emergency-CallId",
        "<urn:other:abcdef1234>;purpose=emergency-CallId",
    ],
)
def test_unusable_identifiers_are_named_and_left_to_be_minted(value):
    ids = emergency_ids(request(value))
    assert ids.call_id is None
    assert len(ids.problems) == 1


def test_first_usable_identifier_counts():
    ids = emergency_ids(
        request("<urn:emergency:uid:callid:bad:a>;purpose=emergency-CallId",
                "<urn:emergency:uid:callid:first00001:a>;purpose=emergency-CallId",
                "<urn:emergency:uid:callid:second0002:b>;purpose=emergency-CallId")
    )  # fmt: skip
    assert ids.call_id == "first00001"


def test_other_call_info_is_none_of_ours():
    assert emergency_ids(request("<http://a/b.png>;purpose=icon", "nonsense")) == EmergencyIds()


def test_local_parts():
    assert is_local_part("a" * 10)
    assert is_local_part("A1" * 16)
    for text in ("", "a" * 9, "a" * 33, "abcdefghi-", "ääääääääää"):
        assert not is_local_part(text)
