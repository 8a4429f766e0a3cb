// Dark by default; the choice stays with the browser.

import type { StatusColour } from "./centre";

export type Theme = "dark" | "light";

const KEY = "theme";

class ThemeChoice {
  now = $state<Theme>(localStorage.getItem(KEY) === "light" ? "light" : "dark");

  #colours: Record<string, StatusColour> = {};

  show(): void {
    document.documentElement.dataset["theme"] = this.now;
    this.#paint();
  }

  /** The colours of statuses are the centre's own; the centre has tested that they can be told apart and read. */
  useColours(colours: Record<string, StatusColour>): void {
    this.#colours = colours;
    this.#paint();
  }

  #paint(): void {
    const { style } = document.documentElement;
    const sheet = getComputedStyle(document.documentElement);
    const set = (name: string, colour: string, also = ""): void => {
      style.removeProperty(name);
      if (also) style.removeProperty(also);
      if (sheet.getPropertyValue(name).trim().toUpperCase() === colour.toUpperCase()) return;
      style.setProperty(name, colour);
      if (also) style.setProperty(also, `color-mix(in srgb, ${colour} 12%, var(--bg-1))`);
    };
    for (const [letter, colour] of Object.entries(this.#colours)) {
      const name = letter.toLowerCase();
      set(`--st-${name}`, colour.fill, `--tint-${name}`);
      set(`--tx-${name}`, colour[this.now]);
    }
  }

  toggle(): void {
    this.now = this.now === "dark" ? "light" : "dark";
    localStorage.setItem(KEY, this.now);
    this.show();
  }
}

export const theme = new ThemeChoice();
