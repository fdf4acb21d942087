// @ts-check
/** The field to look for nodes, over the canvas: hits stay lit, Enter goes from one to the next. */

/** @typedef {import("./tools.js").Kit} Kit */
/** @typedef {import("./tools.js").Tool} Tool */

import { boxOf } from "./card.js";
import { h, setAttribute, setText } from "./dom.js";
import { NOTHING_YET, countText, find, step } from "./find.js";
import { grouped } from "./format.js";
import { createGuide } from "./guide.js";
import { icon } from "./icons.js";
import { visible } from "./camera.js";
import { ui, widthOf, write } from "./text.js";

const HINT = "Name, op, scope or shape";

/** Opens the field, or goes back to it. @param {{store: import("./store.js").Store, root: HTMLElement}} canvas */
export function openFind({ store, root }) {
  if (!store.get().finding) store.set({ finding: NOTHING_YET });
  const input = root.querySelector(".xp-find-input");
  if (!(input instanceof HTMLInputElement)) return;
  input.focus({ preventScroll: true });
  input.select();
}

/** @param {Kit} kit @returns {Tool} */
export function createFind(kit) {
  const { store, root, size } = kit;
  const guide = createGuide(kit);
  const input = h("input", { type: "text", class: "xp-find-input", "aria-label": "Find nodes", placeholder: HINT, autocomplete: "off", spellcheck: "false", enterkeyhint: "search" });
  const count = h("output", { class: "xp-find-count", "aria-live": "polite" });
  const element = h(
    "div",
    { class: "xp-find", role: "search", "aria-label": "Find nodes", hidden: true },
    icon("find"),
    input,
    count,
    button("Previous hit (⇧ Enter)", "above", () => walk(-1)),
    button("Next hit (Enter)", "below", () => walk(1)),
    button("Close (Esc)", "close", close),
  );

  /** @param {-1 | 1} direction */
  function walk(direction) {
    const { finding } = store.get();
    const at = finding ? step(finding, direction) : -1;
    if (!finding || at < 0) return;
    store.set({ finding: { ...finding, at } });
    guide.go(finding.hits[at].id);
  }

  function close() {
    store.set({ finding: null });
  }

  function look() {
    const { trace } = store.get();
    if (trace) store.set({ finding: find(trace, input.value) });
  }

  /** @param {KeyboardEvent} event */
  function typed(event) {
    if (event.ctrlKey || event.metaKey) return;
    event.stopPropagation();
    if (event.key === "Escape") close();
    else if (event.key === "Enter") walk(event.shiftKey ? -1 : 1);
    else return;
    event.preventDefault();
  }

  /** The browser's own search is left to those who ask for it a second time. @param {KeyboardEvent} event */
  function asked(event) {
    if (event.defaultPrevented) return;
    const from = event.composedPath()[0];
    const isOurs = from === document.body || (from instanceof Node && root.contains(from));
    if (event.key.toLowerCase() !== "f" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || !isOurs || from === input) return;
    event.preventDefault();
    openFind(kit);
  }

  input.addEventListener("keydown", typed);
  input.addEventListener("input", look);
  document.addEventListener("keydown", asked);

  return {
    activity: "",
    over: [
      {
        element,
        update({ finding }, changed) {
          if (!changed.has("finding")) return;
          show(finding !== null);
          setText(count, finding ? countText(finding) : "");
          setAttribute(input, "aria-invalid", String(Boolean(finding?.query.trim()) && !finding?.hits.length));
        },
        destroy: () => document.removeEventListener("keydown", asked),
      },
    ],
    bindings: [
      {
        title: "Find",
        bindings: [
          { caps: ["/"], says: "find; Enter, ⇧ Enter from hit to hit", keys: { "/": openFind } },
        ],
      },
    ],
    above(view, { finding, camera }) {
      if (!finding?.inside.size) return;
      for (const node of view.scene.nodesIn(visible(camera, size()))) {
        const hidden = finding.inside.get(node);
        if (hidden) drawCount(view, node, hidden);
      }
    },
  };

  /** What was looked for last is still there. @param {boolean} open */
  function show(open) {
    if (open !== element.hidden) return;
    element.hidden = !open;
    if (!open) root.focus({ preventScroll: true });
    else if (input.value) look();
  }
}

/** @param {string} label @param {import("./icons.js").IconName} name @param {() => void} click */
function button(label, name, click) {
  return h("button", { type: "button", class: "xp-find-button", title: label, "aria-label": label, click }, icon(name));
}

/** How many hits a closed group hides, on its upper right corner. @param {import("./card.js").View} view @param {number} node @param {number} count */
function drawCount({ context, theme, trace, k }, node, count) {
  const { x, y, w } = boxOf(trace, node);
  const unit = 1 / k;
  const text = grouped(count);
  const font = (/** @type {number} */ s) => ui(theme, s, 600);
  const width = Math.max(18 * unit, widthOf(context, font, 11 * unit, text) + 10 * unit);
  const [left, top] = [x + w - width + 6 * unit, y - 9 * unit];
  context.beginPath();
  context.roundRect(left, top, width, 18 * unit, 9 * unit);
  context.fillStyle = theme.forward.solid;
  context.fill();
  context.lineWidth = 1.5 * unit;
  context.strokeStyle = theme.surface;
  context.stroke();
  write(context, text, left + width / 2, top + 13 * unit, font(11 * unit), theme.forward.on, "center");
}
