// What somebody else sets while one looks at an incident: told until it is taken note of, so that nobody's choice goes unseen.
import type { IncidentView, NarrativeView } from "./types";

export type Field = "kind" | "priority" | "place";
export const FIELDS: readonly Field[] = ["kind", "priority", "place"];

export interface Change {
  field: Field;
  line: NarrativeView;
  /** The person here chose later: theirs stands. */
  overtaken: boolean;
  /** What was shown here before; empty when nothing was. */
  before: string;
}

const newest = (incident: IncidentView, field: Field): NarrativeView | undefined =>
  incident.narrative.findLast((line) => line.about === field);

export class Others {
  /** Up to which line each field has been seen. */
  #seen = $state<Record<Field, number>>({ kind: 0, priority: 0, place: 0 });
  #before = $state.raw<Record<Field, string>>({ kind: "", priority: "", place: "" });

  constructor(
    private readonly incident: () => IncidentView,
    private readonly me: string,
  ) {
    for (const field of FIELDS) this.noted(field);
  }

  /** What is shown of this field now has been seen; with `chosen`, the person here sets it to that. */
  noted(field: Field, chosen?: string): void {
    const incident = this.incident();
    this.#seen[field] = newest(incident, field)?.seq ?? 0;
    this.#before = { ...this.#before, [field]: chosen ?? String(incident[field] ?? "") };
  }

  changes = $derived.by((): Change[] =>
    FIELDS.flatMap((field): Change[] => {
      const lines = this.incident().narrative.filter((line) => line.about === field && line.seq > this.#seen[field]);
      const theirs = lines.findLast((line) => line.by !== this.me && !line.machine);
      if (theirs === undefined) return [];
      const overtaken = lines.some((line) => line.by === this.me && line.seq > theirs.seq);
      return [{ field, line: theirs, overtaken, before: this.#before[field] }];
    }),
  );
}
