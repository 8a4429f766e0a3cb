"""A media worker: takes the line's orders, holds its conversations, and ends when the line is gone."""

import asyncio
import os
import socket
from pathlib import Path

import structlog

from tenfour.adapters.audio_ports import handed_over
from tenfour.adapters.caption_feed import CaptionFeed
from tenfour.adapters.conversation import Conversation
from tenfour.adapters.dtls_certificate import DtlsCertificate
from tenfour.adapters.garbage import leave_alone_what_is_there
from tenfour.adapters.headset import Headset
from tenfour.adapters.headset_protocol import (
    CloseHeadset,
    HeadsetAudio,
    HeadsetId,
    HeadsetOrder,
    OpenHeadset,
    WireCall,
    WireHeadset,
)
from tenfour.adapters.media_channel import MediaChannel
from tenfour.adapters.media_protocol import Alter, Close, Open, Order, Ping, Pong, Ready, Welcome, decode_order
from tenfour.adapters.recorder import Recorder
from tenfour.adapters.sound_shelf import SoundShelf
from tenfour.vocabulary.errors import BadInput
from tenfour.vocabulary.ids import CallId

log = structlog.get_logger(__name__)


class MediaWorker:
    """One end of the channel to the line, and what the line wants done."""

    def __init__(self, bound: socket.socket) -> None:
        self.conversations: dict[CallId, Conversation] = {}
        self.headsets: dict[HeadsetId, Headset] = {}
        self._tools: tuple[DtlsCertificate, SoundShelf, Recorder] | None = None
        self._captions = CaptionFeed()
        self._over = asyncio.Event()
        self._channel = MediaChannel(bound, decode_order, self._take, self._left)

    async def run(self) -> None:
        """Work until the line is gone; then bring to the disk what was recorded. Nobody is told goodbye: the calls
        go on.
        """
        await self._over.wait()
        if self._tools is not None:
            await self._tools[2].close()

    def _left(self, why: str) -> None:
        log.info("the line is gone; the media worker ends", why=why, conversations=len(self.conversations))
        self._over.set()

    def _take(self, order: Order) -> None:
        match order:
            case Ping(n=n):
                self._channel.send(Pong(n))
            case Welcome():
                self._welcomed(order)
            case Open():
                self._open(order)
            case Alter(call_id=call_id, caller=caller):
                if (conversation := self.conversations.get(call_id)) is not None:
                    conversation.alter(caller)
            case Close(call_id=call_id):
                if (conversation := self.conversations.pop(call_id, None)) is not None:
                    conversation.close()
            case OpenHeadset() | WireHeadset() | CloseHeadset() | WireCall():
                self._take_of_headset(order)

    def _take_of_headset(self, order: HeadsetOrder) -> None:
        match order:
            case OpenHeadset(headset=name, audio=audio, sockets=sockets):
                self._open_headset(name, audio, self._channel.taken_fds(sockets))
            case CloseHeadset(headset=name):
                if (headset := self.headsets.pop(name, None)) is not None:
                    headset.close()
            case WireHeadset(headset=name, sockets=sockets):
                bound = self._wire_end(sockets)
                if (headset := self.headsets.get(name)) is not None:
                    headset.join(bound)
                elif bound is not None:
                    bound.close()
            case WireCall(call_id=call_id, position=position, sockets=sockets):
                bound = self._wire_end(sockets)
                if (conversation := self.conversations.get(call_id)) is not None:
                    conversation.room.join(position, bound)
                elif bound is not None:
                    bound.close()

    def _wire_end(self, sockets: int) -> socket.socket | None:
        fds = self._channel.taken_fds(sockets)
        return socket.socket(fileno=fds[0]) if fds else None

    def _open_headset(self, name: HeadsetId, audio: HeadsetAudio, fds: tuple[int, ...]) -> None:
        """Raises `BadInput` when the line said nothing of itself before."""
        if self._tools is None or name in self.headsets:
            for fd in fds:
                os.close(fd)
            raise BadInput(f"The headset {name} cannot be opened twice, or before a welcome.")
        self.headsets[name] = Headset(name, handed_over(fds), audio, self._tools[0], self._channel.send)

    def _welcomed(self, welcome: Welcome) -> None:
        self._tools = (
            DtlsCertificate(welcome.certificate),
            SoundShelf(welcome.sounds),
            Recorder(Path(welcome.recordings)),
        )
        leave_alone_what_is_there()
        self._channel.send(Ready())

    def _open(self, order: Open) -> None:
        """Raises `BadInput` when the line said nothing of itself before, or the sockets are not there."""
        fds = self._channel.taken_fds(order.sockets)
        if self._tools is None or order.call_id in self.conversations:
            for fd in fds:
                os.close(fd)
            raise BadInput(f"The conversation {order.call_id} cannot be opened twice, or before a welcome.")
        certificate, sounds, recorder = self._tools
        self.conversations[order.call_id] = Conversation(
            order.call_id,
            handed_over(fds),
            order.caller,
            certificate=certificate,
            sounds=sounds,
            recorder=recorder,
            captions=self._captions,
            report=self._channel.send,
        )
