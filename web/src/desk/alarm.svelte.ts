// What the desk lets be heard: one window of a browser rings, whichever was touched first.
import { untrack } from "svelte";
import { clock } from "../lib/clock.svelte";
import { sound } from "../lib/sound.svelte";
import type { ClockView } from "../lib/types";
import type { Desk } from "./desk.svelte";

const RING_EVERY_MS = 2000;
const EMERGENCY_EVERY_MS = 1000;
const OVERDUE_EVERY_MS = 20_000;
const SHARE_DUE = 0.8;

/** Calls that ring here, units in trouble, clocks that run out. To be called while a component starts. */
export function letRing(desk: Desk): void {
  const ringing = $derived(desk.ringingHere.length > 0);
  const emergency = $derived(desk.emergencies.length > 0);
  const overdue = $derived(desk.live.incidents.some((one) => one.overdue) || desk.live.units.some((one) => one.overdue));

  $effect(() => (emergency ? again(EMERGENCY_EVERY_MS, "emergency") : ringing ? again(RING_EVERY_MS, "ring") : undefined));
  $effect(() => (overdue ? again(OVERDUE_EVERY_MS, "overdue") : undefined));
  $effect(() => {
    const nowMs = clock.nowMs;
    // With each tick of the clock, not with each frame of the feed.
    const reached = untrack(() => nearlyOver(desk, nowMs));
    const fresh = [...reached].some((one) => !known.has(one));
    known = reached;
    if (fresh && sound.here && desk.live.loaded && settled) untrack(() => sound.play("due"));
    settled = desk.live.loaded;
  });
  /** What had come so far before this window looked is no news. */
  let settled = false;
  let known: ReadonlySet<string> = new Set();
}

function again(everyMs: number, name: "ring" | "emergency" | "overdue"): (() => void) | undefined {
  if (!sound.here) return undefined;
  untrack(() => sound.play(name));
  const every = setInterval(() => sound.play(name), everyMs);
  return () => clearInterval(every);
}

/** The clocks that have used four fifths of their time and are not over. */
function nearlyOver(desk: Desk, nowMs: number): ReadonlySet<string> {
  const found = new Set<string>();
  const look = (id: string, clocks: ClockView[]): void => {
    for (const { name, started_at, due_at } of clocks) {
      if (due_at === null) continue;
      const [from, to] = [Date.parse(started_at), Date.parse(due_at)];
      if (nowMs >= from + SHARE_DUE * (to - from) && nowMs < to) found.add(`${id} ${name} ${started_at}`);
    }
  };
  for (const one of desk.live.calls) look(one.call_id, one.clocks);
  for (const one of desk.live.incidents) look(one.incident_id, one.clocks);
  for (const one of desk.live.units) look(one.unit_id, one.clocks);
  return found;
}
