"""The policy's advice on a call that has ended, or on an open line with distress. A person confirms."""

from collections.abc import Mapping, Sequence

from tenfour.calltaking.call import Call, CallState
from tenfour.calltaking.event import KindAdvised
from tenfour.calltaking.policy import DISTRESS, HEARD, AdviceRule

NOTHING_HEARD = frozenset({"silence"})
"""Codes that say that nothing was heard."""


def advise(call: Call, rules: Sequence[AdviceRule], labels: Mapping[str, str] = HEARD) -> KindAdvised | None:
    """The advice of the first rule that fits; None when none does.

    While the caller is on the line only rules on distress are asked: what was heard is enough. Whatever else was heard,
    they are asked before all others, so that a calm voice can never lower a priority, in whatever order an agency wrote
    its rules (see `DISTRESS`).
    """
    first = [rule for rule in rules if set(rule.heard_any) & set(DISTRESS)]
    asked = first if call.in_progress else (*first, *rules)
    rule = next((rule for rule in asked if fits(rule, call)), None)
    if rule is None:
        return None
    heard = ", ".join(labels.get(code, code).lower() for code in call.heard) or "nothing noted"
    reason = rule.reason.replace("{heard}", heard)
    return KindAdvised(rule.kind, rule.priority, rule.rule, reason, rule.next_step)


def fits(rule: AdviceRule, call: Call) -> bool:
    """Whether every condition of `rule` holds for `call`."""
    heard = set(call.heard)
    return all(
        (
            not rule.handset or call.handset in rule.handset,
            not rule.heard_any or bool(heard & set(rule.heard_any)),
            not heard & set(rule.heard_none),
            rule.silent is None or rule.silent != heard_something(call),
            rule.answered is None or rule.answered == was_answered(call),
            not rule.ended or call.state.value in rule.ended,
        )
    )


def heard_something(call: Call) -> bool:
    """Whether somebody noted anything but silence, in codes or in words alone."""
    return any(set(h.heard) - NOTHING_HEARD or (h.text and not h.heard) for h in call.hearings)


def was_answered(call: Call) -> bool:
    """Whether a person could have spoken to the caller: picked up, and the caller had not left before that."""
    return call.answered_at is not None and call.state is not CallState.ABANDONED
