// What comes from the centre is put on the screen once a frame, and after what the hand does: a key is answered first.

/** The frame after a key is the key's. */
const KEY_MS = 20;
/** No longer does anything wait for a hand. */
const PATIENCE_MS = 100;
/** A page that nobody sees draws no frames. */
const UNSEEN_MS = 250;

let pressedMs = -Infinity;
let awaited = 0;
addEventListener("keydown", () => (pressedMs = performance.now()), { capture: true });

/** The hand waits for what this brings. */
export async function forTheHand<T>(answer: Promise<T>): Promise<T> {
  awaited += 1;
  try {
    return await answer;
  } finally {
    awaited -= 1;
  }
}

const handFirst = (now: number): boolean => awaited > 0 || now - pressedMs < KEY_MS;

/** Work that is done soon, however often it is asked for: at most once a frame. */
export class Paced {
  #askedMs: number | null = null;
  #frame = 0;
  #unseen = 0;

  constructor(private readonly work: () => void) {}

  ask(): void {
    if (this.#askedMs !== null) return;
    this.#askedMs = performance.now();
    this.#unseen = setTimeout(() => this.#do(), document.hidden ? 0 : UNSEEN_MS);
    this.#frame = requestAnimationFrame(this.#due);
  }

  stop(): void {
    clearTimeout(this.#unseen);
    cancelAnimationFrame(this.#frame);
    this.#askedMs = null;
  }

  #due = (): void => {
    const now = performance.now();
    if (handFirst(now) && now - (this.#askedMs ?? now) < PATIENCE_MS) this.#frame = requestAnimationFrame(this.#due);
    else this.#do();
  };

  #do(): void {
    this.stop();
    this.work();
  }
}
