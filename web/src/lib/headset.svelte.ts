// The headset of this position: microphone and loudspeaker of this browser, connected to the line over the shift.
import { ask, Away, leave, Refusal } from "./api";
import { TonePlayer } from "./calltone";
import { Meter } from "./meter.svelte";
import { PushToTalk } from "./pushtotalk.svelte";

export type HeadsetState = "none" | "connecting" | "connected" | "lost" | "elsewhere";

const WORN_KEY = "headset worn at";
const MICROPHONE_KEY = "microphone";
const SPEAKER_KEY = "loudspeaker";
const AGAIN_AFTER_MS = [500, 1000, 2000, 4000, 8000];
const TEST_HERTZ = 660;
/** What a browser calls it (Media Capture and Streams, section 10.2), for people. */
const REFUSED: Record<string, string> = {
  NotAllowedError: "This browser may not use the microphone. Allow it beside the address of this page, then connect anew.",
  NotFoundError: "No microphone is plugged in. Plug one in; it is taken at once.",
  NotReadableError: "The microphone cannot be opened: another program may have it.",
};
const NOT_THERE = new Set(["OverconstrainedError", "NotFoundError"]);
const SPEAKER_GONE = "The chosen loudspeaker is gone: you hear through the usual one.";

/** Where a browser lets one choose. */
async function letSoundFrom(ear: HTMLAudioElement, speaker: string): Promise<void> {
  if (speaker !== "" && "setSinkId" in ear) await ear.setSinkId(speaker).catch(() => undefined);
}

function stopTracks(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

export class Headset {
  state = $state<HeadsetState>("none");
  /** What is wrong, in words; empty where nothing is. */
  trouble = $state("");
  microphones = $state.raw<MediaDeviceInfo[]>([]);
  speakers = $state.raw<MediaDeviceInfo[]>([]);
  microphone = $state(localStorage.getItem(MICROPHONE_KEY) ?? "");
  speaker = $state(localStorage.getItem(SPEAKER_KEY) ?? "");
  readonly meter = new Meter();
  readonly talk: PushToTalk;
  /** What is heard here alone while a call of ours rings there. */
  readonly tones = new TonePlayer((stream) => this.#hearAlone(stream));

  #connection: RTCPeerConnection | null = null;
  #stream: MediaStream | null = null;
  /** Counts the drops: whoever began to connect before the last one has nothing to say any more. */
  #drops = 0;
  #again: ReturnType<typeof setTimeout> | undefined;
  #tries = 0;
  #muted = false;
  #heard = false;
  readonly #sink = new Audio();
  readonly #own = new Audio();
  /** One tab of a browser wears it: who connects says so to the others. */
  readonly #tabs = new BroadcastChannel("headset");

  constructor(
    readonly position: string,
    person: string,
    /** Is some browser's headset heard at this position, as the centre knows it? */
    private readonly isHeard: () => boolean,
  ) {
    this.#tabs.onmessage = () => this.#drop("elsewhere");
    this.talk = new PushToTalk(person, () => this.#openOrShut());
    addEventListener("pagehide", this.#leaving);
    if ("mediaDevices" in navigator) navigator.mediaDevices.addEventListener("devicechange", this.#devicesChanged);
    if (localStorage.getItem(WORN_KEY) === position) void this.connect();
  }

  stop(): void {
    removeEventListener("pagehide", this.#leaving);
    if ("mediaDevices" in navigator) navigator.mediaDevices.removeEventListener("devicechange", this.#devicesChanged);
    this.talk.stop();
    this.#tabs.close();
    this.#drop("none");
  }

  /** Connect, or connect anew; an earlier headset of this position is let go. */
  async connect(): Promise<void> {
    this.#drop("connecting");
    this.trouble = "";
    const drops = this.#drops;
    try {
      const stream = await this.#listen();
      if (drops !== this.#drops) return stopTracks(stream);
      this.#stream = stream;
      await this.#findDevices();
      if (drops === this.#drops) await this.#offer(stream);
      if (drops !== this.#drops) return;
      localStorage.setItem(WORN_KEY, this.position);
      this.#tabs.postMessage("worn");
    } catch (problem) {
      if (drops === this.#drops) this.#failed(problem);
    }
  }

  async putAway(): Promise<void> {
    localStorage.removeItem(WORN_KEY);
    this.#drop("none");
    await ask("/api/voice/put-away", { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" }).catch(
      (problem: unknown) => void (this.trouble = String(problem)),
    );
  }

  choose(kind: "microphone" | "loudspeaker", id: string): void {
    localStorage.setItem(kind === "microphone" ? MICROPHONE_KEY : SPEAKER_KEY, id);
    if (kind === "microphone") this.microphone = id;
    else this.speaker = id;
    if (kind === "loudspeaker") void letSoundFrom(this.#sink, id);
    else if (this.state !== "none") void this.connect();
  }

  /** At once, before the centre has heard of it. */
  mute(muted: boolean): void {
    this.#muted = muted;
    this.#openOrShut();
  }

  #openOrShut(): void {
    const open = this.talk.open && !this.#muted;
    for (const track of this.#stream?.getAudioTracks() ?? []) track.enabled = open;
    this.meter.muted = !open;
  }

  /** A second of a tone in one's own ears, not in the call. */
  testTone(): void {
    const context = new AudioContext();
    const tone = new OscillatorNode(context, { frequency: TEST_HERTZ });
    const target = context.createMediaStreamDestination();
    tone.connect(new GainNode(context, { gain: 0.2 })).connect(target);
    this.#hearAlone(target.stream);
    tone.start();
    tone.stop(context.currentTime + 1);
    tone.onended = () => void context.close();
  }

  #hearAlone(stream: MediaStream): void {
    this.#own.srcObject = stream;
    void letSoundFrom(this.#own, this.speaker)
      .then(() => this.#own.play())
      .catch(() => undefined);
  }

  /** Is it heard, as the centre knows it? One that was and is not any more is connected anew. */
  watch(heard: boolean): void {
    if (this.#heard && !heard && this.state === "connected") this.#lost("The line does not hear this headset.");
    this.#heard = heard;
  }

  // ---- connecting ----

  /** The chosen microphone; where that is not plugged in, any. */
  async #listen(): Promise<MediaStream> {
    if (!("mediaDevices" in navigator)) throw new Error("A microphone needs https, or a page of this machine.");
    const cleaned = { echoCancellation: true, noiseSuppression: true };
    if (this.microphone === "") return navigator.mediaDevices.getUserMedia({ audio: cleaned });
    try {
      return await navigator.mediaDevices.getUserMedia({ audio: { ...cleaned, deviceId: { exact: this.microphone } } });
    } catch (problem) {
      if (!(problem instanceof DOMException) || !NOT_THERE.has(problem.name)) throw problem;
      const stream = await navigator.mediaDevices.getUserMedia({ audio: cleaned });
      this.trouble = `The chosen microphone is not there: you are heard by ${stream.getAudioTracks()[0]?.label || "another one"}.`;
      return stream;
    }
  }

  async #findDevices(): Promise<void> {
    const all = await navigator.mediaDevices.enumerateDevices();
    this.microphones = all.filter((one) => one.kind === "audioinput" && one.deviceId !== "");
    this.speakers = all.filter((one) => one.kind === "audiooutput" && one.deviceId !== "");
  }

  /** Something was plugged in or out. */
  readonly #devicesChanged = async (): Promise<void> => {
    const worn = this.state !== "none" && this.state !== "elsewhere";
    if (!worn) return;
    await this.#findDevices();
    const there = this.speaker === "" || this.speakers.some((one) => one.deviceId === this.speaker);
    for (const ear of [this.#sink, this.#own]) if ("setSinkId" in ear) void ear.setSinkId(there ? this.speaker : "").catch(() => undefined);
    if (this.state === "connected") this.trouble = there ? "" : SPEAKER_GONE;
    if (this.state === "lost" && this.microphones.length > 0) void this.connect();
  };

  async #offer(stream: MediaStream): Promise<void> {
    const connection = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    this.#connection = connection;
    const [track] = stream.getAudioTracks();
    if (track === undefined) throw new Error("There is no microphone.");
    const transceiver = connection.addTransceiver(track, { direction: "sendrecv" });
    const coded = RTCRtpReceiver.getCapabilities("audio")?.codecs ?? [];
    transceiver.setCodecPreferences(coded.filter((one) => one.mimeType.toLowerCase() === "audio/pcmu"));
    connection.ontrack = (event) => this.#hear(event.track);
    connection.onconnectionstatechange = () => this.#changed(connection);
    track.onended = () => void (this.#stream === stream && this.#unplugged());
    this.#openOrShut();
    this.meter.listen(stream);
    await connection.setLocalDescription();
    if (this.#connection !== connection) return;
    const sdp = await ask<{ sdp: string }>("/api/voice", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ sdp: connection.localDescription?.sdp ?? "" }),
    });
    if (this.#connection === connection) await connection.setRemoteDescription({ type: "answer", sdp: sdp.sdp });
  }

  #hear(track: MediaStreamTrack): void {
    this.#sink.srcObject = new MediaStream([track]);
    void letSoundFrom(this.#sink, this.speaker);
    void this.#sink.play().catch((problem: unknown) => void (this.trouble = `Nothing can be heard: ${String(problem)}`));
  }

  #changed(connection: RTCPeerConnection): void {
    if (connection !== this.#connection) return;
    if (connection.connectionState === "connected") {
      this.state = "connected";
      this.#tries = 0;
    } else if (["failed", "disconnected", "closed"].includes(connection.connectionState)) this.#lost("The line does not answer.");
  }

  // ---- losing ----

  #lost(why: string): void {
    this.#drop("lost");
    this.trouble = why;
    this.#soon();
  }

  /** The line is told at once, so that the caller is; whatever microphone there is now is taken. */
  #unplugged(): void {
    leave("/api/voice/put-away", { leaving: true });
    this.#drop("lost");
    this.trouble = "The microphone is gone.";
    this.#again = setTimeout(() => void this.connect(), AGAIN_AFTER_MS[0]);
  }

  #failed(problem: unknown): void {
    this.#drop("lost");
    const refused = problem instanceof DOMException ? REFUSED[problem.name] : undefined;
    this.trouble = refused ?? (problem instanceof Error ? problem.message : String(problem));
    const later = problem instanceof DOMException && problem.name === "NotReadableError";
    const may = later || problem instanceof Away || (problem instanceof Refusal && problem.status >= 500);
    if (may) this.#soon();
  }

  #soon(): void {
    const wait = AGAIN_AFTER_MS[Math.min(this.#tries, AGAIN_AFTER_MS.length - 1)];
    this.#tries += 1;
    this.#again = setTimeout(() => {
      if (this.isHeard()) this.#drop("elsewhere");
      else void this.connect();
    }, wait);
  }

  #drop(state: HeadsetState): void {
    clearTimeout(this.#again);
    this.#drops += 1;
    const before = this.#connection;
    this.#connection = null;
    before?.close();
    stopTracks(this.#stream);
    this.#stream = null;
    this.talk.letGo(); // the button that is held goes with the connection
    this.meter.stop();
    this.tones.play(null);
    this.state = state;
  }

  readonly #leaving = (): void => {
    if (this.#connection !== null) leave("/api/voice/put-away", { leaving: true });
  };
}
