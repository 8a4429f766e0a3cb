// The recordings of a call on one line of time: how loud they are, and playing them, also while the call goes on.
import { ask } from "./api";
import { since } from "./clock.svelte";
import type { CallView, RecordingView, WaveformView } from "./types";

/** What F4 plays, in seconds; pressed again while it plays, it goes so far back. */
export const REPLAY_S = 15;
/** What Shift F4 plays. */
export const LONG_REPLAY_S = 60;
const LOOK_EVERY_MS = 1000;
/** How long the drawn line of time may be, in seconds: it grows in steps, so that what is drawn stays where it is. */
const SPANS_S = [15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720, 960, 1440, 1920, 2880, 3840];
const FREE_SHARE = 0.94;
/** Played up to here, newer sound is fetched only where there is this much of it. */
const WORTH_S = 0.3;
export const LOUDEST = 32_767;

/** What a lane of a recording holds. */
export type Lane = "peaks" | "heard";

/** How loud one recording is, as far as it is known here: the caller, and what it hears (nothing in old recordings). */
class Wave {
  peaks = $state.raw<number[]>([]);
  heard = $state.raw<number[]>([]);
  lengthS = $state(0);
  stepS = 0.1;
  #settled = 0;
  #closed = false;

  /** Ask for what is new; a closed recording is asked once to its end. */
  async look(recording: RecordingView): Promise<void> {
    while (!this.#closed) {
      const view = await ask<WaveformView>(`${recording.url.replace(/\.wav$/, "")}/waveform?after=${this.#settled}`);
      this.peaks = [...this.peaks.slice(0, view.first), ...view.peaks];
      this.heard = [...this.heard.slice(0, view.first), ...view.heard];
      [this.lengthS, this.stepS, this.#settled] = [view.length_s, view.step_s, view.settled];
      const whole = this.peaks.length * view.step_s >= view.length_s;
      this.#closed = whole && recording.duration_s !== null;
      if (whole || view.peaks.length === 0) return;
    }
  }
}

/** One recording on the line of time; all in seconds since the first one began. */
export interface Part {
  segment: number;
  from: number;
  length: number;
  url: string;
  growing: boolean;
  wave: Wave | null;
}

export class Soundtrack {
  /** The player; it holds one part at a time. */
  audio = $state<HTMLAudioElement | null>(null);
  playing = $state(false);
  trouble = $state("");
  speed = $state(1);
  #second = $state(0);
  #segment = $state<number | null>(null);
  #loaded = "";
  #loadedS = 0;
  #asked = 0;
  /** By segment. */
  #waves = $state.raw<Record<number, Wave>>({});

  readonly parts = $derived.by(() => this.#partsOf(this.call().recordings));
  /** When the first recording began; null while nothing is recorded. */
  readonly beganAt = $derived.by(() => this.call().recordings[0]?.started_at ?? null);
  /** Where the sound ends, as far as it is known. */
  readonly soundEnd = $derived.by(() => Math.max(0, ...this.parts.map((part) => part.from + part.length)));
  /** Where the call stands now, or where it ended. */
  readonly end = $derived.by(() => {
    if (this.beganAt === null) return 0;
    const ended = this.call().ended_at;
    const now = ended === null ? since(this.beganAt) : Date.parse(ended) - Date.parse(this.beganAt);
    return Math.max(this.soundEnd, now / 1000);
  });
  /** How long the drawn line is: a little longer than the call. */
  readonly span = $derived.by(() => SPANS_S.find((span) => this.end <= span * FREE_SHARE) ?? this.end / FREE_SHARE);
  /** The place that is heard. */
  readonly at = $derived.by(() => (this.parts.find((part) => part.segment === this.#segment)?.from ?? 0) + this.#second);

  constructor(private readonly call: () => CallView) {}

  /** Keep the drawing up to date, until the function that is answered is called. */
  follow(): () => void {
    let again = 0;
    let stopped = false;
    const look = async (): Promise<void> => {
      await this.#look();
      if (!stopped) again = setTimeout(() => void look(), LOOK_EVERY_MS);
    };
    void look();
    return () => {
      stopped = true;
      clearTimeout(again);
    };
  }

  /** The loudest sample of a lane between two places; null where nothing was recorded. */
  loudest(from: number, to: number, lane: Lane = "peaks"): number | null {
    let loudest: number | null = null;
    for (const { from: begin, length, wave } of this.parts) {
      if (wave === null || to <= begin || from >= begin + length) continue;
      const first = Math.max(0, Math.floor((from - begin) / wave.stepS));
      const last = Math.max(first + 1, Math.ceil((to - begin) / wave.stepS));
      for (const peak of wave[lane].slice(first, last)) loudest = Math.max(loudest ?? 0, peak);
    }
    return loudest;
  }

  /** Stretches between the recordings in which nothing was recorded, as [from, to]. */
  get gaps(): [number, number][] {
    return this.parts
      .map((part, place): [number, number] => [part.from + part.length, this.parts[place + 1]?.from ?? 0])
      .filter(([from, to]) => to - from > 0.1);
  }

  /** F4: the last seconds, with what was said a moment ago; while it plays, so far back from what is heard. */
  async replay(): Promise<void> {
    if (this.playing) return this.play(Math.max(0, this.at - REPLAY_S));
    await this.#look();
    await this.play(Math.max(0, this.soundEnd - REPLAY_S));
  }

  /** Shift F4: the last minute. */
  async replayMinute(): Promise<void> {
    await this.#look();
    await this.play(Math.max(0, this.soundEnd - LONG_REPLAY_S));
  }

  /** Is what the caller hears recorded, too? */
  get twoLanes(): boolean {
    return this.parts.some((part) => part.wave !== null && part.wave.heard.length > 0);
  }

  /** Play from a place, or from where it stands; in a gap, from where the next recording begins. */
  async play(place: number = this.at >= this.soundEnd ? 0 : this.at): Promise<void> {
    const mine = ++this.#asked;
    const part = this.parts.find((one) => place < one.from + one.length) ?? this.parts.at(-1);
    if (this.audio === null || part === undefined) return;
    try {
      await this.#load(part, Math.max(0, place - part.from));
      if (mine !== this.#asked) return;
      await this.audio.play();
      this.trouble = "";
    } catch (problem) {
      if (mine !== this.#asked) return;
      this.#loaded = "";
      this.trouble = problem instanceof Error ? problem.message : String(problem);
    }
  }

  /** Play from this second of a recording. */
  async playLine(segment: number, second: number): Promise<void> {
    const part = this.parts.find((one) => one.segment === segment);
    if (part !== undefined) await this.play(part.from + second);
  }

  pause(): void {
    this.#asked += 1;
    this.audio?.pause();
  }

  /** Pause, or go on. The player itself is asked: what it last told may be older than the hand. */
  toggle(): void {
    if (this.audio !== null && !this.audio.paused) this.pause();
    else void this.play();
  }

  /** Go to a place: heard on from there when it plays. */
  async seek(place: number): Promise<void> {
    const within = Math.max(0, Math.min(this.soundEnd, place));
    if (this.playing) return this.play(within);
    const part = this.parts.find((one) => within < one.from + one.length) ?? this.parts.at(-1);
    if (part !== undefined) await this.#load(part, Math.max(0, within - part.from)).catch(() => (this.#loaded = ""));
  }

  setSpeed(speed: number): void {
    this.speed = speed;
    this.#keepSpeed();
  }

  /** What the player tells. */
  moved(): void {
    if (this.audio !== null && this.audio.readyState >= HTMLMediaElement.HAVE_METADATA) this.#second = this.audio.currentTime;
  }

  /** The player came to the end of what it has: on to newer sound, or to the next recording. */
  async ran(): Promise<void> {
    const part = this.parts.find((one) => one.segment === this.#segment);
    if (part === undefined) return;
    if (part.growing) await this.#look();
    const grown = this.parts.find((one) => one.segment === this.#segment);
    if (grown !== undefined && grown.length > this.#loadedS + WORTH_S) return this.play(grown.from + this.#loadedS);
    const next = this.parts.find((one) => one.from >= part.from + part.length);
    if (next !== undefined) await this.play(next.from);
  }

  async #look(): Promise<void> {
    for (const recording of this.call().recordings) {
      // While the centre is away, or nothing is on disk yet, what is drawn stays as it is.
      await this.#wave(recording.segment).look(recording).catch(() => undefined);
    }
  }

  #wave(segment: number): Wave {
    const wave = this.#waves[segment] ?? new Wave();
    if (!(segment in this.#waves)) this.#waves = { ...this.#waves, [segment]: wave };
    return wave;
  }

  /** Recordings follow each other: a clock that runs fast moves none into another. */
  #partsOf(recordings: RecordingView[]): Part[] {
    const parts: Part[] = [];
    const began = Date.parse(recordings[0]?.started_at ?? "");
    for (const { segment, started_at, duration_s, url } of recordings) {
      const wave = this.#waves[segment] ?? null;
      const before = parts.at(-1);
      const from = Math.max(before ? before.from + before.length : 0, (Date.parse(started_at) - began) / 1000);
      parts.push({ segment, from, length: duration_s ?? wave?.lengthS ?? 0, url, growing: duration_s === null, wave });
    }
    return parts;
  }

  /** Have the player at this second of a part. A growing file is named by its length, so that what is played stands still. */
  async #load(part: Part, second: number): Promise<void> {
    const player = this.audio;
    if (player === null) return;
    const same = this.#segment === part.segment;
    [this.#segment, this.#second] = [part.segment, second];
    const holds = same && this.#loaded !== "" && second < this.#loadedS;
    if (!holds || part.length - this.#loadedS > REPLAY_S) {
      this.#loadedS = part.length;
      this.#loaded = part.growing ? `${part.url}?until=${part.length}` : part.url;
      await new Promise<void>((ready, failed) => {
        player.onloadedmetadata = () => ready();
        player.onerror = () => failed(new Error("The recording cannot be played."));
        player.src = this.#loaded;
      });
    }
    this.#keepSpeed();
    // Another place may have been chosen meanwhile.
    player.currentTime = this.#second;
  }

  #keepSpeed(): void {
    if (this.audio !== null) this.audio.playbackRate = this.speed;
  }
}
