// How loud the microphone is, ten times a second, and whether it is silent where somebody should be heard.

const EVERY_MS = 100;
const SILENT_BELOW = 0.004;
const SILENT_AFTER_MS = 5000;

export class Meter {
  /** 0 to 1, as loud as it seems to an ear. */
  level = $state(0);
  /** Nothing at all came from it for some seconds, though it is not muted: its own switch, or the wrong device. */
  silent = $state(false);
  muted = false;

  #context: AudioContext | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #loudAt = 0;

  listen(stream: MediaStream): void {
    this.stop();
    this.#context = new AudioContext();
    const analyser = new AnalyserNode(this.#context, { fftSize: 2048 });
    this.#context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.#loudAt = performance.now();
    this.#timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      this.#measure(samples.reduce((loudest, one) => Math.max(loudest, Math.abs(one)), 0));
    }, EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    void this.#context?.close();
    this.#context = null;
    [this.level, this.silent] = [0, false];
  }

  #measure(peak: number): void {
    this.level = peak <= SILENT_BELOW ? 0 : Math.min(1, 1 + Math.log10(peak) / 2.4);
    const now = performance.now();
    if (peak > SILENT_BELOW || this.muted || this.#context?.state !== "running") this.#loudAt = now;
    this.silent = now - this.#loudAt > SILENT_AFTER_MS;
  }
}
