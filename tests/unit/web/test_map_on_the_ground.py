"""The pure parts of the map's web code, run by Node: distances, outlines, units under way, what belongs on the map."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

WEB = Path(__file__).resolve().parents[3] / "web"
ROLLDOWN = WEB / "node_modules" / ".bin" / "rolldown"


@pytest.fixture
def says(tmp_path: Path) -> Any:
    """Runs a few lines of TypeScript that call `tell(value)`; what was told, through JSON."""
    assert ROLLDOWN.exists(), "web/node_modules is missing: `make setup` installs it"
    node = shutil.which("node")
    assert node is not None, "Node is missing"

    def run(*lines: str) -> Any:
        imports = [
            f'import * as ground from "{WEB}/src/map/geometry";',
            f'import {{ Glide }} from "{WEB}/src/map/glide";',
            f'import {{ sceneOf, closeUpOf }} from "{WEB}/src/map/scene";',
            "const tell = (value: unknown) => console.log(JSON.stringify(value));",
            "void [ground, Glide, sceneOf, closeUpOf];",
        ]
        entry, bundle = tmp_path / "entry.ts", tmp_path / "bundle.mjs"
        entry.write_text("\n".join([*imports, *lines]))
        subprocess.run([ROLLDOWN, entry, "--format", "esm", "--file", bundle], check=True, capture_output=True)
        told = subprocess.run([node, bundle], check=True, capture_output=True, text=True, timeout=60).stdout
        return [json.loads(line) for line in told.splitlines()]

    return run


def test_distances_and_winds(says: Any) -> None:
    metres, *winds = says(
        "const home = {lat: 40, lon: -83};",
        "tell(ground.metresBetween(home, {lat: 40.009, lon: -83}));",
        "for (const [east, north] of [[0, 9], [9, 9], [9, 0], [9, -9], [0, -9], [-9, -9], [-9, 0], [-9, 9]])",
        "  tell(ground.windTowards(home, ground.moved(home, 100 * east, 100 * north)));",
    )
    assert metres == pytest.approx(1000.8, abs=0.5)
    assert winds == ["north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west"]


def test_outline_of_a_circle_is_closed_and_everywhere_at_its_radius(says: Any) -> None:
    closed, distances, bare, polygon = says(
        "const circle = {type: 'circle', centre: {lat: 39.96, lon: -82.96}, radius_m: 38} as const;",
        "const corners = ground.outline(circle);",
        "tell([corners[0], corners.at(-1)]);",
        "tell(corners.map((corner) => ground.metresBetween(circle.centre, corner)));",
        "tell(ground.outline({type: 'point', at: circle.centre}));",
        "tell(ground.outline({type: 'polygon', corners: corners.slice(0, 3)}).length);",
    )
    assert closed[0] == closed[1]
    assert distances == pytest.approx([38] * 65, abs=0.01)
    assert bare == []
    assert polygon == 4


def test_unit_is_on_its_way_between_measurements_and_then_there(says: Any) -> None:
    half, moving, there, still = says(
        "const glide = new Glide();",
        "glide.send('E3', {lat: 40, lon: -83}, 0, false);",
        "glide.send('E3', {lat: 40.001, lon: -83}, 1000, false);",
        "tell(glide.where('E3', 1500)); tell(glide.moving(1500));",
        "tell(glide.where('E3', 2500)); tell(glide.moving(2500));",
    )
    assert half["lat"] == pytest.approx(40.0005)
    assert there["lat"] == 40.001
    assert (moving, still) == (True, False)


def test_unit_measured_again_on_its_way_goes_on_from_where_it_is_shown(says: Any) -> None:
    before, after = says(
        "const glide = new Glide();",
        "glide.send('E3', {lat: 40, lon: -83}, 0, false);",
        "glide.send('E3', {lat: 40.001, lon: -83}, 0, false);",
        "tell(glide.where('E3', 400));",
        "glide.send('E3', {lat: 40.002, lon: -83}, 400, false);",
        "tell(glide.where('E3', 400));",
    )
    assert after["lat"] == pytest.approx(before["lat"])


@pytest.mark.parametrize(("to", "still"), [("40.5", "false"), ("40.001", "true")])
def test_leap_and_reduced_motion_put_a_unit_there_at_once(says: Any, to: str, still: str) -> None:
    at_once, moving, forgotten = says(
        "const glide = new Glide();",
        "glide.send('E3', {lat: 40, lon: -83}, 0, false);",
        f"glide.send('E3', {{lat: {to}, lon: -83}}, 100, {still});",
        "tell(glide.where('E3', 100)); tell(glide.moving(101));",
        "glide.keep(new Set()); tell(glide.where('E3', 100) ?? null);",
    )
    assert at_once["lat"] == float(to)
    assert moving is False
    assert forgotten is None


BOARD = """
const circle = {type: "circle", centre: {lat: 39.9586, lon: -82.9643}, radius_m: 38};
const fix = (over: object) => ({at: "2026-11-14T16:41:12Z", fix_class: "Phase II", method: "", source: "",
  confidence_pct: 90, shape: circle, uncertainty_m: 38, civic: "", in_use: true, ...over});
const call = (over: object) => ({call_id: "c1", ani: "911-442-7186", state_words: "On the line", answered_at: "x",
  ended_at: null, incident_id: "i1", incident_number: 417, fixes: [fix({})], ...over}) as any;
const incident = (over: object) => ({incident_id: "i1", number: 417, kind_label: "Hang-up", priority: 2, place: "",
  place_point: null, closed_at: null, units: [], doors: [], recommendation: null, ...over}) as any;
const unit = (over: object) => ({unit_id: "12A3", letter: "A", status_words: "Available", near: "Oak Street",
  emergency: false, point: {lat: 39.96, lon: -82.98}, point_at: "2026-11-14T16:41:00Z", ...over}) as any;
const scene = (calls: any[], incidents: any[], units: any[]) => sceneOf({calls, incidents, units,
  call: calls[0] ?? null, incident: incidents[0] ?? null, unitId: null,
  nowMs: Date.parse("2026-11-14T16:41:30Z")});
const icons = (of: any) => of.marks.map((mark: any) => [mark.kind, mark.icon, mark.label]);
"""


def test_call_and_its_incidents_place_are_labelled_once(says: Any) -> None:
    before, after = says(
        BOARD,
        "tell(icons(scene([call({})], [incident({})], [])));",
        "tell(icons(scene([call({})], [incident({place_point: {lat: 39.9586, lon: -82.9644}})], [])));",
    )
    assert before == [["call", "call", "417 ±38 m"]]
    assert after == [["call", "call", ""], ["incident", "incident", "417 ±38 m"]]


def test_what_is_not_known_does_not_look_known(says: Any) -> None:
    tower, bare, nowhere, units = says(
        BOARD,
        "const one = (over: object) => scene([call({fixes: [fix(over)]})], [], []);",
        "tell([icons(one({fix_class: 'Phase I'})), one({fix_class: 'Phase I'}).areas[0].kind]);",
        "const spot = one({shape: {type: 'point', at: {lat: 39.9, lon: -82.9}}, uncertainty_m: null});",
        "tell([icons(spot), spot.areas]);",
        "tell(scene([call({fixes: []})], [incident({})], [unit({point: null})]).marks);",
        "const old = unit({unit_id: 'M7', point_at: '2026-11-14T16:30:00Z'});",
        "const three = [unit({}), old, unit({unit_id: 'E3', point_at: null})];",
        "tell(scene([], [], three).marks.map((mark) => [mark.icon, mark.words]));",
    )
    assert tower == [[["call", "tower", "417 ±38 m"]], "tower"]
    assert bare == [[["call", "call-unstated", "417 no figure"]], []]
    assert nowhere == []
    assert [icon for icon, _ in units] == ["unit-A", "unit-A-old", "unit-A-old"]
    assert "seen at" in units[1][1]
    assert "taken to be at its post" in units[2][1]


def test_view_holds_the_fix_the_doors_and_who_is_sent_and_does_not_change_with_a_units_move(says: Any) -> None:
    view, doors, keys, other = says(
        BOARD,
        "const door = {rank: 1, address_id: 'd', label: '9417 Kendall Place', point: {lat: 39.9587, lon: -82.9643},",
        "  distance_m: 11, likelihood: 0.5, why: '11 m. 2 Nov hang-up', earlier_calls: 1, ruled_out: false};",
        "const sent = incident({doors: [door], place: door.label, place_point: door.point, units: ['12A3']});",
        "const before = scene([call({})], [sent], [unit({}), unit({unit_id: 'M7', point: {lat: 41, lon: -82}})]);",
        "tell([before.view.some((p) => p.lat === 39.96), before.view.some((p) => p.lat === 41)]);",
        "tell(icons(closeUpOf(before)));",
        "const after = scene([call({})], [sent], [unit({point: {lat: 39.97, lon: -82.98}})]);",
        "tell(before.key === after.key);",
        "tell(before.key === scene([call({})], [{...sent, place: 'elsewhere'}], []).key);",
    )
    assert view == [True, False]
    assert doors == [["door", "door-1-used-earlier", "9417"], ["call", "call", ""]]
    assert keys is True
    assert other is False
