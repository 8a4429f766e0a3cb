// One unit's page: its row and its incident, and actions that are kept on this device until the centre has them.
import type { Centre, Session } from "../lib/centre";
import { clock } from "../lib/clock.svelte";
import { drafts } from "../lib/draft.svelte";
import { Live } from "../lib/live.svelte";
import { ActionQueue, type Conflict } from "../lib/queue.svelte";
import { FIELD_STEPS, statusWords } from "../lib/status";
import type { CallView, IncidentView, UnitView } from "../lib/types";

const INCIDENTS = "/api/incidents/";

export class FieldUnit {
  readonly live: Live;
  readonly queue: ActionQueue;
  /** The incident last worked on, so that its end stays readable. */
  lastIncidentId = $state<string | null>(null);

  unit = $derived.by((): UnitView | null => this.live.units.find((one) => one.unit_id === this.unitId) ?? null);
  incident = $derived.by(
    (): IncidentView | null => this.live.incidents.find((one) => one.incident_id === this.unit?.incident_id) ?? null,
  );
  calls = $derived.by((): CallView[] =>
    this.live.calls.filter((call) => this.incident?.call_ids.includes(call.call_id) ?? false),
  );
  /** The status as this device knows it: what waits to be sent counts as done. */
  status = $derived.by((): string => {
    const kept = this.queue.waiting.findLast((one) => one.path === this.#path("status"));
    return kept === undefined ? (this.unit?.status ?? "") : String(kept.body["status"]);
  });
  statusSince = $derived.by((): string => {
    const kept = this.queue.waiting.findLast((one) => one.path === this.#path("status"));
    return kept?.at ?? this.unit?.since ?? clock.iso();
  });
  /** Where in the five steps the unit is; -1 before the first. */
  step = $derived.by(() => FIELD_STEPS.findIndex((one) => one.status === this.status));

  constructor(
    readonly centre: Centre,
    readonly session: Session,
    readonly unitId: string,
    onSignedOut: () => void,
  ) {
    drafts.of(`unit ${unitId}`);
    this.live = new Live(onSignedOut);
    this.queue = new ActionQueue(localStorage, `unit ${unitId} actions`, (_action, row) => this.#takeRow(row));
    this.live.start();
  }

  stop(): void {
    this.live.stop();
    this.queue.stop();
  }

  setStatus(status: string): void {
    const incident_id = this.unit?.incident_id ?? null;
    this.queue.add(this.#path("status"), { status, incident_id, reason: "" }, statusWords(status), clock.iso());
  }

  mark(incident: IncidentView, item: string, done: boolean, label: string): void {
    this.#report(incident, "checklist", { item, done }, `${label}: ${done ? "yes" : "no"}`);
  }

  /** Ticked as this device knows it. */
  ticked(incident: IncidentView, item: string): boolean {
    const path = `${INCIDENTS}${incident.incident_id}/checklist`;
    const kept = this.queue.waiting.findLast((one) => one.path === path && one.body["item"] === item);
    if (kept !== undefined) return kept.body["done"] === true;
    return incident.checklist.find((one) => one.item === item)?.done ?? false;
  }

  nextDoor(incident: IncidentView): void {
    this.#report(incident, "next-door", { reason: `Wrong house, ${this.unitId} at the door` }, "Wrong house");
  }

  help(incident: IncidentView): void {
    this.#report(incident, "help", { unit: this.unitId, text: "" }, "Need help");
  }

  close(incident: IncidentView, closing: Record<string, unknown>): void {
    this.lastIncidentId = incident.incident_id;
    this.#report(incident, "close", closing, `Close: ${String(closing["words"])}`);
  }

  emergency(): void {
    this.queue.add(this.#path("emergency"), {}, "Emergency", clock.iso());
  }

  allRight(): void {
    this.queue.add(this.#path("safety-check"), { words: "said on the unit’s page" }, "I’m OK", clock.iso());
  }

  /** Whether what was refused can be kept as a line of the incident's narrative. */
  keepable(conflict: Conflict): boolean {
    return conflict.action.path.startsWith(INCIDENTS) && !conflict.action.path.endsWith("/notes");
  }

  /** What was refused, told to dispatch as a note with its true time. */
  keepAsNote(conflict: Conflict): void {
    const { path, words, at } = conflict.action;
    const incidentId = path.slice(INCIDENTS.length).split("/")[0] ?? "";
    this.queue.add(`${INCIDENTS}${incidentId}/notes`, { text: `${this.unitId} reports: ${words}` }, words, at);
    this.queue.dismiss(conflict);
  }

  #report(incident: IncidentView, what: string, body: Record<string, unknown>, words: string): void {
    this.queue.add(`${INCIDENTS}${incident.incident_id}/${what}`, body, words, clock.iso());
  }

  #path(what: string): string {
    return `/api/units/${this.unitId}/${what}`;
  }

  #takeRow(row: unknown): void {
    if (typeof row !== "object" || row === null) return;
    if ("narrative" in row) this.live.take({ incidents: [row as IncidentView] });
    else if ("may_become" in row) this.live.take({ units: [row as UnitView] });
  }
}
