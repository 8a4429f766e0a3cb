"""What a fuzzer feeds to the readers of text."""

import itertools
import struct
from collections.abc import Iterator

from tenfour.telephony.baudot import BaudotReader, BaudotSender, for_tty
from tenfour.telephony.errors import MsrpError, RtpError
from tenfour.telephony.g711 import decode_ulaw
from tenfour.telephony.msrp import MsrpMessage, MsrpStream, serialise_msrp
from tenfour.telephony.msrp_session import MsrpSession
from tenfour.telephony.redundancy import parse_redundancy, serialise_redundancy
from tenfour.telephony.rtp import parse_rtp
from tenfour.telephony.t140 import NEW_LINE, T140Reader
from tenfour.telephony.text_receiver import PATIENCE_S, TextReceiver
from tenfour.testing.law import must

T140, RED = 98, 100
"""The payload types in the corpus."""


def real_time_text(data: bytes) -> None:
    """Packets of real-time text, each behind two bytes of length, a fifth of a second apart."""
    receiver, now, told = TextReceiver(T140, RED), 0.0, ""
    for datagram in datagrams(data):
        try:
            packet = parse_rtp(datagram)
        except RtpError:
            continue
        now += 0.2
        told += receiver.handle_timer(now) + receiver.take(packet, now)
        due = receiver.next_timer()
        must(due is None or due <= now + PATIENCE_S, "A receiver waits longer than it may.")
        _reads_as_written(packet.payload)
    told += receiver.finish(now)
    must(receiver.next_timer() is None, "A receiver waits when its call is over.")
    must(T140Reader().read(told) == told, "What was told is no plain text.")
    must(not any(each < " " and each not in f"\a\b{NEW_LINE}" for each in told), "A control character is told.")


def _reads_as_written(payload: bytes) -> None:
    try:
        blocks = parse_redundancy(payload)
    except RtpError:
        return
    must(parse_redundancy(serialise_redundancy(blocks)) == blocks, "Redundant blocks change when they are written.")


def tty(data: bytes) -> None:
    """Mu-law audio cut by its first byte; the rest, said as a text by TTY, is read as it was said."""
    width = 1 + (data[0] if data else 0)
    whole, cut = BaudotReader(), BaudotReader()
    audio = decode_ulaw(data[1:])
    told = "".join(cut.take(audio[at : at + width]) for at in range(0, audio.size, width))
    must(whole.take(audio) == told, "Where audio is cut makes a difference.")
    said = for_tty(data[1:41].decode("latin-1"))
    sender, reader, read = BaudotSender(), BaudotReader(), ""
    sender.type(said + "\r\nGA")
    while (frame := sender.frame()) is not None:
        read += reader.take(frame)
    must(read.endswith("\nGA"), "What was said by TTY is not read.")


def msrp(data: bytes) -> None:
    """A stream of MSRP cut by its first byte gives the same messages; what is read is the same after writing it."""
    width = 1 + (data[0] if data else 0)
    whole, broken = _messages([data[1:]])
    cut = _messages([data[at : at + width] for at in range(1, len(data), width)])
    must((whole, broken) == cut or broken or cut[1], "Where a stream was cut makes a difference.")
    tokens = itertools.count()
    session = MsrpSession("msrp://a:1/us;tcp", "msrp://b:1/them;tcp", lambda: f"t{next(tokens):020d}")
    session.connect(0.0)
    session.say("hello", 1, 0.0)
    for message in whole:
        written = serialise_msrp(message)
        must(MsrpStream().receive(written) == [message], "A message changes when it is written.")
        session.take(message, 0.0)
    out, unsaid = _messages([session.take_outgoing()])
    must(not unsaid, "What we say cannot be read.")
    must(len(out) <= 2 * len(whole) + 2, "Somebody is told more than they said.")
    session.handle_timer(1000.0)


def _messages(pieces: list[bytes]) -> tuple[list[MsrpMessage], bool]:
    stream, messages = MsrpStream(), list[MsrpMessage]()
    try:
        for piece in pieces:
            messages += stream.receive(piece)
    except MsrpError:
        return messages, True
    return messages, False


def datagrams(data: bytes, most: int = 64) -> Iterator[bytes]:
    """What stands in an input, each behind two bytes of length."""
    at = 0
    for _ in range(most):
        if at + 2 > len(data):
            return
        (length,) = struct.unpack_from("!H", data, at)
        yield data[at + 2 : at + 2 + length]
        at += 2 + length
