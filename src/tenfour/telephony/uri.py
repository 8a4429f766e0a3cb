"""URIs as far as a user agent must understand them (RFC 3261 section 19.1, RFC 3966, RFC 5031)."""

from urllib.parse import unquote

import msgspec

from tenfour.telephony.errors import HeaderError
from tenfour.telephony.header import Parameters, parameter, parse_parameters, serialise_parameters, split_host_port


class SipUri(msgspec.Struct, frozen=True):
    """A SIP or SIPS URI. `user` and `parameters` are as written (escapes kept), `port` None where none is named."""

    scheme: str
    host: str
    user: str = ""
    port: int | None = None
    parameters: Parameters = ()
    headers: str = ""

    def parameter(self, name: str) -> str | None:
        """A URI parameter, unescaped: "" for one without a value, None where it is not there."""
        escaped = any("%" in key or "%" in (value or "") for key, value in self.parameters)
        written = tuple((unquote(key).lower(), value and unquote(value)) for key, value in self.parameters)
        return parameter(written if escaped else self.parameters, name)

    def __str__(self) -> str:
        user = f"{self.user}@" if self.user else ""
        port = "" if self.port is None else f":{self.port}"
        headers = f"?{self.headers}" if self.headers else ""
        return f"{self.scheme}:{user}{self.host}{port}{serialise_parameters(self.parameters)}{headers}"


def scheme_of(uri: str) -> str:
    """The scheme in lower case, "" where there is none."""
    scheme, colon, _ = uri.partition(":")
    return scheme.strip().lower() if colon else ""


def parse_sip_uri(text: str) -> SipUri:
    """Raises `HeaderError` for other schemes and where there is no host."""
    scheme = scheme_of(text)
    if scheme not in ("sip", "sips"):
        raise HeaderError(f"{text!r} is no SIP URI.")
    rest = text.partition(":")[2].strip()
    at = rest.rfind("@", 0, _end_of_authority(rest))
    user, rest = (rest[:at], rest[at + 1 :]) if at >= 0 else ("", rest)
    address, _, headers = rest.partition("?")
    host_port, _, parameters = address.partition(";")
    host, port = split_host_port(host_port)
    return SipUri(scheme, host, user, port, parse_parameters(parameters), headers)


def _end_of_authority(rest: str) -> int:
    """User parts may hold `;` and `?` (section 25.1), headers may hold `@`: the first `@` decides where one stands."""
    first = rest.find("@")
    return first + 1 if first >= 0 else len(rest)


def number_of(uri: str) -> str:
    """The telephone number or user that a `tel:` or `sip:` URI names, without visual separators; "" without one."""
    if scheme_of(uri) == "tel":
        return _without_separators(uri.partition(":")[2].partition(";")[0])
    try:
        user = parse_sip_uri(uri).user
    except HeaderError:
        return ""
    return _without_separators(unquote(user.partition(":")[0].partition(";")[0]))


def _without_separators(number: str) -> str:
    bare = "".join(letter for letter in number if letter not in "-.() ")
    return bare if bare.lstrip("+").isdigit() else number
