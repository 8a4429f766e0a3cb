"""`tenfour story list` and `tenfour story play NAME-or-FILE`: people's deeds played through the front doors."""

import argparse
import asyncio
import contextlib
import secrets
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec

from tenfour.adapters.story_shelf import story_file, story_names
from tenfour.adapters.supervisor import Supervisor
from tenfour.cli.run import DEMO_CACHE
from tenfour.cli.telling import Telling
from tenfour.demo.make import make_centre
from tenfour.play.call_in import call_in
from tenfour.play.check import read_script
from tenfour.play.player import play
from tenfour.play.story import Script
from tenfour.play.timeline import Result
from tenfour.vocabulary.errors import BadInput

LOOPBACK = "127.0.0.1"
CALLERS = "callers"


def add_to(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `story` to the command line."""
    command = subcommands.add_parser("story", help="list or play stories, from dialling to close")
    verbs = command.add_subparsers(metavar="list|play", required=True)
    verbs.add_parser("list", help="one story a line").set_defaults(run=lambda chosen: list_stories())
    player = verbs.add_parser("play", help="play a story through the front doors and judge what came of it")
    player.add_argument("story", metavar="NAME-or-FILE", help="a name of `story list`, or a .toml file")
    player.add_argument("--speed", type=float, help="let the centre's clock run X times real time", metavar="X")
    player.add_argument("--center", metavar="URL", help="a running centre, never a live one (else a fresh demo centre)")
    player.add_argument("--sip", metavar="HOST:PORT", help="where that centre answers SIP (else as it says)")
    player.add_argument("--bind", metavar="ADDRESS", default=LOOPBACK, help=f"callers send from here ({LOOPBACK})")
    player.add_argument(
        "--outside", metavar="HOST:PORT", help="where other centres and third parties answer", default=""
    )
    player.add_argument(
        "--only", choices=[CALLERS], help="play the callers alone, onto the desks of --center; nothing is judged"
    )
    player.add_argument("--json", action="store_true", help="the last line of output is one JSON object")
    player.set_defaults(run=play_story)


def list_stories() -> int:
    """Print the names of the stories that are here."""
    for name in story_names():
        sys.stdout.write(f"{name}\n")
    return 0


def play_story(chosen: argparse.Namespace) -> int:
    """Play and judge; 0 only when every expectation was met. Raises `TenfourError` before the first packet."""
    script = read_script(story_file(chosen.story))
    if chosen.speed is not None and not 0 < chosen.speed <= 10_000:
        raise BadInput(f"--speed {chosen.speed:g} is no speed; expected more than 0, at most 10000.")
    if chosen.only == CALLERS and not chosen.center:
        raise BadInput("--only callers rings a centre that runs; name it with --center URL.")
    telling = Telling(sys.stderr if chosen.json else sys.stdout)
    telling.begin(script)
    try:
        result = asyncio.run(_play(script, chosen, telling))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None  # SIGTERM ends a story as Ctrl-C does
    if result is None:
        return 0
    telling.end(result)
    if chosen.json:
        sys.stdout.write(msgspec.json.encode(result).decode() + "\n")
    sys.stdout.flush()
    return 0 if result.failed == 0 else 1


async def _play(script: Script, chosen: argparse.Namespace, telling: Telling) -> Result | None:
    """Play on the centre named, or on a fresh one that is stopped and removed afterwards."""
    playing = asyncio.current_task()
    assert playing is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, playing.cancel)
    ticking = asyncio.create_task(telling.tick())
    try:
        if chosen.center:
            return await _on(script, chosen.center, chosen, telling)
        chosen.outside = chosen.outside or f"{LOOPBACK}:{free_port()}"
        async with fresh_centre(telling.say, chosen.outside) as url:
            return await _on(script, url, chosen, telling)
    finally:
        ticking.cancel()


async def _on(script: Script, url: str, chosen: argparse.Namespace, telling: Telling) -> Result | None:
    telling.say(f"Playing on {url}.")
    if chosen.only == CALLERS:
        await call_in(script, url, sip=chosen.sip, bind=chosen.bind, on_moment=telling.moment)
        return None
    return await play(
        script,
        url,
        sip=chosen.sip,
        bind=chosen.bind,
        outside=chosen.outside,
        speed=chosen.speed,
        on_moment=telling.moment,
    )


@contextlib.asynccontextmanager
async def fresh_centre(say: Callable[[str], None], outside: str | None = None) -> AsyncIterator[str]:
    """A demo centre of its own in a temporary folder, on free ports; stopped and removed at the end.

    `outside` is where other centres and third parties answer.
    """
    with tempfile.TemporaryDirectory(prefix="tenfour-story-") as folder:
        began = time.monotonic()
        http, sip = f"{LOOPBACK}:{free_port()}", f"{LOOPBACK}:{free_port()}"
        say("Making a fresh demo centre ...")
        cache = DEMO_CACHE if DEMO_CACHE.is_dir() else None
        await asyncio.to_thread(make_centre, Path(folder), cache, http=http, sip=sip, outside=outside)
        supervisor, stop = Supervisor(Path(folder), http=http, sip=sip, say=say), asyncio.Event()
        running = asyncio.create_task(supervisor.run(stop))
        try:
            await _ready_or_dead(supervisor, running)
            say(f"The demo centre is up after {time.monotonic() - began:.1f} s.")
            yield f"http://{http}"
        finally:
            stop.set()
            await running


async def _ready_or_dead(supervisor: Supervisor, running: "asyncio.Task[None]") -> None:
    """Wait until the centre is ready; raises what made it end before."""
    ready = asyncio.create_task(supervisor.ready())
    await asyncio.wait({ready, running}, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        ready.cancel()
        await running
    await ready


def free_port() -> int:
    """A port on loopback that is free for TCP and UDP, below those that the system gives out by itself.

    So nobody takes it by chance while a process that was killed on it is started again.
    """
    while True:
        port = 10_000 + secrets.randbelow(20_000)
        tcp, udp = socket.socket(), socket.socket(type=socket.SOCK_DGRAM)
        with tcp, udp, contextlib.suppress(OSError):
            tcp.bind((LOOPBACK, port))
            udp.bind((LOOPBACK, port))
            return port
