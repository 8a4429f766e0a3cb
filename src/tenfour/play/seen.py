"""Facts as the API shows them."""

from datetime import datetime
from typing import Any

import msgspec


class SeenActor(msgspec.Struct, frozen=True):
    """Who did it, as the API says."""

    kind: str
    id: str
    role: str = ""
    position: str = ""


class SeenFact(msgspec.Struct, frozen=True):
    """A fact as `GET /api/facts` gives it."""

    seq: int
    id: str
    stream: str
    version: int
    type: str
    at: datetime
    recorded_at: datetime
    actor: SeenActor
    access: str = ""
    cause: str | None = None
    command_id: str | None = None
    payload: dict[str, Any] | None = None

    def words(self) -> str:
        """The fact on one line."""
        said = ", ".join(
            f"{key}={value!r}" for key, value in (self.payload or {}).items() if value not in (None, "", [])
        )
        return f"{self.type} on {self.stream}" + (f": {said}" if said else "")
