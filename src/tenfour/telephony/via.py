"""The topmost Via on the way in and out (RFC 3261 section 18.2, RFC 3581)."""

import msgspec

from tenfour.telephony.flow import Flow
from tenfour.telephony.header import Via, parameter, parse_via, split_list
from tenfour.telephony.message import Message, Request


def top_via(message: Message) -> Via:
    """The topmost Via; raises `HeaderError` where there is none that can be read."""
    elements = split_list(message.first("Via") or "")
    return parse_via(elements[0] if elements else "")


def stamped(request: Request, flow: Flow) -> tuple[Request, Via]:
    """The request with `received` and `rport` filled in in its topmost Via (section 18.2.1, RFC 3581 section 4)."""
    index, line = next(((at, value) for at, (name, value) in enumerate(request.headers) if name == "Via"), (-1, ""))
    elements = split_list(line)
    via = parse_via(elements[0] if elements else "")
    wants_port = any(name == "rport" for name, _ in via.parameters)
    if wants_port or via.host.strip("[]") != flow.host:
        via = via.with_parameter("received", flow.host)
    if wants_port:
        via = via.with_parameter("rport", str(flow.port))
    headers = list(request.headers)
    headers[index] = ("Via", ", ".join((str(via), *elements[1:])))
    return msgspec.structs.replace(request, headers=tuple(headers)), via


def response_flow(via: Via, flow: Flow) -> Flow:
    """Where responses go: the same connection over TCP, else the source address and rport or the sent-by port.

    Over TCP without its connection it is the sent-by port, for rport then is nobody's any more (section 18.2.2).

    `maddr` is not obeyed: it would let anybody aim our answers at somebody else.
    """
    if flow.connection is not None:
        return flow
    rport = (parameter(via.parameters, "rport") or "") if not flow.reliable else ""
    asked = int(rport) if rport.isascii() and rport.isdigit() and len(rport) < 6 else via.port or 5060
    return Flow(flow.transport, parameter(via.parameters, "received") or flow.host, asked)
