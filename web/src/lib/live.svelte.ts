// The board as the live feed keeps it: a snapshot, then frames; away and back by itself.
import { ask, feedAddress, Refusal } from "./api";
import { clock } from "./clock.svelte";
import { Paced } from "./pace";
import type { Board, CallView, Frame, IncidentView, LineView, PositionView, UnitView } from "./types";

/** A frame comes at least every five seconds; without one for this long the feed is taken for dead. */
const SILENCE_MS = 12_000;
const BACKOFF_MS = [250, 500, 1000, 2000, 4000, 5000];

interface Row {
  seq: number;
}

/** Rows with the changed ones put in place by id; a row never goes back to an older state. */
export function merged<T extends Row>(rows: T[], changed: T[], idOf: (row: T) => string): T[] {
  if (changed.length === 0) return rows;
  const newest = new Map(rows.map((row) => [idOf(row), row]));
  for (const row of changed) {
    const known = newest.get(idOf(row));
    if (known === undefined || row.seq >= known.seq) newest.set(idOf(row), row);
  }
  return [...newest.values()];
}

/** Rows without those that have left the board, but for what somebody still looks at. */
export function remaining<T>(rows: T[], left: Set<string>, idOf: (row: T) => string, held: (row: T) => boolean): T[] {
  return rows.some((row) => left.has(idOf(row)) && !held(row)) ? rows.filter((row) => !left.has(idOf(row)) || held(row)) : rows;
}

/** What a person looks at stays, though it has left the board. */
export interface Held {
  call(row: CallView): boolean;
  incident(row: IncidentView): boolean;
}

const NOTHING_HELD: Held = { call: () => false, incident: () => false };

export class Live {
  seq = $state(0);
  calls = $state.raw<CallView[]>([]);
  incidents = $state.raw<IncidentView[]>([]);
  units = $state.raw<UnitView[]>([]);
  positions = $state.raw<PositionView[]>([]);
  line = $state.raw<LineView | null>(null);
  loaded = $state(false);
  /** Since when the centre is not heard, in its time; null while it is. */
  awaySince = $state<number | null>(null);
  /** Since when the centre cannot record; null while it can. */
  recordAwaySince = $state<string | null>(null);

  #socket: WebSocket | null = null;
  /** Frames that have come and are not on the screen yet. */
  #waiting: Frame[] = [];
  readonly #paced = new Paced(() => this.#apply());
  #watch = 0;
  #again = 0;
  #tries = 0;
  #stopped = false;
  /** Ids of rows that have left the board and are held here still. */
  readonly #left = { calls: new Set<string>(), incidents: new Set<string>() };

  constructor(
    private readonly onSignedOut: () => void,
    private readonly held: Held = NOTHING_HELD,
  ) {}

  start(): void {
    this.#stopped = false;
    addEventListener("online", this.#now);
    void this.#resync();
  }

  stop(): void {
    this.#stopped = true;
    removeEventListener("online", this.#now);
    clearTimeout(this.#watch);
    clearTimeout(this.#again);
    this.#paced.stop();
    this.#socket?.close();
  }

  /** Rows that an answered command brought back. */
  take(rows: Partial<Pick<Board, "calls" | "incidents" | "units" | "positions">>): void {
    this.calls = merged(this.calls, rows.calls ?? [], (row) => row.call_id);
    this.incidents = merged(this.incidents, rows.incidents ?? [], (row) => row.incident_id);
    this.units = merged(this.units, rows.units ?? [], (row) => row.unit_id);
    this.positions = merged(this.positions, rows.positions ?? [], (row) => row.position_id);
  }

  #now = (): void => {
    if (this.awaySince === null) return;
    clearTimeout(this.#again);
    void this.#resync();
  };

  async #resync(): Promise<void> {
    try {
      this.#show(await ask<Board>("/api/board"));
    } catch (problem) {
      if (problem instanceof Refusal && problem.status === 401) return this.onSignedOut();
      return this.#lost();
    }
    if (!this.#stopped) this.#follow();
  }

  #show(board: Board): void {
    // What an answered command brought meanwhile may be newer than the board that was asked for before.
    const newer = <T extends Row>(rows: T[]): T[] => rows.filter((row) => row.seq > board.seq);
    const { calls, incidents, units, positions } = this;
    [this.calls, this.incidents, this.units, this.positions] = [board.calls, board.incidents, board.units, board.positions];
    this.take({ calls: newer(calls), incidents: newer(incidents), units: newer(units), positions: newer(positions) });
    this.line = board.line;
    this.recordAwaySince = board.record_away_since;
    this.seq = board.seq;
    this.loaded = true;
    clock.set(board.now, board.clock_speed);
  }

  #follow(): void {
    this.#waiting = [];
    const socket = new WebSocket(feedAddress(this.seq));
    this.#socket = socket;
    this.#listen();
    socket.onmessage = (message: MessageEvent<string>) => this.#frame(JSON.parse(message.data) as Frame);
    socket.onclose = () => this.#lost();
  }

  #frame(frame: Frame): void {
    this.awaySince = null;
    this.#tries = 0;
    this.#listen();
    clock.set(frame.now, frame.clock_speed);
    this.#waiting.push(frame);
    this.#paced.ask();
  }

  /** All that has come, in one go: what changed twice is drawn once. */
  #apply(): void {
    for (const frame of this.#waiting.splice(0)) {
      this.take(frame);
      this.#letGo(frame);
      if (frame.line) this.line = frame.line;
      this.recordAwaySince = frame.record_away_since;
      this.seq = frame.seq;
    }
  }

  /** Memory follows what goes on, not what has ever been. */
  #letGo(frame: Frame): void {
    const { calls, incidents } = this.#left;
    for (const row of frame.calls) calls.delete(row.call_id);
    for (const row of frame.incidents) incidents.delete(row.incident_id);
    for (const id of frame.calls_gone) calls.add(id);
    for (const id of frame.incidents_gone) incidents.add(id);
    if (calls.size === 0 && incidents.size === 0) return;
    this.calls = remaining(this.calls, calls, (row) => row.call_id, this.held.call);
    this.incidents = remaining(this.incidents, incidents, (row) => row.incident_id, this.held.incident);
    for (const id of [...calls]) if (!this.calls.some((row) => row.call_id === id)) calls.delete(id);
    for (const id of [...incidents]) if (!this.incidents.some((row) => row.incident_id === id)) incidents.delete(id);
  }

  #listen(): void {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.#silent(), SILENCE_MS);
  }

  /** Nothing is heard any more: closing would wait for the other side, which says nothing either. */
  #silent(): void {
    if (this.#socket !== null) this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket?.close();
    this.#lost();
  }

  #lost(): void {
    clearTimeout(this.#watch);
    if (this.#stopped) return;
    this.awaySince ??= clock.nowMs;
    const wait = BACKOFF_MS[Math.min(this.#tries, BACKOFF_MS.length - 1)] ?? 5000;
    this.#tries += 1;
    clearTimeout(this.#again);
    this.#again = setTimeout(() => void this.#resync(), wait * (0.75 + Math.random() / 2));
  }
}
