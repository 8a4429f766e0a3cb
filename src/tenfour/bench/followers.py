"""Windows that follow a centre's live feed and draw nothing: `python -m tenfour.bench.followers URL COUNT`.

One line is written when all follow; they go on until the input is closed.
"""

import asyncio
import sys
from contextlib import suppress

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tenfour.bench.http_wire import HttpWire


async def follow(url: str, token: str, ready: asyncio.Semaphore) -> None:
    """One window: a frame that comes is read, whole, and forgotten."""
    feed, headers = f"{url.replace('http', 'ws', 1)}/api/live?after=0", {"Authorization": f"Bearer {token}"}
    async with connect(feed, additional_headers=headers, proxy=None, max_size=None, open_timeout=60) as socket:
        await socket.recv()
        ready.release()
        with suppress(ConnectionClosed):
            while True:
                await socket.recv()


async def main(url: str, count: int) -> None:
    """So many windows, until the input is closed."""
    person, ready = HttpWire(url), asyncio.Semaphore(0)
    await person.log_in({"role": "dispatcher", "person": "novak", "position": "02"})
    windows = [asyncio.create_task(follow(url, person.token, ready)) for _ in range(count)]
    for _ in windows:
        await ready.acquire()
    sys.stdout.write("all follow\n")
    sys.stdout.flush()
    closed = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    done, _ = await asyncio.wait((closed, *windows), return_when=asyncio.FIRST_COMPLETED)
    for window in windows:
        window.cancel()
    await asyncio.gather(*windows, return_exceptions=True)
    if closed not in done:
        raise SystemExit("A window fell behind and was dropped.")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
