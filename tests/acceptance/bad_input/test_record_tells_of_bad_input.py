"""Whatever can be wrong on the wire, thrown at a whole centre beside a call: the record tells of it and holds."""

import asyncio
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tenfour.play.caller import PlacedCall, dial, put_away
from tenfour.play.cast import Caller
from tenfour.testing.bad_input import UNUSABLE, UNWANTED

NUMBER = "911-442-7186"


def throw(data: bytes, source: str, target: str) -> None:
    """One datagram ten times, from an address of its own."""
    host, _, port = target.rpartition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind((source, 0))
        for _ in range(10):
            stranger.sendto(data, (host, int(port)))


def verified(folder: Path) -> str:
    """What `tenfour journal verify` says; it must be content."""
    command = (sys.executable, "-m", "tenfour.cli.main", "journal", "verify", str(folder))
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


async def ringing(centre: Any) -> PlacedCall:
    host, _, port = centre.supervisor.sip.rpartition(":")
    return await dial(Caller(name="boy", number=NUMBER), sip=(host, int(port)), bind="127.0.0.1", location_uri="")


@pytest.mark.timeout(120)
async def test_record_tells_of_bad_input_and_the_call_beside_it_is_whole(running_centre: Any) -> None:
    phone = await ringing(running_centre)
    call = await running_centre.call()
    await running_centre.patient_command(f"/api/calls/{call['call_id']}/answer", {})
    await asyncio.wait_for(phone.answered.wait(), 10)
    for place, data in enumerate({**UNUSABLE, **UNWANTED}.values(), 1):
        throw(data, f"127.0.9.{place}", running_centre.supervisor.sip)
    stream = f"call/{call['call_id']}"
    for place in range(1, len(UNUSABLE) + 1):
        trouble = await running_centre.until_fact("line/line-1", "WireTrouble", place)
        assert trouble["payload"]["kind"] == "broken_message"
    await put_away(phone)
    assert phone.ended_words == "hung up"
    await running_centre.until_fact(stream, "CallerDisconnected")
    told = {fact["payload"]["source"] for fact in await running_centre.facts("line/line-1")}
    assert {f"127.0.9.{place}" for place in range(1, len(UNUSABLE) + 1)} <= told
    assert len((await running_centre.ask("/api/board"))["calls"]) == 1
    assert "verified" in await asyncio.to_thread(verified, running_centre.folder)
