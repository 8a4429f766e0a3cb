"""When something happened, as a device says it: a phone without coverage tells later what was done before."""

from datetime import UTC, datetime, timedelta

from tenfour.vocabulary.errors import BadInput

AHEAD = timedelta(seconds=30)
"""A device's clock may be so much ahead of ours; what it says is then taken for now."""
OLDEST = timedelta(hours=24)
"""What is told later than this is a note, not a fact with a time."""


def true_time(at: datetime | None, now: datetime) -> datetime | None:
    """The time to record (UTC); None where the device said none. Raises `BadInput` for one that cannot be true."""
    if at is None:
        return None
    if at.tzinfo is None:
        raise BadInput("`at` needs a time zone; send UTC such as 2026-11-14T21:42:18Z.")
    if at > now + AHEAD:
        raise BadInput(f"`at` is {_spell(at - now)} in the future; the device's clock is wrong.")
    if at < now - OLDEST:
        raise BadInput(f"`at` is {_spell(now - at)} ago, and more than 24 hours cannot be; tell it as a note.")
    return min(at.astimezone(UTC), now)


def believed_time(at: datetime | None, now: datetime) -> datetime | None:
    """For what is never refused: a time that cannot be true is left out, and now is recorded."""
    try:
        return true_time(at, now)
    except BadInput:
        return None


def _spell(length: timedelta) -> str:
    minutes = int(length.total_seconds()) // 60
    if minutes == 0:
        return f"{length.total_seconds():.0f} s"
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
