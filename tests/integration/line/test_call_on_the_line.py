"""Calls through a real line process: SIP over UDP and TCP, RTP, recording, and the facts the centre gets."""

import asyncio
import hashlib
from pathlib import Path

import pytest

from tenfour.calltaking.event import (
    AnnouncementStarted,
    AudioAgreed,
    AudioNotAgreed,
    BodyPartKept,
    CallAbandoned,
    CallConnected,
    CallerAudioResumed,
    CallerAudioStarted,
    CallerAudioStopped,
    CallerDisconnected,
    CallReceived,
    CallReleased,
    CallRinging,
    LocationConveyed,
    LocationReferenced,
    RecordingEnded,
    RecordingStarted,
    Signal,
)
from tenfour.telephony.sip_event import Answered, ByeReceived, Reinvited
from tenfour.vocabulary.envelope import ActorKind


def digest_of(recording: Path) -> str:
    return hashlib.sha256(recording.read_bytes()).hexdigest()


def size_of(recording: Path) -> int:
    return recording.stat().st_size


@pytest.mark.parametrize("transport", ["UDP", "TCP"])
async def test_a_call_goes_from_dialling_to_hanging_up(
    *, transport, line, centre, new_caller, with_location, frequency_of, wait_until
) -> None:
    caller = new_caller(transport)
    await caller.listen()
    body, content_type = with_location(caller.sdp)
    headers = [
        ("Geolocation", "<cid:loc@example.org>"),
        ("Geolocation", "<https://lis.example.org/held/7>"),
        ("P-Asserted-Identity", "<tel:+1-911-442-7186>"),
        ("Call-Info", "<urn:emergency:uid:callid:a1b2c3d4e5f6:esrp.example.org>;purpose=emergency-CallId"),
    ]
    caller.dial(body=body, content_type=content_type, headers=headers)
    await caller.ringing()
    received = await centre.heard_of(CallReceived)
    assert (received.call_id, received.ani, received.callback_number) == ("a1b2c3d4e5f6", "911-442-7186", None)
    assert (received.service, received.transport, received.test) == ("urn:service:sos", transport, False)
    assert received.ids_minted
    assert len(received.incident_id) == 24
    await centre.heard_of(CallRinging)
    assert "39.96 -83.0" in centre.events(LocationConveyed)[0].pidf_lo
    assert centre.events(LocationReferenced) == [LocationReferenced("https://lis.example.org/held/7")]
    assert centre.events(BodyPartKept) == [
        BodyPartKept("application/x-unheard-of;encoding=base64", "//4A", "odd@example.org")
    ]
    assert not centre.events(CallConnected)

    centre.answer(received.call_id)
    await caller.answered()
    caller.speak()
    connected = await centre.heard_of(CallConnected)
    assert connected == CallConnected("PCMU/8000", f"127.0.0.1:{caller.rtp_port}")
    await centre.heard_of(AnnouncementStarted)
    await centre.heard_of(CallerAudioStarted)
    started = await centre.heard_of(RecordingStarted)
    await wait_until(lambda: len(caller.heard) > 60)
    assert abs(caller.heard_samples()).max() > 2000

    caller.hang_up()
    assert await centre.heard_of(CallerDisconnected) == CallerDisconnected(Signal.BYE)
    ended = await centre.heard_of(RecordingEnded)
    recording = line.folder / "recordings" / started.file
    assert ended.sha256 == digest_of(recording)
    assert ended.duration_s > 0.8
    assert abs(frequency_of(recording) - 440) < 5


async def test_every_fact_names_its_device_agency_and_true_time_and_what_led_to_it(centre, new_caller) -> None:
    caller = new_caller()
    await caller.listen()
    caller.dial()
    await centre.heard_of(CallRinging)
    received, ringing = centre.facts[0], centre.facts[-1]
    assert (received.actor.kind, received.actor.id, received.agency) == (ActorKind.DEVICE, "line-1", "sheriff")
    assert ringing.cause == received.id
    assert received.at <= ringing.at
    assert received.stream == f"call/{received.event.call_id}"


async def test_a_number_that_can_be_dialled_is_a_callback_number(centre, new_caller) -> None:
    caller = new_caller()
    await caller.listen()
    caller.dial("+16145550137")
    received = await centre.heard_of(CallReceived)
    assert received.ani == received.callback_number == "614-555-0137"


async def test_a_caller_who_cancels_while_it_rings_abandoned_the_call(centre, new_caller) -> None:
    caller = new_caller()
    await caller.listen()
    caller.dial()
    await caller.ringing()
    caller.hang_up()
    assert await caller.rejected() == 487
    assert await centre.heard_of(CallAbandoned) == CallAbandoned(Signal.CANCEL)
    assert "CallConnected" not in centre.names()


async def test_a_call_the_centre_releases_ends_with_our_bye(centre, new_caller) -> None:
    caller = new_caller()
    await caller.listen()
    caller.dial()
    received = await centre.heard_of(CallReceived)
    centre.answer(received.call_id)
    await centre.heard_of(CallConnected)
    centre.link.release(received.call_id)
    centre.link.release(received.call_id)
    await caller.wait_for(ByeReceived)
    await centre.heard_of(CallReleased)
    await centre.heard_of(RecordingEnded)
    assert centre.names().count("CallReleased") == 1


async def test_a_ringing_call_may_be_released_without_being_answered(centre, new_caller) -> None:
    caller = new_caller()
    await caller.listen()
    caller.dial()
    received = await centre.heard_of(CallReceived)
    centre.link.release(received.call_id)
    assert await caller.rejected() == 480
    await centre.heard_of(CallReleased)


async def test_an_answer_said_twice_connects_once(centre, new_caller) -> None:
    caller = new_caller()
    await caller.listen()
    caller.dial()
    received = await centre.heard_of(CallReceived)
    centre.answer(received.call_id)
    centre.answer(received.call_id)
    await centre.heard_of(CallConnected)
    centre.answer(received.call_id)
    caller.hang_up()
    await centre.heard_of(CallerDisconnected)
    assert centre.names().count("CallConnected") == 1


async def test_silence_without_goodbye_is_noticed_and_so_is_the_voice_after_it(centre, new_caller) -> None:
    caller = new_caller()
    await caller.listen()
    caller.dial()
    centre.answer((await centre.heard_of(CallReceived)).call_id)
    await caller.answered()
    caller.speak()
    await centre.heard_of(CallerAudioStarted)
    await caller.be_silent()
    stopped = await centre.heard_of(CallerAudioStopped)
    assert 0.6 <= stopped.silent_for_s < 2
    caller.speak()
    resumed = await centre.heard_of(CallerAudioResumed)
    assert resumed.silent_for_s >= stopped.silent_for_s
    assert "CallFailed" not in centre.names()
    caller.hang_up()
    await centre.heard_of(CallerDisconnected)


def without_our_codecs(caller) -> bytes:
    return caller.sdp.replace(b"AVP 0 101", b"AVP 18").replace(b"0 PCMU/8000", b"18 G729/8000")


async def test_a_call_without_a_codec_for_us_is_taken_and_our_audio_is_offered(
    line, centre, new_caller, frequency_of
) -> None:
    caller = new_caller()
    await caller.listen()
    caller.dial(body=without_our_codecs(caller))
    call = (await centre.heard_of(CallReceived)).call_id
    await caller.ringing()
    centre.answer(call)
    assert "audio 18" in (await centre.heard_of(AudioNotAgreed)).why
    offered = await caller.wait_for(Reinvited)
    caller.agent.answer(caller.call, caller.sdp, caller.now)
    caller.sockets.pump()
    agreed = await centre.heard_of(AudioAgreed)
    assert agreed == AudioAgreed("PCMU/8000", f"127.0.0.1:{caller.rtp_port}")
    await centre.heard_of(AnnouncementStarted)
    caller.speak_to(offered.sdp)
    await asyncio.sleep(0.6)
    caller.hang_up()
    await centre.heard_of(RecordingEnded)
    assert frequency_of(line.recordings[0]) == pytest.approx(440, abs=5)


async def test_a_caller_who_refuses_our_audio_too_stays_on_the_line(centre, new_caller) -> None:
    caller = new_caller()
    await caller.listen()
    caller.dial(body=without_our_codecs(caller))
    centre.answer((await centre.heard_of(CallReceived)).call_id)
    await caller.wait_for(Reinvited)
    caller.agent.reject(caller.call, 488, caller.now)
    caller.sockets.pump()
    assert "(488)" in (await centre.heard_of(AudioNotAgreed, 2)).why
    caller.hang_up()
    await centre.heard_of(CallerDisconnected)
    assert "CallFailed" not in centre.names()


async def test_a_broken_description_does_not_keep_a_call_from_ringing(centre, new_caller) -> None:
    caller = new_caller()
    await caller.listen()
    caller.dial(body=b"v=0\r\nm=audio nonsense\r\n")
    await caller.ringing()
    await centre.heard_of(CallRinging)


async def test_garbage_on_the_port_harms_nobody(line, centre, new_caller) -> None:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        asyncio.DatagramProtocol, remote_addr=("127.0.0.1", line.sip_port)
    )
    for data in (b"\0" * 500, b"INVITE", b"INVITE sip:a SIP/2.0\r\n\r\n", b"SIP/2.0 200 OK\r\n\r\n"):
        transport.sendto(data)
    transport.close()
    _, writer = await asyncio.open_connection("127.0.0.1", line.sip_port)
    writer.write(b"INVITE sip:x SIP/2.0\r\nContent-Length: many\r\n\r\n")
    caller = new_caller("TCP")
    await caller.listen()
    caller.dial()
    await caller.ringing()
    writer.close()


async def test_with_the_centre_away_the_line_answers_by_policy_and_the_centre_learns_it_all(
    line, centre, new_caller, frequency_of, wait_until
) -> None:
    await centre.disconnect()
    caller = new_caller(hertz=700.0)
    await caller.listen()
    caller.dial()
    await caller.answered()
    caller.speak()
    await wait_until(lambda: len(caller.heard) > 60)
    await centre.connect()
    connected = await centre.heard_of(CallConnected)
    assert connected.by_policy
    received = centre.events(CallReceived)[0]
    assert [(call.call_id, call.connected, call.answered) for call in centre.calls] == [(received.call_id, True, False)]
    ringing_at = next(fact.at for fact in centre.facts if isinstance(fact.event, CallRinging))
    connected_at = next(fact.at for fact in centre.facts if isinstance(fact.event, CallConnected))
    assert (connected_at - ringing_at).total_seconds() >= 0.5
    centre.answer(received.call_id)
    await wait_until(lambda: len(caller.heard) > 80)
    caller.hang_up()
    await centre.heard_of(CallerDisconnected)
    started = await centre.heard_of(RecordingStarted)
    await centre.heard_of(RecordingEnded)
    assert abs(frequency_of(line.folder / "recordings" / started.file) - 700) < 5
    assert centre.names().count("CallConnected") == 1


async def test_with_the_record_away_a_caller_is_answered_by_policy_and_heard(line, centre, new_caller) -> None:
    centre.link.record_away(True)
    caller = new_caller()
    await caller.listen()
    caller.dial()
    await caller.answered()
    assert (await centre.heard_of(CallConnected)).by_policy
    await centre.heard_of(RecordingStarted)


async def test_with_the_record_back_in_time_a_caller_rings_on_for_a_person(centre, new_caller, wait_until) -> None:
    centre.link.record_away(True)
    caller = new_caller()
    await caller.listen()
    caller.dial()
    await caller.ringing()
    received = await centre.heard_of(CallReceived)
    centre.link.record_away(False)
    await asyncio.sleep(0.8)  # longer than `centre_away_answer_s`: an answer by policy would have come
    assert "CallConnected" not in centre.names()
    centre.answer(received.call_id)
    assert not (await centre.heard_of(CallConnected)).by_policy


async def test_a_caller_who_leaves_before_a_person_answered_abandoned_even_after_the_policy_answered(
    centre, new_caller
) -> None:
    await centre.disconnect()
    caller = new_caller()
    await caller.listen()
    caller.dial()
    await caller.answered()
    caller.hang_up()
    await centre.connect()
    assert await centre.heard_of(CallAbandoned) == CallAbandoned(Signal.BYE)


async def test_while_the_centre_is_gone_the_callers_audio_goes_on(line, centre, new_caller, wait_until) -> None:
    caller = new_caller()
    await caller.listen()
    caller.dial()
    centre.answer((await centre.heard_of(CallReceived)).call_id)
    await caller.answered()
    caller.speak()
    started = await centre.heard_of(RecordingStarted)
    recording: Path = line.folder / "recordings" / started.file
    for _ in range(5):
        await centre.disconnect()
        size, heard = size_of(recording), len(caller.heard)
        await wait_until(lambda size=size: size_of(recording) > size + 3200)
        await wait_until(lambda heard=heard: len(caller.heard) > heard + 5)
        await centre.connect()
    caller.hang_up()
    await centre.heard_of(CallerDisconnected)
    ended = await centre.heard_of(RecordingEnded)
    assert ended.sha256 == digest_of(recording)
    assert centre.names().count("RecordingStarted") == 1


async def test_a_caller_on_hold_is_answered_and_its_call_goes_on(centre, new_caller, wait_until) -> None:
    caller = new_caller()
    await caller.listen()
    caller.dial()
    centre.answer((await centre.heard_of(CallReceived)).call_id)
    await centre.heard_of(CallConnected)
    caller.agent.reinvite(caller.call, caller.sdp.replace(b"a=sendrecv", b"a=sendonly"), caller.now)
    caller.sockets.pump()
    await wait_until(lambda: len([event for event in caller.happened if isinstance(event, Answered)]) == 2)
    again = [event for event in caller.happened if isinstance(event, Answered)][1]
    assert again.sdp is not None
    assert b"a=recvonly" in again.sdp
    caller.speak()
    await centre.heard_of(CallerAudioStarted)
    caller.hang_up()
    await centre.heard_of(CallerDisconnected)


async def test_a_location_sent_during_the_call_is_conveyed(centre, new_caller) -> None:
    caller = new_caller()
    await caller.listen()
    caller.dial()
    centre.answer((await centre.heard_of(CallReceived)).call_id)
    await centre.heard_of(CallConnected)
    document = b"<presence>a better fix</presence>"
    caller.agent.request(caller.call, "UPDATE", caller.now, body=document, content_type="application/pidf+xml")
    caller.sockets.pump()
    assert await centre.heard_of(LocationConveyed) == LocationConveyed(document.decode())


async def test_a_caller_who_offers_nothing_gets_our_offer(centre, new_caller, wait_until) -> None:
    caller = new_caller()
    await caller.listen()
    caller.dial(body=b"", content_type="")
    centre.answer((await centre.heard_of(CallReceived)).call_id)
    await caller.answered()
    caller.agent.acknowledge(caller.call, caller.sdp, caller.now)
    caller.sockets.pump()
    caller.speak()
    assert (await centre.heard_of(CallConnected)).media_address == f"127.0.0.1:{caller.rtp_port}"
    await centre.heard_of(CallerAudioStarted)
    await wait_until(lambda: len(caller.heard) > 20)


async def test_the_ports_of_a_call_that_is_over_are_free_again_and_many_calls_fit(line, centre, new_caller) -> None:
    callers = [new_caller() for _ in range(15)]
    for caller in callers:
        await caller.listen()
        caller.dial()
    await centre.heard_of(CallRinging, 15)
    for received in centre.events(CallReceived):
        centre.answer(received.call_id)
    await centre.heard_of(CallConnected, 15)
    for caller in callers:
        caller.hang_up()
    await centre.heard_of(RecordingEnded, 15)
    assert centre.calls == ()
