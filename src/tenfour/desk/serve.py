"""Serving the application over HTTP: the socket, and a server that leaves signals to the process."""

import contextlib
import socket
from collections.abc import Iterator

import uvicorn

from tenfour.desk.security import Guarded
from tenfour.vocabulary.errors import Refused


class Server(uvicorn.Server):
    """A server that leaves signals to us: uvicorn would raise them again before what waits is written."""

    @classmethod
    def of(cls, app: Guarded) -> "Server":
        """A server of the application, as a centre needs it."""
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="websockets-sansio",
            ws_max_size=4096,
            ws_per_message_deflate=False,  # each window would have its frames squeezed anew: two thirds of the CPU
            timeout_graceful_shutdown=3,
            server_header=False,
        )
        return cls(config)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield

    def leave(self) -> None:
        """Finish what was begun, then end."""
        self.should_exit = True


def listen(host: str, port: int) -> socket.socket:
    """The listening socket; raises `Refused` when the address is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, or asyncio leaves Nagle's algorithm on: every answer would wait 40 ms for the client's delayed ACK.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise Refused(f"http://{host}:{port} cannot be served: {error.strerror}.") from error
    return listening
