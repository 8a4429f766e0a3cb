"""Exhibits: what is asked of them before they are taken in, and what hashing them again says."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfour.evidence import decision as d
from tenfour.evidence.event import CustodyNoted, ExhibitAdded, ExhibitDamaged, ExhibitKind, ExhibitVerified
from tenfour.evidence.exhibit import Exhibit, access_of, apply
from tenfour.vocabulary.envelope import Access, Actor, ActorKind
from tenfour.vocabulary.errors import BadInput
from tenfour.vocabulary.ids import IncidentId

NOW = datetime(2026, 11, 14, 21, 40, tzinfo=UTC)
BRANDT = Actor(ActorKind.PERSON, "brandt", "unit", "12A3")
DIGEST = "ab" * 32
INCIDENT = IncidentId("i" * 24)


def known(**more: object) -> d.About:
    said: dict[str, object] = {
        "kind": ExhibitKind.DOORBELL,
        "title": "Front door",
        "file_name": "clip.mp4",
        "owner": "K. Resident",
        "consent": "Yes.",
        "scope": "This incident.",
    }
    return d.About(**(said | more))  # type: ignore[arg-type]


def added(**more: object) -> Exhibit:
    event = d.add(INCIDENT, 2, d.about(known(**more)), file="evidence/x.bin", size=3, sha256=DIGEST)
    exhibit = apply(None, event, at=NOW, actor=BRANDT)
    assert exhibit is not None
    return exhibit


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"title": " "}, "title"),
        ({"owner": ""}, "owner"),
        ({"consent": " "}, "consent"),
        ({"scope": ""}, "scope"),
        ({"from_at": NOW, "to_at": NOW - timedelta(seconds=1)}, "end before"),
        ({"from_at": datetime(2026, 11, 14, 21, 40)}, "zone"),  # noqa: DTZ001
        ({"sha256": "abc"}, "64"),
    ],
)
def test_file_of_which_too_little_is_known_is_refused(wrong: dict[str, object], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        d.about(known(**wrong))


def test_digest_that_was_announced_must_be_the_one_that_came() -> None:
    with pytest.raises(BadInput, match="did not arrive"):
        d.add(INCIDENT, 1, known(sha256="cd" * 32), file="evidence/x.bin", size=3, sha256=DIGEST)
    same = d.add(INCIDENT, 1, known(sha256=DIGEST), file="evidence/x.bin", size=3, sha256=DIGEST)
    assert isinstance(same, ExhibitAdded)


@given(st.text())
def test_name_of_a_file_never_leads_anywhere(name: str) -> None:
    bare = d.bare_name(name)
    assert bare
    assert bare.isprintable()
    assert not set(bare) & {"/", "\\", "\0", "\n"}
    assert not bare.startswith(".")
    assert len(bare) <= d.LONGEST_NAME


def test_minor_and_call_have_access_classes_of_their_own() -> None:
    assert added().access is Access.POLICE
    assert added(child=True).access is Access.CHILD
    assert access_of(ExhibitKind.CALL_AUDIO, child=True) is Access.CALL


def test_id_names_the_incident() -> None:
    assert added().exhibit_id == f"{INCIDENT}-2"
    assert d.incident_of(added().exhibit_id) == INCIDENT


def test_what_was_noted_and_found_stays_on_it() -> None:
    exhibit = apply(added(), d.note_custody(added(), " Card given to records. "), at=NOW, actor=BRANDT)
    assert exhibit is not None
    assert [one.words for one in exhibit.custody] == ["Card given to records."]
    damaged = apply(exhibit, d.verify(exhibit, ""), at=NOW, actor=BRANDT)
    assert damaged is not None
    assert damaged.damaged_at == NOW
    mended = apply(damaged, d.verify(damaged, DIGEST), at=NOW, actor=BRANDT)
    assert mended is not None
    assert (mended.damaged_at, mended.verified_at) == (None, NOW)
    assert d.verify(exhibit, DIGEST) == ExhibitVerified(INCIDENT)
    assert d.verify(exhibit, "cd" * 32) == ExhibitDamaged(INCIDENT, "cd" * 32)
    with pytest.raises(BadInput, match="who had it"):
        d.note_custody(exhibit, " ")


def test_fact_of_an_exhibit_that_is_not_known_makes_none() -> None:
    assert apply(None, CustodyNoted(INCIDENT, "x"), at=NOW, actor=BRANDT) is None
