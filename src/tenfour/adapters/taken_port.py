"""Is an address that is to be served free? Asked before anything starts, so that the answer is one sentence."""

import asyncio
import errno
import socket

from tenfour.vocabulary.errors import BadInput, Unavailable

ASK_AGAIN_S = 0.1


async def refuse_taken_port(what: str, address: str, *, udp: bool = False, patience_s: float = 2.0) -> None:
    """Return when `address` (host:port) can be bound for TCP, and for UDP if asked.

    A process that is just ending gets `patience_s` to let go. Raises `Unavailable` when the port is taken or the host
    is not this machine's, `BadInput` when it is no address; `what` begins the sentence.
    """
    host, port = _host_and_port(what, address)
    deadline = asyncio.get_running_loop().time() + patience_s
    while (problem := _problem(host, port, udp)) is not None:
        if problem.errno != errno.EADDRINUSE:
            raise Unavailable(f"{what} {address} cannot be served: {problem.strerror or problem}.")
        if asyncio.get_running_loop().time() >= deadline:
            raise Unavailable(f"{what} {address} cannot be served: another program uses that port.")
        await asyncio.sleep(ASK_AGAIN_S)


def _problem(host: str, port: int, udp: bool) -> OSError | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM) if udp else (socket.SOCK_STREAM,):
        with socket.socket(family, kind) as asked:
            if kind is socket.SOCK_STREAM:
                asked.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                asked.bind((host, port))
                if kind is socket.SOCK_STREAM:
                    asked.listen(1)
            except OSError as error:
                return error
    return None


def _host_and_port(what: str, address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    if not (host and port.isascii() and port.isdigit() and int(port) <= 65535):
        raise BadInput(f"{what} {address!r} is no address; expected host:port with a port from 0 to 65535.")
    return host.strip("[]"), int(port)
