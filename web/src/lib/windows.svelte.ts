// Regions in windows of their own. A window holds a lock while it lives, so that the desk knows it is there, also after
// either was reloaded, and that it is gone, however it ended.
import { isRegion, type RegionName } from "./region";

interface Here {
  here: RegionName;
}

const lockOf = (person: string, region: string): string => `tenfour window ${person} ${region}`;
const channelOf = (person: string): BroadcastChannel => new BroadcastChannel(`tenfour windows ${person}`);
const placeKey = (person: string, region: string): string => `window ${person} ${region}`;

/** Which region this page shows alone: `/?only=units`. */
export function onlyRegion(): RegionName | null {
  const only = new URLSearchParams(location.search).get("only") ?? "";
  return isRegion(only) ? only : null;
}

/** This page is the window of `region`, for as long as it lives; where it stands is remembered. The answer ends it. */
export function beWindow(person: string, region: RegionName): () => void {
  const channel = channelOf(person);
  const over = new AbortController();
  let leave = (): void => over.abort();
  const held = (): Promise<void> => {
    channel.postMessage({ here: region } satisfies Here);
    return new Promise((done) => (leave = done));
  };
  void navigator.locks.request(lockOf(person, region), { signal: over.signal }, held).catch(() => undefined);
  const remember = (): void => {
    const place = { left: screenX, top: screenY, width: innerWidth, height: innerHeight };
    localStorage.setItem(placeKey(person, region), JSON.stringify(place));
  };
  addEventListener("resize", remember);
  addEventListener("pagehide", remember);
  return () => {
    removeEventListener("resize", remember);
    removeEventListener("pagehide", remember);
    leave();
    channel.close();
  };
}

export class Windows {
  /** Regions that stand in a window of their own now. */
  out = $state.raw<ReadonlySet<RegionName>>(new Set());
  /** They were out, and the browser did not open them again by itself. */
  offered = $state.raw<RegionName[]>([]);
  readonly #channel: BroadcastChannel;
  #stopped = false;

  constructor(private readonly person: string) {
    this.#channel = channelOf(person);
    this.#channel.onmessage = (message: MessageEvent<Here>) => this.#watch(message.data.here);
    void this.#lookAround();
  }

  stop(): void {
    this.#stopped = true;
    this.#channel.close();
  }

  /** Tear a region off; false where the browser opens no window. */
  open(region: RegionName): boolean {
    const place = { width: 720, height: 560, ...(JSON.parse(localStorage.getItem(placeKey(this.person, region)) ?? "{}") as object) };
    const features = Object.entries(place).map(([name, value]) => `${name}=${Number(value)}`);
    const opened = open(`/?only=${region}${location.hash}`, `tenfour-${region}`, ["popup", ...features].join());
    this.offered = this.offered.filter((one) => one !== region);
    if (opened === null) this.offered = [...this.offered, region];
    return opened !== null;
  }

  /** Open what was offered; a click lets the browser do it. */
  openAll(): void {
    for (const region of this.offered) this.open(region);
  }

  forget(): void {
    this.offered = [];
    this.#keep();
  }

  async #lookAround(): Promise<void> {
    const { held = [] } = await navigator.locks.query();
    const names = new Set(held.map((lock) => lock.name));
    for (const region of this.#kept()) {
      if (names.has(lockOf(this.person, region))) this.#watch(region);
      else this.open(region);
    }
  }

  /** It is out, until its lock is free. */
  #watch(region: RegionName): void {
    if (this.out.has(region)) return;
    this.out = new Set([...this.out, region]);
    this.offered = this.offered.filter((one) => one !== region);
    this.#keep();
    void navigator.locks.request(lockOf(this.person, region), { mode: "shared" }, () => this.#back(region));
  }

  #back(region: RegionName): void {
    if (this.#stopped) return;
    this.out = new Set([...this.out].filter((one) => one !== region));
    this.#keep();
  }

  #kept(): RegionName[] {
    return (JSON.parse(localStorage.getItem(this.#key) ?? "[]") as string[]).filter(isRegion);
  }

  #keep(): void {
    localStorage.setItem(this.#key, JSON.stringify([...this.out, ...this.offered]));
  }

  get #key(): string {
    return `windows of ${this.person}`;
  }
}
