// Half-typed text, kept through a reload of this tab.

export class Draft {
  #text = $state("");

  constructor(private readonly name: string) {
    this.#text = sessionStorage.getItem(this.#key) ?? "";
  }

  get text(): string {
    return this.#text;
  }

  set text(value: string) {
    this.#text = value;
    if (value === "") sessionStorage.removeItem(this.#key);
    else sessionStorage.setItem(this.#key, value);
  }

  get #key(): string {
    return `draft ${this.name}`;
  }
}
