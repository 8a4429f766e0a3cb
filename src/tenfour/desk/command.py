"""A command, what it did, and the memory of both: a command is done once, however often it is asked for."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime

import msgspec

from tenfour.vocabulary.envelope import Actor, Header, Recorded
from tenfour.vocabulary.errors import Conflict, Refused
from tenfour.vocabulary.ids import CommandId
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World

REMEMBERED_COMMANDS = 20_000

ANOTHER = "This idempotency key belongs to another command: it was given with another request. Nothing was done."

Decide = Callable[[World, datetime], Iterable[Draft]]
"""Looks at the world as it will be, and says what happens; raises `TenfourError` when it may not."""

FindCommand = Callable[[CommandId], Awaitable[Sequence[Header]]]
"""Headers of what a command of long ago did; empty when there was none."""


class Command(msgspec.Struct, frozen=True):
    """Who does it, and under which idempotency key. `at`: the true time, when it is not now."""

    actor: Actor
    id: CommandId
    given: bool = False
    """The key came from outside, so the command may have been done before."""
    at: datetime | None = None
    asked: str = ""
    """What was asked for, as one word; empty where that is not known."""


class Done(msgspec.Struct, frozen=True):
    """What a command did, on disk. `again`: it was done before, and nothing was done now."""

    headers: tuple[Header, ...]
    again: bool = False

    def subject(self, kind: str) -> str | None:
        """The id of the first stream of this kind that the command wrote to: `incident` of `incident/417…`."""
        streams = (header.stream.partition("/") for header in self.headers)
        return next((name for found, _, name in streams if found == kind), None)


def done_again(done: Done, command: Command) -> Done:
    """What the first did. Raises `Refused` for the key of somebody else's command."""
    first = next((header for header in done.headers if header.command_id == command.id), None)
    if first is not None and first.actor.id != command.actor.id:
        raise Refused("This idempotency key belongs to another person's command; nothing was done.")
    return Done(done.headers, again=True)


class DoneCommands:
    """The newest commands by their keys, done or being done."""

    def __init__(self) -> None:
        self._commands: OrderedDict[CommandId, asyncio.Future[Done]] = OrderedDict()
        self._asked: dict[CommandId, str] = {}

    def get(self, command_id: CommandId) -> "asyncio.Future[Done] | None":
        """What the command did or will have done; None for one that is not remembered."""
        return self._commands.get(command_id)

    def begin(self, command: Command, doing: "asyncio.Task[Done]") -> None:
        """A command is being done; if it fails it may be tried again with the same key."""
        self._remember(command.id, doing)
        if command.asked:
            self._asked[command.id] = command.asked
        doing.add_done_callback(lambda done: self._forget_failed(command.id, done))

    def require_same(self, command: Command) -> None:
        """Raises `Conflict` where the key was given with something else before; after a restart that is not known."""
        first = self._asked.get(command.id, "")
        if first and command.asked and first != command.asked:
            raise Conflict(ANOTHER)

    def note(self, record: Recorded, *, appended: bool) -> None:
        """Remember what a command did, when its facts were read from the journal and not `appended` just now."""
        command_id = record.header.command_id
        known = self._commands.get(command_id) if command_id else None
        if command_id is None or (known is not None and appended):
            return
        earlier = known.result().headers if known is not None and _went_well(known) else ()
        done: asyncio.Future[Done] = asyncio.get_running_loop().create_future()
        done.set_result(Done((*earlier, record.header)))
        self._remember(command_id, done)

    def _remember(self, command_id: CommandId, done: "asyncio.Future[Done]") -> None:
        self._commands[command_id] = done
        while len(self._commands) > REMEMBERED_COMMANDS:
            oldest, _ = self._commands.popitem(last=False)
            self._asked.pop(oldest, None)

    def _forget_failed(self, command_id: CommandId, done: "asyncio.Future[Done]") -> None:
        failed = done.cancelled() or done.exception() is not None
        if failed and self._commands.get(command_id) is done:
            del self._commands[command_id]
            self._asked.pop(command_id, None)


def _went_well(done: "asyncio.Future[Done]") -> bool:
    return done.done() and not done.cancelled() and done.exception() is None
