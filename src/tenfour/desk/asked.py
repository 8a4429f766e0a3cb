"""What a request asks for, as one word: by it a command that is given again is told from another under its key."""

from contextvars import ContextVar
from hashlib import sha256

from tenfour.desk.failure import AnyRequest

ASKED: ContextVar[str] = ContextVar("ASKED", default="")
"""Of the request that is being answered; empty outside of one, and where no key was given."""


async def note_asked(request: AnyRequest) -> None:
    """Before a request with an idempotency key is answered: remember its method, path and body."""
    if "idempotency-key" not in request.headers:
        return
    said = f"{request.method} {request.url.path}\n".encode() + await request.body()
    ASKED.set(sha256(said).hexdigest())
