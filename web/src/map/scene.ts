// What is on the map: one projection of the board, drawn by the canvas and told by the list.
import { middle, outline } from "./geometry";
import type { CallView, DoorView, FixView, IncidentView, Point, UnitView } from "../lib/types";
import { spell, takes, timeOfDay } from "../lib/time";

export type MarkKind = "door" | "call" | "incident" | "unit";

export interface Mark {
  kind: MarkKind;
  id: string;
  point: Point;
  /** A picture of `picture.ts`. */
  icon: string;
  /** Beside it on the map, in a box of this kind. */
  label: string;
  box: "plain" | "urgent" | "strong";
  /** Where the label stands when there is no room for it beside the icon. */
  labelAt?: Point;
  /** Never hidden by another. */
  first: boolean;
  /** In the list: its name, and what there is to say of it. */
  name: string;
  words: string;
}

export interface Area {
  corners: Point[];
  kind: "tower" | "fix" | "ringing";
  inHand: boolean;
}

export interface Scene {
  marks: Mark[];
  areas: Area[];
  /** From where distances are told: the place of the incident, else the fix in use. */
  from: Point | null;
  /** What belongs into view with the selection, and around the fix; the key changes when the view should. */
  view: Point[];
  closeUp: Point[];
  key: string;
}

export interface Shown {
  calls: CallView[];
  incidents: IncidentView[];
  units: UnitView[];
  call: CallView | null;
  incident: IncidentView | null;
  unitId: string | null;
  nowMs: number;
}

/** A vehicle not heard of for so long may be elsewhere. */
const OLD_MS = 120_000;
const TOWER = "Phase I";
const placed = <T extends { point: Point | null }>(row: T): row is T & { point: Point } => row.point !== null;

export const fixInUse = (call: CallView): FixView | null => call.fixes.find((fix) => fix.in_use && fix.shape !== null) ?? null;

export function sceneOf(shown: Shown): Scene {
  const calls = shown.calls.filter((call) => call.ended_at === null || call.call_id === shown.call?.call_id);
  const open = shown.incidents.filter((one) => one.closed_at === null || one.incident_id === shown.incident?.incident_id);
  const units = shown.units.filter(placed);
  const doors = shown.incident?.doors ?? [];
  const fix = shown.call && fixInUse(shown.call);
  const middleOfFix = fix?.shape ? middle(fix.shape) : null;
  const sent = sentTo(shown.incident);
  if (shown.unitId !== null && !sent.has(shown.unitId)) sent.set(shown.unitId, null);
  const from = shown.incident?.place_point ?? middleOfFix;
  const around = [...(fix?.shape ? [middle(fix.shape), ...outline(fix.shape)] : []), ...doors.map((door) => door.point)];
  const closeUp = shown.incident?.place_point ? [...around, shown.incident.place_point] : around;
  return {
    marks: [
      ...doors.map((door) => doorMark(door, shown.incident)),
      ...calls.flatMap((call) => callMark(call, shown)),
      ...open.flatMap((incident) => incidentMark(incident, shown)),
      ...units.map((unit) => unitMark(unit, sent, shown.nowMs)),
    ],
    areas: calls.flatMap((call) => areasOf(call, call.call_id === shown.call?.call_id)),
    from,
    view: [...closeUp, ...units.filter((unit) => sent.has(unit.unit_id)).map((unit) => unit.point)],
    closeUp,
    key: [shown.call?.call_id, fix?.at, shown.incident?.incident_id, shown.incident?.place, ...sent.keys()].join(" "),
  };
}

/** The close-up: the fix and the doors around it, without words over them. */
export function closeUpOf(scene: Scene): Scene {
  const marks = scene.marks.filter((mark) => mark.kind === "door" || (mark.kind === "call" && mark.first));
  return { ...scene, marks: marks.map((mark) => (mark.kind === "call" ? { ...mark, label: "" } : mark)) };
}

/** The units that are sent to an incident or recommended for it, with their time by road where it is known. */
function sentTo(incident: IncidentView | null): Map<string, number | null> {
  if (incident === null || incident.closed_at !== null) return new Map();
  const assigned = incident.units.map((unit): [string, number | null] => [unit, null]);
  const recommended = (incident.recommendation?.units ?? []).map((one): [string, number | null] => [one.unit, one.travel_time_s]);
  return new Map([...assigned, ...recommended]);
}

function areasOf(call: CallView, inHand: boolean): Area[] {
  const fixes = inHand ? call.fixes : call.fixes.filter((fix) => fix.in_use);
  return fixes.flatMap((fix) => {
    const corners = fix.shape === null ? [] : outline(fix.shape);
    if (corners.length === 0) return [];
    return [{ corners, inHand, kind: fix.fix_class === TOWER ? "tower" : call.answered_at === null ? "ringing" : "fix" }];
  });
}

const within = (fix: FixView): string => (fix.uncertainty_m === null ? "no figure" : `±${Math.round(fix.uncertainty_m)} m`);

function callMark(call: CallView, shown: Shown): Mark[] {
  const fix = fixInUse(call);
  if (fix === null || fix.shape === null) return [];
  const inHand = call.call_id === shown.call?.call_id;
  const ringing = call.answered_at === null && call.ended_at === null;
  const tower = fix.fix_class === TOWER;
  const doors = inHand && (shown.incident?.doors.length ?? 0) > 0;
  const edge = doors ? northernmost(outline(fix.shape)) : undefined;
  const what = tower ? "tower" : ringing ? "ringing" : "call";
  return [
    {
      kind: "call",
      id: call.call_id,
      point: middle(fix.shape),
      icon: fix.shape.type === "point" && !tower ? `${what}-unstated` : what,
      label: saidWithIncident(call, shown) ? "" : inHand ? `${call.incident_number ?? call.ani} ${within(fix)}` : call.ani,
      box: inHand ? "strong" : "plain",
      ...(edge ? { labelAt: edge } : {}),
      first: inHand,
      name: call.ani,
      words: `${call.state_words}, ${fix.fix_class}, ${within(fix)}${inHand ? ", in hand" : ""}`,
    },
  ];
}

/** Among its doors a label would lie under their numbers: it stands above the circle. */
const northernmost = (corners: Point[]): Point | undefined => corners.toSorted((a, b) => b.lat - a.lat)[0];

/** The call in hand and its incident's place are one thing, said once. */
const saidWithIncident = (call: CallView, { incident }: Shown): boolean =>
  incident !== null && incident.place_point !== null && incident.incident_id === call.incident_id;

function incidentMark(incident: IncidentView, shown: Shown): Mark[] {
  if (incident.place_point === null) return [];
  const selected = incident.incident_id === shown.incident?.incident_id;
  const fix = shown.call && saidWithIncident(shown.call, shown) ? fixInUse(shown.call) : null;
  const urgency = incident.priority === 1 ? "strong" : incident.priority === 2 ? "urgent" : "plain";
  return [
    {
      kind: "incident",
      id: incident.incident_id,
      point: incident.place_point,
      icon: "incident",
      label: selected && fix ? `${incident.number} ${within(fix)}` : String(incident.number),
      box: selected ? "strong" : urgency,
      first: selected,
      name: `Incident ${incident.number}`,
      words: [incident.kind_label || "no kind yet", incident.place, incident.priority && `priority ${incident.priority}`]
        .filter(Boolean)
        .join(", "),
    },
  ];
}

function doorMark(door: DoorView, incident: IncidentView | null): Mark {
  const state = door.ruled_out ? "out" : incident?.place === door.label ? "used" : "open";
  return {
    kind: "door",
    id: door.address_id,
    point: door.point,
    icon: `door-${door.rank}-${state}-${door.earlier_calls > 0 ? "earlier" : "new"}`,
    label: door.label.split(" ")[0] ?? "",
    box: "plain",
    first: state === "used",
    name: `Door ${door.rank}: ${door.label}`,
    words: `${door.ruled_out ? "ruled out. " : ""}${door.why}`,
  };
}

function unitMark(unit: UnitView & { point: Point }, sent: Map<string, number | null>, nowMs: number): Mark {
  const old = unit.point_at === null || nowMs - Date.parse(unit.point_at) > OLD_MS;
  const seen = unit.point_at === null ? "taken to be at its post" : old ? `seen at ${timeOfDay(unit.point_at)}` : "";
  const travelS = sent.get(unit.unit_id) ?? null;
  const going = sent.has(unit.unit_id);
  return {
    kind: "unit",
    id: unit.unit_id,
    point: unit.point,
    icon: `unit-${unit.letter}${old ? "-old" : ""}`,
    label: travelS === null ? unit.unit_id : `${unit.unit_id} ${takes(travelS)}`,
    box: going ? "strong" : "plain",
    first: going || unit.emergency,
    name: unit.unit_id,
    words: [unit.status_words, unit.near, seen, travelS === null ? "" : `${spell(travelS)} by road`].filter(Boolean).join(", "),
  };
}
