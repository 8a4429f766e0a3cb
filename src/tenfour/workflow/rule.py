"""The rules there are, in the order they are asked. Each is a file named as a sentence."""

from typing import Final

from tenfour.workflow.reaction import Reaction

REACTIONS: Final[tuple[Reaction, ...]] = ()
