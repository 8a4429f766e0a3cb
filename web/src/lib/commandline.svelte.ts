// The command line of a desk: what is typed, what the centre understands of it, what came of the lines before.
import { ask, command } from "./api";
import { Draft } from "./draft.svelte";
import { forTheHand } from "./pace";
import type { CompletionView, LineDoneView, PartView, ReadingView } from "./types";

const KEPT_LINES = 50;
const READ_AGAIN_MS = 1000;

/** What is selected on the desk. */
export interface Selected {
  incident_id: string | null;
  unit: string | null;
}

export interface LineEnd {
  accepted(done: LineDoneView): void;
  refused(words: string, line: string): void;
}

const letters = (text: string): string[] => [...text];
const sentence = (problem: unknown): string => (problem instanceof Error ? problem.message : String(problem));

/** Lines typed before, newest last; kept per person. */
class Past {
  lines = $state.raw<string[]>([]);

  constructor(private readonly key: string) {
    this.lines = JSON.parse(localStorage.getItem(key) ?? "[]") as string[];
  }

  add(line: string): void {
    this.lines = [...this.lines.filter((one) => one !== line), line].slice(-KEPT_LINES);
    localStorage.setItem(this.key, JSON.stringify(this.lines));
  }
}

export class CommandLine {
  readonly past: Past;
  readonly #draft = new Draft("command");
  reading = $state.raw<ReadingView | null>(null);
  /** The newest answer that has something to be read: a history, verbs, a way to correct. */
  done = $state.raw<LineDoneView | null>(null);
  /** The marked completion; -1: none. */
  active = $state(-1);
  /** Why the centre could not say what it understands. */
  trouble = $state("");
  busy = $state(0);
  #caret = 0;
  /** How far back in the lines of before; 0: the line that is being typed. */
  back = $state(0);
  #typed = "";
  #asked = 0;
  #asking: AbortController | null = null;
  #again = 0;
  #sending: Promise<void> = Promise.resolve();

  constructor(
    person: string,
    private readonly selected: () => Selected,
    private readonly end: LineEnd,
  ) {
    this.past = new Past(`command lines ${person}`);
  }

  get text(): string {
    return this.#draft.text;
  }

  /** What can be chosen now; nothing while older lines are leafed through. */
  get choices(): CompletionView[] {
    return this.back > 0 || this.text.trim() === "" ? [] : (this.reading?.completions ?? []);
  }

  /** The parts that are still as the centre read them. */
  get parts(): PartView[] {
    const read = letters(this.reading?.text ?? "");
    const now = letters(this.text);
    const same = read.findIndex((letter, at) => letter !== " " && letter !== now[at]);
    const until = same < 0 ? read.length : same;
    return (this.reading?.parts ?? []).filter((part) => part.end <= until);
  }

  /** Typed, pasted or put there; `caret` in UTF-16 units, as fields count. */
  type(text: string, caret = text.length): void {
    this.#draft.text = text;
    [this.back, this.done] = [0, null];
    this.#look(caret);
  }

  /** The caret moved. */
  move(caret: number): void {
    if (letters(this.text.slice(0, caret)).length !== this.#caret) this.#look(caret);
  }

  /** The board moved on: what is echoed may be old. On a board that never rests it is read anew once in a while. */
  refresh(): void {
    this.#again ||= setTimeout(() => void this.#read(), READ_AGAIN_MS);
  }

  /** Put a completion in its place; answers where the caret goes. */
  take(choice: CompletionView): number {
    const now = letters(this.text);
    const rest = now.slice(choice.end).join("");
    const gap = choice.text.endsWith(":") || rest.startsWith(" ") ? "" : " ";
    const before = now.slice(0, choice.start).join("") + choice.text + gap;
    this.type(before + rest, before.length);
    return before.length;
  }

  /** Leaf through the lines of before: 1 is older, -1 is newer. */
  leaf(step: number): void {
    const to = Math.max(0, Math.min(this.past.lines.length, this.back + step));
    if (to === this.back) return;
    if (this.back === 0) this.#typed = this.text;
    const line = to === 0 ? this.#typed : (this.past.lines.at(-to) ?? "");
    this.type(line);
    this.back = to;
  }

  /** Have the line carried out. The field is free at once; lines are sent in order. */
  run(): void {
    const line = this.text;
    if (line.trim() === "") return;
    this.past.add(line.trim());
    this.type("");
    this.busy += 1;
    const selected = this.selected();
    this.#sending = this.#sending.then(() => this.#send(line, selected));
  }

  async #send(line: string, selected: Selected): Promise<void> {
    try {
      const done = await command<LineDoneView>("/api/command-line", { text: line, ...selected });
      this.done = done;
      this.end.accepted(done);
    } catch (problem) {
      if (this.text === "") this.type(line);
      this.end.refused(sentence(problem), line);
    } finally {
      this.busy -= 1;
    }
  }

  #look(caret: number): void {
    this.#caret = letters(this.text.slice(0, caret)).length;
    this.active = -1;
    void this.#read();
  }

  /** Ask for the newest text; an answer to an older one is dropped. */
  async #read(): Promise<void> {
    clearTimeout(this.#again);
    this.#again = 0;
    this.#asking?.abort();
    const mine = ++this.#asked;
    if (this.text.trim() === "") {
      [this.reading, this.trouble] = [null, ""];
      return;
    }
    this.#asking = new AbortController();
    const body = JSON.stringify({ text: this.text, caret: this.#caret, ...this.selected() });
    const headers = { "Content-Type": "application/json" };
    try {
      const init = { method: "POST", headers, body, signal: this.#asking.signal };
      const reading = await forTheHand(ask<ReadingView>("/api/command-line/read", init));
      if (mine === this.#asked) [this.reading, this.trouble] = [reading, ""];
    } catch (problem) {
      if (mine === this.#asked) [this.reading, this.trouble] = [null, sentence(problem)];
    }
  }
}
