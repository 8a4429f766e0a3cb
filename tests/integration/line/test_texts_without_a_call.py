"""Who writes to 911 without placing a call (MESSAGE outside any dialog): a text call, answered in MESSAGEs."""

import asyncio

import pytest

from tenfour.adapters.identity import new_sip_token
from tenfour.adapters.line_page import MOST_OF_ONE, NO_VOICE
from tenfour.adapters.sip_sockets import SipSockets
from tenfour.calltaking.event import (
    AnnouncementStarted,
    AudioNotAgreed,
    BodyPartKept,
    CallConnected,
    CallPickedUpAgain,
    CallReceived,
    CallReleased,
    CallRinging,
    LocationConveyed,
    LocationReferenced,
    Trouble,
    WireTrouble,
)
from tenfour.calltaking.text_event import TextMedium, TextNotSent, TextReceived, TextSent, TextTyped
from tenfour.cli.story import free_port
from tenfour.telephony.flow import Flow
from tenfour.telephony.sip_event import RequestAnswered
from tenfour.telephony.user_agent import UserAgent
from tenfour.vocabulary.ids import PositionId

from .conftest import PIDF_LO, until

SOS, MINE = "urn:service:sos", "sip:+16145550137@127.0.0.1"
CALL_INFO = "<urn:emergency:uid:callid:aabbccddee0011:esrp.example>;purpose=emergency-CallId"


class Writer:
    """A telephone that writes and reads messages, and places no call."""

    def __init__(self, line_port: int, transport: str = "UDP") -> None:
        self.port, self.read, self.refuses = free_port(), list[str](), 0
        self.in_reply_to: list[str] = []
        self.agent = UserAgent(host="127.0.0.1", port=self.port, new_token=new_sip_token, on_message=self._take)
        self.sockets = SipSockets(self.agent, self._happened)
        self.answers: dict[str, int] = {}
        self._flow = Flow(transport, "127.0.0.1", line_port)

    def _take(self, request, _flow) -> int:
        if self.refuses:
            return self.refuses
        self.read.append(request.body.decode())
        self.in_reply_to.extend(request.all("In-Reply-To"))
        return 200

    def _happened(self, event) -> None:
        if isinstance(event, RequestAnswered):
            self.answers[event.token] = event.status

    async def write(self, text: str | bytes, *, from_: str = MINE, to: str = SOS, **more) -> int:
        """Gives what was answered."""
        body = text if isinstance(text, bytes) else text.encode()
        now = asyncio.get_running_loop().time()
        token = self.agent.message(to, body, flow=self._flow, from_=f"<{from_}>", now=now, **more)
        self.sockets.pump()
        await until(lambda: token in self.answers)
        return self.answers[token]


@pytest.fixture
async def new_writer(line):
    made = []

    async def make(transport: str = "UDP") -> Writer:
        writer = Writer(line.sip_port, transport)
        await writer.sockets.listen("127.0.0.1", writer.port)
        made.append(writer)
        return writer

    yield make
    for writer in made:
        await writer.sockets.close()


def said(centre, text: str, number: int = 1):
    call_id = centre.events(CallReceived)[0].call_id
    centre.link.send_text(call_id, TextTyped(TextMedium.MESSAGE, number, text, PositionId("04")))


def written(centre) -> list[str]:
    return [event.text for event in centre.events(TextReceived)]


@pytest.mark.parametrize("transport", ["UDP", "TCP"])
async def test_text_to_911_rings_is_answered_and_goes_both_ways(new_writer, centre, transport) -> None:
    writer = await new_writer(transport)
    assert await writer.write("He is in the house. I cannot talk.") == 200
    received = await centre.heard_of(CallReceived)
    assert (received.ani, received.service, received.media, received.test) == (
        "614-555-0137",
        SOS,
        ("text", "page"),
        False,
    )
    assert received.callback_number == "614-555-0137"
    await centre.heard_of(CallRinging)
    await until(lambda: written(centre) == ["He is in the house. I cannot talk."])
    said(centre, "Where are you?")
    centre.answer(received.call_id)
    assert (await centre.heard_of(AudioNotAgreed)).why == NO_VOICE
    await until(lambda: writer.read == ["Where are you?"])
    assert [event.number for event in (await centre.heard_of(TextSent), *centre.events(TextSent)[1:])] == [1]
    assert await writer.write("Upstairs, in the closet") == 200
    await until(lambda: len(written(centre)) == 2)
    assert len(centre.events(CallReceived)) == 1
    assert writer.in_reply_to == [received.sip_call_id]
    centre.link.release(received.call_id)
    await centre.heard_of(CallReleased)
    assert await writer.write("Are you coming?") == 200
    assert (await centre.heard_of(CallReceived, 2)).call_id != received.call_id


async def test_location_identifier_and_whatever_else_came_with_a_text_are_kept(new_writer, centre) -> None:
    writer = await new_writer()
    whole = (
        b"--b\r\nContent-Type: text/plain\r\n\r\nhelp\r\n"
        b"--b\r\nContent-Type: application/pidf+xml\r\nContent-ID: <here@x>\r\n\r\n" + PIDF_LO + b"\r\n"
        b"--b\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n--b--\r\n"
    )
    headers = (("Geolocation", "<cid:here@x>"), ("Call-Info", CALL_INFO))
    assert await writer.write(whole, content_type="multipart/mixed;boundary=b", headers=headers) == 200
    assert (await centre.heard_of(CallReceived)).call_id == "aabbccddee0011"
    assert "39.96 -83.0" in (await centre.heard_of(LocationConveyed)).pidf_lo
    await until(lambda: written(centre) == ["help"])
    assert [part.content_type.partition(";")[0] for part in centre.events(BodyPartKept)] == ["image/png"]
    moved = (("Geolocation", "<https://lis.example/held/7>"),)
    assert await writer.write("now in the car", headers=moved) == 200
    assert (await centre.heard_of(LocationReferenced)).uri == "https://lis.example/held/7"
    assert len(centre.events(CallReceived)) == 1


async def test_two_who_write_are_two_calls_and_so_are_two_who_do_not_say_who_they_are(new_writer, centre) -> None:
    writer, hidden = await new_writer(), "sip:anonymous@anonymous.invalid"
    for from_ in (MINE, "sip:+16145550138@127.0.0.1", hidden, hidden, MINE):
        assert await writer.write("help", from_=from_) == 200
    await until(lambda: len(written(centre)) == 5)
    calls = centre.events(CallReceived)
    assert [call.ani for call in calls] == ["614-555-0137", "614-555-0138", "anonymous", "anonymous"]
    assert len({call.call_id for call in calls}) == 4


async def test_killed_line_goes_on_with_a_conversation_and_loses_nothing_of_it(new_writer, centre, line) -> None:
    writer = await new_writer()
    await writer.write("one")
    received = await centre.heard_of(CallReceived)
    centre.answer(received.call_id)
    await centre.heard_of(CallConnected)
    waiting = await new_writer()
    await waiting.write("I wait", from_="sip:+16145550139@127.0.0.1")
    second = await centre.heard_of(CallReceived, 2)
    await centre.heard_of(CallRinging, 2)
    await line.kill()
    await line.start()
    await until(lambda: centre.connections == 2)
    await centre.heard_of(CallPickedUpAgain)
    assert {call.call_id for call in centre.calls} == {received.call_id, second.call_id}
    said(centre, "We are coming")
    await until(lambda: writer.read == ["We are coming"])
    assert await writer.write("two") == 200
    await until(lambda: written(centre) == ["one", "I wait", "two"])
    centre.answer(second.call_id)
    await centre.heard_of(CallConnected, 2)
    assert len(centre.events(CallReceived)) == 2


async def test_who_writes_while_the_centre_is_away_is_told_so_in_text_and_kept(new_writer, line, centre) -> None:
    await centre.disconnect()
    writer = await new_writer()
    assert await writer.write("anybody there?") == 200
    await until(lambda: len(writer.read) == 1)
    await centre.connect()
    told = await centre.heard_of(AnnouncementStarted)
    assert writer.read == [told.name]
    assert (await centre.heard_of(CallConnected)).by_policy
    await until(lambda: written(centre) == ["anybody there?"])


async def test_what_the_writers_side_does_not_take_is_told(new_writer, centre) -> None:
    writer = await new_writer()
    await writer.write("help")
    centre.answer((await centre.heard_of(CallReceived)).call_id)
    writer.refuses = 480
    said(centre, "Where?")
    assert (await centre.heard_of(TextNotSent)).why == "The caller's side answered 480 to the message."


async def test_typing_notice_is_no_text_and_a_test_of_the_service_is_refused(new_writer, centre) -> None:
    writer = await new_writer()
    assert await writer.write(b"<isComposing/>", content_type="application/im-iscomposing+xml") == 200
    assert await writer.write("test", to="urn:service:test.sos") == 405
    assert await writer.write("", to="sip:911@127.0.0.1") == 200
    received = await centre.heard_of(CallReceived)
    assert (len(centre.events(CallReceived)), received.service) == (1, SOS)
    assert written(centre) == []


async def test_flood_of_writers_is_refused_in_sip_and_told_and_who_wrote_before_is_heard(new_writer, centre) -> None:
    writer, answers = await new_writer(), list[int]()
    assert await writer.write("first") == 200
    for number in range(MOST_OF_ONE + 5):
        answers.append(await writer.write("flood", from_=f"sip:+1614555{number:04d}@127.0.0.1"))
    assert answers == [200] * (MOST_OF_ONE - 1) + [503] * 6
    assert await writer.write("still here") == 200
    await until(lambda: "still here" in written(centre))
    await until(lambda: Trouble.NOT_TAKEN in [one.kind for one in centre.events(WireTrouble)])
