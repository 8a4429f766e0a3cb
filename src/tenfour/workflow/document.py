"""Pages of the documentation that are made from the code, so that they cannot say anything else.

`docs/events.md`, `docs/units.md`, `docs/calls.md` and `docs/workflow.md` are these; a test compares them.
"""

import sys
from collections.abc import Iterable, Sequence
from enum import Enum
from inspect import getdoc
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin

import msgspec

from tenfour.calltaking.call import TRANSITIONS
from tenfour.calltaking.call_words import STATE_WORDS
from tenfour.units.status import LEGAL, LETTERS, WORDS, in_order
from tenfour.vocabulary.envelope import Event
from tenfour.workflow import timer
from tenfour.workflow.catalogue import STAGES
from tenfour.workflow.policy import Policy
from tenfour.workflow.rule import REACTIONS

_STAGE_TITLES: Final = {
    "journal": "The centre (`centre/<centre id>`)",
    "calltaking": "Calls, positions and the wire (`call/<call id>`, `position/<id>`, `line/<node>`)",
    "voice": "Voices (`call/<call id>`, headsets on `position/<id>`)",
    "location": "Where the caller is (`call/<call id>`)",
    "incident": "Incidents (`incident/<incident id>`)",
    "units": "Units (`unit/<call sign>`)",
    "dispatch": "Sending help (`incident/<incident id>`)",
    "evidence": "Exhibits (`exhibit/<exhibit id>`)",
    "release": "Press texts (`release/<incident id>`)",
    "outreach": "Promised visits (`visit/<visit id>`)",
}


def pages() -> dict[str, str]:
    """File name in `docs/` to the whole page."""
    return {
        "events.md": events_page(),
        "units.md": units_page(),
        "calls.md": calls_page(),
        "workflow.md": workflow_page(),
    }


def events_page() -> str:
    """Every event: what it says, its schema version, its fields."""
    lines = [
        "# Events",
        "",
        "Every fact in the journal is one of these. The envelope around it is described in journal.md. The name is the",
        "envelope's `type`, the number its `schema`. Times are in the envelope, aware UTC. The code makes this page.",
    ]
    for stage, events in STAGES:
        lines += ["", f"## {_STAGE_TITLES[stage]}"]
        for event in events:
            lines += ["", *_event_lines(event)]
    return _page(lines)


def _event_lines(event: type[Event]) -> Iterable[str]:
    yield f"### {event.__name__} ({event.SCHEMA})"
    yield ""
    yield " ".join((getdoc(event) or "").split())
    fields = msgspec.structs.fields(event)
    if fields:
        yield ""
        yield "| field | type |"
        yield "|---|---|"
        for field in fields:
            yield f"| `{field.name}`{'' if field.required else ' (optional)'} | {type_words(field.type)} |"


def type_words(kind: Any) -> str:
    """A field's type as a reader of the JSON needs it."""
    if kind is NoneType:
        return "null"
    origin, args = get_origin(kind), get_args(kind)
    if origin in {Union, UnionType}:
        return " or ".join(type_words(arg) for arg in args)
    if origin is tuple:
        return f"list of {type_words(args[0])}" if args[1:] == (...,) else f"[{', '.join(map(type_words, args))}]"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return " / ".join(f"`{member.value}`" for member in kind)
    return str(getattr(kind, "__name__", kind))


def units_page() -> str:
    """The status table of a unit, as a table and as a drawing."""
    lines = [
        "# Units",
        "",
        "Status words are the field's (APCO). What may follow what stands in `tenfour.units.status.LEGAL`; this page",
        "is made from it. `Assigned` and `Dispatched` come about by being sent, never by a status button. A raised",
        "emergency is beside the status, not one of them: the board shows X for it.",
        "",
        "| status | letter | shown as | may become |",
        "|---|---|---|---|",
    ]
    for status, following in LEGAL.items():
        names = ", ".join(next_status.value for next_status in in_order(following))
        lines.append(f"| {status.value} | {LETTERS[status]} | {WORDS[status]} | {names} |")
    arrows = [f"{s.value} --> {n.value}" for s, following in LEGAL.items() for n in in_order(following)]
    return _page([*lines, "", *_drawing(arrows)])


def calls_page() -> str:
    """The states of a call, as a table and as a drawing."""
    lines = [
        "# Calls",
        "",
        "What moves a call is the table `tenfour.calltaking.call.TRANSITIONS`; this page is made from it.",
        "A call whose caller left stays abandoned, whoever picked up meanwhile; the answer is kept beside it.",
        "A call that the line had connected by policy is talking as soon as a person answers.",
        "",
        "| state | shown as | event | next |",
        "|---|---|---|---|",
    ]
    for state, moves in TRANSITIONS.items():
        for event, following in moves.items():
            lines.append(f"| {state.value} | {STATE_WORDS[state]} | {event.__name__} | {following.value} |")
        if not moves:
            lines.append(f"| {state.value} | {STATE_WORDS[state]} | | (ended) |")
    arrows = [f"{s.value} --> {n.value}: {e.__name__}" for s, moves in TRANSITIONS.items() for e, n in moves.items()]
    return _page([*lines, "", *_drawing(arrows)])


def workflow_page() -> str:
    """The rules, the clocks, the decisions and the preset of the policy."""
    lines = ["# Workflow", "", *(getdoc(sys.modules["tenfour.workflow"]) or "").splitlines()]
    lines += ["", "## Rules", "", "Asked in this order of every fact. A rule states facts under its own name.", ""]
    lines += ["| rule | what it does |", "|---|---|"]
    lines += [f"| `{rule.name}` | {_first_words(sys.modules[rule.react.__module__])} |" for rule in REACTIONS]
    return _page([*lines, *_clock_lines(), *_advice_lines(Policy()), *_plan_lines(Policy())])


def _clock_lines() -> list[str]:
    return [
        "",
        "## Clocks",
        "",
        "| rule | runs | says |",
        "|---|---|---|",
        f"| `{timer.RING}` | from the INVITE while it rings: `calltaking.ring_overdue_s`; on an administrative line: "
        "`calltaking.admin_ring_overdue_s` | RingOverdue, once |",
        f"| `{timer.OFFER}` | from CallOffered until somebody answers: `offer_s` of the queue | OfferPassed |",
        f"| `{timer.OVERFLOW}` | from CallPutInQueue, where calls are offered: `overflow_after_s` of the queue "
        "| CallPutInQueue or CallRingsEverywhere |",
        f"| `{timer.WRAP_UP}` | from WrapUpBegun: `calltaking.wrap_up_s` | PositionReady |",
        f"| `{timer.SILENT}` | from CallHandedOver, or CallerAudioStopped of whoever has the caller then, "
        "until audio comes: `calltaking.handed_over_silent_s` | CallCameBack |",
        f"| `{timer.RING_BACK}` | from CallRangBack until somebody speaks with the caller: `calltaking.ring_back_s` "
        "| CallRangForAll, once |",
        f"| `{timer.ACKNOWLEDGE}` | from the dispatch: `acknowledge_s`, then every `realert_every_s` "
        "| AcknowledgementOverdue; after `realerts_before_supervisor` also SupervisorAlerted, once |",
        f"| `{timer.SAFETY}` | at work, from arriving or the last check: `safety_s`, then every `safety_every_s` "
        "| SafetyCheckDue; after `safety_alerts_before_supervisor` also SupervisorAlerted, once |",
        f"| `{timer.HOLD}` | from IncidentHeld until a unit is sent: `hold_s` | SupervisorAlerted, once |",
        f"| `{timer.SEND_UNIT}` | from the end of the first call until a unit is sent: `send_unit_within_s` "
        "| SupervisorAlerted, once |",
        f"| `{timer.VISIT}` | from the promise, or from when it was moved, to the time promised | VisitFellDue, once |",
    ]


def _advice_lines(policy: Policy) -> list[str]:
    lines = ["", "## Advice on an ended call (preset)", "", "| rule | kind, priority | next step | reason |"]
    lines.append("|---|---|---|---|")
    rules = policy.calltaking.advice
    return lines + [f"| `{r.rule}` | {r.kind}, {r.priority} | {r.next_step} | {r.reason} |" for r in rules]


def _plan_lines(policy: Policy) -> list[str]:
    lines = ["", "## Response plans (preset)", "", "| plan | kinds | priorities | units |", "|---|---|---|---|"]
    for plan in policy.dispatch.plan:
        needs = ", ".join(
            f"{n.units} {n.service.value}{f' ({n.capability})' if n.capability else ''}" for n in plan.needs
        )
        priorities = ", ".join(map(str, plan.priorities)) or "all"
        lines.append(f"| {plan.name} | {', '.join(plan.kinds) or 'all others'} | {priorities} | {needs} |")
    return lines


def _first_words(module: object) -> str:
    return " ".join((getdoc(module) or "").split("\n\n", maxsplit=1)[0].split())


def _drawing(arrows: Sequence[str]) -> list[str]:
    return ["```mermaid", "stateDiagram-v2", *(f"    {arrow}" for arrow in arrows), "```"]


def _page(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"
