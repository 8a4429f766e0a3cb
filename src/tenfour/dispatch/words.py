"""Times and counts as a dispatcher says them."""

from typing import Final

_COUNTS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def duration(seconds: float) -> str:
    """Minutes and seconds: `5:10`; hours before them from one hour on: `1:05:10`."""
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def travel(seconds: float) -> str:
    """How long a unit takes: `4 min 10 s`, `50 s`."""
    minutes, left = divmod(max(0, round(seconds)), 60)
    return f"{minutes} min {left} s" if minutes else f"{left} s"


def longer(seconds: float) -> str:
    """How much longer: `as long`, `20 s longer`, `one minute longer`, `12 minutes longer`."""
    whole = round(seconds)
    if whole <= 0:
        return "as long"
    if whole < 55:
        return f"{whole} s longer"
    minutes = max(1, round(whole / 60))
    number = _COUNTS[minutes] if minutes < len(_COUNTS) else str(minutes)
    return f"{number} {'minute' if minutes == 1 else 'minutes'} longer"


def count(number: int) -> str:
    """`One`, `Two`, … to begin a sentence with."""
    return _COUNTS[number].capitalize() if 0 <= number < len(_COUNTS) else str(number)
