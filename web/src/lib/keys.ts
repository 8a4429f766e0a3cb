// Keys of the desk: regions, lists, and the way back.

const FOCUSABLE = "button:not([disabled]):not([data-deed]), input:not([disabled]), select, textarea, a[href], [tabindex='0']";

let cameFrom: HTMLElement | null = null;

const regions = (): HTMLElement[] =>
  [...document.querySelectorAll<HTMLElement>("[data-region]")].filter((one) => one.offsetParent !== null);

/** True where keys are text. */
export function typing(target: EventTarget | null): boolean {
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "range"].includes(target.type);
}

/** Go in where its work begins: the marked field, else the present row, else whatever takes focus first and does nothing by itself. */
function enter(region: HTMLElement): void {
  if (document.activeElement instanceof HTMLElement) cameFrom = document.activeElement;
  const wanted = ["[data-first]:not([disabled])", "[aria-current='true']", FOCUSABLE];
  const entry = wanted.map((one) => region.querySelector<HTMLElement>(one)).find((one) => one !== null);
  (entry ?? region).focus();
}

/** Go to the region with this number; false when the screen shows none. */
export function toRegion(number: string): boolean {
  const region = regions().find((one) => one.dataset["region"] === number);
  if (region === undefined) return false;
  enter(region);
  return true;
}

/** Go to the next region, or with `back` to the one before. */
export function toNextRegion(back: boolean): void {
  const all = regions();
  const present = all.findIndex((one) => one.contains(document.activeElement));
  const step = back ? -1 : 1;
  const next = all[(present + step + all.length) % all.length] ?? all[0];
  if (next !== undefined) enter(next);
}

/** Back to where focus was before the last jump; said again, out of where it is: Esc never leads into a field. */
export function goBack(): void {
  const target = cameFrom;
  cameFrom = null;
  if (target?.isConnected) target.focus();
  else if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
}

/** Put the caret into the first element that matches, remembering the way back. */
export function toElement(selector: string): void {
  const element = [...document.querySelectorAll<HTMLElement>(selector)].find((one) => one.offsetParent !== null);
  if (element === undefined) return;
  if (document.activeElement instanceof HTMLElement) cameFrom = document.activeElement;
  element.focus();
}

/** To the command line; what stands in it is marked, so that a new command takes its place. */
export function toCommand(): void {
  toElement("[data-command]");
  if (document.activeElement instanceof HTMLInputElement) document.activeElement.select();
}

/** To the act that comes next, where one is marked; a field with text in it is not left. */
function toNextAct(): void {
  const present = document.activeElement;
  if (present instanceof HTMLInputElement && typing(present) && present.value !== "") return;
  toElement("[data-next]");
}

/** To the act that comes next once this is done; not where the person has pressed another key or clicked meanwhile. */
export async function nextActAfter(done: Promise<unknown>): Promise<void> {
  const acted = new AbortController();
  const note = (): void => acted.abort();
  for (const kind of ["keydown", "pointerdown"]) addEventListener(kind, note, { capture: true, signal: acted.signal });
  await done;
  if (!acted.signal.aborted) toNextAct();
  acted.abort();
}

/** Svelte action: arrows, Home and End move inside a list of `[data-row]`. */
export function arrows(list: HTMLElement): { destroy(): void } {
  const move = (event: KeyboardEvent): void => {
    const rows = [...list.querySelectorAll<HTMLElement>("[data-row]")];
    const present = rows.indexOf(event.target as HTMLElement);
    if (present < 0) return;
    const wanted: Record<string, number> = {
      ArrowDown: present + 1,
      ArrowRight: present + 1,
      ArrowUp: present - 1,
      ArrowLeft: present - 1,
      Home: 0,
      End: rows.length - 1,
    };
    const next = wanted[event.key];
    if (next === undefined || event.altKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    rows[Math.max(0, Math.min(rows.length - 1, next))]?.focus();
  };
  list.addEventListener("keydown", move);
  return { destroy: () => list.removeEventListener("keydown", move) };
}
