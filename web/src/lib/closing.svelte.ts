// Closing an incident: the centre proposes, the person unticks, adds, and confirms.
import type { Centre } from "./centre";
import { Draft } from "./draft.svelte";
import type { ProposalView } from "./types";

/** Disposition "gone or unable to locate": with what was tried, it closes where nobody was seen. */
export const UNABLE_TO_LOCATE = "14";

export interface Closing extends Record<string, unknown> {
  words: string;
  dispositions: string[];
  cause: string;
  tried: string[];
}

/** The proposal as the person leaves it; words and what was tried are kept through a reload. */
export class ClosingForm {
  readonly words: Draft;
  readonly tried: Draft;
  cause = $state("");
  #proposal = $state.raw<ProposalView | null>(null);
  #off = $state.raw<string[]>([]);
  #added = $state.raw<[string, string][]>([]);

  constructor(
    incidentId: string,
    private readonly centre: Centre,
  ) {
    this.words = new Draft(`close ${incidentId}`);
    this.tried = new Draft(`tried ${incidentId}`);
  }

  get proposal(): ProposalView | null {
    return this.#proposal;
  }

  /** A new proposal, or none: what was ticked for the old one is gone. */
  propose(proposal: ProposalView | null): void {
    this.#proposal = proposal;
    [this.#off, this.#added, this.cause] = [[], [], proposal?.cause ?? ""];
  }

  /** Proposed and added dispositions, as (code, label). */
  get dispositions(): [string, string][] {
    return [...(this.#proposal?.dispositions ?? []), ...this.#added];
  }

  /** Dispositions of the centre that are not listed yet. */
  get others(): [string, string][] {
    const listed = new Set(this.dispositions.map(([code]) => code));
    return Object.entries(this.centre.dispositions)
      .filter(([code]) => !listed.has(code))
      .toSorted(([a], [b]) => a.localeCompare(b));
  }

  ticked(code: string): boolean {
    return !this.#off.includes(code);
  }

  toggle(code: string): void {
    this.#off = this.ticked(code) ? [...this.#off, code] : this.#off.filter((one) => one !== code);
  }

  add(code: string): void {
    const label = this.centre.dispositions[code];
    if (label !== undefined) this.#added = [...this.#added, [code, label]];
  }

  /** One thing a line; empty lines are nothing. */
  get triedLines(): string[] {
    return this.tried.text
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "");
  }

  /** Whether there is something to confirm; whether it may be closed the centre says. */
  get confirmable(): boolean {
    return this.#proposal !== null && (this.#proposal.may_close ? this.#kept.length > 0 : this.triedLines.length > 0);
  }

  /** What is sent. Who was seen is in the checklist already. With something tried, disposition 14 goes along. */
  closing(proposal: ProposalView): Closing {
    const tried = proposal.may_close ? [] : this.triedLines;
    const unable = tried.length > 0 && !this.#kept.includes(UNABLE_TO_LOCATE) ? [UNABLE_TO_LOCATE] : [];
    return { words: proposal.words, dispositions: [...this.#kept, ...unable], cause: this.cause, tried };
  }

  done(): void {
    [this.words.text, this.tried.text] = ["", ""];
    this.propose(null);
  }

  get #kept(): string[] {
    return this.dispositions.map(([code]) => code).filter((code) => this.ticked(code));
  }
}
