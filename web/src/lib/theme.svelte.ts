// Dark by default; the choice stays with the browser.

export type Theme = "dark" | "light";

const KEY = "theme";

class ThemeChoice {
  now = $state<Theme>(localStorage.getItem(KEY) === "light" ? "light" : "dark");

  show(): void {
    document.documentElement.dataset["theme"] = this.now;
  }

  toggle(): void {
    this.now = this.now === "dark" ? "light" : "dark";
    localStorage.setItem(KEY, this.now);
    this.show();
  }
}

export const theme = new ThemeChoice();
