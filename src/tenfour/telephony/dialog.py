"""Dialogs (RFC 3261 section 12): what two user agents must both remember to talk on. Frozen: easy to keep on disk."""

import ipaddress
from collections.abc import Iterable

import msgspec

from tenfour.telephony.errors import HeaderError
from tenfour.telephony.flow import Flow, Transport
from tenfour.telephony.header import CSeq, Via, parse_cseq, parse_name_addr
from tenfour.telephony.message import Header, Request, Response
from tenfour.telephony.uri import SipUri, parse_sip_uri


class DialogKey(msgspec.Struct, frozen=True):
    """The dialog identifier (RFC 3261 section 12): Call-ID and both tags.

    A call that we place has no remote tag yet: its key keeps `remote_tag=""` for as long as the call lives, and
    all events name it so.
    """

    call_id: str
    local_tag: str
    remote_tag: str


class Dialog(msgspec.Struct, frozen=True, kw_only=True):
    """A dialog, whole: enough for another process to take the call up again.

    `local_party` and `remote_party` are the From/To values with their tags, as we write them. `route_set` is in
    the order in which we send it (section 12.1). `remote_seq` is None as long as the peer has sent no request.
    `flow` is where the peer's messages come from; `behind_nat` says that its own Via named another address.
    `invite` is the INVITE that still waits for our answer, `answer` the 2xx that still waits for its ACK, as bytes;
    both are empty in a call that is established.
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
    invite: bytes = b""
    answer: bytes = b""


class Dialled(msgspec.Struct, frozen=True):
    """An INVITE of ours without a final answer, and where it went: enough for another process to give it up."""

    invite: bytes
    flow: Flow


def dialog_of_invite(request: Request, via: Via, flow: Flow, local_tag: str) -> Dialog:
    """The dialog that an INVITE to us begins (section 12.1.1). A missing Contact is tolerated: From stands in.

    Raises `HeaderError` where From, To or CSeq cannot be read.
    """
    caller, called = parse_name_addr(request.first("From") or ""), parse_name_addr(request.first("To") or "")
    return Dialog(
        key=DialogKey(request.first("Call-ID") or "", local_tag, caller.tag),
        local_party=str(called.with_tag(local_tag)),
        remote_party=str(caller),
        remote_target=contact_of(request) or caller.uri,
        flow=flow,
        local_seq=0,
        remote_seq=parse_cseq(request.first("CSeq") or "").number,
        route_set=_routes(request),
        behind_nat=via.host.strip("[]") != flow.host and _is_address(via.host),
    )


def dialog_of_answer(request: Request, response: Response, flow: Flow) -> Dialog:
    """The dialog that a 2xx to our INVITE begins (section 12.1.2). Raises `HeaderError` as above."""
    caller, called = parse_name_addr(request.first("From") or ""), parse_name_addr(response.first("To") or "")
    return Dialog(
        key=DialogKey(request.first("Call-ID") or "", caller.tag, called.tag),
        local_party=str(caller),
        remote_party=str(called),
        remote_target=contact_of(response) or request.uri,
        flow=flow,
        local_seq=parse_cseq(request.first("CSeq") or "").number,
        route_set=tuple(reversed(_routes(response))),
        we_were_called=False,
    )


def contact_of(message: Request | Response) -> str:
    """The first Contact's URI, "" where there is none that can be read."""
    return next((uri for element in message.listed("Contact") if (uri := _readable(element)) not in ("", "*")), "")


def _routes(message: Request | Response) -> tuple[str, ...]:
    """Record-Route's elements; one that cannot be read is left out rather than to lose the call."""
    return tuple(element for element in message.listed("Record-Route") if _readable(element))


def _readable(element: str) -> str:
    """The URI of an address, "" where it cannot be read."""
    try:
        return parse_name_addr(element).uri
    except HeaderError:
        return ""


def in_dialog_request(
    dialog: Dialog,
    method: str,
    via: Via,
    *,
    number: int,
    headers: Iterable[Header] = (),
    body: bytes = b"",
) -> Request:
    """A request in the dialog (section 12.2.1.1), by the route set; `number` is its CSeq."""
    uri, routes = _route(dialog)
    fixed: list[Header] = [("Via", str(via)), *(("Route", route) for route in routes), ("Max-Forwards", "70")]
    fixed += [("From", dialog.local_party), ("To", dialog.remote_party), ("Call-ID", dialog.key.call_id)]
    fixed.append(("CSeq", str(CSeq(number, method))))
    return Request(method=method, uri=uri, headers=(*fixed, *headers), body=body)


def _route(dialog: Dialog) -> tuple[str, tuple[str, ...]]:
    """Request-URI and Route: a strict router (without `lr`) gets itself as Request-URI (section 12.2.1.1)."""
    if not dialog.route_set:
        return dialog.remote_target, ()
    first = parse_name_addr(dialog.route_set[0]).uri
    if _is_loose(first):
        return dialog.remote_target, dialog.route_set
    return first, (*dialog.route_set[1:], f"<{dialog.remote_target}>")


def _is_loose(uri: str) -> bool:
    try:
        return parse_sip_uri(uri).parameter("lr") is not None
    except HeaderError:
        return True


def next_hop(dialog: Dialog) -> Flow:
    """Where requests in the dialog go.

    The open TCP connection while there is one; else what the first route, or the remote target, names. That
    must be an IP address: names are not resolved here, and the flow that the peer's messages came on is used in
    their stead. So it is for a peer behind NAT (without routes), whose Contact is no address from here.
    """
    if dialog.flow.connection is not None or (dialog.behind_nat and not dialog.route_set):
        return dialog.flow
    try:
        hop = parse_sip_uri(parse_name_addr(dialog.route_set[0]).uri if dialog.route_set else dialog.remote_target)
    except HeaderError:
        return dialog.flow
    return flow_to(hop, dialog.flow) or dialog.flow


def flow_to(hop: SipUri, like: Flow) -> Flow | None:
    """The flow to a URI that names an IP address; `like` gives the transport where the URI names none."""
    if not _is_address(hop.host):
        return None
    asked = (hop.parameter("transport") or like.transport).upper()
    transport: Transport = "TLS" if asked == "TLS" or hop.scheme == "sips" else "TCP" if asked == "TCP" else "UDP"
    return Flow(transport, hop.host.strip("[]"), hop.port or (5061 if transport == "TLS" else 5060))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
