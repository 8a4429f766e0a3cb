"""Rows of who speaks with a caller."""

import msgspec


class MemberView(msgspec.Struct, frozen=True):
    """Who is in a call. `role`: call_taker, third_party, barged_in, coaching, listening."""

    position: str
    person: str
    role: str
    role_words: str
    muted: bool


class VoiceView(msgspec.Struct, frozen=True):
    """The voices of a call. `rings_back`: nobody who could speak with the caller has a headset; it rings at
    `position` again. `rings_for_all`: at every one. `words` says it as a sentence, empty where there is nothing to say.
    """

    members: tuple[MemberView, ...]
    two_way: bool
    held: bool
    rings_back: bool
    rings_for_all: bool
    words: str
