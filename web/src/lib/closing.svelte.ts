// Closing an incident: the centre proposes, the person unticks, adds, and confirms; the centre says what that comes to.
import type { Centre } from "./centre";
import { Draft } from "./draft.svelte";
import type { ProposalView } from "./types";

/** Disposition "gone or unable to locate": with what was tried, it closes where nobody was seen. */
const UNABLE_TO_LOCATE = "14";
const REVIEW_AFTER_MS = 250;

export interface Closing extends Record<string, unknown> {
  words: string;
  dispositions: string[];
  cause: string;
  tried: string[];
}

/** Asks the centre what closing so would record; raises an error whose message is for the person. */
export type AskProposal = (closing: Partial<Closing>) => Promise<ProposalView>;

/** The proposal as the person leaves it; words and what was tried are kept through a reload. */
export class ClosingForm {
  readonly words: Draft;
  readonly #tried: Draft;
  /** Why the centre could not say what would be written. */
  trouble = $state("");
  #proposal = $state.raw<ProposalView | null>(null);
  /** The same, asked again with what the person changed. */
  #review = $state.raw<ProposalView | null>(null);
  #cause = $state("");
  #off = $state.raw<string[]>([]);
  #added = $state.raw<[string, string][]>([]);
  #asked = 0;
  #soon = 0;

  constructor(
    incidentId: string,
    private readonly centre: Centre,
    private readonly ask: AskProposal,
  ) {
    this.words = new Draft(`close ${incidentId}`);
    this.#tried = new Draft(`tried ${incidentId}`);
  }

  /** What would be recorded now; null before the centre has proposed anything. */
  get proposal(): ProposalView | null {
    return this.#review ?? this.#proposal;
  }

  /** Nobody was seen: it closes only with what was tried. */
  get asksTried(): boolean {
    return this.#proposal !== null && !this.#proposal.may_close;
  }

  /** Ask for a proposal to the words; what was ticked for an older one is gone. */
  async propose(): Promise<void> {
    const first = await this.#answer({ words: this.words.text.trim() });
    if (first === null) return;
    this.#show(first);
    if (this.asksTried && this.#triedLines.length > 0) this.add(UNABLE_TO_LOCATE);
  }

  /** Back to the words. */
  again(): void {
    this.#show(null);
  }

  /** Proposed and added dispositions, as (code, label). */
  get dispositions(): [string, string][] {
    return [...(this.#proposal?.dispositions ?? []), ...this.#added];
  }

  /** Dispositions of the centre that are not listed yet. */
  get others(): [string, string][] {
    return Object.entries(this.centre.dispositions)
      .filter(([code]) => !this.#listed(code))
      .toSorted(([a], [b]) => a.localeCompare(b));
  }

  ticked(code: string): boolean {
    return !this.#off.includes(code);
  }

  toggle(code: string): void {
    this.#off = this.ticked(code) ? [...this.#off, code] : this.#off.filter((one) => one !== code);
    this.#reviewSoon();
  }

  add(code: string): void {
    const label = this.centre.dispositions[code];
    if (label !== undefined && !this.#listed(code)) this.#added = [...this.#added, [code, label]];
    this.#reviewSoon();
  }

  get cause(): string {
    return this.#cause;
  }

  set cause(code: string) {
    this.#cause = code;
    this.#reviewSoon();
  }

  get tried(): string {
    return this.#tried.text;
  }

  /** With something tried, disposition 14 goes along. */
  set tried(text: string) {
    this.#tried.text = text;
    if (this.#triedLines.length > 0) this.add(UNABLE_TO_LOCATE);
    else this.#reviewSoon();
  }

  /** Whether there is something to confirm. Where the centre cannot be asked, it decides when the close reaches it. */
  get confirmable(): boolean {
    const unasked = this.trouble !== "" && this.#triedLines.length > 0;
    return this.#kept.length > 0 && ((this.proposal?.may_close ?? false) || unasked);
  }

  /** What is sent. Who was seen is in the checklist already. */
  closing(proposal: ProposalView): Closing {
    const tried = this.asksTried ? this.#triedLines : [];
    return { words: proposal.words, dispositions: this.#kept, cause: this.cause, tried };
  }

  done(): void {
    [this.words.text, this.#tried.text] = ["", ""];
    this.#show(null);
  }

  get #kept(): string[] {
    return this.dispositions.map(([code]) => code).filter((code) => this.ticked(code));
  }

  /** One thing a line; empty lines are nothing. */
  get #triedLines(): string[] {
    return this.tried
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "");
  }

  #listed(code: string): boolean {
    return this.dispositions.some(([one]) => one === code);
  }

  #show(proposal: ProposalView | null): void {
    clearTimeout(this.#soon);
    [this.#proposal, this.#review, this.#off, this.#added] = [proposal, null, [], []];
    this.#cause = proposal?.cause ?? "";
  }

  #reviewSoon(): void {
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => void this.#reviewNow(), REVIEW_AFTER_MS);
  }

  async #reviewNow(): Promise<void> {
    if (this.#proposal === null) return;
    const review = await this.#answer(this.closing(this.#proposal));
    if (review !== null && this.#proposal !== null) this.#review = review;
  }

  /** The centre's answer; null where there is none, or a newer question was asked. */
  async #answer(closing: Partial<Closing>): Promise<ProposalView | null> {
    const mine = ++this.#asked;
    try {
      const answer = await this.ask(closing);
      this.trouble = "";
      return mine === this.#asked ? answer : null;
    } catch (problem) {
      this.trouble = problem instanceof Error ? problem.message : String(problem);
      return null;
    }
  }
}
