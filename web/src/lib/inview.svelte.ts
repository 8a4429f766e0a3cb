// Long lists draw the rows that are seen. Drawn besides: both ends, what is kept, and what has the focus with its
// neighbours, so that arrows and Tab go through the list as if all of it were there.
import { flushSync } from "svelte";
import { on } from "svelte/events";

/** A list of no more rows is drawn whole. */
const WHOLE = 40;
/** So many are drawn beyond either edge: a hand that scrolls is not shown a gap. */
const BEYOND = 8;
/** The height of a row before one was measured. */
const ROW_PX = 27;

export interface Drawn<T> {
  row: T;
  /** Its place in the whole list, from 0. */
  at: number;
  /** How high those are that are left out before it. */
  gapPx: number;
}

/** Paper gets all rows, and so does the browser's own search. */
class Everything {
  wanted = $state(false);

  constructor() {
    addEventListener("beforeprint", () => flushSync(() => (this.wanted = true)));
    addEventListener("afterprint", () => (this.wanted = false));
    addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "f") this.wanted = true;
    });
    // The search has the focus while it is open.
    addEventListener("focus", () => (this.wanted = false));
  }
}

const everything = new Everything();

/** The middle one: rows of two lines and an opened one change nothing. */
const usual = (heights: number[]): number => heights.toSorted((a, b) => a - b)[heights.length >> 1] ?? ROW_PX;

export class InView<T> {
  #from = $state(0);
  #to = $state(WHOLE);
  #rowPx = $state(ROW_PX);
  #focused = $state<string | null>(null);
  #frame = 0;

  drawn = $derived.by((): Drawn<T>[] => {
    const rows = this.rows();
    let next = 0;
    return this.#places(rows).map((at) => {
      const gapPx = (at - next) * this.#rowPx;
      next = at + 1;
      return { row: rows[at] as T, at, gapPx };
    });
  });

  /** `kept` names a row that is drawn wherever it is. Each row's element says in `data-key` what it shows. */
  constructor(
    private readonly rows: () => T[],
    private readonly keyOf: (row: T) => string,
    private readonly kept: () => string | null,
  ) {}

  /** Svelte action on the element whose children the rows are. */
  watch = (list: HTMLElement): { destroy(): void } => {
    const ask = (): void => {
      this.#frame ||= requestAnimationFrame(() => ((this.#frame = 0), this.#look(list)));
    };
    const focus = ({ target }: FocusEvent): void => {
      this.#focused = (target as HTMLElement).closest<HTMLElement>("[data-key]")?.dataset["key"] ?? null;
    };
    // While another window is in front the focus is kept for the return.
    const blur = ({ target }: FocusEvent): void => {
      if (target !== document.activeElement) this.#focused = null;
    };
    const sized = new ResizeObserver(() => this.#look(list));
    for (const one of [list, scrollerOf(list)]) sized.observe(one);
    const off = [
      on(document, "scroll", ask, { capture: true, passive: true }),
      on(list, "focusin", focus),
      on(list, "focusout", blur),
    ];
    return {
      destroy: () => {
        sized.disconnect();
        cancelAnimationFrame(this.#frame);
        for (const one of off) one();
      },
    };
  };

  #places(rows: T[]): number[] {
    if (rows.length <= WHOLE || everything.wanted) return rows.map((_, at) => at);
    const wanted = new Set([0, rows.length - 1]);
    for (let at = this.#from; at < this.#to; at += 1) wanted.add(at);
    for (const key of [this.kept(), this.#focused]) {
      const at = key === null ? -1 : rows.findIndex((row) => this.keyOf(row) === key);
      if (at >= 0) for (const one of [at - 1, at, at + 1]) wanted.add(one);
    }
    return [...wanted].filter((at) => at >= 0 && at < rows.length).toSorted((a, b) => a - b);
  }

  /** What of the list lies within its scroller and the window? */
  #look(list: HTMLElement): void {
    if (this.rows().length <= WHOLE) return;
    const [all, seen] = [list.getBoundingClientRect(), scrollerOf(list).getBoundingClientRect()];
    const heights = [...list.querySelectorAll<HTMLElement>(":scope > [data-key]")].map((row) => row.getBoundingClientRect().height);
    if (all.height === 0) return;
    this.#rowPx = usual(heights);
    this.#from = Math.floor((Math.max(0, seen.top) - all.top) / this.#rowPx) - BEYOND;
    this.#to = Math.ceil((Math.min(innerHeight, seen.bottom) - all.top) / this.#rowPx) + BEYOND;
  }
}

const scrollerOf = (list: HTMLElement): HTMLElement => list.closest<HTMLElement>(".scroll") ?? list;
