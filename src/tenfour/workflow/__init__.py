"""Where the stages meet: the world folded from facts, the reactions of named rules, the timers.

How a command becomes facts:

    event = <a decision>(state of `world`, what was asked)       # or a `TenfourError` with a sentence
    batch = settle([Fact(..., event)], world, policy, now=now)   # the fact, and all that follows from it
    append `batch`, all or nothing                               # the acknowledgement

Decisions (each gives an event or a tuple of events; the state comes from `World`):

| what | decision | stream |
|---|---|---|
| answer a call | `calltaking.decision.answer(call, position, person)` | call |
| end a call | `calltaking.decision.release(call, position)` | call |
| note what was heard | `calltaking.decision.hear(call, heard, text, codes=)` | call |
| call or text back | `calltaking.placing.call_back(call, means, position, person, ...)` | call (a refusal: the old) |
| pass a call on | `calltaking.placing.pass_on(call, to, uri, position, host=)` | call |
| call a number | `calltaking.placing.dial(number, position, person, ...)` | call (or position for a refusal) |
| ask for a better fix | `calltaking.decision.rebid(call)` | call |
| join a call to an incident | `workflow.joining.join(world, call, incident, why)` | call |
| ready, not ready | `calltaking.decision.ready(position)`, `not_ready(position, reason)` | position |
| open or change a position | `calltaking.decision.set_position(position, id, auto_answer=, person=)` | position |
| open an incident | `incident.decision.open_incident(id, world.next_number, kind, call_id=, why=, codes=)` | incident |
| kind, priority, place | `incident.decision.set_kind`, `set_priority`, `set_place` | incident |
| read back, verify | `incident.decision.read_back`, `verify_place` | incident |
| wrong house | `incident.decision.next_door(incident, places, reason)` | incident |
| note, checklist | `incident.decision.note`, `mark` | incident |
| close, reopen | `incident.decision.close`, `reopen`; `incident.proposal.propose` records nothing | incident |
| recommend | `workflow.sending.recommend(...)` | incident |
| send units | `workflow.sending.dispatch(world, incident, unit_ids, ...)` | incident |
| hold, area check, help | `dispatch.decision.hold`, `order_area_check`, `ask_help` | incident |
| exhibits | `evidence.decision.add`, `note_custody`, `verify` | exhibit |
| press text | `release.press.draft` (of `release.draft.sentences`), `edit` | release |
| promised visit | `outreach.visit.promise`, `move`, `done` | visit |
| unit status | `units.decision.change_status(unit, status, incident_id, reason)` | unit |
| safety, emergency | `units.decision.check_safety`, `raise_emergency`, `clear_emergency` | unit |

The clock: `timer.due(world, policy, now)` gives facts to settle; `timer.next_due(world, policy)` says when to look
again.
"""
