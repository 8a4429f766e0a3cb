"""The invalid and unwelcome messages of RFC 4475: the RFC's verdict on each, what we do, and where we differ why.

An INVITE is taken whenever it names its call, for it may be somebody's last one: its 100 is our verdict, and what was
wrong with it is in `problems`. The same flaw in any other request is refused as the RFC says.
"""

from dataclasses import dataclass

import pytest

from tenfour.telephony.message import parse
from tenfour.telephony.sdp import audio_of, parse_sdp
from tenfour.telephony.sip_event import InviteReceived, MessageBroken

pytestmark = pytest.mark.needs_shared

DISCARDED = 0


@dataclass(frozen=True)
class Verdict:
    """`rfc`: statuses the RFC names, the preferred first. `ours`: what we send. `says`: words of the problem."""

    name: str
    section: str
    rfc: tuple[int, ...]
    ours: int
    says: str = ""

    @property
    def is_taken(self) -> bool:
        return self.ours == 100


# fmt: off
VERDICTS = (
    Verdict("badinv01", "3.1.2.1", (400,), 100, "separators with nothing between"),
    Verdict("clerr", "3.1.2.2", (400,), 100, "Content-Length is 9999"),
    Verdict("ncl", "3.1.2.3", (400,), 100, "'-999', not a number"),
    Verdict("scalar02", "3.1.2.4", (400,), 400, "is too large"),
    Verdict("scalarlg", "3.1.2.5", (DISCARDED,), DISCARDED, "is too large"),
    Verdict("quotbal", "3.1.2.6", (400, 200), 100, "quoted name that does not end"),
    Verdict("ltgtruri", "3.1.2.7", (400, 200), 100, "not well formed"),
    Verdict("lwsruri", "3.1.2.8", (400, 481), 481),
    Verdict("lwsstart", "3.1.2.9", (400, 200), 100, "not well formed"),
    Verdict("trws", "3.1.2.10", (400, 200), 200),
    Verdict("escruri", "3.1.2.11", (400, 200), 100, "carries headers"),
    Verdict("baddate", "3.1.2.12", (400, 200), 100, "not in GMT"),
    Verdict("regbadct", "3.1.2.13", (400,), 405),
    Verdict("badaspec", "3.1.2.14", (400, 200), 200),
    Verdict("baddn", "3.1.2.15", (400, 200), 200),
    Verdict("badvers", "3.1.2.16", (505,), 505, "speaks SIP/7.0"),
    Verdict("mismatch01", "3.1.2.17", (400,), 400, "CSeq says INVITE"),
    Verdict("mismatch02", "3.1.2.18", (501, 400), 501, "CSeq says INVITE"),
    Verdict("bigcode", "3.1.2.19", (DISCARDED,), DISCARDED, "no status from 100 to 699"),
    Verdict("badbranch", "3.2.1", (400, 200), 200),
    Verdict("insuf", "3.3.1", (400,), 400, "no From, no To, no Call-ID"),
    Verdict("unkscm", "3.3.2", (416,), 416),
    Verdict("novelsc", "3.3.3", (416,), 416),
    Verdict("unksm2", "3.3.4", (400,), 405),
    Verdict("bext01", "3.3.5", (420,), 420),
    Verdict("invut", "3.3.6", (415,), 100),
    Verdict("multi01", "3.3.8", (400,), 100, "Call-ID came 2 times"),
    Verdict("mcl01", "3.3.9", (400,), 400, "13 and 5"),
    Verdict("bcast", "3.3.10", (DISCARDED,), DISCARDED, "2 Vias"),
    Verdict("sdp01", "3.3.15", (406,), 100, "accepts no application/sdp"),
)
# fmt: on
VALID = {
    "wsinv",
    "wsinvFixed",
    "intmeth",
    "esc01",
    "escnull",
    "esc02",
    "lwsdisp",
    "longreq",
    "dblreq",
    "semiuri",
    "transports",
    "mpart01",
    "unreason",
    "noreason",
    "zeromf",
    "cparam01",
    "cparam02",
    "regescrt",
    "regaut01",
    "inv2543",
}  # fmt: skip


@pytest.mark.parametrize("verdict", VERDICTS, ids=lambda verdict: verdict.name)
def test_flawed_message_gets_its_verdict(verdict, torture, make_peer):
    peer = make_peer()
    answers = peer.say(torture(verdict.name))
    assert [answer.status for answer in answers] == ([verdict.ours] if verdict.ours else [])
    told = [sentence for event in peer.events for sentence in _sentences(event)]
    assert verdict.says in "\n".join(told)
    assert bool(told) == bool(verdict.says)
    calls = [event for event in peer.events if isinstance(event, InviteReceived)]
    assert len(calls) == verdict.is_taken


def _sentences(event) -> tuple[str, ...]:
    if isinstance(event, MessageBroken):
        return (event.problem,)
    return event.problems if isinstance(event, InviteReceived) else ()


@pytest.mark.parametrize("verdict", [one for one in VERDICTS if one.is_taken], ids=lambda verdict: verdict.name)
def test_flawed_invite_becomes_a_call_that_can_be_answered(verdict, torture, make_peer, sip):
    peer = make_peer()
    peer.say(torture(verdict.name))
    (event,) = peer.events
    peer.agent.answer(event.call, sip.answer, peer.now)
    (ok,) = peer.heard()
    assert (ok.status, ok.body) == (200, sip.answer)
    if verdict.name == "invut":
        assert event.sdp is None
    else:
        assert audio_of(parse_sdp(event.sdp)).port == 49217


@pytest.mark.parametrize("verdict", [one for one in VERDICTS if one.is_taken], ids=lambda verdict: verdict.name)
def test_the_same_flaw_is_refused_in_a_request_that_is_no_call(verdict, torture, make_peer):
    """The flaws that the RFC wants refused without a choice, in OPTIONS; a choice is taken in the caller's favour."""
    data = torture(verdict.name).replace(b"INVITE", b"OPTIONS")
    statuses = [answer.status for answer in make_peer().say(data)]
    strict = {"clerr": [400], "ncl": [400], "multi01": [400]}
    assert statuses == strict.get(verdict.name, [200])


def test_request_uri_with_a_space_in_it_reads_as_meant(torture):
    assert parse(torture("lwsruri")).uri == "sip:user@example.com;lr"


def test_request_uri_in_brackets_is_read_without_them(torture):
    assert parse(torture("ltgtruri")).uri == "sip:user@example.com"


def test_refusal_of_unknown_extensions_names_them(torture, make_peer):
    (answer,) = make_peer().say(torture("bext01"))
    assert answer.listed("Unsupported") == ("nothingSupportsThis", "nothingSupportsThisEither")


def test_method_that_is_not_allowed_is_answered_with_those_that_are(torture, make_peer):
    (answer,) = make_peer().say(torture("regbadct"))
    assert "INVITE" in answer.listed("Allow")


def test_every_file_has_its_verdict(torture_names):
    assert torture_names == VALID | {verdict.name for verdict in VERDICTS}


def test_no_verdict_stands_undocumented(torture_document):
    """docs/sip.md names each message where we do not do what the RFC names first."""
    for verdict in VERDICTS:
        if verdict.ours != verdict.rfc[0]:
            assert f"`{verdict.name}`" in torture_document, verdict.name
