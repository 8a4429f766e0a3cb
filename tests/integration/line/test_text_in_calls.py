"""Text in a call: real-time text both ways over a wire that loses, MESSAGE, languages; on a real line."""

import asyncio
import base64
import os
import socket

import msgspec
import pytest

from tenfour.adapters.dtls_certificate import DtlsCertificate, new_certificate
from tenfour.adapters.dtls_handshake import DtlsHandshake, is_handshake
from tenfour.adapters.srtp import SrtpKeys, SrtpReceiver, SrtpSender
from tenfour.calltaking.event import AudioNotAgreed, BodyPartKept, CallConnected, CallerAudioStarted, CallReceived
from tenfour.calltaking.text_event import (
    LanguagesOffered,
    TextClosed,
    TextMedium,
    TextNotSent,
    TextOpened,
    TextReceived,
    TextSent,
    TextTyped,
)
from tenfour.play.caller import dial, put_away
from tenfour.play.cast import Caller as TtyCaller
from tenfour.play.texter import Texter, corrected
from tenfour.telephony.msrp import MsrpMessage, MsrpStream, answer_to, serialise_msrp
from tenfour.telephony.rtp import RtpPacket, serialise_rtp
from tenfour.telephony.sdp import Media, offer, parse_sdp, serialise_sdp
from tenfour.telephony.secured_sdp import Dtls, Sdes, Suite
from tenfour.telephony.sip_event import Answered, InDialog, RequestAnswered
from tenfour.telephony.text_sdp import offered_text, text_of
from tenfour.vocabulary.ids import PositionId

POSITION = PositionId("04")
SUITE = Suite.AES_CM_128_HMAC_SHA1_80


def typed(text: str, number: int = 1, medium: TextMedium = TextMedium.RTT) -> TextTyped:
    return TextTyped(medium, number, text, POSITION)


def offering(caller, texter: Texter | None, *, audio: bool = True, languages: bool = False) -> bytes:
    """The caller's audio, and text beside it."""
    sdp = offer(host="127.0.0.1", port=caller.rtp_port, session_id=1)
    media = list(sdp.media) if audio else [Media("audio", caller.rtp_port, "RTP/AVP", ("9",))]
    if texter is not None:
        media.append(offered_text(texter.port))
    if languages:
        spoken = (("hlang-send", "es en"), ("hlang-recv", "es *"))
        media[-1] = msgspec.structs.replace(media[-1], attributes=(*media[-1].attributes, *spoken))
    return serialise_sdp(msgspec.structs.replace(sdp, media=tuple(media)))


@pytest.fixture
async def new_texter():
    texters = []

    async def make(**changes) -> Texter:
        texters.append(await Texter.open("127.0.0.1", **changes))
        return texters[-1]

    yield make
    for texter in texters:
        await texter.close()


@pytest.fixture
def connect(new_caller, centre):
    """A call that is answered and connected; gives the caller and the call's id."""

    async def dial(body_of, **changes):
        caller = new_caller()
        await caller.listen()
        caller.dial(body=body_of(caller), **changes)
        received = await centre.heard_of(CallReceived)
        centre.answer(received.call_id)
        await caller.answered()
        await centre.heard_of(CallConnected)
        return caller, received.call_id

    return dial


class SecuredTexter(Texter):
    """Text that only whoever has its keys can read; plain text is not read here either."""

    def __init__(self, **changes) -> None:
        super().__init__(**changes)
        self.certificate = DtlsCertificate(new_certificate())
        self.key = os.urandom(30)
        self.unread = 0
        self.handshake: DtlsHandshake | None = None
        self._out_of, self._into = None, None

    @classmethod
    async def open(cls, host: str, **changes) -> "SecuredTexter":
        _, texter = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: cls(**changes), local_addr=(host, 0)
        )
        return texter

    def offered(self, how: str) -> Media:
        plain = offered_text(self.port)
        digest = self.certificate.fingerprint.digest.hex(":")
        secured = {
            "RTP/SAVP": [("crypto", f"1 {SUITE.value} inline:{base64.b64encode(self.key).decode()}")],
            "UDP/TLS/RTP/SAVP": [("fingerprint", f"sha-256 {digest}"), ("setup", "actpass")],
        }[how]
        return msgspec.structs.replace(plain, protocol=how, attributes=(*plain.attributes, *secured))

    def text_to(self, stream) -> None:
        match stream.security:
            case Sdes(keys=theirs):
                self._use(SrtpKeys(SUITE, self.key, theirs))
            case Dtls() as agreed:
                to = (stream.host, stream.port)
                self.handshake = DtlsHandshake(
                    self.certificate, agreed, lambda data: self._transport.sendto(data, to), self._use
                )
        super().text_to(stream)

    def _use(self, keys) -> None:
        self._out_of, self._into = SrtpReceiver(keys.suite, keys.theirs), SrtpSender(keys.suite, keys.ours)

    async def close(self) -> None:
        if self.handshake is not None:
            self.handshake.close()
        await super().close()

    def send_rtp(self, data: bytes) -> None:
        if self._into is not None:
            super().send_rtp(self._into.protect(data))

    def datagram_received(self, data: bytes, addr) -> None:
        if is_handshake(data) and self.handshake is not None:
            self.handshake.take(data)
        if is_handshake(data) or self._out_of is None:
            return
        opened = self._out_of.unprotect(data)
        if opened is None:
            self.unread += 1
        else:
            super().datagram_received(opened, addr)


@pytest.mark.parametrize("how", ["RTP/SAVP", "UDP/TLS/RTP/SAVP"])
async def test_secured_text_goes_both_ways_and_on_after_a_kill_and_plain_text_is_not_read(
    connect, centre, line, wait_until, how
) -> None:
    texter = await SecuredTexter.open("127.0.0.1")

    def offered(caller) -> bytes:
        sdp = parse_sdp(offering(caller, texter))
        return serialise_sdp(msgspec.structs.replace(sdp, media=(*sdp.media[:-1], texter.offered(how))))

    caller, call_id = await connect(offered)
    stream = text_of(parse_sdp(answer_of(caller)))
    assert stream is not None
    plain = await Texter.open("127.0.0.1")
    plain.text_to(msgspec.structs.replace(stream, security=None))
    await plain.type("nobody reads this", 60)
    texter.text_to(stream)
    await wait_until(lambda: texter._into is not None)
    centre.link.send_text(call_id, typed("Stay quiet. ", 1))
    await texter.type("before ", 30)
    await wait_until(lambda: all_text(centre) == "before ")
    await texter.until_read("Stay quiet. ")
    await line.kill()
    await line.start()
    await wait_until(lambda: centre.connections == 2)
    centre.link.send_text(call_id, typed("Who?", 2))
    await texter.type("after", 30)
    await wait_until(lambda: all_text(centre) == "before after")
    await texter.until_read("Who?")
    assert (texter.read, plain.read, texter.unread) == ("Stay quiet. Who?", "", 0)
    for each in (texter, plain):
        await each.close()


async def test_text_whose_handshake_fails_is_closed_in_words_and_the_call_goes_on(connect, centre, wait_until) -> None:
    texter = await SecuredTexter.open("127.0.0.1")

    def offered(caller) -> bytes:
        sdp = parse_sdp(offering(caller, texter))
        another = DtlsCertificate(new_certificate()).fingerprint.digest.hex(":").encode()
        own = texter.certificate.fingerprint.digest.hex(":").encode()
        whole = msgspec.structs.replace(sdp, media=(*sdp.media[:-1], texter.offered("UDP/TLS/RTP/SAVP")))
        return serialise_sdp(whole).replace(own, another)

    caller, _ = await connect(offered)
    stream = text_of(parse_sdp(answer_of(caller)))
    assert stream is not None
    texter.text_to(stream)
    closed = await centre.heard_of(TextClosed)
    assert closed.why.startswith("The text was to be secured by DTLS, and ")
    caller.speak()
    await centre.heard_of(CallerAudioStarted)
    await texter.close()


def answer_of(caller) -> bytes:
    answered = [event for event in caller.happened if isinstance(event, Answered)][-1]
    assert answered.sdp is not None
    return answered.sdp


def all_text(centre) -> str:
    return "".join(event.text for event in centre.events(TextReceived))


async def test_text_goes_both_ways_letter_by_letter_though_every_third_packet_is_lost(
    connect, centre, new_texter, wait_until
) -> None:
    texter = await new_texter(loses=lambda number: number % 3 == 0)
    caller, call_id = await connect(lambda caller: offering(caller, texter))
    assert await centre.heard_of(TextOpened) == TextOpened(TextMedium.RTT)
    stream = text_of(parse_sdp(answer_of(caller)))
    assert stream is not None
    texter.text_to(stream)
    words = "He hs\bas a gun. We are upstairs é救\n"
    await texter.type(words, 30)
    await wait_until(lambda: corrected(all_text(centre)).endswith("\n"))
    assert all_text(centre) == words
    batches = centre.events(TextReceived)
    assert len(batches) > 1
    assert all(len(batch.ago_ms) == len(batch.text) for batch in batches)
    centre.link.send_text(call_id, typed("Stay quiet. ", 1))
    centre.link.send_text(call_id, typed("Stay quiet. ", 1))
    centre.link.send_text(call_id, typed("Which romo\b\bom?\n", 2))
    await texter.until_read("Stay quiet. Which room?\n")
    assert corrected(texter.read) == "Stay quiet. Which room?\n"
    assert await centre.heard_of(TextSent, 2) == TextSent(TextMedium.RTT, 2)


@pytest.mark.parametrize("described", ["in another codec", "not at all"])
async def test_text_is_taken_of_a_caller_who_has_no_audio_for_us(
    connect, centre, new_texter, wait_until, described
) -> None:
    texter = await new_texter()

    def offered(caller) -> bytes:
        sdp = parse_sdp(offering(caller, texter, audio=False, languages=True))
        media = sdp.media if described == "in another codec" else sdp.media[1:]
        return serialise_sdp(msgspec.structs.replace(sdp, media=media))

    caller, _ = await connect(offered)
    assert [medium.kind for medium in parse_sdp(answer_of(caller)).media if medium.port] == ["text"]
    stream = text_of(parse_sdp(answer_of(caller)))
    assert stream is not None
    texter.text_to(stream)
    await texter.type("I cannot hear", 30)
    await wait_until(lambda: all_text(centre) == "I cannot hear")
    await centre.heard_of(AudioNotAgreed)


@pytest.mark.parametrize("where", ["", "c=IN IP4 nowhere.invalid\r\n", "c=IN IP6 ::1\r\n"])
async def test_text_without_an_address_we_can_send_to_goes_to_where_it_comes_from(
    connect, centre, new_texter, wait_until, where
) -> None:
    texter = await new_texter()

    def offered(caller) -> bytes:
        head, text = offering(caller, texter).split(b"m=text ", 1)
        lines = text.split(b"\r\n", 1)
        head = head.replace(b"c=IN IP4 127.0.0.1\r\n", b"")
        return head + b"m=text " + lines[0] + b"\r\n" + where.encode() + lines[1]

    caller, call_id = await connect(offered)
    stream = text_of(parse_sdp(answer_of(caller)))
    assert stream is not None
    texter.text_to(stream)
    await texter.type("here", 30)
    await wait_until(lambda: all_text(centre) == "here")
    centre.link.send_text(call_id, typed("We read you.\n"))
    await texter.until_read("We read you.")


async def test_killed_line_goes_on_reading_where_it_was_and_repeats_nothing(
    connect, centre, line, new_texter, wait_until
) -> None:
    texter = await new_texter()
    caller, call_id = await connect(lambda caller: offering(caller, texter))
    stream = text_of(parse_sdp(answer_of(caller)))
    assert stream is not None
    texter.text_to(stream)
    await texter.type("before ", 30)
    await wait_until(lambda: all_text(centre) == "before ")
    centre.link.send_text(call_id, typed("one ", 1))
    await texter.until_read("one ")
    await centre.heard_of(TextSent)
    await line.kill()
    await line.start()
    await wait_until(lambda: centre.connections == 2)
    centre.link.send_text(call_id, typed("one ", 1))
    centre.link.send_text(call_id, typed("two", 2))
    await texter.type("after", 30)
    await wait_until(lambda: all_text(centre) == "before after")
    await texter.until_read("two")
    assert texter.read == "one two"


async def test_text_that_is_taken_away_and_offered_again_goes_and_comes(
    connect, centre, new_texter, wait_until
) -> None:
    texter = await new_texter()
    caller, call_id = await connect(lambda caller: offering(caller, None))
    assert centre.events(TextOpened) == []
    centre.link.send_text(call_id, typed("too early", 1))
    assert (await centre.heard_of(TextNotSent)).number == 1

    async def reoffer(sdp: bytes) -> bytes:
        before = len([event for event in caller.happened if isinstance(event, Answered)])
        caller.agent.reinvite(caller.call, sdp, caller.now)
        caller.sockets.pump()
        await wait_until(lambda: len([e for e in caller.happened if isinstance(e, Answered)]) > before)
        return answer_of(caller)

    stream = text_of(parse_sdp(await reoffer(offering(caller, texter))))
    assert stream is not None
    await centre.heard_of(TextOpened)
    texter.text_to(stream)
    await texter.type("here", 30)
    await wait_until(lambda: all_text(centre) == "here")
    assert text_of(parse_sdp(await reoffer(offering(caller, None)))) is None
    assert (await centre.heard_of(TextClosed)).medium is TextMedium.RTT
    assert text_of(parse_sdp(await reoffer(offering(caller, texter)))) is not None
    await centre.heard_of(TextOpened, 2)


async def test_message_in_a_call_is_text_and_is_answered_by_messages(connect, centre, wait_until) -> None:
    caller, call_id = await connect(lambda caller: caller.sdp)
    caller.agent.request(
        caller.call, "MESSAGE", caller.now, body="Está aquí\r\nnow\0".encode(), content_type="text/plain;charset=UTF-8"
    )
    caller.agent.request(caller.call, "MESSAGE", caller.now, body=b"\xff\xd8", content_type="image/jpeg")
    caller.sockets.pump()
    assert await centre.heard_of(TextReceived) == TextReceived(TextMedium.MESSAGE, "Está aquí\nnow")
    assert (await centre.heard_of(BodyPartKept)).content_type.startswith("image/jpeg")
    long = "We are coming. " * 150
    centre.link.send_text(call_id, typed(long, 1, TextMedium.MESSAGE))
    centre.link.send_text(call_id, typed("Hide.", 2, TextMedium.MESSAGE))
    await centre.heard_of(TextSent, 2)
    bodies = [event.request.body for event in caller.happened if isinstance(event, InDialog)]
    assert all(len(body) <= 1000 for body in bodies)
    assert b"".join(bodies[:-1]).decode() == long
    assert bodies[-1] == b"Hide."
    assert [event.number for event in centre.events(TextSent)] == [1, 2]
    assert [event.status for event in caller.happened if isinstance(event, RequestAnswered)] == [200, 200]


async def test_languages_are_told_and_answered(connect, centre, new_texter) -> None:
    texter = await new_texter()
    caller, _ = await connect(lambda caller: offering(caller, texter, languages=True))
    told = await centre.heard_of(LanguagesOffered)
    assert told == LanguagesOffered("text", ("es", "en"), ("es",), any_will_do=True, answered=("en", "en"))
    text = parse_sdp(answer_of(caller)).media[-1]
    assert (text.attribute("hlang-send"), text.attribute("hlang-recv")) == ("en", "en")


async def test_flood_on_the_text_port_costs_another_call_nothing(
    connect, new_caller, centre, new_texter, wait_until
) -> None:
    texter = await new_texter()
    caller, _ = await connect(lambda caller: offering(caller, texter))
    stream = text_of(parse_sdp(answer_of(caller)))
    assert stream is not None
    junk = [b"\x80" * 40, b"", serialise_rtp(RtpPacket(98, 1, 0, 5, b"\xff\x00\x1b[" * 200))]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as flood:
        for number in range(6000):
            flood.sendto(junk[number % 3], (stream.host, stream.port))
            if number % 500 == 0:
                await asyncio.sleep(0.01)
    other = new_caller()
    await other.listen()
    other.dial("6145550137")
    received = await centre.heard_of(CallReceived, 2)
    centre.answer(received.call_id)
    await other.answered()
    other.speak()
    await centre.heard_of(CallerAudioStarted)
    await wait_until(lambda: len(other.heard) > 10)


@pytest.fixture
async def msrp_line(line, free_port):
    """The line, listening for messages as well."""
    await line.stop()
    settings = line.folder / "centre.toml"
    settings.write_text(settings.read_text().replace("[sip]", f'[sip]\nmsrp_bind = "127.0.0.1:{free_port}"', 1))
    await line.start()
    return free_port


async def test_messages_over_a_connection_of_their_own_are_text_too(msrp_line, connect, centre, wait_until) -> None:
    theirs = "msrp://127.0.0.1:9/them;tcp"

    def with_messages(caller) -> bytes:
        sdp = offer(host="127.0.0.1", port=caller.rtp_port, session_id=1)
        attributes = (("accept-types", "text/plain"), ("path", theirs), ("setup", "active"))
        message = Media("message", 9, "TCP/MSRP", ("*",), "", attributes)
        return serialise_sdp(msgspec.structs.replace(sdp, media=(*sdp.media, message)))

    caller, call_id = await connect(with_messages)
    ours = parse_sdp(answer_of(caller)).media[-1]
    path = ours.attribute("path") or ""
    assert (ours.port, ours.attribute("setup")) == (msrp_line, "passive")
    reader, writer = await asyncio.open_connection("127.0.0.1", msrp_line)
    stream = MsrpStream()

    def send(transaction: str, content: bytes | None, to: str = path) -> None:
        headers = (("To-Path", to), ("From-Path", theirs), ("Message-ID", transaction))
        typed_as = (*headers, ("Content-Type", "text/plain")) if content is not None else headers
        writer.write(serialise_msrp(MsrpMessage(transaction, "SEND", typed_as, content)))

    async def next_message() -> MsrpMessage:
        async with asyncio.timeout(10):
            while not (messages := stream.receive(await reader.read(4096))):
                pass
        return messages[0]

    send("open1", None)
    assert (await next_message()).what == "200"
    assert await centre.heard_of(TextOpened) == TextOpened(TextMedium.MSRP)
    send("guess", b"x", to=path.replace(path.rsplit("/", 1)[1], "guessed;tcp"))
    assert (await next_message()).what == "481"
    send("word1", "Está aquí".encode())
    assert (await next_message()).what == "200"
    assert await centre.heard_of(TextReceived) == TextReceived(TextMedium.MSRP, "Está aquí")
    centre.link.send_text(call_id, typed("Hide.", 1, TextMedium.MSRP))
    chunk = await next_message()
    assert chunk.content == b"Hide."
    writer.write(serialise_msrp(answer_to(chunk, 200)))
    assert await centre.heard_of(TextSent) == TextSent(TextMedium.MSRP, 1)
    writer.write(b"junk\r\n")
    assert (await centre.heard_of(TextClosed)).medium is TextMedium.MSRP
    centre.link.send_text(call_id, typed("Still there?", 2, TextMedium.MSRP))
    centre.link.send_text(call_id, typed("By another way.", 3, TextMedium.MESSAGE))
    assert (await centre.heard_of(TextSent, 2)).number == 3
    caller.hang_up()
    assert (await centre.heard_of(TextNotSent)).number == 2
    writer.close()


async def test_tty_is_heard_in_the_audio_and_answered_by_tones(new_caller, centre, wait_until) -> None:
    caller = await dial(
        TtyCaller(name="tty", number="614-555-0190", text="tty"),
        sip=("127.0.0.1", new_caller()._flow.port),
        bind="127.0.0.1",
        location_uri="",
    )
    try:
        received = await centre.heard_of(CallReceived)
        centre.answer(received.call_id)
        await asyncio.wait_for(caller.answered.wait(), 10)
        await caller.typewriter.type("HELP FIER\b\bRE 1428 ELM\nGA", 20)
        await wait_until(lambda: corrected(all_text(centre)).endswith("GA"), 20)
        assert corrected(all_text(centre)) == "HELP FIRE 1428 ELM\nGA"
        assert centre.events(TextOpened) == [TextOpened(TextMedium.TTY)]
        assert all(event.medium is TextMedium.TTY for event in centre.events(TextReceived))
        centre.link.send_text(received.call_id, typed("We are coming. GA\n", 1, TextMedium.TTY))
        centre.link.send_text(received.call_id, typed("Stay", 2, TextMedium.TTY))
        await asyncio.wait_for(caller.typewriter.until_read("WE ARE COMING. GA\nSTAY"), 20)
        assert (await centre.heard_of(TextSent, 2)).number == 2
    finally:
        await put_away(caller)
