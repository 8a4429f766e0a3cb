"""The signalling of a call as a ladder: who said what to whom, when, and what was decided on it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.telephony.ladder import LINE, WIDTH, Kind, Rung, as_text, label_of, ladder_of
from tenfour.telephony.signalling import (
    KeptCall,
    KeptDecision,
    KeptLine,
    KeptMessage,
    KeptNote,
    KeptProblem,
    kept_message,
)

BEGAN = datetime(2026, 3, 1, 16, 41, 37, 123456, tzinfo=UTC)
SDP = "v=0\r\n"


def at(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def message(seconds: float, way: str, start: str, *, peer: str = "192.0.2.1:5062", cseq: str = "1 INVITE",
            sdp: bool = False, transport: str = "UDP") -> KeptMessage:  # fmt: skip
    typed = "Content-Type: application/sdp\r\n" if sdp else ""
    data = f"{start}\r\nCall-ID: one@caller\r\nCSeq: {cseq}\r\n{typed}\r\n{SDP if sdp else ''}".encode()
    return kept_message(
        data, at=at(seconds), way="in" if way == "in" else "out", transport=transport, local="192.0.2.9:5060", peer=peer
    )


CALL: list[KeptLine] = [
    KeptCall(at=at(0.001), call_id="call0123456789", sip_call_id="one@caller"),
    message(0, "in", "INVITE urn:service:sos SIP/2.0", sdp=True),
    KeptDecision(at=at(0.0003), what="a new call"),
    message(0.0004, "out", "SIP/2.0 100 Trying"),
    message(0.0009, "out", "SIP/2.0 180 Ringing"),
    message(0.5, "in", "INVITE urn:service:sos SIP/2.0", sdp=True),
    KeptDecision(at=at(0.5001), what="a repetition: our last answer went out again"),
    message(0.5002, "out", "SIP/2.0 180 Ringing"),
    KeptDecision(at=at(6.1), what="a person answered"),
    message(6.1001, "out", "SIP/2.0 200 OK", sdp=True),
    message(6.12, "in", "ACK sip:192.0.2.9 SIP/2.0", cseq="1 ACK"),
    message(20, "in", "not SIP"),
    KeptProblem(at=at(20.0001), what="'not SIP' is no request line."),
    KeptNote(at=at(30), what="The line was started again."),
    message(65.25, "in", "BYE sip:192.0.2.9 SIP/2.0", cseq="2 BYE"),
    message(65.2504, "out", "SIP/2.0 200 OK", cseq="2 BYE"),
]

DRAWN = """\
Signalling of call call0123456789 from 614-555-0137
SIP Call-ID one@caller
Seconds after 2026-03-01 16:41:37.123456 UTC

        192.0.2.1:5062                             this line
         UDP, calls us                          192.0.2.9:5060
               |                                       |
     0.000000  |------------- INVITE +SDP ------------>|
               |                                       |  * a new call
     0.000400  |<------------- 100 Trying -------------|
     0.000900  |<------------ 180 Ringing -------------|
     0.500000  |--------- INVITE +SDP (again) -------->|
               |                                       |  * a repetition: our last answer went out
               |                                       |    again
     0.500200  |<-------- 180 Ringing (again) ---------|
               |                                       |  * a person answered
     6.100100  |<------------ 200 OK +SDP -------------|
     6.120000  |----------------- ACK ---------------->|
    20.000000  |--------------- not SIP -------------->|
               |                                       |  ! 'not SIP' is no request line.
               |                                       |  # The line was started again.
    65.250000  |----------------- BYE ---------------->|
    65.250400  |<------------ 200 OK (BYE) ------------|
"""


def test_call_is_drawn_with_its_repetition_its_decisions_and_its_broken_message() -> None:
    assert as_text(ladder_of(CALL), "Signalling of call call0123456789 from 614-555-0137") == DRAWN


def test_rungs_say_who_spoke_when_and_keep_the_whole_message() -> None:
    ladder = ladder_of(CALL)
    invite, new, trying, *_ = ladder.rungs
    assert [party.name for party in ladder.parties] == ["this line", "192.0.2.1:5062"]
    assert (invite.kind, invite.sender, invite.receiver, invite.label) == (Kind.MESSAGE, 1, LINE, "INVITE")
    assert (invite.cseq, invite.carries, invite.again) == ("1 INVITE", "application/sdp", False)
    assert invite.raw.startswith("INVITE urn:service:sos SIP/2.0\r\nCall-ID: one@caller\r\n")
    assert (new.kind, new.words) == (Kind.DECISION, "a new call")
    assert (trying.sender, trying.receiver, trying.label) == (LINE, 1, "100 Trying")
    assert trying.after_s == pytest.approx(0.0004)
    assert ladder.began_at == BEGAN
    assert ladder.rungs[4].again


def test_time_counts_from_the_first_invite_and_is_below_zero_before_it() -> None:
    ladder = ladder_of([message(-2, "in", "OPTIONS sip:a SIP/2.0", cseq="1 OPTIONS"), *CALL])
    assert ladder.rungs[0].after_s == -2.0
    assert ladder.began_at == BEGAN


def test_nothing_kept_is_said() -> None:
    ladder = ladder_of([KeptCall(at=BEGAN, call_id="call0123456789", sip_call_id="one")])
    assert ladder.began_at is None
    assert "Nothing is kept of its signalling." in as_text(ladder, "Signalling")


def test_several_peers_have_their_own_lanes_and_transport() -> None:
    peers = [f"192.0.2.{number}:5060" for number in range(1, 4)]
    ways = list(zip(peers, ("UDP", "TCP", "TLS"), strict=True))
    ladder = ladder_of([message(n, "in", "INFO sip:a SIP/2.0", peer=peer, cseq="1 INFO", transport=transport)
                        for n, (peer, transport) in enumerate(ways)])  # fmt: skip
    assert [party.name for party in ladder.parties[1:]] == peers
    text = as_text(ladder, "Signalling")
    assert all(peer in text for peer in peers)
    assert "UDP, calls us" in text and "TCP" in text


def test_twenty_peers_still_fit() -> None:
    ladder = ladder_of([message(n, "in", "INFO sip:a SIP/2.0", peer=f"192.0.2.{n}:5060", cseq="1 INFO")
                        for n in range(20)])  # fmt: skip
    assert max(len(row) for row in as_text(ladder, "Signalling").splitlines()) <= WIDTH


@pytest.mark.parametrize(
    ("start", "label"),
    [
        ("INVITE sip:a SIP/2.0", "INVITE"),
        ("SIP/2.0 486 Busy Here", "486 Busy Here"),
        ("sip/2.0 200", "200"),
        ("\x1b[2J GET / HTTP", "\N{REPLACEMENT CHARACTER}[2J GET / HTTP"),
        ("", ""),
    ],
)
def test_label_is_the_method_or_the_answer_and_moves_no_cursor(start: str, label: str) -> None:
    assert label_of(start) == label


words = st.text(max_size=300)
lines = st.one_of(
    st.builds(lambda what, s: KeptDecision(at=at(s), what=what), words, st.floats(-10, 1e6)),
    st.builds(lambda what, s: KeptProblem(at=at(s), what=what), words, st.floats(-10, 1e6)),
    st.builds(
        lambda data, way, peer, s: kept_message(
            data, at=at(s), way=way, transport="UDP", local="192.0.2.9:5060", peer=peer
        ),
        st.binary(max_size=200),
        st.sampled_from(["in", "out"]),
        st.text(max_size=60),
        st.floats(-10, 1e6),
    ),
)


@given(st.lists(lines, max_size=12), words)
def test_whatever_was_kept_is_drawn_within_its_columns(kept: list[KeptLine], title: str) -> None:
    ladder = ladder_of(kept)
    text = as_text(ladder, title)
    assert all(len(row) <= WIDTH for row in text.split("\n"))
    assert all(letter.isprintable() or letter == "\n" for letter in text)
    assert len(ladder.rungs) == len(kept)
    assert all(isinstance(rung, Rung) for rung in ladder.rungs)
