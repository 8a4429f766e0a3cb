"""Policy of dispatch: which units each kind of incident gets, and the clocks of sending.

Settings with defaults, never constants: agencies differ (see the sources beside each preset).
"""

import msgspec

from tenfour.vocabulary.code import Service


class Need(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many units of a service, each able to do what `capability` names (empty: any of the service)."""

    service: Service
    units: int = 1
    capability: str = ""


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A response plan (run card): what is sent to these incident types at these priorities (empty: at all)."""

    name: str
    kinds: tuple[str, ...]
    needs: tuple[Need, ...]
    priorities: tuple[int, ...] = ()


_POLICE = Need(Service.POLICE)
_TWO_POLICE = Need(Service.POLICE, units=2)
_MEDIC = Need(Service.EMS, capability="medic")
_ENGINE = Need(Service.FIRE, capability="engine")

DEFAULT_PLANS: tuple[Plan, ...] = (
    Plan("911H-1", ("911H",), (_TWO_POLICE,), priorities=(1,)),
    Plan("911H-2", ("911H",), (_POLICE,)),
    Plan("911OPN-1", ("911OPN", "DVA", "SCRM"), (_TWO_POLICE,)),
    Plan("PERUNCON-1", ("PERUNCON",), (_MEDIC, _ENGINE, _POLICE)),
    Plan("FALL-1", ("FALL",), (_MEDIC,)),
    Plan("CRASH-1", ("CRASH",), (_POLICE, _MEDIC, _ENGINE)),
    Plan("FIRE-1", ("FIRE",), (Need(Service.FIRE, 2, "engine"), _MEDIC, _POLICE)),
    Plan("ONE-POLICE", (), (_POLICE,)),
)
"""The preset of the demo centre, in order: the first plan that fits is taken. A plan without kinds fits every kind."""


SAFETY_BY_KIND_S: dict[str, float] = {"911OPN": 300.0, "DVA": 300.0, "SCRM": 300.0}
"""Kinds whose units are checked on sooner."""


class Timers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The clocks of sending, in seconds."""

    send_unit_within_s: float = 60.0
    """From the end of the call (or its opening, without one) to the first unit. NFPA 1225: 60 s in 90 %."""
    acknowledge_s: float = 30.0
    realert_every_s: float = 30.0
    realerts_before_supervisor: int = 2
    safety_s: float = 600.0
    """From arriving (or the last check) to the safety check."""
    safety_by_kind_s: dict[str, float] = msgspec.field(default_factory=lambda: dict(SAFETY_BY_KIND_S))
    safety_every_s: float = 60.0
    """How often the check is asked for again."""
    safety_alerts_before_supervisor: int = 2
    hold_s: float = 300.0
    """How long an incident may wait without any unit before the sergeant is told."""


class DispatchPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything an agency may set about sending."""

    plan: tuple[Plan, ...] = DEFAULT_PLANS
    timers: Timers = Timers()
    passed_over_listed: int = 8
    position_old_s: float = 120.0
    """A position older than this is said to be old beside the recommendation."""


def plan_for(policy: DispatchPolicy, kind: str, priority: int | None) -> Plan | None:
    """The first plan that fits kind and priority; None when none does."""
    return next((plan for plan in policy.plan if _fits(plan, kind, priority)), None)


def _fits(plan: Plan, kind: str, priority: int | None) -> bool:
    return (not plan.kinds or kind in plan.kinds) and (not plan.priorities or priority in plan.priorities)


def safety_s(timers: Timers, kind: str | None) -> float:
    """Seconds on scene before the safety check is due, for this kind of incident."""
    return timers.safety_by_kind_s.get(kind or "", timers.safety_s)
