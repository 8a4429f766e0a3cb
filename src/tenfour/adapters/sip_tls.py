"""TLS for SIP (RFC 3261 section 26.3.1, RFC 5630): the certificate we show, and whom we trust when we connect."""

import ssl
from pathlib import Path

import msgspec

from tenfour.vocabulary.errors import Unavailable


class SipTls(msgspec.Struct, frozen=True):
    """`served`: for connections to us. `opened`: for connections that we make, verified."""

    served: ssl.SSLContext
    opened: ssl.SSLContext


def read_sip_tls(certificate: Path, key: Path, authorities: Path | None = None) -> SipTls:
    """Contexts for TLS 1.2 and newer. `authorities`: PEM file of whom we trust when we connect; None: the system's.

    Raises `Unavailable` where a file cannot be read, or key and certificate do not belong together.
    """
    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    served.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        served.load_cert_chain(certificate, key)
        opened = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=str(authorities) if authorities else None)
    except OSError as error:  # ssl.SSLError is one
        raise Unavailable(f"SIP over TLS cannot use {certificate} with {key}: {error.strerror or error}.") from error
    opened.minimum_version = ssl.TLSVersion.TLSv1_2
    return SipTls(served, opened)
