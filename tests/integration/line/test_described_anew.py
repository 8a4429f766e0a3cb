"""A two-way call whose caller becomes another telephone by re-INVITE, moves, or is spoken over by a stranger."""

from collections.abc import AsyncIterator

import pytest

from tenfour.adapters.audio_source import QUIET_S
from tenfour.calltaking.event import AudioMeasured, CallReceived, RecordingEnded
from tenfour.telephony.sdp import Codec, Direction, audio_of, parse_sdp
from tenfour.telephony.sip_event import RequestAnswered

from .two_way import TAKER_HZ, Phone, answers, connected_headset, let_speak, port_in, taker_hears


class TwoWay:
    """A caller whose telephone may change, and a call taker with a headset."""

    def __init__(self, centre, caller, headset, wait_until) -> None:
        self.centre, self.caller, self.headset, self.until = centre, caller, headset, wait_until
        self.phones: list[Phone] = []
        self.version = 0

    @property
    def phone(self) -> Phone:
        return self.phones[-1]

    async def dial(self, phone: Phone) -> None:
        self.phones.append(phone)
        await self.caller.listen()
        self.version += 1
        self.caller.dial(body=phone.description(self.version))
        call_id = (await self.centre.heard_of(CallReceived)).call_id
        self.centre.answer(call_id)
        let_speak(self.centre, call_id)
        await self.caller.answered()
        phone.speak_to(answers(self.caller)[0])
        await self.both_hear()

    async def become(self, phone: Phone, direction: Direction = Direction.SENDRECV) -> bytes:
        """Another telephone takes the place of the one before; our answer."""
        if phone is not self.phone:
            self.phone.be_silent()
            self.phones.append(phone)
        self.version += 1
        before = len(answers(self.caller))
        self.caller.agent.reinvite(self.caller.call, phone.description(self.version, direction), self.caller.now)
        self.caller.sockets.pump()
        await self.until(lambda: len(answers(self.caller)) > before)
        phone.speak_to(answers(self.caller)[-1])
        return answers(self.caller)[-1]

    async def both_hear(self) -> None:
        phone = self.phone
        phone.heard.clear()
        await self.until(lambda: phone.hears(TAKER_HZ))
        await self.until(taker_hears(self.headset, phone.hertz))


@pytest.fixture
async def two_way(centre, new_caller, wait_until) -> AsyncIterator[TwoWay]:
    made = TwoWay(centre, new_caller(), (await connected_headset(centre))[0], wait_until)
    yield made
    for phone in made.phones:
        phone.close()
    await made.headset.vanish()


async def test_a_description_that_changes_everything_is_followed_and_both_hear_each_other_on(two_way: TwoWay) -> None:
    """Address, port, codec, keys, direction, one by one and all at once; the headset notices nothing of it."""
    await two_way.dial(Phone())
    await two_way.become(Phone(hertz=500))  # another port
    await two_way.both_hear()
    await two_way.become(Phone("127.0.0.2", hertz=560))  # another address
    await two_way.both_hear()
    await two_way.become(Phone("127.0.0.2", Codec.PCMA, hertz=620))
    await two_way.both_hear()
    await two_way.become(Phone("127.0.0.2", Codec.PCMA, secured=True, hertz=800))
    await two_way.both_hear()
    assert b"a=recvonly" in await two_way.become(two_way.phone, Direction.SENDONLY)
    await two_way.become(Phone("127.0.0.3", secured=True, hertz=860))  # all of it, with other keys
    await two_way.both_hear()
    await two_way.become(Phone(hertz=920))  # and plain again
    await two_way.both_hear()
    two_way.caller.hang_up()
    measured = await two_way.centre.heard_of(AudioMeasured)
    assert measured.received > 100
    assert (await two_way.centre.heard_of(RecordingEnded)).duration_s > 2


@pytest.mark.parametrize("secured", [True, False])
async def test_an_invite_in_a_call_without_an_offer_is_offered_what_there_is(two_way: TwoWay, secured: bool) -> None:
    """As a switch asks that holds, moves or joins a call (RFC 3725): codec and keys stay, whoever answers is heard."""
    await two_way.dial(Phone(codec=Codec.PCMA, secured=secured))
    caller, moved = two_way.caller, Phone("127.0.0.2", Codec.PCMA, secured=secured, hertz=560)
    caller.agent.reinvite(caller.call, b"", caller.now)
    caller.sockets.pump()
    await two_way.until(lambda: len(answers(caller)) == 2)
    offered = audio_of(parse_sdp(answers(caller)[1]))
    assert (offered.codec, offered.security is not None) == (Codec.PCMA, secured)
    caller.agent.acknowledge(caller.call, moved.description(2), caller.now)
    caller.sockets.pump()
    two_way.phone.be_silent()
    two_way.phones.append(moved)
    moved.speak_to(answers(caller)[1])
    await two_way.both_hear()


async def test_a_description_without_audio_for_us_is_refused_and_changes_nothing(two_way: TwoWay) -> None:
    await two_way.dial(Phone())
    nothing = two_way.phone.description(2).replace(b"RTP/AVP 0", b"RTP/AVP 9").replace(b"a=rtpmap:0 PCMU", b"a=x:")
    token = two_way.caller.agent.reinvite(two_way.caller.call, nothing, two_way.caller.now)
    two_way.caller.sockets.pump()
    refused = await two_way.caller.wait_for(RequestAnswered)
    assert (refused.token, refused.status) == (token, 488)
    await two_way.both_hear()


@pytest.mark.parametrize(
    ("was", "instead"),
    [
        (b"c=IN IP4 127.0.0.1\r\n", b""),
        (b"c=IN IP4 127.0.0.1", b"c=IN IP4 0.0.0.0"),
        (b"c=IN IP4 127.0.0.1", b"c=IN IP4 telephone.invalid"),
        (b"c=IN IP4 127.0.0.1", b"c=IN IP6 ::1"),
        (b"m=audio PORT ", b"m=audio 0 "),
    ],
    ids=["no c-line", "hold of old", "a name", "IPv6", "port 0"],
)
async def test_an_invite_that_names_no_place_for_audio_is_answered(
    centre, new_caller, wait_until, was: bytes, instead: bytes
) -> None:
    """Where their audio comes from is known when it comes; where they want none they have none, and the call is up."""
    caller, phone, (headset, _) = new_caller(), Phone(), await connected_headset(centre)
    await caller.listen()
    plain = phone.description(1)
    port = plain.partition(b"m=audio ")[2].partition(b" ")[0]
    caller.dial(body=plain.replace(was.replace(b"PORT", port), instead))
    received = await centre.heard_of(CallReceived)
    centre.answer(received.call_id)
    let_speak(centre, received.call_id)
    await caller.answered()
    described = answers(caller)[0]
    assert described
    if b" 0 RTP" not in described:
        phone.speak_to(described)
        await wait_until(lambda: phone.hears(TAKER_HZ))
        await wait_until(taker_hears(headset, phone.hertz))
    caller.hang_up()
    await centre.heard_of(AudioMeasured)
    phone.close()
    await headset.vanish()


async def test_a_stranger_is_not_heard_and_hears_nothing_while_the_caller_speaks(two_way: TwoWay) -> None:
    await two_way.dial(Phone())
    stranger = Phone("127.0.0.9", hertz=1500)
    two_way.phones.insert(0, stranger)
    stranger.speak(_line(two_way))
    heard = len(two_way.phone.pace)
    await two_way.until(lambda: len(two_way.phone.pace) > heard + 100)
    await two_way.both_hear()
    assert not stranger.pace
    stranger.be_silent()
    two_way.caller.hang_up()
    assert (await two_way.centre.heard_of(AudioMeasured)).refused > 50


async def test_a_caller_whose_address_moved_is_heard_again_after_the_quiet_that_is_promised(two_way: TwoWay) -> None:
    """Its description names an address that its audio does not come from (NAT), and that changes in the call."""
    phone, first, moved = Phone(), Phone("127.0.0.4", hertz=500), Phone("127.0.0.5", hertz=600)
    two_way.phones.append(phone)
    await two_way.caller.listen()
    two_way.caller.dial(body=phone.description(1))
    call_id = (await two_way.centre.heard_of(CallReceived)).call_id
    two_way.centre.answer(call_id)
    let_speak(two_way.centre, call_id)
    await two_way.caller.answered()
    for each in (first, moved):
        two_way.phone.be_silent()
        two_way.phones.append(each)
        each.speak(_line(two_way))
        began = two_way.caller.now
        await two_way.both_hear()
    assert two_way.caller.now - began > QUIET_S - 0.5


def _line(two_way: TwoWay) -> tuple[str, int]:
    return "127.0.0.1", port_in(answers(two_way.caller)[-1].decode())
