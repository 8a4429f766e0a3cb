"""What the core decided about a message, in one sentence: a repetition, a late ACK, a 491 and why.

Decisions wait beside the events, by the SIP Call-ID of their message. They change nothing; whoever keeps the signalling
of a call writes them between its messages.
"""

import msgspec

from tenfour.telephony.transaction import Act, Input

DECISIONS_LIMIT = 4096
"""Decisions that wait at most; a user who never takes them is told no more."""


class Decided(msgspec.Struct, frozen=True, gc=False):
    """One decision: the SIP Call-ID of the message that it is about (empty: none could be read), and a sentence."""

    call_id: str
    what: str


class Decisions:
    """The decisions that were not taken yet, oldest first."""

    def __init__(self) -> None:
        self._waiting: list[Decided] = []

    def note(self, call_id: str, what: str) -> None:
        """Remember one more."""
        if len(self._waiting) < DECISIONS_LIMIT:
            self._waiting.append(Decided(call_id, what))

    def take(self) -> list[Decided]:
        """All that wait, in order; they are then told no more."""
        taken = self._waiting
        if taken:
            self._waiting = []
        return taken


DONE: dict[Input, str] = {
    Input.REQUEST: "a repetition: our last answer went out again",
    Input.ACK: "the ACK of our refusal",
    Input.FAILURE: "a repetition of their refusal: our ACK went out again",
    Input.TIMER_A: "no answer yet: our INVITE went out again (timer A)",
    Input.TIMER_B: "nobody answered our INVITE (timer B)",
    Input.TIMER_E: "no answer yet: our request went out again (timer E)",
    Input.TIMER_F: "nobody answered our request (timer F)",
    Input.TIMER_G: "no ACK yet: our refusal went out again (timer G)",
    Input.TIMER_H: "no ACK of our refusal came (timer H)",
}
"""What a transaction did by itself (RFC 3261 section 17), where its user is not told."""

IGNORED: dict[Input, str] = {
    Input.REQUEST: "a repetition of a request that is not answered yet: ignored",
    Input.ACK: "an ACK that nobody waits for: ignored",
    Input.PROVISIONAL: "a provisional response after the final one: ignored",
    Input.SUCCESS: "a response that was had before: ignored",
    Input.FAILURE: "a response that was had before: ignored",
}
"""What no state of the transaction waits for."""


def of_transaction(given: Input, acts: tuple[Act, ...] | None) -> str:
    """The sentence on what a transaction did with an input, empty where its user decides. `acts` None: nothing."""
    if acts is None:
        return IGNORED.get(given, "")
    return "" if Act.TELL in acts else DONE.get(given, "")
