// The centre's clock, as its frames tell it, running on between them.

const TICK_MS = 250;

class CentreClock {
  nowMs = $state(Date.now());
  #toldMs = Date.now();
  #heardMs = performance.now();
  #speed = 1;

  constructor() {
    setInterval(() => (this.nowMs = this.#read()), TICK_MS);
  }

  /** What a frame said: the domain time, and how fast it runs. */
  set(now: string, speed: number): void {
    this.#toldMs = Date.parse(now);
    this.#heardMs = performance.now();
    this.#speed = speed;
    this.nowMs = this.#read();
  }

  /** The domain time of this moment, as ISO 8601. */
  iso(): string {
    return new Date(this.#read()).toISOString();
  }

  #read(): number {
    return this.#toldMs + (performance.now() - this.#heardMs) * this.#speed;
  }
}

export const clock = new CentreClock();

/** Milliseconds since `at`; never negative. */
export const since = (at: string): number => Math.max(0, clock.nowMs - Date.parse(at));
