// In the desk's page, for `tenfour bench screens`: when a change stood on the screen, and when the echo of a key did.
// A change of the document waits for the animation frame that draws it; it counts once that frame has been handed on.
// The board of units draws the rows in view: `drawn` tells which were, from when until when.
(() => {
  localStorage.setItem("tour adeyemi", "left");
  const painted = (window.painted = []);
  const echoed = (window.echoed = []);
  const drawn = (window.drawn = []);
  const since = new Map();
  const statuses = new Map();
  const told = new Set();
  let [incident, turned] = ["", false];
  let fresh = [];
  let keys = [];
  let typed = null;
  const after = new MessageChannel();
  let inFrame = [];
  after.port1.onmessage = () => {
    const [now, tick] = [Date.now(), performance.now()];
    for (const one of inFrame) {
      if (one.key !== undefined) echoed.push(tick - one.key);
      else painted.push([one.what, one.words, now]);
    }
    inFrame = [];
  };
  const draw = (one) => {
    if (fresh.length === 0) requestAnimationFrame(() => {
      inFrame.push(...fresh);
      fresh = [];
      after.port2.postMessage(0);
    });
    fresh.push(one);
  };
  const tellUnit = (unit, words) => {
    const before = statuses.get(unit);
    statuses.set(unit, words);
    if (!since.has(unit)) since.set(unit, Date.now());
    if (before !== undefined && before !== words) draw({ what: `unit ${unit}`, words });
  };
  const leave = (unit) => {
    drawn.push([unit, since.get(unit), Date.now()]);
    since.delete(unit);
    statuses.delete(unit);
  };
  const tellOnce = (what, quietly) => {
    if (told.has(what)) return;
    told.add(what);
    if (told.size > 400) told.delete(told.values().next().value);
    if (!quietly) draw({ what, words: "" });
  };
  const look = (node) => {
    const element = node.nodeType === 1 ? node : node.parentElement;
    const row = element?.closest(".units tr, .notes li, .queue li");
    if (!row) return;
    if (row.closest(".notes")) return tellOnce(`note ${row.lastElementChild.textContent}`, turned);
    if (row.closest(".queue")) return tellOnce(`call ${row.querySelector(".qn")?.textContent ?? ""}`, false);
    const unit = row.querySelector("[data-unit]")?.dataset.unit;
    if (unit) tellUnit(unit, row.cells[2].textContent);
  };
  // The story of an incident that has just been turned to was on the screen of nobody: it is not new.
  const lookAround = (changes) => {
    const now = new URLSearchParams(location.hash.slice(1)).get("incident");
    [turned, incident] = [now !== incident, now];
    const left = new Set();
    for (const change of changes) {
      if (change.type === "attributes") {
        const of = change.target.dataset.of;
        const known = keys.findLastIndex((one) => one.text === of);
        for (const one of keys.splice(0, known + 1)) draw({ key: one.at });
        continue;
      }
      look(change.target);
      change.addedNodes.forEach(look);
      for (const node of change.removedNodes) {
        const unit = node.nodeType === 1 && node.querySelector("[data-unit]")?.dataset.unit;
        if (unit && since.has(unit)) left.add(unit);
      }
    }
    for (const unit of left) if (!document.querySelector(`.units [data-unit="${unit}"]`)) leave(unit);
  };
  addEventListener("keydown", (event) => (typed = event.timeStamp), true);
  addEventListener("input", (event) => {
    if (typed === null || !event.target.matches("[data-command]")) return;
    keys.push({ text: event.target.value, at: typed });
    typed = null;
  }, true);
  window.drawnRows = () => [...drawn, ...[...since].map(([unit, from]) => [unit, from, Date.now()])];
  window.watchPaint = () => {
    new MutationObserver(lookAround).observe(document.body, { childList: true, subtree: true, characterData: true });
    new MutationObserver(lookAround).observe(document.getElementById("echo"), { attributeFilter: ["data-of"] });
    document.querySelectorAll(".units [data-unit]").forEach(look);
  };
})();
