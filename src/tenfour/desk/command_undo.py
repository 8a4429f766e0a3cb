"""What corrects a line that was carried out: a fact that follows it. Nothing in the record is taken back."""

from typing import NamedTuple

from tenfour.dispatch.command_context import Context
from tenfour.dispatch.command_instruction import Instruction
from tenfour.dispatch.command_verb import Act


class Undo(NamedTuple):
    """A line to be looked at and sent, and what it does; both empty where nothing corrects."""

    line: str = ""
    words: str = ""


def undo_of(asked: Instruction, context: Context, opened: int | None) -> Undo:
    """The correction of what was done. `context`: as it was before; `opened`: the number of a new incident."""
    units = " ".join(asked.units)
    match asked.act:
        case Act.SEND:
            return Undo(f"C {units}", f"takes {units} off {asked.number} again")
        case Act.EN_ROUTE | Act.ON_SCENE if all(context.units[unit].letter == "A" for unit in asked.units):
            return Undo(f"C {units}", f"makes {units} available again")
        case Act.CLEAR_UNIT if len({context.units[unit].number for unit in asked.units} - {None}) == 1:
            (number,) = {context.units[unit].number for unit in asked.units} - {None}
            return Undo(f"D {units} {number}", f"sends {units} there again")
        case Act.NOTE:
            return Undo(f"N {asked.number} Correction: ", "adds a correction behind it")
        case Act.HOLD:
            return Undo("", "Sending a unit ends it.")
        case Act.CLOSE:
            return Undo("", "A supervisor can open it again.")
        case Act.SELF_INITIATE if opened is not None:
            return Undo(f"N {opened} Correction: ", "adds a correction behind it")
        case _:
            return Undo()
