"""An early dialog of a call that we place (RFC 3261 section 13.2.2.1): one branch that rings reliably (RFC 3262)."""

import msgspec

from tenfour.telephony.dialog import Dialog

MAX_EARLY = 16
"""Branches of one call whose reliable ringing is proved; further ones ring all the same."""


class EarlyDialog:
    """`rseq` is the last provisional response proved; `answered` says that our offer has its answer here."""

    __slots__ = ("answered", "dialog", "rseq")

    def __init__(self, dialog: Dialog) -> None:
        self.dialog: Dialog | None = dialog
        self.rseq = 0
        self.answered = False

    def proves(self, number: int) -> bool:
        """Is this the next response in order? The first may have any number; one that comes again is proved already."""
        if self.rseq and number != self.rseq + 1:
            return False
        self.rseq = number
        return True

    def heard(self, sdp: bytes | None) -> None:
        """What came reliably: the first description is the answer to our offer (RFC 3262 section 5)."""
        if sdp and not self.answered and self.dialog is not None:
            self.answered = True
            self.dialog = msgspec.structs.replace(self.dialog, remote_sdp=sdp)
