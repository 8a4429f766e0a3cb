// What somebody who calls hears until it is taken, as the telephone network of the United States has it: ringing there,
// busy, not to be had. It sounds in the headset alone; the line sends what the other side plays itself.

export type CallTone = "ringing" | "busy" | "refused";

interface Cadence {
  hertz: [number, number];
  onS: number;
  offS: number;
}

/** Precise tone plan (ANSI T1.401, ITU-T E.180 supplement 2). */
export const CADENCES: Record<CallTone, Cadence> = {
  ringing: { hertz: [440, 480], onS: 2, offS: 4 },
  busy: { hertz: [480, 620], onS: 0.5, offS: 0.5 },
  refused: { hertz: [480, 620], onS: 0.25, offS: 0.25 },
};

export const isCallTone = (name: string): name is CallTone => Object.hasOwn(CADENCES, name);

const GAIN = 0.08;
const RAMP_S = 0.01;
/** So long it is told that nobody took the call. */
export const TOLD_MS = 5000;

/** One tone at a time, through whatever loudspeaker it is played by. */
export class TonePlayer {
  #context: AudioContext | null = null;
  #playing: CallTone | null = null;
  #stopping: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly playBy: (stream: MediaStream) => void) {}

  play(tone: CallTone | null): void {
    if (tone === this.#playing) return;
    this.stop();
    if (tone === null) return;
    this.#playing = tone;
    const context = new AudioContext();
    this.#context = context;
    const target = context.createMediaStreamDestination();
    const gate = new GainNode(context, { gain: 0 });
    gate.connect(target);
    const { hertz, onS, offS } = CADENCES[tone];
    for (const frequency of hertz) {
      const voice = new OscillatorNode(context, { frequency });
      voice.connect(gate);
      voice.start();
    }
    this.#beat(context, gate, onS, offS);
    this.playBy(target.stream);
    if (tone !== "ringing") this.#stopping = setTimeout(() => this.stop(), TOLD_MS);
  }

  /** It does not ring there any more; that nobody took it is told to its end. */
  stopRinging(): void {
    if (this.#playing === "ringing") this.stop();
  }

  stop(): void {
    clearTimeout(this.#stopping);
    void this.#context?.close();
    [this.#context, this.#playing] = [null, null];
  }

  /** On and off: a source that switches the gate keeps time by the sound's own clock. */
  #beat(context: AudioContext, gate: GainNode, onS: number, offS: number): void {
    const rate = context.sampleRate;
    const cycle = new AudioBuffer({ length: Math.round((onS + offS) * rate), sampleRate: rate });
    const ramp = RAMP_S * rate;
    const on = onS * rate;
    const shape = cycle.getChannelData(0);
    for (let at = 0; at < on; at += 1) shape[at] = GAIN * Math.min(1, at / ramp, (on - at) / ramp);
    const beat = new AudioBufferSourceNode(context, { buffer: cycle, loop: true });
    beat.connect(gate.gain);
    beat.start();
  }
}
