"""Passing a call on to another centre: who may be asked, and how far it has come."""

from datetime import datetime
from urllib.parse import quote

import msgspec
from msgspec.structs import replace

from tenfour.calltaking import transfer_event as t
from tenfour.vocabulary.envelope import Event


class Transfer(msgspec.Struct, frozen=True):
    """To whom, and what came of it: `accepted_at`, then `done_at` or `failed_why`."""

    name: str
    accepted_at: datetime | None = None
    done_at: datetime | None = None
    failed_why: str = ""
    ordered: t.TransferOrdered | None = None

    @property
    def under_way(self) -> bool:
        """Nobody knows yet what comes of it."""
        return self.done_at is None and not self.failed_why


def apply(transfer: Transfer | None, event: Event, *, at: datetime) -> Transfer | None:
    """Fold one fact of a call; the last order counts."""
    match event:
        case t.TransferOrdered(name=name):
            return Transfer(name, ordered=event)
        case t.TransferAccepted() if transfer is not None:
            return replace(transfer, accepted_at=transfer.accepted_at or at)
        case t.CallTransferred() if transfer is not None:
            return replace(transfer, done_at=transfer.done_at or at)
        case t.TransferFailed(why=why) if transfer is not None and transfer.under_way:
            return replace(transfer, failed_why=why)
        case _:
            return transfer


def uri_of(target: str) -> str:
    """The URI of a Refer-To without the headers that it asks for."""
    return target.partition("?")[0]


def refer_target(uri: str, headers: tuple[tuple[str, str], ...]) -> str:
    """The URI of a Refer-To: whoever calls it puts these headers into the INVITE (RFC 3261 section 19.1.1)."""
    asked = "&".join(f"{name}={quote(value, safe='')}" for name, value in headers)
    return f"{uri}?{asked}" if asked else uri
