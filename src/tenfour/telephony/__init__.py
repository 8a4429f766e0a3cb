"""Telephony: SIP, SDP and RTP as bytes to events and back. No sockets, no clock: `now` is an argument."""
