"""New ids are unique, sort by time where they should, and fit NENA's shape."""

import re

from tenfour.adapters.identity import new_event_id, new_i3_id, new_sip_token


def test_event_ids_sort_by_the_time_they_were_made() -> None:
    made = [new_event_id() for _ in range(1000)]
    assert made == sorted(made)
    assert len(set(made)) == 1000


def test_an_event_id_is_a_uuid_of_version_7() -> None:
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", new_event_id())


def test_an_i3_id_has_10_to_32_letters_or_digits() -> None:
    made = {new_i3_id() for _ in range(1000)}
    assert len(made) == 1000
    assert all(re.fullmatch(r"[a-z0-9]{10,32}", one) for one in made)


def test_sip_tokens_are_never_the_same() -> None:
    assert len({new_sip_token() for _ in range(1000)}) == 1000
