"""Dialogs (RFC 3261 section 12): what two user agents must both remember to talk on. Frozen: easy to keep on disk."""

import msgspec

from tenfour.telephony.flow import Flow


class DialogKey(msgspec.Struct, frozen=True):
    """The dialog identifier (RFC 3261 section 12): Call-ID and both tags.

    A call that we place has no remote tag yet: its key keeps `remote_tag=""` for as long as the call lives, and
    all events name it so.
    """

    call_id: str
    local_tag: str
    remote_tag: str


class Dialog(msgspec.Struct, frozen=True, kw_only=True):
    """An established dialog, whole: enough for another process to take the call up again.

    `local_party` and `remote_party` are the From/To values with their tags, as we write them. `route_set` is in
    the order in which we send it (section 12.1). `remote_seq` is None as long as the peer has sent no request.
    `flow` is where the peer's messages come from; `behind_nat` says that its own Via named another address.
    """

    key: DialogKey
    local_party: str
    remote_party: str
    remote_target: str
    flow: Flow
    local_seq: int
    remote_seq: int | None = None
    route_set: tuple[str, ...] = ()
    local_sdp: bytes = b""
    remote_sdp: bytes = b""
    we_were_called: bool = True
    behind_nat: bool = False
