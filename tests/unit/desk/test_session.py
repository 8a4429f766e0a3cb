"""Logins: issued by the role picker outside live mode, signed, ended, too old, forged."""

from datetime import UTC, datetime, timedelta
from functools import partial

import jwt
import pytest

from tenfour.desk.permission import Role
from tenfour.desk.session import Choice, NotLoggedIn, Person, Sessions
from tenfour.vocabulary.errors import BadInput, NotFound, Refused
from tenfour.vocabulary.ids import PersonId

NOW = datetime.now(UTC)
KEY = b"k" * 32


def sessions(mode: str = "demo", key: bytes = KEY) -> Sessions:
    people = (
        Person(PersonId("adeyemi"), "R. Adeyemi", ("call_taker", "dispatcher")),
        Person(PersonId("brandt"), "L. Brandt", ("unit",), "12A3"),
    )
    return Sessions(
        key=key,
        centre_id="c",
        mode=mode,
        lasts=timedelta(hours=12),
        people={person.id: person for person in people},
        positions=frozenset({"04"}),
        units=frozenset({"12A3", "14B2"}),
    )


def test_token_names_who_holds_it() -> None:
    ours = sessions()
    picked = ours.pick(Choice(Role.DISPATCHER, "adeyemi", position="04"))
    assert ours.read(ours.token(picked, NOW)) == picked


def test_crew_without_a_unit_named_gets_its_own() -> None:
    assert sessions().pick(Choice(Role.UNIT, "brandt")).unit == "12A3"


def test_live_centre_has_no_role_picker() -> None:
    with pytest.raises(Refused, match="role picker does not exist in a live centre"):
        sessions("live").pick(Choice(Role.DISPATCHER, "adeyemi"))


@pytest.mark.parametrize(
    ("choice", "error", "words"),
    [
        (Choice(Role.DISPATCHER, "nobody"), NotFound, "Known here: adeyemi, brandt"),
        (Choice(Role.SUPERVISOR, "adeyemi"), Refused, "does not work here as supervisor"),
        (Choice(Role.DISPATCHER, "adeyemi", position="99"), NotFound, "position '99'"),
        (Choice(Role.UNIT, "brandt", unit="ZZ9"), NotFound, "unit 'ZZ9'"),
    ],
)
def test_wrong_choice_is_refused_in_words(choice: Choice, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        sessions().pick(choice)


def test_crew_of_no_unit_must_name_one() -> None:
    ours = sessions()
    person = Person(PersonId("x"), "X", ("unit",))
    ours._people = {person.id: person}
    with pytest.raises(BadInput, match="name one in `unit`"):
        ours.pick(Choice(Role.UNIT, "x"))


def test_ended_login_is_refused() -> None:
    ours = sessions()
    picked = ours.pick(Choice(Role.DISPATCHER, "adeyemi"))
    token = ours.token(picked, NOW)
    ours.end(picked)
    with pytest.raises(NotLoggedIn, match="has ended"):
        ours.read(token)


def test_login_that_was_read_before_still_ends_in_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = sessions()
    token = ours.token(ours.pick(Choice(Role.DISPATCHER, "adeyemi")), NOW)
    for hours, lasts in ((11, True), (12, False), (11, True)):
        monkeypatch.setattr("tenfour.desk.session.real_now", partial(NOW.__add__, timedelta(hours=hours)))
        if lasts:
            assert ours.read(token).person == "adeyemi"
            continue
        with pytest.raises(NotLoggedIn, match="has ended"):
            ours.read(token)


def test_old_forged_and_foreign_tokens_are_refused() -> None:
    ours = sessions()
    picked = ours.pick(Choice(Role.DISPATCHER, "adeyemi"))
    old = ours.token(picked, NOW - timedelta(hours=13))
    foreign = sessions(key=b"x" * 32).token(picked, NOW)
    claims = jwt.decode(ours.token(picked, NOW), options={"verify_signature": False})
    unsigned = jwt.encode(claims, None, algorithm="none")
    raised = jwt.encode({**claims, "role": "supervisor"}, KEY, algorithm="HS256")
    for token in (old, foreign, unsigned, raised, "nonsense", ""):
        with pytest.raises(NotLoggedIn):
            ours.read(token)
