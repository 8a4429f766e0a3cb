// Sounds of the desk. Ring and emergency can be lowered, never muted.

const KEY = "ring level";
const LOWEST = 0.15;
const RING_GAIN = 0.2;
const EMERGENCY_GAIN = 0.4;
const ACCEPT_GAIN = 0.05;
const REFUSE_GAIN = 0.1;

class Sound {
  /** 0.15 to 1. */
  level = $state(Number(localStorage.getItem(KEY) ?? "0.6"));
  /** A browser makes no sound before the first key or click. */
  ready = $state(false);
  /** Of all windows of this browser this one lets be heard what goes on. */
  here = $state(false);
  #audio: AudioContext | null = null;

  /** To be called on the first key or click. */
  wake(): void {
    if (!this.ready) this.#takeTurn();
    this.#audio ??= new AudioContext();
    void this.#audio.resume();
    this.ready = true;
  }

  /** For as long as this window lives; the next one that was touched follows. */
  #takeTurn(): void {
    const hold = (): Promise<never> => {
      this.here = true;
      return new Promise(() => undefined);
    };
    void navigator.locks.request("tenfour sounds", hold);
  }

  setLevel(level: number): void {
    this.level = Math.max(LOWEST, Math.min(1, level));
    localStorage.setItem(KEY, String(this.level));
  }

  /** Two strokes of 659 and 880 Hz. */
  ring(): void {
    for (const start of [0, 0.26]) {
      this.#tone(659, start, 0.18, RING_GAIN / 2);
      this.#tone(880, start, 0.18, RING_GAIN / 2);
    }
  }

  /** A sweep from 880 to 660 Hz. */
  emergency(): void {
    this.#tone(880, 0, 0.4, EMERGENCY_GAIN, 660);
  }

  /** What was asked is done: 988 Hz, short. */
  accept(): void {
    this.#tone(988, 0, 0.06, ACCEPT_GAIN);
  }

  /** Nothing was done: 220 Hz. */
  refuse(): void {
    this.#tone(220, 0, 0.12, REFUSE_GAIN);
  }

  #tone(hertz: number, start: number, length: number, gain: number, toHertz = hertz): void {
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

export const sound = new Sound();
