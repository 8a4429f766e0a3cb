// The map's style, made of a palette: streets to know a place by, and above them what happens. No fonts, no pictures and
// no tiles from anywhere else.
import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from "maplibre-gl";
import type { Palette } from "./palette";

/** MapLibre takes the weight from the first family's name; `Desk Bold` is the same font under such a name (map.css). */
const NAMES = ["Atkinson Hyperlegible Next Variable"];
const BOLD = ["Desk Bold", ...NAMES];

/** The kind of a label that stands at the edge of an area. */
export const EDGE = "edge";
export const AREAS = "areas";
export const MARKS = "marks";
export const UNITS = "units";
/** The layers whose features can be picked, and are counted. */
export const ICON_LAYERS = ["call", "incident", "door", "unit"];

/** Farther off, doors would lie on top of each other. */
const DOORS_FROM = 15.5;
const NOTHING = { type: "FeatureCollection" as const, features: [] };

export function styleOf(palette: Palette, tiles: string): StyleSpecification {
  return {
    version: 8,
    sources: {
      streets: { type: "vector", url: `pmtiles://${tiles}` },
      [AREAS]: { type: "geojson", data: NOTHING },
      [MARKS]: { type: "geojson", data: NOTHING },
      [UNITS]: { type: "geojson", data: NOTHING },
    },
    layers: [...ground(palette), ...roads(palette), ...streetNames(palette), ...areas(palette), ...labels(palette), ...icons()],
  };
}

function ground(palette: Palette): LayerSpecification[] {
  const from = (layer: string): { source: string; "source-layer": string } => ({ source: "streets", "source-layer": layer });
  return [
    { id: "land", type: "background", paint: { "background-color": palette.land } },
    { id: "green", type: "fill", ...from("green"), paint: { "fill-color": palette.green } },
    { id: "water", type: "fill", ...from("water"), paint: { "fill-color": palette.water } },
    { id: "stream", type: "line", ...from("stream"), paint: { "line-color": palette.water, "line-width": byZoom([11, 0.8], [16, 4]) } },
    {
      id: "building",
      type: "fill",
      ...from("building"),
      minzoom: 14,
      paint: { "fill-color": palette.building, "fill-outline-color": palette.buildingEdge },
    },
    { id: "rail", type: "line", ...from("rail"), paint: { "line-color": palette.rail, "line-width": 1, "line-dasharray": [6, 3] } },
  ];
}

function byZoom(...stops: [number, number][]): ExpressionSpecification {
  return ["interpolate", ["exponential", 1.5], ["zoom"], ...stops.flat()] as unknown as ExpressionSpecification;
}

const ROADS: { id: keyof Palette["roads"]; classes: string[]; width: [number, number][] }[] = [
  { id: "path", classes: ["path", "service"], width: [[14, 0.6], [18, 5]] },
  { id: "minor", classes: ["minor"], width: [[12, 0.5], [14, 1], [18, 14]] },
  { id: "middle", classes: ["tertiary", "secondary"], width: [[10, 0.6], [14, 1.6], [18, 18]] },
  { id: "main", classes: ["primary", "trunk"], width: [[9, 0.7], [14, 2.2], [18, 20]] },
  { id: "motorway", classes: ["motorway"], width: [[9, 0.9], [14, 2.4], [18, 22]] },
];

function roads(palette: Palette): LayerSpecification[] {
  const layer = (one: (typeof ROADS)[number], casing: boolean): LayerSpecification => ({
    id: casing ? `casing ${one.id}` : one.id,
    type: "line",
    source: "streets",
    "source-layer": "road",
    filter: ["in", ["get", "class"], ["literal", one.classes]],
    ...(casing ? { minzoom: 15 } : {}),
    layout: { "line-cap": "round", "line-join": "round" },
    paint: casing
      ? { "line-color": palette.casing, "line-gap-width": byZoom(...one.width), "line-width": 1 }
      : { "line-color": palette.roads[one.id], "line-width": byZoom(...one.width) },
  });
  return [...ROADS.slice(1).map((one) => layer(one, true)), ...ROADS.map((one) => layer(one, false))];
}

function streetNames(palette: Palette): LayerSpecification[] {
  const names = (id: string, classes: string[], minzoom: number, size: number): LayerSpecification => ({
    id,
    type: "symbol",
    source: "streets",
    "source-layer": "road",
    minzoom,
    filter: ["all", ["has", "name"], ["!", ["has", "link"]], ["in", ["get", "class"], ["literal", classes]]],
    layout: {
      "symbol-placement": "line",
      "symbol-spacing": 320,
      "text-field": ["get", "name"],
      "text-font": NAMES,
      "text-size": size,
      "text-padding": 6,
      "text-max-angle": 35,
    },
    paint: { "text-color": palette.streetName, "text-halo-color": palette.land, "text-halo-width": 1.6 },
  });
  return [
    names("names minor", ["minor"], 14.6, 11),
    names("names middle", ["tertiary", "secondary"], 13, 11.5),
    names("names main", ["primary", "trunk", "motorway"], 11.5, 12),
    {
      id: "places",
      type: "symbol",
      source: "streets",
      "source-layer": "place",
      layout: { "text-field": ["get", "name"], "text-font": BOLD, "text-size": 13, "text-max-width": 8 },
      paint: { "text-color": palette.streetName, "text-halo-color": palette.land, "text-halo-width": 1.6 },
    },
  ];
}

function areas(palette: Palette): LayerSpecification[] {
  const colour: ExpressionSpecification = ["match", ["get", "kind"], "ringing", palette.ringing, palette.fix];
  const isTower: ExpressionSpecification = ["==", ["get", "kind"], "tower"];
  return [
    {
      id: "tower area",
      type: "fill",
      source: AREAS,
      filter: isTower,
      paint: { "fill-color": palette.ink3, "fill-opacity": ["case", ["get", "inHand"], 0.12, 0.06] },
    },
    {
      id: "tower edge",
      type: "line",
      source: AREAS,
      filter: isTower,
      paint: { "line-color": palette.towerEdge, "line-width": 1.2, "line-dasharray": [4, 4] },
    },
    {
      id: "fix area",
      type: "fill",
      source: AREAS,
      filter: ["!", isTower],
      paint: { "fill-color": colour, "fill-opacity": ["case", ["get", "inHand"], 0.14, 0.07] },
    },
    {
      id: "fix edge",
      type: "line",
      source: AREAS,
      filter: ["!", isTower],
      paint: { "line-color": colour, "line-width": ["case", ["get", "inHand"], 2, 1.2] },
    },
  ];
}

/** Labels in boxes, beside their icon where there is room; those of the selection are never hidden. */
function labels(palette: Palette): LayerSpecification[] {
  const label = (id: string, source: string, first: boolean, edge = false): LayerSpecification => ({
    id,
    type: "symbol",
    source,
    filter: ["all", [edge ? "==" : "!=", ["get", "kind"], EDGE], ["==", ["get", "first"], first], ["!=", ["get", "label"], ""], ["any", ["!=", ["get", "kind"], "door"], [">=", ["zoom"], 17]]],
    layout: {
      "text-field": ["get", "label"],
      "text-font": BOLD,
      "text-size": 12,
      "text-max-width": 20,
      "text-variable-anchor": edge ? ["bottom"] : first ? ["top", "left", "right", "bottom"] : ["left", "right", "top", "bottom"],
      "text-radial-offset": 1.8,
      "text-justify": "auto",
      "text-allow-overlap": first,
      "icon-allow-overlap": first,
      "icon-image": ["concat", "box-", ["get", "box"]],
      "icon-text-fit": "both",
      "icon-text-fit-padding": [0, 1, 0, 1],
    },
    paint: { "text-color": ["match", ["get", "box"], "strong", palette.land, "urgent", palette.onUrgent, palette.ink] },
  });
  return [
    label("mark labels", MARKS, false),
    label("unit labels", UNITS, false),
    label("first unit labels", UNITS, true),
    label("first labels", MARKS, true),
    label("edge labels", MARKS, true, true),
  ];
}

function icons(): LayerSpecification[] {
  const icon = (id: string, source: string): LayerSpecification => ({
    id,
    type: "symbol",
    source,
    filter: ["==", ["get", "kind"], id],
    ...(id === "door" ? { minzoom: DOORS_FROM } : {}),
    layout: {
      "icon-image": ["get", "icon"],
      "icon-allow-overlap": true,
      "symbol-sort-key": ["get", "order"],
    },
  });
  return [icon("incident", MARKS), icon("call", MARKS), icon("door", MARKS), icon("unit", UNITS)];
}
