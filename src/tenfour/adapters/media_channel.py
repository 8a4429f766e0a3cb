"""One end of the socket pair between the line and a media worker: frames, and file descriptors with them.

A frame is four bytes of length (big-endian) and one msgpack object. Nothing here waits: what the other side does not
read is kept, up to a limit, and past that the channel ends.
"""

import asyncio
import os
import socket
import struct
from array import array
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import msgspec

from tenfour.adapters.frame_buffer import FrameBuffer
from tenfour.vocabulary.errors import BadInput

UNSENT_LIMIT = 16 * 1024 * 1024
"""Bytes that may wait for the other side."""

FDS_AT_ONCE = 2
"""File descriptors that come with one frame at most."""

CHUNK = 64 * 1024

LEFT = "left"
NOT_READ = "did not read what it was told"
NOT_UNDERSTOOD = "said what is not understood"

Frame = TypeVar("Frame")

_encode = msgspec.msgpack.Encoder().encode


class MediaChannel(Generic[Frame]):
    """`on_frame` gets what the other side says; `on_end`, once, hears in words why there is no more."""

    def __init__(
        self,
        bound: socket.socket,
        decode: Callable[[bytes], Frame],
        on_frame: Callable[[Frame], None],
        on_end: Callable[[str], None],
    ) -> None:
        bound.setblocking(False)
        self._socket, self._decode, self._on_frame, self._on_end = bound, decode, on_frame, on_end
        self._loop = asyncio.get_running_loop()
        self._buffer = FrameBuffer()
        self._bodies: deque[bytes] = deque()
        self._fds: deque[int] = deque()
        self._unsent: deque[tuple[bytes, tuple[int, ...]]] = deque()
        self._unsent_bytes = 0
        self.is_open = True
        self._loop.add_reader(bound, self._readable)

    def send(self, frame: msgspec.Struct, fds: Sequence[int] = ()) -> None:
        """Say something; copies of these file descriptors go with it."""
        if not self.is_open:
            return
        body = _encode(frame)
        data = struct.pack("!I", len(body)) + body
        if not self._unsent:
            data = self._sent(data, fds)
            if not data:
                return
            fds = fds if len(data) == len(body) + 4 else ()
            self._loop.add_writer(self._socket, self._writable)
        self._unsent.append((data, tuple(map(os.dup, fds))))
        self._unsent_bytes += len(data)
        if self._unsent_bytes > UNSENT_LIMIT:
            self._end(NOT_READ)

    def taken_fds(self, count: int) -> tuple[int, ...]:
        """The file descriptors that came with the frame that is dealt with now. Raises `BadInput` when they did not."""
        if len(self._fds) < count:
            raise BadInput(f"{len(self._fds)} file descriptors came where {count} were announced.")
        return tuple(self._fds.popleft() for _ in range(count))

    def close(self) -> None:
        """End it from this side; `on_end` hears nothing."""
        if not self.is_open:
            return
        self.is_open = False
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)
        self._socket.close()
        for fd in (*self._fds, *(fd for _, fds in self._unsent for fd in fds)):
            os.close(fd)
        self._fds.clear()
        self._unsent.clear()

    def _end(self, why: str) -> None:
        if self.is_open:
            self.close()
            self._on_end(why)

    def _sent(self, data: bytes, fds: Sequence[int]) -> bytes:
        """Send as much as goes; gives what is left. The file descriptors go with the first byte."""
        ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array("i", fds))] if fds else []
        try:
            return data[self._socket.sendmsg([data], ancillary) :]
        except (BlockingIOError, InterruptedError):
            return data
        except OSError:
            return data  # the other side is gone; the reader hears of it

    def _writable(self) -> None:
        while self._unsent:
            data, fds = self._unsent[0]
            left = self._sent(data, fds)
            self._unsent_bytes -= len(data) - len(left)
            if len(left) == len(data):
                return
            for fd in fds:
                os.close(fd)
            self._unsent[0] = left, ()
            if left:
                return
            self._unsent.popleft()
        self._loop.remove_writer(self._socket)

    def _readable(self) -> None:
        try:
            chunk, ancillary, _, _ = self._socket.recvmsg(
                CHUNK, socket.CMSG_SPACE(FDS_AT_ONCE * array("i").itemsize), socket.MSG_CMSG_CLOEXEC
            )
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._end(f"{LEFT} ({error.strerror})")
            return
        for level, kind, data in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                self._fds.extend(array("i", data[: len(data) - len(data) % array("i").itemsize]))
        if not chunk:
            self._end(LEFT)
            return
        try:
            self._bodies.extend(self._buffer.feed(chunk))
        except BadInput as error:
            self._end(f"{NOT_UNDERSTOOD} ({error})")
        self._deal()

    def _deal(self) -> None:
        """Deal with what came; a frame that somebody could not deal with keeps none of the others."""
        try:
            while self._bodies and self.is_open:
                self._on_frame(self._decode(self._bodies.popleft()))
        except (BadInput, msgspec.MsgspecError) as error:
            self._end(f"{NOT_UNDERSTOOD} ({error})")
        finally:
            if self._bodies and self.is_open:
                self._loop.call_soon(self._deal)
