"""The state tables as drawings (Mermaid), so that docs/sip.md shows what the code does.

`python -m tenfour.telephony.state_diagram` prints them.
"""

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

from tenfour.telephony.session import TABLE, SessionState
from tenfour.telephony.subscription import NOTIFIER, SUBSCRIBER, NotifierState, SubscriberState
from tenfour.telephony.transaction import DELAYS, FIRST, STARTS, TABLES, Kind

State = TypeVar("State", bound=Enum)
Given = TypeVar("Given", bound=Enum)


def diagrams() -> str:
    """All drawings, as a piece of Markdown."""
    pieces = [_section(f"The {kind.value} transaction", _transaction(kind)) for kind in Kind]
    pieces += [
        _section("A call", _table(TABLE, (SessionState.INVITED, SessionState.CALLING))),
        _section("A subscription of ours", _table(SUBSCRIBER, (SubscriberState.WAITING,))),
        _section("A subscription to us", _table(NOTIFIER, (NotifierState.ASKED,))),
    ]
    return "\n".join([*pieces, _timers()])


def _section(title: str, lines: list[str]) -> str:
    return "\n".join(
        [f"### {title}", "", "```mermaid", "stateDiagram-v2", *(f"    {line}" for line in lines), "```", ""]
    )


def _transaction(kind: Kind) -> list[str]:
    lines = [f"[*] --> {FIRST[kind].value}"]
    for (state, given), (following, acts) in TABLES[kind].items():
        done = f" / {', '.join(act.value for act in acts)}" if acts else ""
        lines.append(f"{state.value} --> {following.value}: {given.value}{done}")
    return [*lines, "Terminated --> [*]"]


def _table(table: Mapping[tuple[State, Given], State], first: tuple[State, ...]) -> list[str]:
    begins = [f"[*] --> {state.value}" for state in first]
    moves = [f"{state.value} --> {following.value}: {given.value}" for (state, given), following in table.items()]
    return [*begins, *moves, "Over --> [*]"]


def _timers() -> str:
    lines = ["### Timers", "", "| timer | starts in | UDP | TCP |", "|---|---|---|---|"]
    for (kind, state), timers in STARTS.items():
        for timer in timers:
            over_udp, over_tcp = (_seconds(delay) for delay in DELAYS[timer])
            lines.append(f"| {timer.value} | {kind.value}: {state.value} | {over_udp} | {over_tcp} |")
    return "\n".join([*lines, ""])


def _seconds(delay: float | None) -> str:
    if delay is None:
        return "does not run"
    return f"{delay:g} s" if delay else "at once"


if __name__ == "__main__":
    print(diagrams())
