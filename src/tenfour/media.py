"""A media worker: `python -m tenfour.media FD`. Started by the line, it carries the audio of calls.

FD is its end of the channel to the line. It ends when the line is gone, and not by SIGTERM or SIGINT, which a stopping
system or terminal sends to every process: the line takes leave of its workers itself.
"""

import argparse
import asyncio
import signal
import socket
import sys

from tenfour.adapters.log import log_to_stderr
from tenfour.adapters.media_worker import MediaWorker
from tenfour.adapters.parent_death import die_with_parent


async def run(bound: socket.socket) -> None:
    """Work until the line is gone."""
    await MediaWorker(bound).run()


def main(arguments: list[str] | None = None) -> int:
    """The command; gives the exit status."""
    parser = argparse.ArgumentParser(prog="tenfour.media", description=__doc__)
    parser.add_argument("descriptor", metavar="FD", type=int, help="the socket to the line")
    chosen = parser.parse_args(arguments)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    die_with_parent(signal.SIGKILL)
    log_to_stderr()
    asyncio.run(run(socket.socket(fileno=chosen.descriptor)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
