// What is typed to a caller, letter by letter: batches in the queue of this person, in order, through a reload.
import type { ActionQueue } from "./queue.svelte";

/** Letters are gathered for so long: the centre passes them on in such pieces anyway. */
const GATHERED_MS = 250;
const BACKSPACE = "\b";

interface Letter {
  text: string;
  at: number;
}

export class TypedText {
  /** What the field held when it was last looked at. */
  #before = "";
  #letters: Letter[] = [];
  #due = 0;

  constructor(
    private readonly queue: ActionQueue,
    private readonly path: string,
    private readonly now: () => string,
  ) {}

  /** Has a line been begun and not ended? */
  get begun(): boolean {
    return this.#before !== "";
  }

  /** The field changed as somebody typed: send the difference, as backspaces and letters. */
  follow(field: string): void {
    this.say(difference(this.#before, field));
    this.#before = field;
  }

  /** End the line that was begun. */
  end(): void {
    this.#before = "";
    this.say("\n");
  }

  /** Nothing in the field has been sent. */
  forget(): void {
    this.#before = "";
  }

  say(text: string): void {
    const at = performance.now();
    for (const letter of text) this.#letters.push({ text: letter, at });
    if (this.#letters.length === 0) return;
    if (text.endsWith("\n")) this.flush();
    else if (this.#due === 0) this.#due = setTimeout(() => this.flush(), GATHERED_MS);
  }

  /** Give what was gathered to the queue. */
  flush(): void {
    clearTimeout(this.#due);
    this.#due = 0;
    const letters = this.#letters;
    this.#letters = [];
    if (letters.length === 0) return;
    const text = letters.map((letter) => letter.text).join("");
    const ago_ms = letters.map((letter) => Math.max(0, Math.round(performance.now() - letter.at)));
    this.queue.add(this.path, { text, ago_ms }, text, this.now());
  }
}

/** How one text becomes the other by typing at its end. */
export function difference(before: string, after: string): string {
  const [old, fresh] = [[...before], [...after]];
  let same = 0;
  while (same < old.length && same < fresh.length && old[same] === fresh[same]) same += 1;
  return BACKSPACE.repeat(old.length - same) + fresh.slice(same).join("");
}
