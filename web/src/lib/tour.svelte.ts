// The first minutes at a demo desk: a few steps that point at its regions. Whoever left them does not see them again.

export interface TourStep {
  /** What is pointed at: the first of these that is on the screen. */
  at: string[];
  title: string;
  words: string;
}

export const TOUR: TourStep[] = [
  { at: ["[data-region='1']"], title: "Calls", words: "A new call rings here and in the band above. F2 answers the one whose turn it is." },
  { at: ["[data-region='2']"], title: "Call in hand", words: "What telephone it is and what may be done with it. Type what you hear; Enter saves it. F4 replays the last 15 seconds." },
  { at: ["[data-region='7']"], title: "Where", words: "Every fix is kept. Doors stand below the fixes, most likely first: Enter takes one as the place." },
  { at: ["[data-region='3']"], title: "Incident", words: "Kind, priority and place, saved as you choose. Where the policy advises, F9 confirms its advice." },
  { at: [".rec", "[data-region='3']"], title: "Recommended", words: "Who should go, how long by road, and who was passed over. F8 asks; F8 again sends." },
  { at: ["[data-region='4']"], title: "Incidents and Units", words: "All that is open, and every unit with its status below. Arrows move, Enter opens." },
  { at: [".cline"], title: "Command line", words: "/ goes there, ? lists all keys. Now let a story call you, and answer it with F2." },
];

const POINTED = "data-pointed";

export class Tour {
  /** Which step is shown; null: none. */
  step = $state<number | null>(null);
  readonly #key: string;

  constructor(mode: string, person: string) {
    this.#key = `tour ${person}`;
    if (mode === "demo" && localStorage.getItem(this.#key) === null) this.step = 0;
  }

  begin(): void {
    this.step = 0;
  }

  go(by: number): void {
    if (this.step !== null) this.step = Math.max(0, Math.min(TOUR.length - 1, this.step + by));
  }

  leave(): void {
    this.step = null;
    localStorage.setItem(this.#key, "left");
  }
}

/** Mark what a step points at; the answer takes the mark away. */
export function point(step: TourStep): () => void {
  const shown = step.at.map((one) => document.querySelector<HTMLElement>(one)).find((one) => one !== null);
  shown?.setAttribute(POINTED, "");
  return () => shown?.removeAttribute(POINTED);
}
