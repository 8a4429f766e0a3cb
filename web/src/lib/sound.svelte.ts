// Sounds of the desk, in three levels. Level 3, ring and emergency, can be lowered, never muted; levels 1 and 2 can be
// silenced for ten minutes at most, never for good.

const KEY = "ring level";
const SILENCE_KEY = "silenced until";
const LOWEST = 0.15;
export const LONGEST_SILENCE_MIN = 10;

interface Tone {
  hertz: number;
  /** Seconds from the beginning of the sound. */
  start: number;
  length: number;
  gain: number;
  toHertz?: number;
}

interface Heard {
  level: 1 | 2 | 3;
  tones: Tone[];
}

const strokes = (gain: number, ...hertz: number[]): Tone[] =>
  [0, 0.26].flatMap((start) => hertz.map((one) => ({ hertz: one, start, length: 0.18, gain })));

const SOUNDS = {
  /** Two strokes of 659 and 880 Hz. */
  ring: { level: 3, tones: strokes(0.1, 659, 880) },
  /** A sweep from 880 to 660 Hz. */
  emergency: { level: 3, tones: [{ hertz: 880, start: 0, length: 0.4, gain: 0.4, toHertz: 660 }] },
  /** What was asked is done. */
  accept: { level: 1, tones: [{ hertz: 988, start: 0, length: 0.06, gain: 0.05 }] },
  /** Nothing was done. */
  refuse: { level: 1, tones: [{ hertz: 220, start: 0, length: 0.12, gain: 0.1 }] },
  /** A clock has used four fifths of its time. */
  due: { level: 1, tones: [{ hertz: 523, start: 0, length: 0.09, gain: 0.063 }] },
  /** Something is over its time: 523 Hz, then 392. */
  overdue: {
    level: 2,
    tones: [
      { hertz: 523, start: 0, length: 0.14, gain: 0.126 },
      { hertz: 392, start: 0.2, length: 0.14, gain: 0.126 },
    ],
  },
} satisfies Record<string, Heard>;

export type SoundName = keyof typeof SOUNDS;

class Sound {
  /** 0.15 to 1. */
  level = $state(lowered(localStorage.getItem(KEY) ?? "0.6"));
  /** A browser makes no sound before the first key or click. */
  ready = $state(false);
  /** Of all windows of this browser this one lets be heard what goes on. */
  here = $state(false);
  /** In real milliseconds; levels 1 and 2 are silent until then. */
  silentUntil = $state(limited(localStorage.getItem(SILENCE_KEY)));
  #audio: AudioContext | null = null;

  constructor() {
    addEventListener("storage", (event) => {
      if (event.key === KEY && event.newValue !== null) this.level = lowered(event.newValue);
      if (event.key === SILENCE_KEY) this.silentUntil = limited(event.newValue);
    });
  }

  /** To be called on the first key or click. */
  wake(): void {
    if (!this.ready) this.#takeTurn();
    this.#audio ??= new AudioContext();
    void this.#audio.resume();
    this.ready = true;
  }

  setLevel(level: number): void {
    this.level = lowered(level);
    localStorage.setItem(KEY, String(this.level));
  }

  /** No sound of level 1 or 2 for so many minutes, ten at most; 0: they are heard again. */
  silence(minutes: number): void {
    this.silentUntil = limited(Date.now() + minutes * 60_000);
    localStorage.setItem(SILENCE_KEY, String(this.silentUntil));
  }

  accept(): void {
    this.play("accept");
  }

  refuse(): void {
    this.play("refuse");
  }

  play(name: SoundName): void {
    const { level, tones }: Heard = SOUNDS[name];
    if (level < 3 && Date.now() < this.silentUntil) return;
    for (const tone of tones) this.#tone(tone);
  }

  /** For as long as this window lives; the next one that was touched follows. */
  #takeTurn(): void {
    const hold = (): Promise<never> => {
      this.here = true;
      return new Promise(() => undefined);
    };
    void navigator.locks.request("tenfour sounds", hold);
  }

  #tone({ hertz, start, length, gain, toHertz = hertz }: Tone): void {
    const audio = this.#audio;
    if (audio === null || audio.state !== "running") return;
    const at = audio.currentTime + start;
    const voice = new OscillatorNode(audio, { frequency: hertz });
    const envelope = new GainNode(audio, { gain: 0 });
    voice.frequency.linearRampToValueAtTime(toHertz, at + length);
    envelope.gain.setTargetAtTime(gain * this.level, at, 0.01);
    envelope.gain.setTargetAtTime(0, at + length, 0.02);
    voice.connect(envelope).connect(audio.destination);
    voice.start(at);
    voice.stop(at + length + 0.2);
  }
}

/** Never nothing, whatever was kept. */
function lowered(level: string | number): number {
  const wanted = Number(level);
  return Number.isFinite(wanted) ? Math.max(LOWEST, Math.min(1, wanted)) : 1;
}

/** Never longer than ten minutes from now, whatever was kept. */
function limited(until: string | number | null): number {
  const wanted = Number(until ?? 0);
  return Number.isFinite(wanted) ? Math.min(wanted, Date.now() + LONGEST_SILENCE_MIN * 60_000) : 0;
}

export const sound = new Sound();
