"""One call through the centre process, from ringing to close, over the link and the HTTP API alone."""

from typing import Any

from tenfour.adapters.link_frame import Answer
from tenfour.calltaking import event as c

from .conftest import CentreProcess, OurLine, Person, until

PIDF = """<?xml version="1.0" encoding="UTF-8"?>
<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10"
  xmlns:gml="http://www.opengis.net/gml" xmlns:gs="http://www.opengis.net/pidflo/1.0"
  xmlns:con="urn:ietf:params:xml:ns:geopriv:conf" entity="pres:caller@example.org">
 <tuple id="t1"><status><gp:geopriv><gp:location-info>
  <gs:Circle srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>39.95862 -82.96446</gml:pos>
   <gs:radius uom="urn:ogc:def:uom:EPSG::9001">38</gs:radius></gs:Circle>
  <con:confidence pdf="normal">90</con:confidence>
 </gp:location-info><gp:usage-rules/><gp:method>A-GPS</gp:method></gp:geopriv></status>
 <timestamp>2026-11-14T21:41:12Z</timestamp></tuple></presence>"""


async def test_call_from_a_deactivated_phone_goes_from_ringing_to_closed(
    running: CentreProcess, line: OurLine, dispatcher: Person
) -> None:
    call_id = await line.ring()
    call = await until(lambda: _call(dispatcher, call_id))
    assert (call["state"], call["handset"], call["may_call_back"]) == ("ringing", "NSI", False)
    assert call["clocks"][0]["name"] == "ring"

    answered = await dispatcher.post(f"/api/calls/{call_id}/answer")
    assert answered["position"] == "04"
    assert answered["person"] == "R. Adeyemi"
    await until(lambda: _told(line, Answer))
    await line.say(call_id, c.LocationConveyed(PIDF), c.CallConnected("PCMU", "127.0.0.1:40000"))
    heard = await dispatcher.post(f"/api/calls/{call_id}/heard", {"heard": ["child_voice", "laughter", "no_distress"]})
    assert heard["heard"] == ["child_voice", "laughter", "no_distress"]
    await line.say(call_id, c.CallerDisconnected())
    call = await until(lambda: _call_in(dispatcher, call_id, "disconnected"))
    assert [fix["uncertainty_m"] for fix in call["fixes"]] == [38.0]
    assert call["fixes"][0]["in_use"]

    refused = await dispatcher.post(f"/api/calls/{call_id}/callback", {"means": "voice"}, status=409)
    assert "cannot be called back" in refused["error"]

    path = f"/api/incidents/{call['incident_id']}"
    incident = await dispatcher.get(path)
    assert incident["advice"]["rule"] == "hangup.nsi.voice"
    assert [step["state"] for step in incident["steps"]] == ["done", "done", "refused", "next", "later", "later"]
    door = next(door for door in incident["doors"] if door["label"] == "9417 Kendall Place")
    await dispatcher.post(f"{path}/kind", {"kind": "911H", "rule": "hangup.nsi.voice"})
    await dispatcher.post(f"{path}/priority", {"priority": 2})
    placed = await dispatcher.post(f"{path}/place", {"address_id": door["address_id"]})
    assert placed["place_words"].startswith(f"door {door['rank']} of ")

    recommendation = await dispatcher.post(f"{path}/recommend")
    assert recommendation["units"][0]["unit"] == "12A3"
    assert recommendation["passed_over"]
    unwanted = {"units": ["14B2"], "recommendation_id": recommendation["recommendation_id"]}
    assert "needs a reason" in (await dispatcher.post(f"{path}/dispatch", unwanted, status=409))["error"]
    sent = await dispatcher.post(f"{path}/dispatch", {**unwanted, "units": ["12A3"]})
    assert sent["units"] == ["12A3"]

    crew = await Person(running).log_in("unit", "brandt", unit="12A3")
    for status in ("AcknowledgedTransmission", "EnRoute", "OnScene"):
        unit = await crew.post("/api/units/12A3/status", {"status": status})
        assert unit["status"] == status
    denied = {"words": "Just wanted a hug", "dispositions": ["18", "02"], "cause": "child_deactivated_phone"}
    assert "nobody was seen" in (await crew.post(f"{path}/close", denied, status=409))["error"]
    await crew.post(f"{path}/checklist", {"item": "adult_seen", "done": True})
    proposal = await crew.post(f"{path}/propose", {"words": "Just wanted a hug"})
    assert [code for code, _ in proposal["dispositions"]] == ["18", "02"]
    assert proposal["cause"] == "child_deactivated_phone"
    await crew.post(f"{path}/close", denied)
    await crew.get(path, status=404)
    await crew.client.aclose()

    closed = await dispatcher.get(path)
    assert (closed["status"], closed["closing_words"]) == ("Closed", "Just wanted a hug")
    assert (await dispatcher.get("/api/units/12A3"))["status"] == "Available"
    said = [line["text"] for line in closed["narrative"]]
    assert any(text.startswith("Call back refused") for text in said)
    facts = await dispatcher.get("/api/facts", stream=f"incident/{call['incident_id']}")
    assert [fact["type"] for fact in facts][:1] == ["IncidentOpened"]
    assert any(fact["type"] == "IncidentClosed" for fact in facts)


async def test_second_call_of_the_same_handset_links_and_does_not_duplicate(line: OurLine, dispatcher: Person) -> None:
    first = await line.ring()
    await until(lambda: _call(dispatcher, first))
    incident_id = (await dispatcher.post(f"/api/calls/{first}/answer"))["incident_id"]
    second = await line.ring()
    linked = await until(lambda: _call(dispatcher, second))
    assert linked["incident_id"] == incident_id
    assert not linked["link_certain"]


async def test_release_reaches_the_line(line: OurLine, dispatcher: Person) -> None:
    call_id = await line.ring()
    await until(lambda: _call(dispatcher, call_id))
    await dispatcher.post(f"/api/calls/{call_id}/release", status=409)
    await dispatcher.post(f"/api/calls/{call_id}/answer")
    await dispatcher.post(f"/api/calls/{call_id}/release")
    await until(lambda: _told(line, type(line.orders[-1])))
    assert [type(order).__name__ for order in line.orders][-1] == "Release"


async def test_rebid_without_a_location_server_is_refused_in_words(line: OurLine, dispatcher: Person) -> None:
    call_id = await line.ring()
    await until(lambda: _call(dispatcher, call_id))
    refused = await dispatcher.post(f"/api/calls/{call_id}/rebid", status=409)
    assert "nobody to ask" in refused["error"]


async def test_place_off_the_road_network_is_refused_and_nothing_is_done(dispatcher: Person) -> None:
    opened = await dispatcher.post("/api/incidents", {"kind": "WELFARE"}, status=201)
    path = f"/api/incidents/{opened['incident_id']}"
    assert "no place" in (await dispatcher.post(f"{path}/recommend", status=409))["error"]
    await dispatcher.post(f"{path}/place", {"point": {"lat": 0.0, "lon": 0.0}, "text": "Null Island"})
    before = (await dispatcher.get("/api/board"))["seq"]
    assert (await dispatcher.post(f"{path}/recommend", status=409))["error"]
    assert (await dispatcher.get("/api/board"))["seq"] == before


async def test_position_of_a_unit_is_a_measurement_and_moves_the_recommendation(dispatcher: Person) -> None:
    opened = await dispatcher.post("/api/incidents", {"kind": "WELFARE", "place": "9417 Kendall Place"}, status=201)
    path = f"/api/incidents/{opened['incident_id']}"
    at = opened["place_point"]
    before = (await dispatcher.get("/api/board"))["seq"]
    moved = await dispatcher.post("/api/units/16C2/position", at)
    assert moved["point"] == at
    assert (await dispatcher.get("/api/board"))["seq"] == before
    assert (await dispatcher.post(f"{path}/recommend"))["units"][0]["unit"] == "16C2"


async def _call(person: Person, call_id: str) -> Any:
    answer = await person.client.get(f"/api/calls/{call_id}")
    return answer.json() if answer.is_success else None


async def _call_in(person: Person, call_id: str, state: str) -> Any:
    call = await _call(person, call_id)
    return call if call and call["state"] == state else None


async def _told(line: OurLine, kind: type) -> bool:
    return any(isinstance(order, kind) for order in line.orders)
