"""Frames in a stream of bytes: four bytes of length (big-endian), and so many bytes."""

import struct

from tenfour.vocabulary.errors import BadInput

FRAME_LIMIT = 4 * 1024 * 1024
"""Bytes of the longest frame that is taken."""


class FrameBuffer:
    """Bytes of a stream in, bodies of whole frames out."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, chunk: bytes) -> list[bytes]:
        """The frames that are whole now.

        Raises `BadInput` when a frame announces more than `FRAME_LIMIT` bytes.
        """
        self._bytes += chunk
        frames, start = [], 0
        while len(self._bytes) - start >= 4:
            (length,) = struct.unpack_from("!I", self._bytes, start)
            if length > FRAME_LIMIT:
                raise BadInput(f"A frame announces {length} bytes; {FRAME_LIMIT} are taken.")
            if len(self._bytes) - start - 4 < length:
                break
            frames.append(bytes(self._bytes[start + 4 : start + 4 + length]))
            start += 4 + length
        del self._bytes[:start]
        return frames
