// Actions kept on this device until the centre has them: in order, with their true times, never lost by a reload.
import { Away, Refusal, send } from "./api";

const RETRY_MS = 2000;

export interface Action {
  key: string;
  path: string;
  body: Record<string, unknown>;
  /** What was done, for the person who did it. */
  words: string;
  /** When it was done, in the centre's time. */
  at: string;
}

export interface Conflict {
  action: Action;
  sentence: string;
}

interface Kept {
  waiting: Action[];
  conflicts: Conflict[];
}

const NOTHING: Kept = { waiting: [], conflicts: [] };

export class ActionQueue {
  waiting = $state.raw<Action[]>([]);
  conflicts = $state.raw<Conflict[]>([]);
  /** When the first action waited in vain, in the centre's time; null while all is sent. */
  awaySince = $state<string | null>(null);
  #sending = false;
  #again = 0;

  constructor(
    private readonly store: Storage,
    private readonly name: string,
    private readonly onDone: (action: Action, row: unknown) => void,
  ) {
    const kept = JSON.parse(store.getItem(name) ?? "null") as Kept | null;
    ({ waiting: this.waiting, conflicts: this.conflicts } = kept ?? NOTHING);
    addEventListener("online", this.#drainNow);
    this.#drainNow();
  }

  /** Do this as soon as the centre can be told; it is told when it was (`at`). */
  add(path: string, body: Record<string, unknown>, words: string, at: string): void {
    this.waiting = [...this.waiting, { key: crypto.randomUUID(), path, body: { ...body, at }, words, at }];
    this.#keep();
    this.#drainNow();
  }

  dismiss(conflict: Conflict): void {
    this.conflicts = this.conflicts.filter((one) => one !== conflict);
    this.#keep();
  }

  stop(): void {
    removeEventListener("online", this.#drainNow);
    clearTimeout(this.#again);
  }

  #keep(): void {
    this.store.setItem(this.name, JSON.stringify({ waiting: this.waiting, conflicts: this.conflicts }));
  }

  #drainNow = (): void => {
    clearTimeout(this.#again);
    if (!this.#sending) void this.#drain();
  };

  async #drain(): Promise<void> {
    this.#sending = true;
    for (let first = this.waiting[0]; first !== undefined; first = this.waiting[0]) {
      if (!(await this.#sendOne(first))) break;
    }
    this.#sending = false;
  }

  /** True when the action is off the queue: recorded, or refused and shown. */
  async #sendOne(action: Action): Promise<boolean> {
    try {
      const row = await send(action.path, action.body, action.key);
      this.#off(action);
      this.onDone(action, row);
    } catch (problem) {
      if (problem instanceof Away || (problem instanceof Refusal && problem.status === 401)) {
        this.awaySince ??= action.at;
        this.#again = setTimeout(this.#drainNow, RETRY_MS);
        return false;
      }
      const sentence = problem instanceof Error ? problem.message : String(problem);
      this.conflicts = [...this.conflicts, { action, sentence }];
      this.#off(action);
    }
    return true;
  }

  #off(action: Action): void {
    this.waiting = this.waiting.filter((one) => one.key !== action.key);
    this.awaySince = null;
    this.#keep();
  }
}
