// What is selected is the same in all windows of one person on one machine.

export interface Selection {
  call: string | null;
  incident: string | null;
  unit: string | null;
}

type Message = Selection | "what is selected?";

export class SharedSelection {
  readonly #channel: BroadcastChannel;
  #last = "";

  /** `asks`: a window that was just opened takes what the others show. */
  constructor(person: string, take: (selection: Selection) => void, asks: boolean) {
    this.#channel = new BroadcastChannel(`tenfour selection ${person}`);
    this.#channel.onmessage = ({ data }: MessageEvent<Message>) => {
      if (data === "what is selected?") {
        if (this.#last !== "") this.#channel.postMessage(JSON.parse(this.#last));
        return;
      }
      this.#last = JSON.stringify(data);
      take(data);
    };
    if (asks) this.#channel.postMessage("what is selected?" satisfies Message);
  }

  /** Selected here; what came from another window is not said again. */
  tell(selection: Selection): void {
    const text = JSON.stringify(selection);
    if (text === this.#last) return;
    this.#last = text;
    this.#channel.postMessage(selection);
  }

  close(): void {
    this.#channel.close();
  }
}
