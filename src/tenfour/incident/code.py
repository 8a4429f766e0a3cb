"""The codes a centre uses: the field's, and its own additions (`codes.toml`)."""

import msgspec

from tenfour.vocabulary.code import CAUSES, DISPOSITIONS, INCIDENT_KINDS
from tenfour.vocabulary.errors import BadInput


class Codes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Code to label, for each kind of code."""

    kinds: dict[str, str] = msgspec.field(default_factory=lambda: dict(INCIDENT_KINDS))
    dispositions: dict[str, str] = msgspec.field(default_factory=lambda: dict(DISPOSITIONS))
    causes: dict[str, str] = msgspec.field(default_factory=lambda: dict(CAUSES))

    def kind(self, code: str) -> str:
        """The label of an incident type. Raises `BadInput` for a code the centre does not have."""
        return _label("incident type", self.kinds, code)

    def disposition(self, code: str) -> str:
        """The label of a disposition. Raises `BadInput` for a code the centre does not have."""
        return _label("disposition", self.dispositions, code)

    def cause(self, code: str) -> str:
        """The label of a cause. Raises `BadInput` for a code the centre does not have."""
        return _label("cause", self.causes, code)

    def with_more(self, more: "Codes") -> "Codes":
        """These codes and `more`; where both have a code, the label of `more` is used."""
        return Codes(
            kinds={**self.kinds, **more.kinds},
            dispositions={**self.dispositions, **more.dispositions},
            causes={**self.causes, **more.causes},
        )


def _label(what: str, labels: dict[str, str], code: str) -> str:
    if code not in labels:
        raise BadInput(f"There is no {what} {code!r}; this centre knows {', '.join(labels)}.")
    return labels[code]


CHECKLIST: dict[str, str] = {
    "adult_seen": "Adult seen",
    "child_seen": "Child seen",
    "home_confirmed": "Is this your home?",
    "okay_asked": "Is everything okay?",
    "call_log_matches": "The handset's call log matches our call",
    "lesson_given": "Explained when to call 911",
}
"""The on-scene checklist: item to label. The first two say that a person was seen."""


class IncidentPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything an agency may set about incidents."""

    codes: Codes = Codes()
    checklist: dict[str, str] = msgspec.field(default_factory=lambda: dict(CHECKLIST))
