"""The calls in progress on the line, found by whatever names them, and the identifiers of those that are over."""

from tenfour.adapters.line_call import OpenCall
from tenfour.telephony.dialog import DialogKey
from tenfour.vocabulary.ids import CallId

REMEMBERED_CALL_IDS = 4096
"""Identifiers of calls that are over and that no new call may carry again."""


class CallBook:
    """`open` by call identifier; also by dialog, and by SIP Call-ID with the caller's tag."""

    def __init__(self) -> None:
        self.open: dict[CallId, OpenCall] = {}
        self.by_key: dict[DialogKey, OpenCall] = {}
        self._by_sip: dict[str, dict[str, OpenCall]] = {}
        self._over: dict[CallId, None] = {}

    def add(self, call: OpenCall) -> None:
        """A call begins, or is taken up again; with a key it is on the wire."""
        self.open[call.call_id] = call
        self._by_sip.setdefault(call.kept.sip_call_id, {})[call.kept.from_tag] = call
        if call.key is not None:
            self.by_key[call.key] = call

    def leave_wire(self, call: OpenCall) -> None:
        """Its dialog is over, or another takes its place."""
        if call.key is not None:
            self.by_key.pop(call.key, None)

    def dial_anew(self, call: OpenCall) -> None:
        """A call of ours leaves the wire, to be placed under another SIP Call-ID."""
        self.leave_wire(call)
        self._forget_sip(call)

    def forget(self, call: OpenCall) -> None:
        """Nothing more comes of a call."""
        self.open.pop(call.call_id, None)
        self._forget_sip(call)
        self._over[call.call_id] = None
        while len(self._over) > REMEMBERED_CALL_IDS:
            del self._over[next(iter(self._over))]

    def _forget_sip(self, call: OpenCall) -> None:
        same = self._by_sip.get(call.kept.sip_call_id, {})
        if same.get(call.kept.from_tag) is call:
            del same[call.kept.from_tag]
            if not same:
                del self._by_sip[call.kept.sip_call_id]

    def same(self, sip_key: tuple[str, str]) -> OpenCall | None:
        """The call of this SIP Call-ID and caller's tag."""
        return self._by_sip.get(sip_key[0], {}).get(sip_key[1])

    def of_sip_call_id(self, sip_call_id: str) -> OpenCall | None:
        """A call of this SIP Call-ID, whatever its tag."""
        return next(iter(self._by_sip.get(sip_call_id, {}).values()), None)

    def is_taken(self, call_id: CallId) -> bool:
        """May a new call not carry this identifier?"""
        return call_id in self.open or call_id in self._over
