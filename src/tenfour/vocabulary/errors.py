"""Every error Tenfour raises on purpose.

    TenfourError
    ├── BadInput            somebody gave us something we cannot use
    │   └── BadFile         ... in a file, at a line
    ├── NotFound            a call, incident, unit, position ... that is not there
    ├── Refused             understood, and not allowed: by state, by policy, by role
    │   ├── IllegalTransition   the thing is in a state that does not permit it
    │   └── NotPermitted        the person's role does not permit it
    ├── Conflict            somebody else wrote first
    ├── Unavailable         a part of Tenfour is away just now
    └── RecordBroken        the journal is not what was written

A message is one sentence: which thing, its state, what was expected. It is shown to people as it stands.
"""

from pathlib import PurePath


class TenfourError(Exception):
    """Root of the tree; `str(error)` is a sentence for a person."""


class BadInput(TenfourError):
    """Something given to us cannot be used; nothing was done with it."""


class BadFile(BadInput):
    """A file has an error at a line (1-based; None where no line can be named)."""

    def __init__(self, path: PurePath | str, line: int | None, problem: str) -> None:
        self.path, self.line, self.problem = PurePath(path), line, problem
        super().__init__(f"{path}:{line}: {problem}" if line else f"{path}: {problem}")


class NotFound(TenfourError):
    """There is no such thing."""

    def __init__(self, kind: str, name: str, hint: str = "") -> None:
        self.kind, self.name = kind, name
        super().__init__(f"There is no {kind} {name!r}." + (f" {hint}" if hint else ""))


class Refused(TenfourError):
    """Understood and not allowed; nothing was done."""


class IllegalTransition(Refused):
    """A thing is in a state that does not permit what was asked."""

    def __init__(self, thing: str, state: str, wanted: str) -> None:
        self.thing, self.state, self.wanted = thing, state, wanted
        super().__init__(f"{thing} is {state}; expected {wanted}.")


class NotPermitted(Refused):
    """The role of the person does not permit what was asked."""


class Conflict(TenfourError):
    """Another fact came first: read again, then decide again."""


class Unavailable(TenfourError):
    """A part of Tenfour is away just now; nothing was done."""


class RecordBroken(TenfourError):
    """The journal does not verify, or does not say what it must."""
