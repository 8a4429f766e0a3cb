"""Who writes without a call, and by what way they are answered: MESSAGE outside any dialog (RFC 3428, page mode)."""

import msgspec

from tenfour.telephony.errors import HeaderError
from tenfour.telephony.flow import Flow
from tenfour.telephony.header import parse_name_addr
from tenfour.telephony.message import Request
from tenfour.telephony.uri import scheme_of
from tenfour.telephony.via import response_flow, top_via

LONGEST = 256


class PageThread(msgspec.Struct, frozen=True):
    """One who writes. RFC 3428 knows no session: the messages of one writer by one way are one conversation.

    `them` is answered, as `us`, on `flow`; `back` is where a new connection goes when that one is gone. `thread` is the
    Call-ID for those who do not say who they are: two of them are not the same. `newest`: the Call-ID last heard.
    """

    them: str
    us: str
    flow: Flow
    back: Flow
    thread: str = ""
    newest: str = ""

    def is_same(self, other: "PageThread") -> bool:
        """Does the same one write?"""
        mine, theirs = self.flow, other.flow
        return (self.them, self.thread, mine.transport, mine.host) == (
            other.them,
            other.thread,
            theirs.transport,
            theirs.host,
        )

    def heard_again(self, newer: "PageThread") -> "PageThread":
        """They wrote again, perhaps by another connection."""
        return msgspec.structs.replace(self, flow=newer.flow, back=newer.back, newest=newer.newest)

    def without_connection(self) -> "PageThread":
        """After a restart, when no connection is what it was."""
        return msgspec.structs.replace(self, flow=self.back)

    def reply_headers(self) -> tuple[tuple[str, str], ...]:
        """To what we answer (RFC 3261 section 20.21)."""
        return (("In-Reply-To", self.newest),)


def thread_of(request: Request, flow: Flow) -> PageThread:
    """Who writes: P-Asserted-Identity (RFC 3325), else From. Raises `HeaderError` where neither can be answered."""
    call_id = (request.first("Call-ID") or "")[:LONGEST]
    named = [*request.listed("P-Asserted-Identity"), *request.all("From")[:1]]
    them = next((uri for uri in map(_answerable, named) if uri), "")
    if not them:
        raise HeaderError("Nobody who could be answered is named in From.")
    us = _answerable(request.first("To") or "") or request.uri[:LONGEST]
    back = response_flow(top_via(request), msgspec.structs.replace(flow, connection=None)) if flow.reliable else flow
    anonymous = "anonymous" in them.lower()
    return PageThread(them, us, flow, back, thread=call_id if anonymous else "", newest=call_id)


def _answerable(value: str) -> str:
    """A URI as it stands there, without the headers that it may ask for; "" for what is none."""
    try:
        uri = parse_name_addr(value).uri.partition("?")[0]
    except HeaderError:
        return ""
    fits = len(uri) <= LONGEST and uri.isascii() and uri.isprintable() and not set(' <>"') & set(uri)
    return uri if fits and scheme_of(uri) in ("sip", "sips", "tel", "urn") else ""
