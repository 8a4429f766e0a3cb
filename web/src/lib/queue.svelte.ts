// Actions kept on this device until the centre has them: in order, never lost by a reload, the same in every window.
import { Away, Refusal, send } from "./api";

const RETRY_MS = 2000;
/** Another window sends what it has taken up; should it be gone, this one does. */
const TAKE_OVER_MS = 5000;

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

interface Waiter {
  done(row: unknown): void;
  refused(problem: unknown): void;
}

const NOTHING: Kept = { waiting: [], conflicts: [] };

export class ActionQueue {
  waiting = $state.raw<Action[]>([]);
  conflicts = $state.raw<Conflict[]>([]);
  /** When the first action waited in vain, in the centre's time; null while all is sent. */
  awaySince = $state<string | null>(null);
  #sending = "";
  #again = 0;
  readonly #waiters = new Map<string, Waiter>();

  constructor(
    private readonly store: Storage,
    private readonly name: string,
    private readonly onDone: (action: Action, row: unknown) => void,
  ) {
    this.#show(this.#kept());
    addEventListener("online", this.#drainNow);
    addEventListener("storage", this.#elsewhere);
    this.#drainNow();
  }

  /** Do this as soon as the centre can be told; it is told when it was (`at`). */
  add(path: string, body: Record<string, unknown>, words: string, at: string): void {
    this.#put({ key: crypto.randomUUID(), path, body: { ...body, at }, words, at });
  }

  /**
   * Do this as soon as the centre can be told; `at` is for the person only. Answers the centre's answer, or null when
   * another window got it; raises its refusal.
   */
  save(path: string, body: Record<string, unknown>, words: string, at: string): Promise<unknown> {
    const action = { key: crypto.randomUUID(), path, body, words, at };
    return new Promise((done, refused) => {
      this.#waiters.set(action.key, { done, refused });
      this.#put(action);
    });
  }

  dismiss(conflict: Conflict): void {
    this.#change(({ waiting, conflicts }) => ({
      waiting,
      conflicts: conflicts.filter((one) => one.action.key !== conflict.action.key),
    }));
  }

  stop(): void {
    removeEventListener("online", this.#drainNow);
    removeEventListener("storage", this.#elsewhere);
    clearTimeout(this.#again);
  }

  #put(action: Action): void {
    this.#change(({ waiting, conflicts }) => ({ waiting: [...waiting, action], conflicts }));
    this.#drainNow();
  }

  #kept(): Kept {
    try {
      return (JSON.parse(this.store.getItem(this.name) ?? "null") as Kept | null) ?? NOTHING;
    } catch {
      return NOTHING;
    }
  }

  #show({ waiting, conflicts }: Kept): void {
    [this.waiting, this.conflicts] = [waiting, conflicts];
  }

  /** What all windows keep is changed, not what this one last saw of it. */
  #change(change: (kept: Kept) => Kept): void {
    try {
      const kept = change(this.#kept());
      this.store.setItem(this.name, JSON.stringify(kept));
      this.#show(kept);
    } catch {
      // The browser keeps no more: it is kept in this window all the same.
      this.#show(change({ waiting: this.waiting, conflicts: this.conflicts }));
    }
  }

  #elsewhere = (event: StorageEvent): void => {
    if (event.storageArea !== this.store || event.key !== this.name) return;
    this.#show(this.#kept());
    for (const [key, waiter] of this.#waiters) {
      if (key === this.#sending || this.waiting.some((one) => one.key === key)) continue;
      this.#waiters.delete(key);
      waiter.done(null);
    }
    if (this.waiting.length > 0 && this.#sending === "") {
      clearTimeout(this.#again);
      this.#again = setTimeout(this.#drainNow, TAKE_OVER_MS);
    }
  };

  #drainNow = (): void => {
    clearTimeout(this.#again);
    if (this.#sending === "") void this.#drain();
  };

  async #drain(): Promise<void> {
    for (let first = this.waiting[0]; first !== undefined; first = this.waiting[0]) {
      this.#sending = first.key;
      if (!(await this.#sendOne(first))) break;
    }
    this.#sending = "";
  }

  /** True when the action is off the queue: recorded, or refused and shown. */
  async #sendOne(action: Action): Promise<boolean> {
    const waiter = this.#waiters.get(action.key);
    try {
      const row = await send(action.path, action.body, action.key);
      this.#off(action, null);
      this.onDone(action, row);
      waiter?.done(row);
    } catch (problem) {
      if (problem instanceof Away || (problem instanceof Refusal && problem.status === 401)) {
        this.awaySince ??= action.at;
        this.#again = setTimeout(this.#drainNow, RETRY_MS);
        return false;
      }
      const sentence = problem instanceof Error ? problem.message : String(problem);
      this.#off(action, waiter === undefined ? { action, sentence } : null);
      waiter?.refused(problem);
    }
    return true;
  }

  #off(action: Action, conflict: Conflict | null): void {
    this.#waiters.delete(action.key);
    this.#change(({ waiting, conflicts }) => ({
      waiting: waiting.filter((one) => one.key !== action.key),
      conflicts: conflict === null ? conflicts : [...conflicts.filter((one) => one.action.key !== action.key), conflict],
    }));
    this.awaySince = null;
  }
}
