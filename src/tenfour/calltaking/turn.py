"""In what order calls that wait are to be answered."""

from tenfour.calltaking.call import Call
from tenfour.calltaking.resource_priority import USUAL

_MIDDLE = 500_000


def turn(call: Call) -> tuple[bool, int, int, str, str]:
    """Sorts calls by whose turn it is: emergencies, then Resource-Priority, the queue's, and who rings longest."""
    priority = USUAL if call.resource_priority is None else call.resource_priority
    return (
        not call.is_emergency,
        -priority,
        -call.waiting.queue_priority,
        call.received_at.isoformat(timespec="microseconds"),
        call.call_id,
    )


def turn_word(call: Call) -> str:
    """The same as a word: calls sorted by it are in the order of their turns."""
    later, priority, queue, received_at, call_id = turn(call)
    return f"{later:d} {priority + 4} {queue + _MIDDLE:06d} {received_at} {call_id}"
