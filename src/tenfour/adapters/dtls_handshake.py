"""One DTLS handshake that gives SRTP its keys (RFC 5764), over a path that loses packets. It waits for nothing."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress

from cryptography.hazmat.primitives import hashes
from OpenSSL import SSL

from tenfour.adapters.dtls_certificate import SRTP_PROFILES, DtlsCertificate
from tenfour.adapters.srtp import SrtpKeys
from tenfour.telephony.secured_sdp import Dtls, MasterKey

GIVE_UP_S = 64.0
"""OpenSSL repeats a flight after 1, 2, 4, 8, 16 and 32 s (RFC 6347 section 4.2.4.1); then nobody is there."""

NEW_TRIES = 8
"""A handshake that was broken off (an alert that anybody may have forged) begins anew so often."""

NEW_TRY_AFTER_S = 1.0

DATAGRAM = 1200
"""Bytes of a handshake's datagrams; every path takes so many."""

RECORD_HEAD = 13
EXPORTER = b"EXTRACTOR-dtls_srtp"

NOT_THEIRS = "the certificate in the handshake is not the one that the description names"
NO_PROFILE = "both sides have no SRTP protection profile in common"
NOBODY = "the other side did not come to the end of the handshake"

HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha-1": hashes.SHA1(),  # noqa: S303  what the caller's description says; there is no other word for it
    "sha-224": hashes.SHA224(),
    "sha-256": hashes.SHA256(),
    "sha-384": hashes.SHA384(),
    "sha-512": hashes.SHA512(),
}


class DtlsHandshake:
    """`send` takes our datagrams; `on_end` hears how it ended: with keys, or why not.

    Where the other side was not there in time, and comes to the end of it after all, `on_end` hears again.
    """

    def __init__(
        self,
        certificate: DtlsCertificate,
        agreed: Dtls,
        send: Callable[[bytes], None],
        on_end: Callable[[SrtpKeys | str], None],
    ) -> None:
        self._certificate, self._agreed, self._send, self._on_end = certificate, agreed, send, on_end
        self._loop = asyncio.get_running_loop()
        self._ends_at = self._loop.time() + GIVE_UP_S
        self._tries = 0
        self._ended: SrtpKeys | str | None = None
        self._timer: asyncio.Handle | None = None
        self._ssl = self._connection()
        if agreed.we_begin:
            # After what the caller of this has to send: our description goes first.
            self._timer = self._loop.call_soon(self._advance)
        else:
            self._wait()

    def take(self, datagram: bytes) -> None:
        """A datagram of the other side. After the end, too: its last flight may have to be answered again."""
        if self._ended in (NOT_THEIRS, NO_PROFILE) or self._tries > NEW_TRIES:
            return
        self._ssl.bio_write(datagram)
        if isinstance(self._ended, SrtpKeys):
            self._answer_again()
        else:
            self._advance()

    def begin_anew(self) -> None:
        """Forget what was said so far, unless it has come to its end."""
        if self._ended is None:
            self._stop_timer()
            self._ssl = self._connection()
            self._advance()

    def close(self) -> None:
        """No timer fires any more; the other side is told that this is the end."""
        self._stop_timer()
        if isinstance(self._ended, SrtpKeys):
            with suppress(SSL.Error):
                self._ssl.shutdown()
            self._flush()

    def _connection(self) -> SSL.Connection:
        connection = SSL.Connection(self._certificate.context, None)
        connection.set_ciphertext_mtu(DATAGRAM)
        if self._agreed.we_begin:
            connection.set_connect_state()
        else:
            connection.set_accept_state()
        return connection

    def _advance(self) -> None:
        try:
            self._ssl.do_handshake()
        except SSL.WantReadError:
            self._flush()
            self._wait()
        except SSL.Error:
            self._flush()
            self._try_anew()
        else:
            self._flush()
            self._end(self._outcome())

    def _try_anew(self) -> None:
        self._tries += 1
        self._stop_timer()
        if self._tries > NEW_TRIES:
            self._end(NOBODY)
            return
        self._ssl = self._connection()
        if self._agreed.we_begin and self._ended is None:
            self._timer = self._loop.call_later(NEW_TRY_AFTER_S, self._advance)
        else:
            self._wait()

    def _wait(self) -> None:
        """Until OpenSSL wants to repeat its flight, or it has been too long; then for the other side alone."""
        self._stop_timer()
        if self._ended is not None:
            return
        left_s = self._ends_at - self._loop.time()
        repeat_s = self._ssl.DTLSv1_get_timeout()
        self._timer = self._loop.call_later(max(0.0, min(left_s, left_s if repeat_s is None else repeat_s)), self._due)

    def _due(self) -> None:
        if self._loop.time() >= self._ends_at:
            self._end(NOBODY)
            return
        try:
            self._ssl.DTLSv1_handle_timeout()
        except SSL.Error:
            self._try_anew()
            return
        self._flush()
        self._wait()

    def _end(self, outcome: SrtpKeys | str) -> None:
        self._stop_timer()
        if self._ended != outcome:
            self._ended = outcome
            self._on_end(outcome)

    def _answer_again(self) -> None:
        with suppress(SSL.Error):  # there is nothing to read in a handshake, and a goodbye changes nothing here
            self._ssl.recv(DATAGRAM)
        self._flush()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _flush(self) -> None:
        try:
            flight = self._ssl.bio_read(65536)
        except SSL.Error:
            return  # nothing to send
        for datagram in datagrams(flight):
            self._send(datagram)

    def _outcome(self) -> SrtpKeys | str:
        """Keys and salts in the order of RFC 5764 section 4.2, from a peer who is who the description says."""
        shown = self._ssl.get_peer_certificate(as_cryptography=True)
        if shown is None or not any(
            shown.fingerprint(HASHES[each.hash_name]) == each.digest for each in self._agreed.fingerprints
        ):
            return NOT_THEIRS
        suite = SRTP_PROFILES.get(self._ssl.get_selected_srtp_profile())
        if suite is None:
            return NO_PROFILE
        key, salt = suite.key_bytes, suite.salt_bytes
        material = self._ssl.export_keying_material(EXPORTER, 2 * (key + salt))
        client = material[:key] + material[2 * key : 2 * key + salt]
        server = material[key : 2 * key] + material[2 * key + salt :]
        ours, theirs = (client, server) if self._agreed.we_begin else (server, client)
        return SrtpKeys(suite, ours, (MasterKey(theirs),))


def is_handshake(datagram: bytes) -> bool:
    """DTLS has first bytes from 20 to 63 (RFC 7983 section 7)."""
    return bool(datagram) and 20 <= datagram[0] <= 63


def datagrams(flight: bytes) -> Iterator[bytes]:
    """A flight's records (RFC 6347 section 4.1), as many in a datagram as it takes."""
    begin = at = 0
    while at < len(flight):
        end = at + RECORD_HEAD + int.from_bytes(flight[at + 11 : at + 13], "big")
        if end - begin > DATAGRAM and at > begin:
            yield flight[begin:at]
            begin = at
        at = end
    if flight:
        yield flight[begin:]
