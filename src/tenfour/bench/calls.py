"""`tenfour bench calls`: whole calls a core carries in a second, signalling alone, beside Kamailio in the same run.

SIPp places INVITE, ACK and BYE with SDP, `AT_ONCE` at a time; what counts is the CPU time of the server and all its
processes, so that a slow peer or a busy machine does not. Ours is the user agent of the line on the line's own sockets;
Kamailio is a stateful, record-routing proxy in front of a SIPp that answers.
"""

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from tenfour.adapters.identity import new_sip_token
from tenfour.adapters.sip_sockets import SipSockets
from tenfour.bench import whole_calls
from tenfour.bench.figure import report, skip
from tenfour.bench.server import free_port
from tenfour.telephony.sip_event import InviteReceived, SipEvent
from tenfour.telephony.user_agent import UserAgent
from tenfour.vocabulary.errors import Unavailable

CALLS = 3000
AT_ONCE = 30
AIM = 0.5
BENCH, FIGURE = "calls", "signalling_x_kamailio"
UNPACKED = Path("build/peers/kamailio")

ANSWER = (
    b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n"
    b"a=rtpmap:0 PCMU/8000\r\n"
)

HEAD = """      Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
      From: <sip:9114427186@[local_ip]:[local_port]>;tag=[pid]b[call_number]
      To: <urn:service:sos>{tag}
      Call-ID: [call_id]
      Max-Forwards: 70
"""
CALLER = f"""<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="a call">
  <send retrans="500"><![CDATA[
      INVITE sip:911@[remote_ip]:[remote_port] SIP/2.0
{HEAD.format(tag="")}      CSeq: 1 INVITE
      Contact: <sip:9114427186@[local_ip]:[local_port]>
      Content-Type: application/sdp
      Content-Length: [len]

      v=0
      o=- 1 1 IN IP4 [local_ip]
      s=-
      c=IN IP4 [local_ip]
      t=0 0
      m=audio 4000 RTP/AVP 0
      a=rtpmap:0 PCMU/8000
  ]]></send>
  <recv response="100" optional="true"/>
  <recv response="180" optional="true"/>
  <recv response="200" rrs="true"/>
  <send><![CDATA[
      ACK [next_url] SIP/2.0
      [routes]
{HEAD.format(tag="[peer_tag_param]")}      CSeq: 1 ACK
      Content-Length: 0

  ]]></send>
  <send retrans="500"><![CDATA[
      BYE [next_url] SIP/2.0
      [routes]
{HEAD.format(tag="[peer_tag_param]")}      CSeq: 2 BYE
      Content-Length: 0

  ]]></send>
  <recv response="200"/>
</scenario>
"""
KAMAILIO = """
debug=0
log_stderror=yes
fork=yes
children=1
disable_tcp=yes
auto_aliases=no
dns=no
rev_dns=no
listen=udp:127.0.0.1:{port}
mpath="{modules}"
loadmodule "pv.so"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "siputils.so"
loadmodule "textops.so"
request_route {{
    if (has_totag()) {{ loose_route(); t_relay(); exit; }}
    record_route();
    $du = "sip:127.0.0.1:{beyond}";
    t_relay();
}}
"""


def main() -> None:
    """Print what signalling alone takes, then what whole calls take."""
    signalling()
    whole_calls.main()


def signalling() -> None:
    """Measure and print the figure; it is skipped where SIPp or Kamailio is missing."""
    sipp, kamailio = shutil.which("sipp"), _kamailio()
    if sipp is None or kamailio is None or len(os.sched_getaffinity(0)) < 2:
        missing = "sipp" if sipp is None else "kamailio" if kamailio is None else "a second core"
        skip(BENCH, FIGURE, "x", aim=AIM, why=f"{missing} is missing; make peers gets the programs")
        return
    theirs, ours = asyncio.run(_measure(sipp, kamailio))
    beside = f"calls by one CPU second: Kamailio {min(theirs):.0f} to {max(theirs):.0f}, ours {max(ours):.0f} at best"
    report(BENCH, FIGURE, [a / b for a, b in zip(ours, theirs, strict=True)], "x", aim=AIM, beside=beside)


async def _measure(sipp: str, kamailio: Path) -> tuple[list[float], list[float]]:
    """Calls by one CPU second of Kamailio and of ours, three runs in turn."""
    theirs, ours = [], []
    with tempfile.TemporaryDirectory(prefix="bench-calls-") as folder:
        (Path(folder) / "caller.xml").write_text(CALLER)
        for _ in range(3):
            async with _proxy(kamailio, sipp, Path(folder)) as (port, process):
                theirs.append(await calls_per_cpu_s(sipp, Path(folder), port, process))
            async with _our_server() as (port, process):
                ours.append(await calls_per_cpu_s(sipp, Path(folder), port, process))
    return theirs, ours


async def calls_per_cpu_s(sipp: str, folder: Path, port: int, server: int, calls: int = CALLS) -> float:
    """Calls by one CPU second of the process `server` and its children. Raises `Unavailable` when a call failed."""
    began = _cpu_s(server)
    process = await asyncio.create_subprocess_exec(
        *_pinned(0),
        *(sipp, "-sf", str(folder / "caller.xml"), "-i", "127.0.0.1", "-p", str(free_port()), "-m", str(calls)),
        *("-l", str(AT_ONCE), "-r", "20000", "-nostdin", "-timeout", "60", "-timeout_error", f"127.0.0.1:{port}"),
        cwd=folder,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate()
    if process.returncode != 0:
        raise Unavailable(f"SIPp's calls failed: {errors.decode(errors='replace')[-200:]}")
    return calls / (_cpu_s(server) - began)


def _cpu_s(process: int) -> float:
    """CPU seconds of a process and of all that descend from it, from /proc."""
    folder = Path("/proc", str(process))
    ticks = (folder / "stat").read_text().rpartition(")")[2].split()[11:13]
    children = (folder / "task" / str(process) / "children").read_text().split()
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK") + sum(_cpu_s(int(child)) for child in children)


@asynccontextmanager
async def _our_server() -> AsyncIterator[tuple[int, int]]:
    """The line's user agent and sockets in a process of their own, answering every call at once."""
    port = free_port()
    async with _running(*_pinned(1), sys.executable, "-m", "tenfour.bench.calls", str(port)) as process:
        await asyncio.sleep(1.0)
        yield port, process


@asynccontextmanager
async def _proxy(kamailio: Path, sipp: str, folder: Path) -> AsyncIterator[tuple[int, int]]:
    """A private Kamailio with one worker, and a SIPp behind it that answers."""
    port, beyond = free_port(), free_port()
    modules = next(kamailio.parents[2].glob("usr/lib/*/kamailio/modules"))
    (folder / "kamailio.cfg").write_text(KAMAILIO.format(port=port, beyond=beyond, modules=modules))
    libraries = ":".join(str(path) for path in kamailio.parents[2].glob("**/*-linux-gnu"))
    environment = {**os.environ, "LD_LIBRARY_PATH": libraries} if str(UNPACKED) in str(kamailio) else None
    answering = (*_pinned(0), sipp, "-sn", "uas", "-i", "127.0.0.1", "-p", str(beyond), "-nostdin")
    proxy = (*_pinned(1), str(kamailio), "-DD", "-f", str(folder / "kamailio.cfg"), "-Y", str(folder), "-m", "64")
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(_running(*answering, cwd=folder))
        process = await stack.enter_async_context(_running(*proxy, environment=environment))
        await asyncio.sleep(1.5)
        yield port, process


@asynccontextmanager
async def _running(
    *command: str, cwd: Path | None = None, environment: dict[str, str] | None = None
) -> AsyncIterator[int]:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=cwd, env=environment, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield process.pid
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def _pinned(which: int) -> tuple[str, ...]:
    """The words before a command that keep it on one of our cores."""
    return "taskset", "-c", str(sorted(os.sched_getaffinity(0))[which])


def _kamailio() -> Path | None:
    """Kamailio as it is installed, else as scripts/peers unpacked it."""
    installed = shutil.which("kamailio")
    if installed:
        return Path(installed)
    unpacked = UNPACKED.resolve() / "usr/sbin/kamailio"
    return unpacked if unpacked.exists() else None


async def _serve(port: int) -> None:
    """Answer every call at once, for ever."""
    agent = UserAgent(host="127.0.0.1", port=port, new_token=new_sip_token, max_calls=CALLS * 4)

    def take(event: SipEvent) -> None:
        if isinstance(event, InviteReceived):
            now = asyncio.get_running_loop().time()
            agent.provisional(event.call, 180, now)
            agent.answer(event.call, ANSWER, now)

    await SipSockets(agent, take).listen("127.0.0.1", port)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
