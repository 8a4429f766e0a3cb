"""One MSRP session (RFC 4975) as the side that waits for the connection: words in, words out, reports and answers."""

from collections import deque
from collections.abc import Callable

import msgspec

from tenfour.telephony.errors import MsrpError
from tenfour.telephony.instant_message import CONTENT_TYPE, words_of
from tenfour.telephony.msrp import (
    ByteRange,
    Flag,
    MsrpMessage,
    answer_to,
    chunks,
    ends_in,
    parse_byte_range,
    serialise_msrp,
)

CHUNK = 2_048
"""Bytes of a chunk of ours: any receiver takes so many without a word (RFC 4975 section 5.1)."""

LARGEST_MESSAGE = 65_536
"""Bytes of one message of theirs; a larger one is 413."""

AT_ONCE = 8
"""Messages that may be in pieces at a time."""

ANSWER_S = 30.0
"""After so long without an answer a chunk did not arrive (RFC 4975 section 7.1.1)."""


class _Ours(msgspec.Struct):
    """A message of ours on its way: its number, its chunks not yet said, and the transaction that waits."""

    number: int
    waiting: deque[MsrpMessage]
    transaction: str = ""
    until: float = 0.0


class MsrpSession:
    """`ours` and `theirs` are the paths of both sides. `new_token`: unique letters and digits.

    After each call ask for what is to be written (`take_outgoing`), what they said, and which messages of ours arrived.
    """

    def __init__(self, ours: str, theirs: str, new_token: Callable[[], str], *, wrapped: bool = False) -> None:
        self._ours, self._theirs, self._new_token, self._wrapped = ours, theirs, new_token, wrapped
        self._outgoing: list[bytes] = []
        self._pieces: dict[str, bytearray] = {}
        self._queue: deque[_Ours] = deque()
        self._words: list[str] = []
        self._sent: list[int] = []
        self._failed: list[tuple[int, str]] = []
        self.connected = False

    def take_outgoing(self) -> bytes:
        """What is to be written to the connection."""
        data, self._outgoing = b"".join(self._outgoing), []
        return data

    def take_words(self) -> list[str]:
        """What they said since it was last asked, one message each."""
        words, self._words = self._words, []
        return words

    def take_sent(self) -> list[int]:
        """The numbers of messages of ours that arrived."""
        sent, self._sent = self._sent, []
        return sent

    def take_failed(self) -> list[tuple[int, str]]:
        """The numbers of those that did not, and why."""
        failed, self._failed = self._failed, []
        return failed

    @property
    def waiting(self) -> list[int]:
        """The numbers of those that are not decided yet."""
        return [each.number for each in self._queue]

    def next_timer(self) -> float | None:
        """When `handle_timer` wants to be called."""
        return self._queue[0].until if self._queue and self._queue[0].transaction else None

    def handle_timer(self, now: float) -> None:
        """A chunk that nobody answered for so long did not arrive."""
        due = self.next_timer()
        if due is not None and due <= now:
            self._fail("The caller's side did not answer.", now)

    def say(self, text: str, number: int, now: float) -> None:
        """Send these words when those before have arrived, and there is a connection."""
        message_id, content = self._new_token(), text.encode()
        kind = CONTENT_TYPE
        if self._wrapped:
            head = f"From: <{self._ours}>\r\nTo: <{self._theirs}>\r\n\r\nContent-Type: {CONTENT_TYPE}\r\n\r\n"
            content, kind = head.encode() + content, "message/cpim"
        waiting = deque(self._chunk(message_id, kind, *piece) for piece in chunks(content, CHUNK))
        self._queue.append(_Ours(number, waiting))
        self._go_on(now)

    def connect(self, now: float) -> None:
        """There is a connection: what waits goes; what was on its way is said again from where it was."""
        self.connected = True
        self._go_on(now)

    def disconnect(self, now: float) -> None:
        """The connection is gone. A chunk that was not answered fails its message."""
        self.connected = False
        if self._queue and self._queue[0].transaction:
            self._fail("The connection was lost.", now)

    def take(self, message: MsrpMessage, now: float) -> None:
        """A message of this session came. Nothing raises."""
        if message.is_answer:
            self._answered(message, now)
        elif message.what == "SEND":
            self._take_send(message)
        elif message.what != "REPORT":
            self._answer(message, 501)

    # ---- theirs ----

    def _take_send(self, request: MsrpMessage) -> None:
        try:
            part = parse_byte_range(request.first("Byte-Range"))
        except MsrpError:
            self._answer(request, 400)
            return
        name = request.first("Message-ID") or request.transaction
        if request.content is None or request.flag is Flag.ABORTED:
            self._pieces.pop(name, None)
            self._answer(request, 200)
            return
        status = self._put(name, part.first - 1, request.content)
        if status == 200 and request.flag is Flag.WHOLE:
            status = self._take_whole(request, bytes(self._pieces.pop(name, b"")))
        self._answer(request, status)

    def _put(self, name: str, start: int, content: bytes) -> int:
        """Put a chunk in its place; the status of its answer."""
        if start + len(content) > LARGEST_MESSAGE or (name not in self._pieces and len(self._pieces) >= AT_ONCE):
            self._pieces.pop(name, None)
            return 413
        whole = self._pieces.setdefault(name, bytearray())
        whole.extend(b" " * (start - len(whole)))
        whole[start : start + len(content)] = content
        return 200

    def _take_whole(self, request: MsrpMessage, content: bytes) -> int:
        kind = request.first("Content-Type") or "text/plain"
        words = words_of(kind, content)
        if words is None:
            return 415
        if words:
            self._words.append(words)
        if (request.first("Success-Report") or "").lower() == "yes":
            self._report(request, len(content))
        return 200

    def _report(self, request: MsrpMessage, length: int) -> None:
        headers = (
            ("To-Path", request.first("From-Path") or self._theirs),
            ("From-Path", self._ours),
            ("Message-ID", request.first("Message-ID") or request.transaction),
            ("Byte-Range", f"1-{length}/{length}"),
            ("Status", "000 200 OK"),
        )
        self._outgoing.append(serialise_msrp(MsrpMessage(self._new_token()[:24], "REPORT", headers)))

    def _answer(self, request: MsrpMessage, status: int) -> None:
        """Unless nobody wants to hear it (Failure-Report, RFC 4975 section 7.2)."""
        wanted = (request.first("Failure-Report") or "yes").lower()
        if wanted == "yes" or (wanted == "partial" and status != 200):
            self._outgoing.append(serialise_msrp(answer_to(request, status, "OK" if status == 200 else "")))

    # ---- ours ----

    def _chunk(self, message_id: str, kind: str, part: ByteRange, content: bytes, flag: Flag) -> MsrpMessage:
        transaction = self._new_token()[:24]
        while ends_in(content, transaction):
            transaction = self._new_token()[:24]
        place = f"{part.first}-{part.last}/{part.total}"
        headers = (
            ("To-Path", self._theirs),
            ("From-Path", self._ours),
            ("Message-ID", message_id),
            ("Byte-Range", place),
            ("Content-Type", kind),
        )
        return MsrpMessage(transaction, "SEND", headers, content, flag)

    def _go_on(self, now: float) -> None:
        if not self.connected or not self._queue or self._queue[0].transaction:
            return
        first = self._queue[0]
        chunk = first.waiting.popleft()
        first.transaction, first.until = chunk.transaction, now + ANSWER_S
        self._outgoing.append(serialise_msrp(chunk))

    def _answered(self, answer: MsrpMessage, now: float) -> None:
        if not self._queue or self._queue[0].transaction != answer.transaction:
            return
        first = self._queue[0]
        first.transaction = ""
        if answer.what != "200":
            self._fail(f"The caller's side answered {answer.what} to the message.", now)
            return
        if not first.waiting:
            self._sent.append(self._queue.popleft().number)
        self._go_on(now)

    def _fail(self, why: str, now: float) -> None:
        self._failed.append((self._queue.popleft().number, why))
        self._go_on(now)
