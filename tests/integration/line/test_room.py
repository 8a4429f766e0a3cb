"""Headsets and a caller in one room, over real wires, without a browser."""

import itertools
import socket

import numpy as np
import pytest

from tenfour.adapters.headset_protocol import Voice, Voices
from tenfour.adapters.room import Room
from tenfour.adapters.wire import COUNTED, ENOUGH, FRAME_BYTES, SPARE, WAITING_LIMIT, Wire, wire_pair
from tenfour.telephony.g711 import Samples
from tenfour.telephony.mixer import FRAME, SILENCE
from tenfour.telephony.party import Role
from tenfour.telephony.rtp import RtpPacket
from tenfour.vocabulary.ids import PositionId

TAKER, SUPERVISOR = PositionId("04"), PositionId("01")
HOLD = np.full(FRAME, 7, np.int16)


def level(of: int) -> Samples:
    return np.full(FRAME, of, np.int16)


class Talk:
    """A room and the other ends of its wires; a step is 20 ms."""

    def __init__(self) -> None:
        self.room = Room(itertools.repeat(HOLD.tobytes()))
        self.frames = self.room.frames()
        self.ends: dict[PositionId, Wire] = {}
        self.at = 0

    def join(self, position: PositionId) -> Wire:
        here, there = wire_pair()
        self.room.join(position, here)
        self.ends[position] = Wire(there)
        return self.ends[position]

    def step(self, caller: int = 0, **said: int) -> Samples:
        """Everybody says so loud a frame; what the caller hears."""
        if caller:
            packet = RtpPacket(0, self.at & 0xFFFF, 160 * self.at, 1, b"")
            self.room.hear(packet, level(caller))
        self.at += 1
        for position, loud in said.items():
            self.ends[PositionId(position.removeprefix("p"))].send(level(loud))
        return np.frombuffer(next(self.frames), dtype=np.int16)

    def close(self) -> None:
        self.room.close()
        for end in self.ends.values():
            end.close()


@pytest.fixture
async def talk():
    made = Talk()
    yield made
    made.close()


async def test_caller_and_call_taker_hear_each_other(talk: Talk) -> None:
    talk.room.voices = Voices((Voice(TAKER, Role.CALL_TAKER),))
    end = talk.join(TAKER)
    heard = [talk.step(100, p04=2000) for _ in range(20)]
    assert (heard[-1] == 2000).all()
    assert (end.take_all()[-1] == 100).all()


async def test_caller_who_waits_hears_the_hold_sound_and_is_heard_by_nobody(talk: Talk) -> None:
    talk.room.voices = Voices((Voice(TAKER, Role.CALL_TAKER), Voice(SUPERVISOR, Role.COACHING)), held=True)
    taker, _ = talk.join(TAKER), talk.join(SUPERVISOR)
    heard = [talk.step(100, p04=2000, p01=30) for _ in range(20)]
    assert (heard[-1] == HOLD).all()
    assert (taker.take_all()[-1] == 30).all()


async def test_who_is_wired_and_not_in_the_call_hears_nothing_and_is_not_heard(talk: Talk) -> None:
    end = talk.join(TAKER)
    heard = [talk.step(100, p04=2000) for _ in range(20)]
    assert (heard[-1] == 0).all()
    assert (end.take_all()[-1] == 0).all()


async def test_wire_that_is_gone_harms_nobody(talk: Talk) -> None:
    talk.room.voices = Voices((Voice(TAKER, Role.CALL_TAKER),))
    talk.join(TAKER).close()
    assert (talk.step(100) == 0).all()
    talk.room.join(TAKER, None)
    assert (talk.step(100) == 0).all()


async def test_new_wire_of_a_position_takes_the_place_of_the_old(talk: Talk) -> None:
    talk.room.voices = Voices((Voice(TAKER, Role.CALL_TAKER),))
    talk.join(TAKER).close()
    talk.join(TAKER)
    assert (([talk.step(p04=2000) for _ in range(5)])[-1] == 2000).all()
    assert len(talk.room.wires) == 1


def test_wire_takes_only_whole_frames_and_no_more_than_may_wait() -> None:
    here, there = (Wire(end) for end in wire_pair())
    for loud in range(1, 2 * WAITING_LIMIT):
        here.send(level(loud))
    sent = 2 * WAITING_LIMIT - 1 - here.dropped
    taken = [int(frame[0]) for _ in range(40) if (frame := there.take()) is not None]
    assert taken == [sent - 1, sent]
    here.socket.send(bytes(FRAME_BYTES - 1))
    here.socket.send(bytes(FRAME_BYTES + 1))
    assert there.take_all() == []
    here.close()
    there.close()
    here.send(SILENCE)


def test_frames_that_only_wait_are_dropped_after_a_second() -> None:
    """Who took them was late once and did not catch up: from then on everything would be later."""
    here, there = (Wire(end) for end in wire_pair())
    waits = []
    for number in range(1, 3 * COUNTED):
        here.send(level(number))
        if number == ENOUGH + 1:
            here.send(level(number))
            here.send(level(number))
        frame = there.take()
        waits.append(number - int(frame[0]) if frame is not None else 0)
    assert max(waits[:COUNTED]) == ENOUGH + 1
    assert waits[-1] == SPARE
    assert there.dropped == 2
    here.close()
    there.close()


def test_wire_gathers_before_it_is_taken_so_that_two_clocks_do_not_cut_words() -> None:
    here, there = (Wire(end) for end in wire_pair())
    here.send(level(1))
    assert there.take() is None
    here.send(level(2))
    first, second = there.take(), there.take()
    assert first is not None
    assert second is not None
    assert (int(first[0]), int(second[0])) == (1, 2)
    here.close()
    there.close()


def test_wire_is_a_pair_of_datagram_sockets_that_can_be_handed_over() -> None:
    pair = wire_pair()
    assert all(end.type is socket.SOCK_DGRAM for end in pair)
    for end in pair:
        end.close()


async def test_notice_of_a_recording_is_heard_by_ours_over_what_they_hear_and_is_no_voice(talk: Talk) -> None:
    talk.room.voices = Voices((Voice(TAKER, Role.CALL_TAKER),))
    end = talk.join(TAKER)
    for _ in range(10):
        talk.step(100, p04=2000)
    end.take_all()
    talk.room.over = level(1000)
    heard = talk.step(100, p04=2000)
    assert (end.take_all()[-1] == 1100).all()
    assert (heard == 2000).all(), "whoever plays it to the caller puts it over this"
    talk.room.over = None
    talk.step(100, p04=2000)
    assert (end.take_all()[-1] == 100).all()
