"""The `Range` header, read as RFC 9110 says."""

import pytest

from tenfour.desk.byte_range import byte_range


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (None, None),
        ("bytes=0-", (0, 100)),
        ("bytes=10-19", (10, 20)),
        ("bytes=90-200", (90, 100)),
        ("bytes=-10", (90, 100)),
        ("bytes=-500", (0, 100)),
        ("Bytes=5-", (5, 100)),
        ("bytes=0-1,5-6", None),
        ("bytes=a-b", None),
        ("bytes=-", None),
        ("chapters=1-2", None),
    ],
)
def test_range_header_is_read_as_the_rfc_says(asked: str | None, found: tuple[int, int] | None) -> None:
    assert byte_range(asked, 100) == found


@pytest.mark.parametrize("asked", ["bytes=100-", "bytes=20-10", "bytes=-0"])
def test_range_that_cannot_be_served_is_said_to_be_so(asked: str) -> None:
    with pytest.raises(ValueError, match="of 100"):
        byte_range(asked, 100)


def test_nothing_has_no_range() -> None:
    for asked in ("bytes=0-", "bytes=-5"):
        with pytest.raises(ValueError, match="of 0"):
            byte_range(asked, 0)
