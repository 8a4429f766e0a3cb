"""The outside: SIP and RTP sockets, the outbox, SQLite, OSM import, the address index."""
