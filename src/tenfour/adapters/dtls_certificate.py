"""The certificate that the line shows in DTLS handshakes; the description vouches for it by its digest (RFC 5763)."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID
from OpenSSL import SSL

from tenfour.telephony.secured_sdp import Fingerprint, Suite
from tenfour.vocabulary.errors import BadInput

VALID_FOR = timedelta(days=365)

DTLS_1_2 = 0xFEFD

SRTP_PROFILES = {
    b"SRTP_AEAD_AES_256_GCM": Suite.AEAD_AES_256_GCM,
    b"SRTP_AEAD_AES_128_GCM": Suite.AEAD_AES_128_GCM,
    b"SRTP_AES128_CM_SHA1_80": Suite.AES_CM_128_HMAC_SHA1_80,
    b"SRTP_AES128_CM_SHA1_32": Suite.AES_CM_128_HMAC_SHA1_32,
}
"""OpenSSL's names of the protection profiles (RFC 5764 section 4.1.2, RFC 7714 section 14.2), the best first."""


class DtlsCertificate:
    """An ECDSA certificate with its key, and OpenSSL's context that shows it."""

    def __init__(self, pem: bytes) -> None:
        """Read what `new_certificate` made. Raises `BadInput` where it is not."""
        try:
            key = load_pem_private_key(pem, None)
            certificate = x509.load_pem_x509_certificate(pem)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise BadInput(f"The kept DTLS certificate cannot be read: {error}") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise BadInput("The kept DTLS certificate has a key of another kind.")
        self.fingerprint = Fingerprint("sha-256", certificate.fingerprint(hashes.SHA256()))
        context = SSL.Context(SSL.DTLS_METHOD)
        context.set_min_proto_version(DTLS_1_2)
        context.set_max_proto_version(DTLS_1_2)
        context.use_certificate(certificate)
        context.use_privatekey(key)
        context.set_tlsext_use_srtp(b":".join(SRTP_PROFILES))
        context.set_options(SSL.OP_NO_QUERY_MTU | SSL.OP_NO_RENEGOTIATION)
        context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *_: True)
        self.context = context


def new_certificate() -> bytes:
    """A key and a certificate for it in one PEM, good for as long as a line may run."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tenfour")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + VALID_FOR)
        .sign(key, hashes.SHA256())
    )
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate.public_bytes(Encoding.PEM)
