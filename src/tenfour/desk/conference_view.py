"""Rows of further parties of a call."""

from datetime import datetime

import msgspec


class ThirdPartyView(msgspec.Struct, frozen=True):
    """Somebody of outside who was called into the call. `call_id`: its own call.

    `state`: called, ringing, in_call, not_reached, gone. `live`: it is in the call, or still called. `heard`: audio
    came from it.
    """

    call_id: str
    name: str
    kind_words: str
    state: str
    state_words: str
    live: bool
    heard: bool
    since: datetime


class ConferenceView(msgspec.Struct, frozen=True):
    """The third parties of a call, in the order they were called.

    `handed_over_to`: who has the caller now instead of us, empty while we have it. `words` says what is to be known.
    """

    parties: tuple[ThirdPartyView, ...]
    handed_over_to: str
    words: str


class ListedView(msgspec.Struct, frozen=True):
    """Whom the settings list: called into a call by name, or by its key."""

    name: str
    kind: str
    kind_words: str
    key: str
    languages: tuple[str, ...]
