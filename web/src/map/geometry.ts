// Distances, bearings and outlines on the ground. WGS 84 degrees, metres.
import type { Point, Shape } from "../lib/types";

const EARTH_RADIUS_M = 6_371_008.8;
const CIRCLE_CORNERS = 64;
const WINDS = ["north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west"];

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Great-circle distance. */
export function metresBetween(a: Point, b: Point): number {
  const h =
    Math.sin(radians(b.lat - a.lat) / 2) ** 2 +
    Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * Math.sin(radians(b.lon - a.lon) / 2) ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** `north-east`: where `b` is, seen from `a`. */
export function windTowards(a: Point, b: Point): string {
  const east = Math.sin(radians(b.lon - a.lon)) * Math.cos(radians(b.lat));
  const north =
    Math.cos(radians(a.lat)) * Math.sin(radians(b.lat)) -
    Math.sin(radians(a.lat)) * Math.cos(radians(b.lat)) * Math.cos(radians(b.lon - a.lon));
  const turn = Math.round((Math.atan2(east, north) / (2 * Math.PI)) * WINDS.length);
  return WINDS[(turn + WINDS.length) % WINDS.length] ?? "";
}

/** The point so many metres east and north of another; good for a few kilometres. */
export function moved(from: Point, eastM: number, northM: number): Point {
  const degree = radians(1) * EARTH_RADIUS_M;
  return { lat: from.lat + northM / degree, lon: from.lon + eastM / (degree * Math.cos(radians(from.lat))) };
}

/** The middle of what a fix says. */
export function middle(shape: Shape): Point {
  if (shape.type === "point") return shape.at;
  if (shape.type === "circle") return shape.centre;
  const sum = (of: (corner: Point) => number): number => shape.corners.reduce((all, corner) => all + of(corner), 0);
  return { lat: sum((one) => one.lat) / shape.corners.length, lon: sum((one) => one.lon) / shape.corners.length };
}

/** The outline of an uncertain place, closed; empty for a bare point. */
export function outline(shape: Shape): Point[] {
  if (shape.type === "point") return [];
  if (shape.type === "polygon") return [...shape.corners, ...shape.corners.slice(0, 1)];
  return Array.from({ length: CIRCLE_CORNERS + 1 }, (_, corner) => {
    const turn = ((corner % CIRCLE_CORNERS) / CIRCLE_CORNERS) * 2 * Math.PI;
    return moved(shape.centre, shape.radius_m * Math.cos(turn), shape.radius_m * Math.sin(turn));
  });
}
