"""Command lines against a real centre: read, carried out all or nothing, refused in words."""

from typing import Any

import pytest

from .conftest import CentreProcess, Person

READ, CARRY_OUT = "/api/command-line/read", "/api/command-line"


async def opened(dispatcher: Person) -> dict[str, Any]:
    """An incident with a place on the map, and a recommendation of one unit."""
    made = await dispatcher.post("/api/incidents", {"kind": "WELFARE", "place": "9417 Kendall Place"}, status=201)
    await dispatcher.post(f"/api/incidents/{made['incident_id']}/recommend")
    incident: dict[str, Any] = await dispatcher.get(f"/api/incidents/{made['incident_id']}")
    return incident


async def facts(dispatcher: Person) -> int:
    seq: int = (await dispatcher.get("/api/board"))["seq"]
    return seq


def recommended(incident: dict[str, Any]) -> str:
    unit: str = incident["recommendation"]["units"][0]["unit"]
    return unit


async def test_one_call_is_worked_by_lines_alone(dispatcher: Person) -> None:
    incident = await opened(dispatcher)
    number, unit = incident["number"], recommended(incident)
    line = f"d.{unit.lower()},{number}"
    reading = await dispatcher.post(READ, {"text": line})
    assert (reading["state"], reading["problem"]) == ("ready", "")
    assert reading["sentence"] == f"Dispatch {unit} to {number}, Welfare check, 9417 Kendall Place"
    assert [part["kind"] for part in reading["parts"]] == ["verb", "gap", "unit", "gap", "incident"]
    assert reading["canonical"] == f"D u:{unit} c:{number}"

    sent = await dispatcher.post(CARRY_OUT, {"text": line}, key="line-1")
    assert sent["words"] == f"Dispatched {unit} to {number}, Welfare check, 9417 Kendall Place."
    assert [row["units"] for row in sent["incidents"]] == [[unit]]
    assert [row["status"] for row in sent["units"]] == ["Dispatched"]
    assert sent["undo"] == f"C {unit}"
    seq = await facts(dispatcher)
    again = await dispatcher.post(CARRY_OUT, {"text": line}, key="line-1")
    assert again["words"] == sent["words"]
    assert await facts(dispatcher) == seq

    for text, status in ((f"EN {unit}", "EnRoute"), (f"a {number}", "OnScene")):
        row = (await dispatcher.post(CARRY_OUT, {"text": text}))["units"][0]
        assert (row["unit_id"], row["status"]) == (unit, status)
    timer = await dispatcher.post(CARRY_OUT, {"text": f"RTU {unit}"})
    assert timer["words"] == f"Started the safety timer of {unit} anew."
    noted = await dispatcher.post(
        CARRY_OUT, {"text": "N الأم بخير, e\u0301tage 2", "incident_id": incident["incident_id"]}
    )
    assert noted["incidents"][0]["narrative"][-1]["text"] == "الأم بخير, e\u0301tage 2"

    history = (await dispatcher.post(CARRY_OUT, {"text": f"UH {unit}"}))["history"]
    assert [line["text"] for line in history[-2:]] == [f"{unit} on scene", f"{unit} is all right: reset by radio"]
    assert await dispatcher.get(f"/api/units/{unit}/history", limit=12) == history
    assert len(await dispatcher.get(f"/api/units/{unit}/history", limit=1)) == 1

    closing = {"text": f"C {number} Just wanted a hug"}
    refused = await dispatcher.post(READ, closing)
    assert refused["state"] == "refused"
    assert "nobody was seen" in refused["problem"]
    ready = await dispatcher.post(READ, {"text": f"C {number} seen:adult Just wanted a hug"})
    assert "18 Settled by contact, 02 No report" in ready["consequence"]
    closed = await dispatcher.post(CARRY_OUT, {"text": f"C {number} seen:adult Just wanted a hug"})
    assert closed["incidents"][0]["closing_words"] == "Just wanted a hug"
    assert [row["status"] for row in closed["units"]] == ["Available"]
    assert closed["undo_words"] == "A supervisor can open it again."


async def test_unit_that_is_not_recommended_asks_for_a_reason(dispatcher: Person) -> None:
    incident = await opened(dispatcher)
    other = next(one["unit"] for one in incident["recommendation"]["passed_over"] if one["travel_time_s"])
    line = f"D {other} {incident['number']}"
    reading = await dispatcher.post(READ, {"text": line})
    assert reading["state"] == "refused"
    assert reading["problem"].endswith(f"sending {other} instead needs a reason.")
    refusal = await dispatcher.post(CARRY_OUT, {"text": line}, status=409)
    assert refusal["error"] == reading["problem"]
    sent = await dispatcher.post(CARRY_OUT, {"text": f"{line} r:knows the family"})
    assert "not as recommended: knows the family" in sent["incidents"][0]["narrative"][-2]["text"]


async def test_unit_on_its_way_elsewhere_is_moved_with_a_reason(dispatcher: Person) -> None:
    first, second = await opened(dispatcher), await opened(dispatcher)
    unit = recommended(first)
    await dispatcher.post(CARRY_OUT, {"text": f"D {unit} {first['number']}"})
    refused = await dispatcher.post(CARRY_OUT, {"text": f"MD {unit} {second['number']}"}, status=409)
    assert "taking it from there needs a reason" in refused["error"]
    moved = await dispatcher.post(CARRY_OUT, {"text": f"MD {unit} {second['number']} r:child alone"})
    assert {row["number"]: row["units"] for row in moved["incidents"]} == {
        first["number"]: [],
        second["number"]: [unit],
    }


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "The line is empty. Nothing was done."),
        ("frobnicate 12A3", "Not understood: “frobnicate” is no verb (? lists them). Nothing was done."),
        ("D 12A3", "Understood: Dispatch, 12A3. Missing: which incident. Nothing was done."),
        (
            "EN 12A3 and a friend",
            "Understood: En route, 12A3. Not understood: “and” is no unit or incident",
        ),
        ("N " + "x" * 100_000, "at most 2,400 are read. Shorten it. Nothing was done."),
        ("D\x00\x1b[31m\u202e12A3 9999", "“[31m” is no unit"),
    ],
)
async def test_line_that_makes_no_sense_does_nothing(dispatcher: Person, text: str, error: str) -> None:
    before = await facts(dispatcher)
    answer = await dispatcher.post(CARRY_OUT, {"text": text}, status=400)
    assert error in answer["error"]
    assert await facts(dispatcher) == before


async def test_several_units_change_together_or_not_at_all(dispatcher: Person) -> None:
    before = await facts(dispatcher)
    await dispatcher.post("/api/units/14B2/status", {"status": "OutofService", "reason": "fuel"})
    refused = await dispatcher.post(CARRY_OUT, {"text": "EN 12A3 14B2"}, status=409)
    assert "Unit 14B2 is OutofService" in refused["error"]
    assert (await dispatcher.get("/api/units/12A3"))["status"] == "Available"
    assert await facts(dispatcher) == before + 1
    both = await dispatcher.post(CARRY_OUT, {"text": "EN 12A3 17A2"})
    assert {row["unit_id"]: row["status"] for row in both["units"]} == {"12A3": "EnRoute", "17A2": "EnRoute"}


async def test_lost_answer_of_a_close_is_told_again_though_nothing_is_selected_any_more(dispatcher: Person) -> None:
    incident = await opened(dispatcher)
    line = {"text": "C seen:child All well", "incident_id": incident["incident_id"]}
    first = await dispatcher.post(CARRY_OUT, line, key="close-1")
    again = await dispatcher.post(CARRY_OUT, line, key="close-1")
    assert again["words"] == "This line was carried out before."
    assert again["incidents"][0]["closed_at"] == first["incidents"][0]["closed_at"]


async def test_self_initiated_stop_opens_an_incident_with_the_unit_on_scene(dispatcher: Person) -> None:
    done = await dispatcher.post(CARRY_OUT, {"text": "T 12A3 k:susp 9417 Kendall Place"})
    (incident,) = done["incidents"]
    assert (incident["kind"], incident["place"], incident["units"]) == ("SUSP", "9417 Kendall Place", ["12A3"])
    assert (incident["status"], done["select_incident"]) == ("ResourcesOnscene", incident["incident_id"])
    assert done["words"].endswith(f"it is {incident['number']}.")


async def test_hold_and_reset_follow_the_rules_of_their_buttons(dispatcher: Person) -> None:
    incident = await opened(dispatcher)
    held = await dispatcher.post(CARRY_OUT, {"text": f"H {incident['number']} all units are at the fire"})
    assert "hold" in [clock["name"] for clock in held["incidents"][0]["clocks"]]
    again = await dispatcher.post(CARRY_OUT, {"text": f"H {incident['number']} still"}, status=409)
    assert again["error"] == "The incident is held already."
    idle = await dispatcher.post(CARRY_OUT, {"text": "RTU 12A3"}, status=409)
    assert idle["error"] == "12A3: no safety timer runs that could start anew."


async def test_select_and_help_record_nothing(dispatcher: Person) -> None:
    incident = await opened(dispatcher)
    before = await facts(dispatcher)
    chosen = await dispatcher.post(CARRY_OUT, {"text": f"S {incident['number']}"})
    assert chosen["select_incident"] == incident["incident_id"]
    assert (await dispatcher.post(CARRY_OUT, {"text": "s 12a3"}))["select_unit"] == "12A3"
    verbs = (await dispatcher.post(CARRY_OUT, {"text": "? D"}))["verbs"]
    assert [verb["spellings"][0] for verb in verbs] == ["D"]
    assert await dispatcher.get("/api/command-line/help") == (await dispatcher.post(CARRY_OUT, {"text": "?"}))["verbs"]
    assert await facts(dispatcher) == before


async def test_each_act_needs_the_permission_of_its_button(running: CentreProcess, dispatcher: Person) -> None:
    incident = await opened(dispatcher)
    taker = await Person(running).log_in("call_taker", "adeyemi", position="02")
    crew = await Person(running).log_in("unit", "brandt", unit="12A3")
    try:
        line = {"text": f"D {recommended(incident)} {incident['number']}"}
        reading = await taker.post(READ, line)
        assert (reading["state"], reading["problem"]) == ("refused", "R. Adeyemi, as call taker, may not send unit.")
        await taker.post(CARRY_OUT, line, status=403)
        await taker.post(CARRY_OUT, {"text": "EN 12A3"}, status=403)
        await taker.post(CARRY_OUT, {"text": f"C {incident['number']} seen:adult fine"}, status=403)
        await taker.post(CARRY_OUT, {"text": f"N {incident['number']} mother called back"})
        await crew.post(READ, line, status=403)
        await crew.post(CARRY_OUT, {"text": "EN 12A3"}, status=403)
    finally:
        await taker.client.aclose()
        await crew.client.aclose()
