"""Header field values (RFC 3261 section 20 and 25.1): lists, parameters, name-addr, Via, CSeq.

All parsers are tolerant of white space, and raise `HeaderError` only where nothing sensible can be read.
"""

from ipaddress import IPv6Address

import msgspec

from tenfour.telephony.errors import HeaderError

Parameters = tuple[tuple[str, str | None], ...]
MAX_CSEQ = 2**31 - 1


def split_list(value: str) -> tuple[str, ...]:
    """The elements of a comma-joined header (section 7.3.1); commas in quotes and in <> do not separate."""
    if "," not in value:
        return (value.strip(),) if value.strip() else ()
    if '"' not in value and "<" not in value:
        return tuple(element for piece in value.split(",") if (element := piece.strip()))
    return tuple(element for piece in _split_outside(value, ",") if (element := piece.strip()))


def _split_outside(value: str, separator: str) -> list[str]:
    """Split where `separator` is neither in a quoted string nor in angle brackets; one pass."""
    pieces: list[str] = []
    start = 0
    quoted = angled = escaped = False
    for at, letter in enumerate(value):
        if escaped:
            escaped = False
        elif quoted:
            escaped = letter == "\\"
            quoted = letter != '"'
        elif letter == '"' and not angled:
            quoted = True
        elif letter in "<>":
            angled = letter == "<"
        elif letter == separator and not angled:
            pieces.append(value[start:at])
            start = at + 1
    pieces.append(value[start:])
    return pieces


def parse_parameters(text: str) -> Parameters:
    """`;a=1;b;c="x"` as pairs in order: names lower case, a value None where there is no `=`, quotes taken off."""
    text = text.strip()
    if not text:
        return ()
    pieces = _split_outside(text, ";") if '"' in text or "<" in text else text.split(";")
    found: list[tuple[str, str | None]] = []
    for piece in pieces:
        name, equals, value = piece.partition("=")
        name = name.strip().lower()
        if name:
            found.append((name, unquoted(value.strip()) if equals else None))
    return tuple(found)


def serialise_parameters(parameters: Parameters) -> str:
    """The parameters with a leading `;` each; a value that is not a token is quoted."""
    return "".join(f";{name}" if value is None else f";{name}={_quoted(value)}" for name, value in parameters)


def parameter(parameters: Parameters, name: str) -> str | None:
    """The value of a parameter; "" where it is there without a value, None where it is not there."""
    for key, value in parameters:
        if key == name:
            return value or ""
    return None


def _display_name(text: str) -> str:
    """Without its quotes; one that does not end goes to the `<` (RFC 4475 section 3.1.2.6)."""
    bare = unquoted(text)
    return bare[1:] if bare is text and text.startswith('"') else bare


def unquoted(value: str) -> str:
    """A quoted-string without its quotes and escapes; anything else as it is (section 25.1)."""
    if len(value) < 2 or value[0] != '"' or value[-1] != '"':
        return value
    inner = value[1:-1]
    return _unescaped(inner) if "\\" in inner else inner


def _unescaped(inner: str) -> str:
    letters: list[str] = []
    escaped = False
    for letter in inner:
        if letter == "\\" and not escaped:
            escaped = True
        else:
            letters.append(letter)
            escaped = False
    return "".join(letters)


_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!%*_+`'~:[]@/")


def _quoted(value: str) -> str:
    if value and _PLAIN.issuperset(value):
        return value
    return quote(value)


def quote(value: str) -> str:
    """A quoted-string (section 25.1)."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


class NameAddr(msgspec.Struct, frozen=True):
    """From, To, Contact, Route and their like (section 20.10): `"Ann" <sip:ann@example.org>;tag=4`."""

    uri: str
    display: str = ""
    parameters: Parameters = ()

    @property
    def tag(self) -> str:
        """The tag, "" where there is none (RFC 2543 peers)."""
        return parameter(self.parameters, "tag") or ""

    def with_tag(self, tag: str) -> "NameAddr":
        """The same party with this tag and no other."""
        rest = tuple(pair for pair in self.parameters if pair[0] != "tag")
        return msgspec.structs.replace(self, parameters=(*rest, ("tag", tag)))

    def __str__(self) -> str:
        shown = f"{quote(self.display)} " if self.display else ""
        return f"{shown}<{self.uri}>{serialise_parameters(self.parameters)}"


def parse_name_addr(text: str) -> NameAddr:
    """A name-addr or addr-spec. Without <> the parameters belong to the header, not the URI (section 20.10).

    Raises `HeaderError` where there is no URI.
    """
    text = text.strip()
    opened = _angle(text)
    if opened < 0:
        uri, _, rest = text.partition(";")
        return NameAddr(_some_uri(uri, text), "", parse_parameters(rest))
    closed = text.find(">", opened)
    if closed < 0:
        raise HeaderError(f"The address {text!r} has no closing '>'.")
    display = _display_name(text[:opened].strip())
    return NameAddr(_some_uri(text[opened + 1 : closed], text), display, parse_parameters(text[closed + 1 :]))


def _angle(text: str) -> int:
    """Where the URI's `<` is: after a quoted display name, which may hold one itself. -1 without."""
    if not text.startswith('"'):
        return text.find("<")
    at = 1
    while at < len(text) and text[at] != '"':
        at += 2 if text[at] == "\\" else 1
    return text.find("<", at) if at < len(text) else text.rfind("<")


def _some_uri(uri: str, whole: str) -> str:
    uri = uri.strip()
    if ":" not in uri and uri != "*":
        raise HeaderError(f"The address {whole!r} names no URI.")
    return uri


class Via(msgspec.Struct, frozen=True):
    """One hop of a request's way (section 20.42). `port` None means that the sent-by names none."""

    transport: str
    host: str
    port: int | None = None
    parameters: Parameters = ()

    @property
    def branch(self) -> str:
        """The branch, "" where there is none."""
        return parameter(self.parameters, "branch") or ""

    @property
    def sent_by(self) -> str:
        """Host and port, as transactions are keyed by them (section 17.2.3)."""
        return f"{self.host.lower()}:{self.port or 5060}"

    def with_parameter(self, name: str, value: str) -> "Via":
        """The same hop with this parameter set; its place is kept where it was there already."""
        if any(key == name for key, _ in self.parameters):
            changed = tuple((key, value if key == name else old) for key, old in self.parameters)
        else:
            changed = (*self.parameters, (name, value))
        return Via(self.transport, self.host, self.port, changed)

    def __str__(self) -> str:
        port = "" if self.port is None else f":{self.port}"
        return f"SIP/2.0/{self.transport} {self.host}{port}{serialise_parameters(self.parameters)}"


def parse_via(text: str) -> Via:
    """One Via element; raises `HeaderError` where protocol or sent-by are missing."""
    front, _, rest = text.partition(";")
    pieces = front.split("/", 2)
    words = pieces[-1].split(None, 1)
    if len(pieces) != 3 or len(words) != 2:
        raise HeaderError(f"The Via {text!r} is not 'SIP/2.0/TRANSPORT host'.")
    host, port = split_host_port(words[1])
    return Via(words[0].upper(), host, port, parse_parameters(rest))


def split_host_port(text: str) -> tuple[str, int | None]:
    """`host`, `host:port`, `[v6]:port`; more colons without brackets are an address of IPv6 as some write it.

    Raises `HeaderError` for a port that is none.
    """
    text = text.strip()
    if text.count(":") > 1 and _is_ipv6(text):
        return text, None
    if text.startswith("["):
        host, _, port = text[1:].partition("]")
        host, port = f"[{host}]", port.strip().removeprefix(":")
    else:
        host, _, port = text.partition(":")
    host, port = host.strip(), port.strip()
    if not host:
        raise HeaderError(f"{text!r} names no host.")
    if not port:
        return host, None
    if not (port.isascii() and port.isdigit() and int(port[:6]) <= 65535):
        raise HeaderError(f"{text!r} has no usable port.")
    return host, int(port)


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


class CSeq(msgspec.Struct, frozen=True):
    """Sequence number and method (section 20.16)."""

    number: int
    method: str

    def __str__(self) -> str:
        return f"{self.number} {self.method}"


def parse_cseq(text: str) -> CSeq:
    """`4711 INVITE`; raises `HeaderError` for anything else, and for numbers of 2**31 and above (section 8.1.1.5)."""
    words = text.split()
    if len(words) != 2 or not (words[0].isascii() and words[0].isdigit()):
        raise HeaderError(f"The CSeq {text!r} is not a number and a method.")
    if len(words[0]) > 32 or int(words[0]) > MAX_CSEQ:
        raise HeaderError(f"The CSeq {text!r} is too large.")
    return CSeq(int(words[0]), words[1])
