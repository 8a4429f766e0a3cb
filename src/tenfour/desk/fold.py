"""Folding what is on disk into a world, whatever it is."""

from collections.abc import Iterable

import structlog

from tenfour.vocabulary.envelope import Fact, Recorded
from tenfour.vocabulary.errors import Unavailable
from tenfour.workflow.world import World

log = structlog.get_logger(__name__)


def fold(world: World, told: Fact | Recorded) -> None:
    """Fold into a world; what cannot be folded is in the record and changes nothing here.

    Raises `Unavailable` when what it concerns stands on the shelf, and that cannot be read.
    """
    try:
        world.apply(told)
    except Unavailable:
        raise
    except Exception as error:  # the edge: one odd fact must not stop the record
        log.error("a recorded fact could not be folded", exc_info=error)


def fold_all(world: World, told: Iterable[Fact | Recorded]) -> None:
    """Fold one after the other."""
    for one in told:
        fold(world, one)
