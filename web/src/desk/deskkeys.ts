// Keys that work from anywhere on the desk, and in each of its windows.
import { goBack, nextActAfter, toCommand, toElement, toNextRegion, toRegion, typing } from "../lib/keys";
import type { Desk } from "./desk.svelte";

export interface Keys {
  desk: Desk;
  replay: () => void;
  help: () => void;
  /** Closes what is open; false when nothing is. */
  close: () => boolean;
  layoutDefault: () => void;
}

/** The player of the recording, also while somebody types: slower, faster, pause and on. By place on the keyboard. */
const PLAYER: Record<string, string> = { Comma: "[data-slower]", Period: "[data-faster]", Slash: "[data-play]" };

/** Act on a key; false when it means nothing here. */
export function handled(event: KeyboardEvent, on: Keys): boolean {
  if (event.altKey && event.shiftKey && /^Digit[1-9]$/.test(event.code)) return press(`[data-phrase="${event.code.at(-1)}"]`);
  if (event.ctrlKey && event.shiftKey && !event.altKey && /^Digit[1-9]$/.test(event.code)) return callsIn(on.desk, event.code.at(-1) ?? "");
  if (event.altKey && /^[1-7]$/.test(event.key)) return toRegion(event.key);
  if (event.altKey && event.key === "0") {
    on.layoutDefault();
    return true;
  }
  if (event.altKey && !event.shiftKey && PLAYER[event.code] !== undefined) return press(PLAYER[event.code] ?? "");
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  if (event.key === "F6") {
    toNextRegion(event.shiftKey);
    return true;
  }
  if (event.key === "Escape") {
    if (!on.close()) goBack();
    return true;
  }
  if (event.key === "F2" && event.shiftKey) {
    void on.desk.release(on.desk.call);
    return true;
  }
  if (event.key === "F4" && event.shiftKey) return press("[data-minute]");
  const act = functionKeys(on)[event.key] ?? (typing(event.target) ? undefined : letters(on)[event.key.toLowerCase()]);
  act?.();
  return act !== undefined;
}

const functionKeys = ({ desk, replay }: Keys): Record<string, () => void> => ({
  F2: () => desk.ringing[0] && void desk.answer(desk.ringing[0]),
  F3: () => void desk.holdOrSpeak(desk.call),
  F4: replay,
  F7: () => void desk.mute(desk.call),
  F8: () => void desk.sendRecommended(),
  F9: () => void nextActAfter(desk.confirmAdvice()),
  F10: () => toElement("[data-emergency]"),
});

const letters = ({ desk, help }: Keys): Record<string, () => void> => ({
  r: () => void desk.toggleReady(),
  n: () => toElement("[data-note]"),
  t: () => press("button[data-text]") || toElement("input[data-text]"),
  "/": toCommand,
  "?": help,
});

/** Call the third party of this key in; as the screen says it, where it says so: the caller may be to wait. */
function callsIn(desk: Desk, key: string): boolean {
  return press(`[data-third="${key}"]`) || desk.callKeyedIn(key);
}

/** Press what matches, if the screen shows it. */
function press(selector: string): boolean {
  const found = [...document.querySelectorAll<HTMLElement>(selector)].find((one) => one.offsetParent !== null);
  found?.click();
  return found !== undefined;
}
