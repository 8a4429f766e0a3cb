"""The centre's written policy: the stages' policies under one roof, as `policy.toml` says it."""

import msgspec

from tenfour.calltaking.policy import CalltakingPolicy
from tenfour.dispatch.policy import DispatchPolicy
from tenfour.incident.code import IncidentPolicy
from tenfour.location.policy import LocationPolicy


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything an agency may set. The defaults are a complete preset.

    In `policy.toml`: `[[calltaking.advice]]`, `[[calltaking.ring]]`, `[[dispatch.plan]]`, `[dispatch.timers]`,
    `[location]`, `[incident.checklist]`.
    """

    calltaking: CalltakingPolicy = CalltakingPolicy()
    location: LocationPolicy = LocationPolicy()
    incident: IncidentPolicy = IncidentPolicy()
    dispatch: DispatchPolicy = DispatchPolicy()
    centres: dict[str, str] = {}
    """Other centres by name, and their URIs: `[[transfer]]` of centre.toml, never policy.toml."""
