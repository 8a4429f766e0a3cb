// What one desk holds: the live board, what is selected on it, and the commands a person gives.
import { tick } from "svelte";
import { command } from "../lib/api";
import type { Centre, Session } from "../lib/centre";
import { isFollowed } from "../lib/advice";
import type { Headset } from "../lib/headset.svelte";
import { clock } from "../lib/clock.svelte";
import { drafts } from "../lib/draft.svelte";
import { toElement, typing } from "../lib/keys";
import { Live } from "../lib/live.svelte";
import { ActionQueue } from "../lib/queue.svelte";
import type { RegionName } from "../lib/region";
import { SharedSelection, type Selection } from "../lib/selection";
import type { CallView, IncidentView, MemberView, PositionView, RecommendationView, UnitView } from "../lib/types";

export interface Told {
  words: string;
  refused: boolean;
}

/** As the centre takes them: `Words` in its API. */
const LONGEST_WORDS = 2000;

const answeredAt = (call: CallView): string => call.answered_at ?? "";
const inProgress = (call: CallView): boolean => call.ended_at === null;

export class Desk {
  readonly live: Live;
  readonly queue: ActionQueue;
  callId = $state<string | null>(null);
  incidentId = $state<string | null>(null);
  /** The unit whose menu is open: a command line means it where it names none. */
  unitId = $state<string | null>(null);
  told = $state<Told | null>(null);
  /** Worn in the desk's own window, at a position. */
  headset: Headset | null = null;
  busy = $state(0);

  /** Who rings: what is offered to this position first, then in the order of their turns, as the centre tells it. A call
   * whose headset was lost rings again. */
  ringing = $derived.by(() =>
    this.live.calls
      .filter((call) => this.rings(call))
      .toSorted((a, b) => this.#later(a) - this.#later(b) || a.waiting.turn.localeCompare(b.waiting.turn)),
  );
  /** Those of them that ring here: offered to this position, or ringing everywhere. */
  ringingHere = $derived.by(() => this.ringing.filter((call) => call.waiting.offered_to === null || !this.#later(call)));
  position = $derived.by(() => this.live.positions.find((one) => one.position_id === this.session.position) ?? null);
  /** The menu of the positions is open. */
  positionsOpen = $state(false);
  mine = $derived.by(() => this.live.calls.filter((call) => call.position === this.session.position && inProgress(call)));
  call = $derived.by(() => this.live.calls.find((call) => call.call_id === this.callId) ?? null);
  /** The call that I speak in. */
  speaking = $derived.by(() => this.live.calls.find((call) => inProgress(call) && call.voice?.held === false && this.memberOf(call) !== null) ?? null);
  incident = $derived.by(() => this.live.incidents.find((one) => one.incident_id === this.incidentId) ?? null);
  emergencies = $derived.by(() => this.live.units.filter((unit) => unit.emergency));

  /** When the call that this position took up last was answered. */
  #handSince = "";
  /** A reload returns to the call that was shown. */
  #fresh = true;
  readonly #shared: SharedSelection;

  constructor(
    readonly centre: Centre,
    readonly session: Session,
    onSignedOut: () => void,
    /** This is the window of one region: it shows what the desk selects. */
    only: RegionName | null = null,
  ) {
    this.live = new Live(onSignedOut, {
      call: (row) => row.call_id === this.callId || row.incident_id === this.incidentId,
      incident: (row) => row.incident_id === this.incidentId || row.incident_id === this.call?.incident_id,
    });
    drafts.of(`desk ${session.person}`);
    // All windows of a person have one queue: what a closed one had to say, another says.
    this.queue = new ActionQueue(localStorage, `desk actions ${session.person}`, (_action, row) => this.takeRow(row));
    this.#shared = new SharedSelection(session.person, (selection) => this.#select(selection), only !== null);
    const kept = new URLSearchParams(location.hash.slice(1));
    this.callId = kept.get("call");
    this.incidentId = kept.get("incident");
    this.live.start();
  }

  stop(): void {
    this.live.stop();
    this.queue.stop();
    this.#shared.close();
  }

  /** The other windows of this person follow. */
  tellSelection(): void {
    this.#shared.tell({ call: this.callId, incident: this.incidentId, unit: this.unitId });
    this.#keepSelection();
  }

  #select(selection: Selection): void {
    [this.callId, this.incidentId, this.unitId] = [selection.call, selection.incident, selection.unit];
  }

  #later(call: CallView): number {
    return Number(call.waiting.offered_to === null || call.waiting.offered_to !== this.session.position);
  }

  /** Ready again; or, where this position is ready, the reasons why it might not be. */
  async toggleReady(): Promise<void> {
    const own = this.position;
    if (own === null) return;
    if (own.reason !== "" || own.state === "wrap_up") return void (await this.setReady(own, null));
    this.positionsOpen = true;
    await tick();
    toElement("[data-not-ready]");
  }

  /** Does a position take calls? `reason`: why it does not. */
  setReady(row: PositionView, reason: string | null): Promise<unknown> {
    const path = `/api/positions/${row.position_id}`;
    if (reason === null) return this.do(`${path}/ready`, {}, `Position ${row.position_id} is ready`);
    return this.do(`${path}/not-ready`, { reason }, `Position ${row.position_id} is not ready: ${reason}`);
  }

  /** The name of a person by id, or of a position that answered by itself. */
  who(call: CallView): string {
    if (call.position === null) return "";
    return call.position === this.session.position ? "You" : call.position;
  }

  openCall(call: CallView): void {
    if (call.position === this.session.position && answeredAt(call) > this.#handSince) this.#handSince = answeredAt(call);
    this.callId = call.call_id;
    if (call.incident_id !== null) this.incidentId = call.incident_id;
    this.#keepSelection();
  }

  openIncident(incident: IncidentView): void {
    this.incidentId = incident.incident_id;
    const newest = this.live.calls.findLast((call) => incident.call_ids.includes(call.call_id));
    if (this.mine.length === 0 && newest !== undefined) this.callId = newest.call_id;
    this.#keepSelection();
  }

  /**
   * A call newly taken up at this position comes into the hand, and the incident of the call in hand into view: not while
   * another is in the hand, and not under typing fingers.
   */
  followHand(): void {
    const taken = this.mine.toSorted((a, b) => answeredAt(a).localeCompare(answeredAt(b))).at(-1);
    if (this.#fresh) {
      this.#fresh = false;
      if (this.call !== null && taken !== undefined) this.#handSince = answeredAt(taken);
    }
    const free = this.call === null || !inProgress(this.call) || this.call.position !== this.session.position;
    const newly = taken !== undefined && answeredAt(taken) > this.#handSince;
    if (newly && free && !typing(document.activeElement)) this.openCall(taken);
    if (this.incidentId === null && this.call?.incident_id) this.openCall(this.call);
  }

  rings(call: CallView): boolean {
    if (!inProgress(call)) return false;
    const back = call.voice?.rings_back === true && call.position === this.session.position;
    return call.answered_at === null || call.voice?.rings_for_all === true || back;
  }

  async answer(call: CallView): Promise<void> {
    const back = call.answered_at !== null && call.voice?.rings_for_all !== true;
    const answered = await this.do<CallView>(`/api/calls/${call.call_id}/${back ? "take-up" : "answer"}`, {}, `Answered ${call.ani}`);
    if (answered !== null) this.openCall(answered);
  }

  /** The call that is placed comes into the hand; a refusal is told, and in the record. */
  async callBack(call: CallView, means: string): Promise<void> {
    const placed = await this.do<CallView>(`/api/calls/${call.call_id}/callback`, { means }, `Calling back ${call.ani}`);
    if (placed !== null) this.openCall(placed);
  }

  /** Call a number, for the open incident in view; true when it is dialled. */
  async dial(number: string): Promise<boolean> {
    const incident = this.incident !== null && this.incident.closed_at === null ? this.incident.incident_id : null;
    const placed = await this.do<CallView>("/api/calls", { number, incident_id: incident }, `Calling ${number}`);
    if (placed !== null) this.openCall(placed);
    return placed !== null;
  }

  /** Call somebody of outside into the call; with `hold` the caller waits meanwhile. */
  async callIn(call: CallView, whom: { to: string } | { number: string }, hold: boolean): Promise<boolean> {
    const name = "to" in whom ? whom.to : whom.number;
    return (await this.do(`/api/calls/${call.call_id}/third-parties`, { ...whom, hold }, `Calling ${name} in`)) !== null;
  }

  /** The third party of this key, into the call in hand; false where there is none. */
  callKeyedIn(key: string): boolean {
    const third = this.centre.third_parties.find((one) => one.key === key);
    const mine = this.call?.position === this.session.position || this.memberOf(this.call) !== null;
    if (third === undefined || this.call?.state !== "talking" || !mine) return false;
    void this.callIn(this.call, { to: third.name }, false);
    return true;
  }

  /** My part in a call: null where I have none. */
  memberOf(call: CallView | null): MemberView | null {
    return call?.voice?.members.find((one) => one.position === this.session.position) ?? null;
  }

  /** F7: be heard by nobody, or heard again; the microphone follows before the centre has answered. */
  async mute(call: CallView | null): Promise<void> {
    const me = this.memberOf(call);
    if (call === null || me === null) return;
    this.headset?.mute(!me.muted);
    const done = await this.do(`/api/calls/${call.call_id}/mute`, { muted: !me.muted }, me.muted ? "You are heard" : "Muted");
    if (done === null) this.headset?.mute(me.muted);
  }

  /** F3: let the caller wait, or speak with them again. */
  async holdOrSpeak(call: CallView | null): Promise<void> {
    if (call === null || !inProgress(call) || call.answered_at === null) return;
    const hold = call.voice?.two_way === true && this.memberOf(call) !== null;
    await this.do(`/api/calls/${call.call_id}/${hold ? "hold" : "take-up"}`, {}, hold ? `${call.ani} waits` : `You speak with ${call.ani}`);
  }

  /** Shift F2: end the call in hand from this side. */
  async release(call: CallView | null): Promise<void> {
    if (call === null || !inProgress(call) || call.answered_at === null) return;
    await this.do(`/api/calls/${call.call_id}/release`, {}, `Released ${call.ani}`);
  }

  supervise(call: CallView, role: string): Promise<unknown> {
    return this.do(`/api/calls/${call.call_id}/supervise`, { role }, `In the call ${call.ani}`);
  }

  async dispatch(incident: IncidentView, units: string[], reason: string): Promise<boolean> {
    const body = {
      units,
      recommendation_id: incident.recommendation?.recommendation_id ?? null,
      override_reason: reason,
    };
    return (await this.do(`/api/incidents/${incident.incident_id}/dispatch`, body, `Sent ${units.join(", ")}`)) !== null;
  }

  /** F9: kind and priority as the policy advises for the incident in view. */
  async confirmAdvice(): Promise<void> {
    const [incident, advice] = [this.incident, this.incident?.advice];
    if (!incident || !advice || incident.closed_at !== null || isFollowed(incident)) return;
    const path = `/api/incidents/${incident.incident_id}`;
    if ((await this.do(`${path}/kind`, { kind: advice.kind, rule: advice.rule })) === null) return;
    const reason = `advised by ${advice.rule}`;
    await this.do(`${path}/priority`, { priority: advice.priority, reason }, `${advice.kind_label}, priority ${advice.priority}`);
  }

  /** F8: ask for a recommendation where there is none, else send what is recommended. */
  async sendRecommended(): Promise<void> {
    const recommendation = this.incident?.recommendation;
    if (!this.incident || this.incident.closed_at !== null) return;
    if (!recommendation) return void (await this.do(`/api/incidents/${this.incident.incident_id}/recommend`));
    const sent = recommendation.units.every((one) => this.incident?.units.includes(one.unit));
    if (recommendation.units.length === 0 || sent) return;
    await this.dispatch(
      this.incident,
      recommendation.units.map((unit) => unit.unit),
      "",
    );
  }

  /** This call belongs to that incident: both come into view. */
  async join(call: CallView, incident: IncidentView): Promise<boolean> {
    const words = `${call.ani} belongs to incident ${incident.number}`;
    const joined = await this.do<CallView>(`/api/calls/${call.call_id}/join`, { incident_id: incident.incident_id }, words);
    if (joined !== null) this.openCall(joined);
    return joined !== null;
  }

  note(incident: IncidentView, text: string): void {
    this.queue.add(`/api/incidents/${incident.incident_id}/notes`, { text }, text, clock.iso());
  }

  /** A line of the record has its limit: what is longer stays in its field, and it is said why. */
  tooLong(text: string): boolean {
    const over = [...text].length - LONGEST_WORDS;
    if (over > 0) this.told = { words: `${over} characters too many: one entry holds ${LONGEST_WORDS}. It stays as it is.`, refused: true };
    return over > 0;
  }

  setStatus(unit: UnitView, status: string): Promise<unknown> {
    return this.do(`/api/units/${unit.unit_id}/status`, { status, incident_id: unit.incident_id, reason: "", at: null });
  }

  /**
   * Have this recorded: kept on this machine until it is, through a reload and while the record is away. Null when it was
   * refused (told in the centre's words), or when another window had it recorded.
   */
  async save<T>(path: string, body: Record<string, unknown>, words: string): Promise<T | null> {
    try {
      const row = (await this.queue.save(path, body, words, clock.iso())) as T | null;
      this.told = { words, refused: false };
      return row;
    } catch (problem) {
      this.told = { words: problem instanceof Error ? problem.message : String(problem), refused: true };
      return null;
    }
  }

  /** What waits for the record under this address, newest of its kind. */
  waitingFor(path: string): Record<string, unknown> | null {
    return this.queue.waiting.findLast((one) => one.path === path)?.body ?? null;
  }

  /** Give a command; its row comes back into the board. A refusal is told in the centre's words; then null. */
  async do<T>(path: string, body: object = {}, done = ""): Promise<T | null> {
    this.busy += 1;
    try {
      const row = await command<T>(path, body);
      this.takeRow(row);
      this.told = done === "" ? null : { words: done, refused: false };
      return row;
    } catch (problem) {
      this.told = { words: problem instanceof Error ? problem.message : String(problem), refused: true };
      return null;
    } finally {
      this.busy -= 1;
    }
  }

  takeRow(row: unknown): void {
    if (typeof row !== "object" || row === null) return;
    if ("ani" in row) this.live.take({ calls: [row as CallView] });
    else if ("narrative" in row) this.live.take({ incidents: [row as IncidentView] });
    else if ("may_become" in row) this.live.take({ units: [row as UnitView] });
    else if ("auto_answer" in row) this.live.take({ positions: [row as PositionView] });
  }

  #keepSelection(): void {
    const kept = new URLSearchParams();
    if (this.callId !== null) kept.set("call", this.callId);
    if (this.incidentId !== null) kept.set("incident", this.incidentId);
    history.replaceState(null, "", `#${kept}`);
  }
}

/** The words of a recommendation's units: `12A3`, `12A3 and M7`. */
export const unitWords = (recommendation: RecommendationView): string =>
  recommendation.units.map((unit) => unit.unit).join(" and ");
