"""What the line counts since it started."""

import msgspec


class LineCounters(msgspec.Struct):
    """Plain counts; the line logs them when it stops."""

    calls: int = 0
    answered: int = 0
    ended: int = 0
    picked_up_again: int = 0
    broken_messages: int = 0
