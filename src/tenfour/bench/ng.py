"""rtpengine as a peer: started in user space, told of calls by its ng protocol (bencoded dictionaries over UDP)."""

import asyncio
import os
import re
import shutil
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from tenfour.bench.server import free_port
from tenfour.vocabulary.errors import Unavailable

UNPACKED = Path("build/peers/rtpengine")
ANSWER_WITHIN_S = 2.0
START_TRIES = 50
CONFIG = """[rtpengine]
table = -1
interface = 127.0.0.1
listen-ng = 127.0.0.1:{port}
port-min = {low}
port-max = {high}
num-threads = 1
foreground = true
log-stderr = true
log-level = 3
"""

Value = str | Mapping[str, "Value"] | list[str]


def rtpengine() -> Path | None:
    """rtpengine as it is installed, else as scripts/peers unpacked it."""
    installed = shutil.which("rtpengine")
    if installed is not None:
        return Path(installed)
    unpacked = UNPACKED.resolve() / "usr/bin/rtpengine"
    return unpacked if unpacked.exists() else None


@asynccontextmanager
async def run_rtpengine(program: Path, folder: Path, ports: tuple[int, int]) -> AsyncIterator["RtpEngine"]:
    """A private one: no kernel module, no recording, one thread for packets. Raises `Unavailable` when none answers."""
    port = free_port()
    config = folder / "rtpengine.conf"
    config.write_text(CONFIG.format(port=port, low=ports[0], high=ports[1]))
    process = await asyncio.create_subprocess_exec(
        *(str(program), f"--config-file={config}"),
        env=_environment(program),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    engine = RtpEngine(port, process.pid)
    try:
        await engine.ready()
        yield engine
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        engine.close()


def _environment(program: Path) -> dict[str, str] | None:
    """Where one that was only unpacked finds its libraries."""
    if UNPACKED.resolve() not in program.parents:
        return None
    libraries = ":".join(str(path) for path in program.parents[2].glob("**/*-linux-gnu"))
    return {**os.environ, "LD_LIBRARY_PATH": libraries}


class RtpEngine:
    """Asks one rtpengine, one question at a time."""

    def __init__(self, port: int, pid: int) -> None:
        self.pid = pid
        self._loop = asyncio.get_running_loop()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.connect(("127.0.0.1", port))
        self._asked = 0

    def close(self) -> None:
        """Ask no more."""
        self._socket.close()

    async def ready(self) -> None:
        """Return when it answers."""
        for _ in range(START_TRIES):
            try:
                await self.ask({"command": "ping"}, within_s=0.2)
            except (TimeoutError, OSError):
                await asyncio.sleep(0.1)
            else:
                return
        raise Unavailable("rtpengine does not answer.")

    async def bridge(self, call: str, caller: int, callee: int) -> tuple[int, int]:
        """Join what comes from these ports of ours; where the caller's side and the callee's are to send theirs."""
        offer = {"command": "offer", "call-id": call, "from-tag": "a", "sdp": _sdp(caller)}
        to_callee = await self.ask(offer)
        answer = {"command": "answer", "call-id": call, "from-tag": "a", "to-tag": "b", "sdp": _sdp(callee)}
        return _port(await self.ask(answer)), _port(to_callee)

    async def delete(self, call: str) -> None:
        """The call is over."""
        await self.ask({"command": "delete", "call-id": call, "from-tag": "a"})

    async def ask(self, question: Mapping[str, Value], *, within_s: float = ANSWER_WITHIN_S) -> bytes:
        """Its answer, as it came. Raises `Unavailable` when it says no, `TimeoutError` when it says nothing."""
        self._asked += 1
        cookie = f"{os.getpid()}_{self._asked} ".encode()
        async with asyncio.timeout(within_s):
            await self._loop.sock_sendall(self._socket, cookie + bencode(question))
            while not (answer := await self._loop.sock_recv(self._socket, 65536)).startswith(cookie):
                pass
        if b"5:error" in answer:
            raise Unavailable(f"rtpengine refuses {question['command']}: {answer.decode(errors='replace')[:200]}")
        return answer


def bencode(value: Value) -> bytes:
    """Strings, lists, and dictionaries, as BitTorrent writes them: `3:abc`, `l...e`, `d...e` in order of the keys."""
    if isinstance(value, str):
        raw = value.encode()
        return b"%d:%s" % (len(raw), raw)
    if isinstance(value, list):
        return b"l" + b"".join(map(bencode, value)) + b"e"
    return b"d" + b"".join(bencode(key) + bencode(value[key]) for key in sorted(value)) + b"e"


def _sdp(port: int) -> str:
    lines = ("v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0", f"m=audio {port} RTP/AVP 0")
    return "".join(f"{line}\r\n" for line in lines)


def _port(answer: bytes) -> int:
    found = re.search(rb"m=audio (\d+) ", answer)
    if found is None:
        raise Unavailable(f"rtpengine answers without a port: {answer.decode(errors='replace')[:200]}")
    return int(found[1])
