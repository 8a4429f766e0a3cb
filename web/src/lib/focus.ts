// Focus is never lost: when the control under it goes away, its pane has the focus, and Tab goes on from there.

const FALLBACK = "[data-region='2']";

const gone = (element: HTMLElement): boolean =>
  !element.isConnected ||
  (element instanceof HTMLButtonElement && element.disabled) ||
  element.closest("[inert]") !== null;

/** Watch over the focus of this page; the answer ends it. */
export function keepFocus(): () => void {
  let last: HTMLElement | null = null;
  let pane: HTMLElement | null = null;

  function remember(event: FocusEvent): void {
    if (!(event.target instanceof HTMLElement)) return;
    last = event.target;
    pane = last.closest<HTMLElement>("[data-region], .pane");
  }

  function mend(): void {
    if (last === null || !gone(last)) return;
    if (document.activeElement !== document.body && document.activeElement !== last) return;
    const next = pane?.isConnected ? pane : document.querySelector<HTMLElement>(FALLBACK);
    next?.focus({ preventScroll: true });
  }

  const watch = new MutationObserver(mend);
  document.addEventListener("focusin", remember);
  watch.observe(document.body, { childList: true, subtree: true, attributeFilter: ["disabled", "inert"] });
  return () => {
    document.removeEventListener("focusin", remember);
    watch.disconnect();
  };
}
