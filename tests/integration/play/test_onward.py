"""A telephone of a story is asked to call somebody else, and a party outside is called: real packets on loopback."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tenfour.play.caller import Onward, PlacedCall, dial, put_away
from tenfour.play.cast import Caller, Party
from tenfour.play.ear import tone
from tenfour.play.fix import CircleGiven
from tenfour.play.onward import read_onward, take_up
from tenfour.play.outside import Outside
from tenfour.telephony.errors import HeaderError
from tenfour.telephony.i3 import call_info
from tenfour.telephony.sip_event import ReferProgress, SipEvent
from tenfour.vocabulary.errors import Refused, Unavailable
from tenfour.vocabulary.ids import CallId, IncidentId

LOOPBACK = "127.0.0.1"
WITHIN_S = 10.0
MAN = Caller(
    name="man",
    number="614-555-0159",
    voice_hz=440,
    location=CircleGiven(lat=39.957, lon=-83.209, radius_m=20, confidence_pct=90),
)
HELD = "http://127.0.0.1:9/held/man"
MARLOW = Party(name="Marlow", known_as="Marlow County 911", answers_to="marlow", voice_hz=1300)
LARKSPUR = Party(name="Larkspur", known_as="Larkspur County 911", answers_to="911", voice_hz=700)
VOICES = {"man": 440, "Marlow": 1300, "Larkspur": 700}
IDS = call_info(CallId("c" * 20), IncidentId("i" * 20), "larkspur.demo")


class Two:
    """Two centres outside at one address, and a man whose telephone does what it is asked to."""

    def __init__(self, port: int) -> None:
        self.address = (LOOPBACK, port)
        self.outside = Outside([MARLOW, LARKSPUR], lambda who: tone(VOICES[who]))
        self.call: PlacedCall | None = None
        self.told: list[int] = []

    async def dial(self) -> PlacedCall:
        """The man calls Larkspur, which picks up."""
        host, port = self.address
        call = self.call = await dial(
            MAN, sip=self.address, bind=LOOPBACK, location_uri="", onward=Onward(f"sip:911@{host}:{port}", self.address)
        )
        call.voice.hum(tone(440))

        async def dial_on(onward: Onward) -> PlacedCall:
            return await dial(MAN, sip=onward.peer, bind=LOOPBACK, location_uri=HELD, onward=onward)

        take_up(call, dial_on)
        await self.outside.pick_up("Larkspur", WITHIN_S)
        return call

    def ask(self, target: str) -> None:
        """Larkspur asks the man's telephone to call there."""
        key, heard = self.outside.call_of("Larkspur").invite.call, self.outside.on_event

        def listen(event: SipEvent) -> None:
            if isinstance(event, ReferProgress) and event.status >= 300:
                self.told.append(event.status)
            heard(event)

        self.outside.on_event = listen
        self.outside.act(lambda agent, now: agent.refer(key, target, now))


@pytest.fixture
async def two(free_port: int) -> AsyncIterator[Two]:
    made = Two(free_port)
    await made.outside.listen(made.address)
    yield made
    if made.call is not None:
        await put_away(made.call)
    await made.outside.close()


async def until(condition) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not condition():
            await asyncio.sleep(0.02)


def hears(voice, *wanted: str) -> bool:
    return voice.ear.hears(VOICES, asyncio.get_running_loop().time()) == frozenset(wanted)


def marlow_of(two: Two, *headers: tuple[str, str]) -> str:
    host, port = two.address
    asked = "&".join(f"{name}={value}" for name, value in headers)
    return f"sip:marlow@{host}:{port}" + (f"?{asked}" if asked else "")


def escaped(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


async def test_both_hear_each_other_before_and_the_other_centre_afterwards(two: Two) -> None:
    call = await two.dial()
    await until(lambda: hears(call.voice, "Larkspur"))
    two.ask(marlow_of(two, *((name, escaped(value)) for name, value in IDS)))
    await two.outside.until_rung("Marlow", WITHIN_S)
    assert call.current is call
    taken = await two.outside.pick_up("Marlow", WITHIN_S)
    await until(lambda: call.current is not call)
    await until(lambda: hears(call.current.voice, "Marlow"))
    assert taken.voice is not None
    await until(lambda: hears(taken.voice, "man"))
    assert (taken.arrived.call_id, taken.arrived.incident_id) == ("c" * 20, "i" * 20)
    assert (taken.arrived.call_host, taken.arrived.number) == ("larkspur.demo", "614-555-0159")
    assert taken.arrived.fixes[0].uncertainty_m == 20
    assert taken.arrived.location_uris == (HELD,)


async def test_one_who_is_turned_away_is_still_in_the_first_call(two: Two) -> None:
    call = await two.dial()
    two.ask(marlow_of(two))
    await two.outside.turn_away("Marlow", 486, WITHIN_S)
    await until(lambda: two.told)
    await until(lambda: not call.following)
    assert (call.current, call.onward, two.told) == (call, None, [486])
    assert not call.over.is_set()
    await until(lambda: hears(call.voice, "Larkspur"))


async def test_a_call_to_nobody_known_is_not_found(two: Two) -> None:
    call = await two.dial()
    two.ask(marlow_of(two).replace("marlow", "nobody"))
    await until(lambda: two.told)
    await until(lambda: not call.following)
    assert (call.current, call.onward, two.told) == (call, None, [404])
    with pytest.raises(Refused, match="Nobody has called Marlow"):
        two.outside.call_of("Marlow")


async def test_whoever_hangs_up_ends_the_call(two: Two) -> None:
    call = await two.dial()
    await two.outside.hang_up("Larkspur")
    await until(call.over.is_set)
    assert call.ended_words == "the centre hung up"
    with pytest.raises(Refused, match="Larkspur is in no call"):
        await two.outside.hang_up("Larkspur")


async def test_nobody_calls_and_that_is_told(two: Two) -> None:
    with pytest.raises(Refused, match=r"Nobody called Marlow within 0\.1 s"):
        await two.outside.pick_up("Marlow", 0.1)


async def test_an_address_that_is_taken_is_told(two: Two) -> None:
    with pytest.raises(Unavailable, match="SIP cannot listen on"):
        await Outside([MARLOW], lambda _: tone(440)).listen(two.address)


def test_what_a_uri_asks_for_is_taken_as_far_as_it_may_ask() -> None:
    onward = read_onward(
        "sip:911@192.0.2.7:5071;transport=udp?Call-Info=%3Curn:x%3E&From=evil&Replaces=a%40b%3Bto-tag=1"
    )
    assert (onward.target, onward.peer) == ("sip:911@192.0.2.7:5071;transport=udp", ("192.0.2.7", 5071))
    assert onward.headers == (("Call-Info", "<urn:x>"), ("Replaces", "a@b;to-tag=1"))
    assert read_onward("sip:911@192.0.2.7?Call-Info=a%0D%0ABad:%20b").headers == (("Call-Info", "a  Bad: b"),)
    with pytest.raises(HeaderError):
        read_onward("urn:service:sos")
