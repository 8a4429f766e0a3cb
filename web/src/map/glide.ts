// Units move without jumping: each is shown on its way from where it was shown to where it was measured last.
import { metresBetween } from "./geometry";
import type { Point } from "../lib/types";

/** A measurement a second is what vehicles send; so long the way to it takes. */
const WAY_MS = 1000;
/** Farther than any vehicle goes in a second: it was not seen for a while, and is put where it is. */
const LEAP_M = 400;

interface Way {
  from: Point;
  to: Point;
  began: number;
}

export class Glide {
  readonly #ways = new Map<string, Way>();

  /** A thing was measured there; `still`: put it there at once. */
  send(id: string, to: Point, now: number, still: boolean): void {
    const way = this.#ways.get(id);
    if (way !== undefined && way.to.lat === to.lat && way.to.lon === to.lon) return;
    const from = way === undefined ? to : this.#at(way, now);
    const leaps = still || metresBetween(from, to) > LEAP_M;
    this.#ways.set(id, { from: leaps ? to : from, to, began: now });
  }

  /** Forget what is not shown any more. */
  keep(ids: Set<string>): void {
    for (const id of this.#ways.keys()) if (!ids.has(id)) this.#ways.delete(id);
  }

  where(id: string, now: number): Point | undefined {
    const way = this.#ways.get(id);
    return way && this.#at(way, now);
  }

  /** Is anything still on its way? */
  moving(now: number): boolean {
    for (const way of this.#ways.values()) if (way.from !== way.to && now - way.began < WAY_MS) return true;
    return false;
  }

  #at(way: Way, now: number): Point {
    const part = Math.min(1, (now - way.began) / WAY_MS);
    return {
      lat: way.from.lat + (way.to.lat - way.from.lat) * part,
      lon: way.from.lon + (way.to.lon - way.from.lon) * part,
    };
  }
}
