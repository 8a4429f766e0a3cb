// One person's layout of the desk: kept at the centre, so that it is there at every position; a copy stays in this browser.
import { ask } from "./api";
import { DEFAULTS, mended, type Arrangement, type Size } from "./arrange";

type Kept = Record<Size, Arrangement | null>;

const AS_IT_COMES: Kept = { wide: null, middle: null, narrow: null };
const PATH = "/api/me/desk";
const SAVE_AFTER_MS = 400;
const WIDE = matchMedia("(min-width: 1501px)");
const NARROW = matchMedia("(max-width: 1100px)");

const sizeNow = (): Size => (WIDE.matches ? "wide" : NARROW.matches ? "narrow" : "middle");

export class Layout {
  size = $state<Size>(sizeNow());
  /** Splitters are shown and take the focus. */
  sizing = $state(false);
  trouble = $state("");
  #kept = $state.raw<Kept>(AS_IT_COMES);
  /** What the default was put in place of. */
  #before: Kept | null = null;
  #save = 0;

  own = $derived.by(() => this.#kept[this.size] !== null);
  now = $derived.by(() => this.#kept[this.size] ?? DEFAULTS[this.size]);

  constructor(private readonly person: string) {
    this.#take(localStorage.getItem(this.#key));
    for (const width of [WIDE, NARROW]) width.addEventListener("change", this.#fit);
    addEventListener("storage", this.#fromOtherWindow);
    void this.#load();
  }

  stop(): void {
    for (const width of [WIDE, NARROW]) width.removeEventListener("change", this.#fit);
    removeEventListener("storage", this.#fromOtherWindow);
  }

  change(to: Arrangement): void {
    this.#before = null;
    this.#put({ ...this.#kept, [this.size]: to });
  }

  /** The desk as it comes; the next time, back to what it was. True when it is now as it comes. */
  restore(): boolean {
    const back = this.#before;
    this.#before = back === null ? this.#kept : null;
    this.#put(back ?? AS_IT_COMES);
    return back === null;
  }

  #put(kept: Kept): void {
    this.#kept = kept;
    localStorage.setItem(this.#key, JSON.stringify(kept));
    clearTimeout(this.#save);
    this.#save = setTimeout(() => void this.#tell(), SAVE_AFTER_MS);
  }

  async #tell(): Promise<void> {
    const init = { method: "PUT", headers: { "Content-Type": "application/json" }, body: JSON.stringify(this.#kept) };
    try {
      await ask(PATH, init);
      this.trouble = "";
    } catch (problem) {
      this.trouble = problem instanceof Error ? problem.message : String(problem);
    }
  }

  async #load(): Promise<void> {
    const before = this.#kept;
    try {
      const kept = await ask<Kept>(PATH);
      if (this.#kept !== before) return;
      this.#take(JSON.stringify(kept));
      localStorage.setItem(this.#key, JSON.stringify(this.#kept));
    } catch (problem) {
      this.trouble = problem instanceof Error ? problem.message : String(problem);
    }
  }

  #take(text: string | null): void {
    const kept = { ...AS_IT_COMES, ...(JSON.parse(text ?? "null") as Partial<Kept> | null) };
    const one = (size: Size): Arrangement | null => (kept[size] === null ? null : mended(kept[size]));
    this.#kept = { wide: one("wide"), middle: one("middle"), narrow: one("narrow") };
  }

  #fit = (): void => void (this.size = sizeNow());

  #fromOtherWindow = (event: StorageEvent): void => {
    if (event.key === this.#key) this.#take(event.newValue);
  };

  get #key(): string {
    return `layout of ${this.person}`;
  }
}
