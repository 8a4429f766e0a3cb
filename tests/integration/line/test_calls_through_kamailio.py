"""Two Kamailios in front, each a stateful proxy that records its route: SIPp calls through both, both sides say BYE."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tenfour.calltaking.event import (
    CallAbandoned,
    CallConnected,
    CallerDisconnected,
    CallReceived,
    CallReleased,
    LocationConveyed,
    Signal,
)

pytestmark = [pytest.mark.needs_kamailio, pytest.mark.needs_sipp]

SCENARIOS = Path(__file__).resolve().parent.parent / "sipp"

CONFIG = """
debug=1
log_stderror=yes
fork=yes
children=1
tcp_children=1
auto_aliases=no
dns=no
rev_dns=no
listen=udp:127.0.0.1:{port}
listen=tcp:127.0.0.1:{port}
mpath="{modules}"
loadmodule "pv.so"
loadmodule "tm.so"
loadmodule "tmx.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "maxfwd.so"
loadmodule "siputils.so"
loadmodule "textops.so"
modparam("rr", "enable_full_lr", 1)

request_route {{
    if (!mf_process_maxfwd_header("10")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
    if (is_method("CANCEL")) {{ if (t_check_trans()) t_relay(); exit; }}
    if (has_totag()) {{
        if (loose_route()) {{ t_relay(); exit; }}
        if (is_method("ACK") && t_check_trans()) {{ t_relay(); exit; }}
        sl_send_reply("404", "Not here"); exit;
    }}
    t_check_trans();
    record_route();
    $du = "sip:127.0.0.1:{beyond};transport={transport}";
    if (!t_relay()) sl_reply_error();
}}
"""


@dataclass(frozen=True)
class Proxy:
    """One Kamailio that runs."""

    port: int
    process: asyncio.subprocess.Process
    log: Path


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
async def two_hops(kamailio, line, tmp_path, ports, wait_until) -> AsyncIterator[list[Proxy]]:
    """The caller's proxy, which speaks UDP to the next one, which speaks TCP to the line."""
    outer, inner = ports(2)
    proxies = []
    try:
        for port, beyond, transport in ((inner, line.sip_port, "tcp"), (outer, inner, "udp")):
            folder = tmp_path / f"hop-{port}"
            folder.mkdir()
            proxies.insert(0, await start(kamailio, folder, port, beyond, transport))
            await wait_until(lambda port=port: is_open(port))
        yield proxies
    finally:
        for proxy in proxies:
            if proxy.process.returncode is None:
                proxy.process.terminate()
            await asyncio.wait_for(proxy.process.wait(), 10)
            print(proxy.log.read_text())


async def start(kamailio, folder: Path, port: int, beyond: int, transport: str) -> Proxy:
    """A private Kamailio in a folder of its own: no service, no privileges, nothing but loopback."""
    config = CONFIG.format(port=port, beyond=beyond, transport=transport, modules=kamailio.modules)
    (folder / "kamailio.cfg").write_text(config)
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(kamailio.command, "-DD", "-f", str(folder / "kamailio.cfg"), "-w", str(folder), "-Y", str(folder)),
            *("-m", "16", "-M", "4", "-P", str(folder / "pid")),
            env={**os.environ, **kamailio.environment},
            stdout=log,
            stderr=log,
        )
    return Proxy(port, process, folder / "log")


async def start_sipp(sipp: str, sip_port: int, proxy: Proxy, folder: Path, scenario: str, *, talk_ms: int = 1500):
    (folder / "voice.ulaw").write_bytes(b"\x50\xd0" * 4000)
    return await asyncio.create_subprocess_exec(
        sipp,
        *("-sf", str(SCENARIOS / scenario), "-t", "u1", "-m", "1", "-i", "127.0.0.1", "-mi", "127.0.0.1"),
        *("-p", str(sip_port), "-d", str(talk_ms), "-nostdin", "-timeout", "30", "-timeout_error"),
        *("-trace_msg", "-message_file", str(folder / "messages.log")),
        f"127.0.0.1:{proxy.port}",
        cwd=folder,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )


async def ended_well(process) -> None:
    _, errors = await asyncio.wait_for(process.communicate(), 40)
    assert process.returncode == 0, errors.decode(errors="replace")


async def test_call_over_two_hops_is_connected_and_ended_by_the_caller(
    *, sipp, sip_port, two_hops, centre, tmp_path
) -> None:
    process = await start_sipp(sipp, sip_port, two_hops[0], tmp_path, "emergency_call.xml")
    received = await centre.heard_of(CallReceived)
    assert received.transport == "TCP"
    conveyed = await centre.heard_of(LocationConveyed)
    assert "39.9612 -82.9988" in conveyed.pidf_lo
    centre.answer(received.call_id)
    await centre.heard_of(CallConnected)
    await ended_well(process)
    assert await centre.heard_of(CallerDisconnected) == CallerDisconnected(Signal.BYE)
    messages = (tmp_path / "messages.log").read_text()
    routes = [line for line in messages.splitlines() if line.startswith("Record-Route:")]
    ports = {proxy.port for proxy in two_hops}
    assert {port for port in ports if any(f"127.0.0.1:{port}" in route for route in routes)} == ports


async def test_our_bye_goes_back_over_both_hops(*, sipp, sip_port, two_hops, centre, tmp_path) -> None:
    process = await start_sipp(sipp, sip_port, two_hops[0], tmp_path, "released_call.xml")
    received = await centre.heard_of(CallReceived)
    centre.answer(received.call_id)
    await centre.heard_of(CallConnected)
    centre.link.release(received.call_id)
    await ended_well(process)
    assert await centre.heard_of(CallReleased) == CallReleased()


async def test_caller_who_goes_while_it_rings_is_abandoned_over_both_hops(
    *, sipp, sip_port, two_hops, centre, tmp_path
) -> None:
    process = await start_sipp(sipp, sip_port, two_hops[0], tmp_path, "abandoned_call.xml")
    await centre.heard_of(CallReceived)
    await ended_well(process)
    assert await centre.heard_of(CallAbandoned) == CallAbandoned(Signal.CANCEL)


async def test_call_outlives_a_killed_line_behind_two_hops(*, sipp, sip_port, two_hops, centre, line, tmp_path) -> None:
    process = await start_sipp(sipp, sip_port, two_hops[0], tmp_path, "emergency_call.xml", talk_ms=4000)
    received = await centre.heard_of(CallReceived)
    centre.answer(received.call_id)
    await centre.heard_of(CallConnected)
    await line.kill()
    await line.start()
    await ended_well(process)
    assert await centre.heard_of(CallerDisconnected) == CallerDisconnected(Signal.BYE)
    assert centre.names().count("CallReceived") == 1
