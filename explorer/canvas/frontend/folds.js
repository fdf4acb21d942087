// @ts-check
/** Equal groups in a row stand folded as one. Chosen, the fold says so, and which of them is looked into. */

/**
 * @typedef {import("./tools.js").Kit} Kit
 * @typedef {import("./tools.js").Tool} Tool
 * @typedef {import("./types.js").State} State
 * @typedef {import("./types.js").Group} Group
 */

import { h, setAttribute, setText } from "./dom.js";
import { aroundGroup, groupAt } from "./groups.js";
import { icon } from "./icons.js";

/** @param {Kit} kit @returns {Tool} */
export function createFolds({ store, actions }) {
  const words = h("span", { "aria-live": "polite" });
  const before = button("The one before (Q)", () => go(-1), icon("less"));
  const next = button("The next one (E)", () => go(1), icon("more"));
  const one = button("Look into one of them (E)", () => go(1), "One of them");
  const all = button("All of them, side by side", () => spread(), "All");
  const close = button("Fold them (U)", () => fold(), "Fold");
  const element = h("div", { class: "xp-pill xp-fold", role: "group", "aria-label": "Equal groups", hidden: true }, words, before, next, one, all, close);

  /** Looks into the one after or before the one that is looked into; the first of those that are folded. @param {-1 | 1} direction */
  function go(direction) {
    const found = chosenFold(store.get());
    if (!found) return false;
    const { whole, start, count, one: shown } = found.fold;
    const place = found.fold.stop - start < count ? start : shown < 0 ? 0 : Math.max(0, Math.min(count - 1, shown + direction));
    actions.toggle(whole, place);
    return undefined;
  }

  function spread() {
    const found = chosenFold(store.get());
    if (found) actions.toggle(found.fold.whole, -1);
  }

  function fold() {
    const found = chosenFold(store.get());
    if (found) actions.toggle(found.fold.whole);
  }

  return {
    activity: "",
    over: [
      {
        element,
        update(state, changed) {
          if (!["trace", "chosen", "focused", "focusedGroup", "lineage"].some((key) => changed.has(/** @type {keyof State} */ (key)))) return;
          const found = state.lineage ? null : chosenFold(state);
          element.hidden = !found;
          if (!found) return;
          const { start, stop, count, one: place } = found.fold;
          const isPart = stop - start < count;
          const isWalked = place >= 0 && !isPart && found.node < 0;
          setText(words, isWalked ? `${found.title}: ${place + 1} of ${count}` : isPart ? `${found.title}, ${start + 1} to ${stop} of ${count}` : found.title);
          before.hidden = next.hidden = !isWalked;
          one.hidden = isWalked;
          all.hidden = found.node < 0 && !isWalked;
          close.hidden = found.node >= 0;
          setAttribute(before, "aria-disabled", String(place <= 0));
          setAttribute(next, "aria-disabled", String(place >= count - 1));
        },
        destroy() {},
      },
    ],
    bindings: [
      {
        title: "Graph",
        bindings: [{ caps: ["E", "Q"], says: "of equal groups look into one: the next, the one before", asks: true, keys: { e: () => go(1), q: () => go(-1) } }],
      },
    ],
  };
}

/** @param {string} label @param {() => void} click @param {string | Node} content */
function button(label, click, content) {
  return h("button", { type: "button", class: "xp-fold-button", title: label, "aria-label": label, click }, content);
}

/** The fold that the keyboard is on or that is chosen, or that is around it and of which one is looked into. @param {State} state @returns {(Group & {fold: import("./types.js").Fold}) | null} */
function chosenFold({ trace, focused, focusedGroup, selected, selectedGroup }) {
  if (!trace) return null;
  const [node, open] = focused >= 0 || focusedGroup >= 0 ? [focused, focusedGroup] : [selected, selectedGroup];
  const own = open >= 0 ? trace.groups[open] : node >= 0 ? groupAt(trace, node) : undefined;
  if (own?.fold) return /** @type {Group & {fold: import("./types.js").Fold}} */ (own);
  const innermost = own ? own.parent : trace.nodes.group[node] ?? -1;
  const around = aroundGroup(trace, innermost).map((place) => trace.groups[place]).reverse();
  const found = around.find(({ fold }) => fold && fold.one >= 0 && fold.stop - fold.start === fold.count);
  return /** @type {(Group & {fold: import("./types.js").Fold}) | undefined} */ (found) ?? null;
}
