"""A test call's audio, sent back to its caller (RFC 6849): heard and spoken again, or packet by packet."""

import asyncio
import secrets
from collections.abc import Callable, Iterator

from tenfour.adapters.rtp_leg import RtpLeg
from tenfour.telephony.g711 import Samples
from tenfour.telephony.jitter_buffer import JitterBuffer
from tenfour.telephony.loopback import Mirror, PacketMirror
from tenfour.telephony.rtp import RtpPacket

Listener = Callable[[RtpPacket, Samples], None]


def send_back(leg: RtpLeg, mirror: Mirror) -> tuple[Listener, Iterator[bytes] | None]:
    """Who is to hear the caller, and the frames that it hears; None where its packets go back as they come."""
    loop = asyncio.get_running_loop()
    if mirror.packet_format is not None and mirror.payload_type is not None:
        packets, payload_type = PacketMirror(mirror.packet_format, secrets.randbits(32)), mirror.payload_type
        clock = secrets.randbits(31)

        def send_packet(packet: RtpPacket, _: Samples) -> None:
            payload, timestamp = packets.looped(packet, clock + int(loop.time() * 8000))
            leg.send_payload(payload_type, payload, timestamp, marker=packet.marker)

        return send_packet, None
    buffer = JitterBuffer()

    def put(packet: RtpPacket, samples: Samples) -> None:
        buffer.put(packet, samples, loop.time())

    return put, _pulled(buffer)


def _pulled(buffer: JitterBuffer) -> Iterator[bytes]:
    while True:
        yield buffer.pull().tobytes()
