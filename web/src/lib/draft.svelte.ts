// Half-typed text, kept on this machine for the person who types it: through a reload, a killed browser, in every window.

const KEPT_MS = 7 * 24 * 3600 * 1000;
const ROOM = "draft ";

interface Kept {
  text: string;
  /** When it was typed, by this machine's clock. */
  at: number;
}

function read(stored: string | null): Kept | null {
  try {
    const kept = JSON.parse(stored ?? "null") as Kept | null;
    return typeof kept?.text === "string" && Date.now() - kept.at < KEPT_MS ? kept : null;
  } catch {
    return null;
  }
}

/** All drafts of one person. */
class Drafts {
  #texts = $state<Record<string, string>>({});
  #prefix = ROOM;

  constructor() {
    addEventListener("storage", (event) => this.#elsewhere(event));
  }

  /** Whose drafts they are from now on; what is too old is thrown away. */
  of(person: string): void {
    this.#prefix = `${ROOM}${person} `;
    this.#texts = {};
    for (const key of Object.keys(localStorage)) {
      if (!key.startsWith(ROOM)) continue;
      const kept = read(localStorage.getItem(key));
      if (kept === null) localStorage.removeItem(key);
      else if (key.startsWith(this.#prefix)) this.#texts[key.slice(this.#prefix.length)] = kept.text;
    }
  }

  get(name: string): string {
    return this.#texts[name] ?? "";
  }

  set(name: string, text: string): void {
    this.#texts[name] = text;
    try {
      if (text === "") localStorage.removeItem(this.#prefix + name);
      else localStorage.setItem(this.#prefix + name, JSON.stringify({ text, at: Date.now() } satisfies Kept));
    } catch {
      // The browser keeps no more: the text stands in this window all the same.
    }
  }

  /** Typed in another window of the same person. */
  #elsewhere(event: StorageEvent): void {
    if (event.key?.startsWith(this.#prefix)) this.#texts[event.key.slice(this.#prefix.length)] = read(event.newValue)?.text ?? "";
  }
}

export const drafts = new Drafts();

export class Draft {
  constructor(private readonly name: string) {}

  get text(): string {
    return drafts.get(this.name);
  }

  set text(value: string) {
    drafts.set(this.name, value);
  }
}
