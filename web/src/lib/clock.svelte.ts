// The centre's clock, as its frames tell it, running on between them.

const TICK_MS = 250;
/** A machine whose clock is off by more is told so. */
const NOTICED_MS = 30_000;

/** `2 h 5 min` of milliseconds. */
function roughly(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return `${Math.round(ms / 1000)} s`;
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24];
  return [days && `${days} d`, hours && `${hours} h`, days === 0 && minutes % 60 && `${minutes % 60} min`].filter(Boolean).join(" ");
}

class CentreClock {
  nowMs = $state(Date.now());
  /** How far this machine's clock is off the centre's real one, in words; empty when it is right. */
  machineOff = $state("");
  #toldMs = Date.now();
  #heardMs = performance.now();
  #speed = 1;
  #told = false;

  constructor() {
    setInterval(() => (this.nowMs = this.#read()), TICK_MS);
  }

  /** What a frame said: the domain time, and how fast it runs. */
  set(now: string, speed: number): void {
    this.#told = true;
    this.#toldMs = Date.parse(now);
    this.#heardMs = performance.now();
    this.#speed = speed;
    // All running clocks on the screen follow `nowMs`: a frame that agrees with them moves none, the next tick does.
    const read = this.#read();
    if (Math.abs(read - this.nowMs) > 2 * TICK_MS) this.nowMs = read;
  }

  /** The real time at the centre, as its HTTP answers tell it (RFC 9110 section 6.6.1). */
  compare(date: string | null): void {
    const off = Date.now() - Date.parse(date ?? "");
    if (Number.isNaN(off)) return;
    if (!this.#told) this.set(new Date(Date.parse(date ?? "")).toISOString(), 1);
    const words = `This machine's clock is ${roughly(Math.abs(off))} ${off > 0 ? "fast" : "slow"}`;
    this.machineOff = Math.abs(off) < NOTICED_MS ? "" : words;
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
