// The centre's HTTP API: questions, and commands that are safe to say twice.
import { clock } from "./clock.svelte";

/** The centre understood and said no; `message` is its sentence. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    sentence: string,
  ) {
    super(sentence);
  }
}

/** No answer, or an answer that the record or the line is away: ask again with the same key. */
export class Away extends Error {}

/** As what this page speaks: one browser may hold the login of a desk and that of a unit. */
type Login = "desk" | "unit";
let login: Login = "desk";

/** Told once, when the page starts. */
export function speakAs(as: Login): void {
  login = as;
}

/** Where the live feed is asked for; a WebSocket can send no header. */
export function feedAddress(after: number): string {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  return `${scheme}://${location.host}/api/live?after=${after}&login=${login}`;
}

/** Said while the page closes; nobody waits for an answer. */
export function leave(path: string, body: object): void {
  const headers = { "Content-Type": "application/json", "Tenfour-Login": login };
  void fetch(path, { method: "POST", credentials: "same-origin", keepalive: true, headers, body: JSON.stringify(body) }).catch(() => undefined);
}

/** A network that swallows everything says nothing: without an answer for this long there is none. */
const PATIENCE_MS = 20_000;
const RETRY_AFTER_MS = [250, 500, 1000, 2000, 4000];

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

async function sentenceOf(answer: Response): Promise<string> {
  const body: unknown = await answer.json().catch(() => null);
  const told = body as { error?: string } | null;
  return told?.error ?? `The centre answered ${answer.status}`;
}

/** One request. Raises `Refusal` for an answer that says no, `Away` for none. */
export async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  const headers = { ...init.headers, "Tenfour-Login": login };
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const signal = init.signal ? AbortSignal.any([init.signal, patience]) : patience;
  const answer = await fetch(path, { credentials: "same-origin", ...init, headers, signal }).catch((why: unknown) => {
    throw new Away(`The centre cannot be reached (${String(why)})`);
  });
  clock.compare(answer.headers.get("Date"));
  if (answer.status >= 502) throw new Away(await sentenceOf(answer));
  if (!answer.ok) throw new Refusal(answer.status, await sentenceOf(answer));
  return (answer.status === 204 ? null : await answer.json()) as T;
}

/** One try of a command under an idempotency key. */
export function send<T>(path: string, body: object, key: string): Promise<T> {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": key };
  return ask<T>(path, { method: "POST", headers, body: JSON.stringify(body) });
}

/** A command, said again with the same key while the centre does not answer; then raises `Away`. */
export async function command<T>(path: string, body: object = {}): Promise<T> {
  const key = crypto.randomUUID();
  for (const wait of RETRY_AFTER_MS) {
    try {
      return await send<T>(path, body, key);
    } catch (problem) {
      if (!(problem instanceof Away)) throw problem;
      await pause(wait);
    }
  }
  return send<T>(path, body, key);
}
