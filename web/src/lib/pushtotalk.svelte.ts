// Push to talk, for who wants it: the microphone is shut unless the key, or the button, is held.

export const TALK_KEY = "F1";

export class PushToTalk {
  wanted = $state(false);
  held = $state(false);
  readonly #key: string;

  constructor(
    person: string,
    /** Whether the microphone is open has changed. */
    private readonly changed: () => void,
  ) {
    this.#key = `push to talk ${person}`;
    this.wanted = localStorage.getItem(this.#key) === "yes";
    addEventListener("keydown", this.#down, { capture: true });
    addEventListener("keyup", this.#up, { capture: true });
    // A key that is let go where this page does not see it would stick.
    for (const away of ["blur", "pagehide"]) addEventListener(away, this.letGo);
    document.addEventListener("visibilitychange", this.letGo);
  }

  stop(): void {
    removeEventListener("keydown", this.#down, { capture: true });
    removeEventListener("keyup", this.#up, { capture: true });
    for (const away of ["blur", "pagehide"]) removeEventListener(away, this.letGo);
    document.removeEventListener("visibilitychange", this.letGo);
    this.letGo();
  }

  /** The microphone is open, as far as this goes. */
  get open(): boolean {
    return this.held || !this.wanted;
  }

  want(wanted: boolean): void {
    this.wanted = wanted;
    localStorage.setItem(this.#key, wanted ? "yes" : "no");
    this.#hold(false);
  }

  hold = (): void => this.#hold(this.wanted);
  letGo = (): void => this.#hold(false);

  #down = (event: KeyboardEvent): void => {
    if (event.key !== TALK_KEY || !this.wanted || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    if (!event.repeat) this.hold();
  };

  /** With or without Shift, Ctrl or Alt: the key is up. */
  #up = (event: KeyboardEvent): void => {
    if (event.key === TALK_KEY) this.letGo();
  };

  #hold(held: boolean): void {
    this.held = held;
    this.changed();
  }
}
