"""What must hold of the queues of a policy beside its schema: names lead somewhere, and no call is kept for ever."""

from collections.abc import Collection, Iterator

from tenfour.adapters.toml_file import KeyPath, TomlFile
from tenfour.calltaking.policy import CalltakingPolicy
from tenfour.calltaking.queue import CallQueue, Distribution

LONGEST_OFFER_S = 60
HIGHEST_PRIORITY = 1000


def check_queues(
    file: TomlFile,
    policy: CalltakingPolicy,
    people: Collection[str],
    roles: Collection[str],
    centres: Collection[str] = (),
) -> None:
    """Raises `BadFile` with the line of the first flaw."""
    names = [queue.name for queue in policy.queue]
    for index, queue in enumerate(policy.queue):
        for key, flaw in _flaws(queue, names[:index], names, centres):
            raise file.error(("calltaking", "queue", index, key), flaw)
    skills: tuple[tuple[str, dict[str, tuple[str, ...]], Collection[str]], ...] = (
        ("person", policy.skills.person, people),
        ("role", policy.skills.role, roles),
    )
    for table, held, known in skills:
        for name in held:
            if name not in known:
                where: KeyPath = ("calltaking", "skills", table, name)
                raise file.error(where, f"there is no {table} {name!r}; expected one of {', '.join(known)}.")


def _flaws(
    queue: CallQueue, before: Collection[str], names: Collection[str], centres: Collection[str]
) -> Iterator[tuple[str, str]]:
    offered = queue.distribution is not Distribution.RING_ALL
    if not queue.name or queue.name in before:
        yield "name", f"queue {queue.name!r} must have a name of its own."
    if not 0 < queue.offer_s <= LONGEST_OFFER_S:
        yield "offer_s", f"offer_s must be more than 0 and at most {LONGEST_OFFER_S}: a call waits so long."
    if queue.offers < 1:
        yield "offers", "offers must be 1 or more."
    if abs(queue.priority) > HIGHEST_PRIORITY:
        yield "priority", f"priority must be from -{HIGHEST_PRIORITY} to {HIGHEST_PRIORITY}."
    if queue.overflow_to and queue.overflow_to not in (*names, *centres):
        known = ", ".join((*names, *centres))
        yield "overflow_to", f"there is no queue or centre {queue.overflow_to!r}; expected one of {known}."
    if queue.overflow_to in names and queue.overflow_to in centres:
        yield "overflow_to", f"{queue.overflow_to!r} is a queue and a centre of [[transfer]]."
    away = queue.overflow_to in centres
    if away and not offered and not queue.overflow_after_s:
        yield "overflow_after_s", f"queue {queue.name!r} rings at every position: say after how long it overflows."
    if not offered and not away and (queue.overflow_to or queue.overflow_after_s or queue.skills):
        yield "distribution", f"queue {queue.name!r} rings at every position: it has no skills and no overflow."
