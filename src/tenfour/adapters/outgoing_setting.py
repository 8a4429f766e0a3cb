"""`[outgoing]` of centre.toml: where the calls go that the centre places, and who we are in them."""

import ipaddress

import msgspec

from tenfour.adapters.toml_file import TomlFile
from tenfour.calltaking.handset import digits
from tenfour.telephony.errors import HeaderError
from tenfour.telephony.flow import Flow, Transport
from tenfour.telephony.uri import parse_sip_uri

TRANSPORTS = ("udp", "tcp", "tls")
LONGEST_NO_ANSWER_S = 180.0


class OutgoingSetting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`proxy`: HOST:PORT of the trunk that takes our calls; empty: none are placed. `transport`: how it is reached.

    `domain`: the host in the URI of a number (empty: that of `proxy`). `number`: what we show. `no_answer_s`: a call
    that nobody takes is given up after so long.
    """

    proxy: str = ""
    transport: str = "udp"
    domain: str = ""
    number: str = ""
    no_answer_s: float = 60.0


def check_outgoing(file: TomlFile, setting: OutgoingSetting, *, tls: bool) -> None:
    """Raises `BadFile` with the line of the first flaw. `tls`: this line speaks TLS."""
    host, _, port = setting.proxy.rpartition(":")
    if setting.proxy and not (host and port.isdecimal() and 0 < int(port) <= 65535):
        raise file.error(("outgoing", "proxy"), f"proxy {setting.proxy!r} is no HOST:PORT; expected 192.0.2.7:5060.")
    if setting.proxy and not _is_address(host.strip("[]")):
        raise file.error(("outgoing", "proxy"), f"proxy {setting.proxy!r}: expected an address; no name is looked up.")
    if setting.transport not in TRANSPORTS:
        expected = f"expected one of {', '.join(TRANSPORTS)}."
        raise file.error(("outgoing", "transport"), f"transport {setting.transport!r} is not known; {expected}")
    if setting.transport == "tls" and not tls:
        raise file.error(("outgoing", "transport"), "transport tls needs [sip] tls_bind and its certificate.")
    if setting.proxy and len(digits(setting.number)) < 3:
        raise file.error(
            ("outgoing", "number"), f"number {setting.number!r} is no telephone number that we could show."
        )
    if not 0 < setting.no_answer_s <= LONGEST_NO_ANSWER_S:
        most = f"{LONGEST_NO_ANSWER_S:g}"
        raise file.error(("outgoing", "no_answer_s"), f"no_answer_s must be above 0 and {most} or less.")


def direct_way(uri: str) -> Flow | None:
    """Where a SIP URI leads that names an address (RFC 3263 section 4.2); None for one that needs the trunk."""
    try:
        parsed = parse_sip_uri(uri)
    except HeaderError:
        return None
    host, named = parsed.host.strip("[]"), (parsed.parameter("transport") or "udp").lower()
    if not _is_address(host) or named not in TRANSPORTS:
        return None
    secured = parsed.scheme == "sips" or named == "tls"
    transport: Transport = "TLS" if secured else "TCP" if named == "tcp" else "UDP"
    return Flow(transport, host, parsed.port or (5061 if secured else 5060))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
