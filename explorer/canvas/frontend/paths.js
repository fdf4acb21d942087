// @ts-check
/** All paths between what is selected and another node or group: lit, and counted. */

/**
 * @typedef {import("./tools.js").Kit} Kit
 * @typedef {import("./tools.js").Tool} Tool
 * @typedef {import("./types.js").State} State
 */

import { bookOf } from "./catalogue.js";
import { h, setText } from "./dom.js";
import { grouped } from "./format.js";
import { NOTHING, pick } from "./pick.js";
import { icon } from "./icons.js";
import { connection } from "./kin.js";
import { levelFor } from "./look.js";

/** Larger counts are written as a power of ten. */
const MOST_DIGITS = 9;

/** @param {Kit} kit @returns {Tool} */
export function createPaths({ store, scene }) {
  const words = h("span", { "aria-live": "polite" });
  const shut = h("button", { type: "button", class: "xp-find-button", title: "Close (Esc)", "aria-label": "Close paths", click: () => store.set({ lineage: "" }) }, icon("close"));
  const element = h("div", { class: "xp-pill xp-paths", hidden: true }, words, shut);

  /** @param {string} other @returns {boolean} whether there are two ends */
  function connect(other) {
    const { chosen, lineage, other: before } = store.get();
    if (!chosen || !other || other === chosen) return false;
    const isAgain = lineage === "paths" && other === before;
    store.set({ lineage: isAgain ? "" : "paths", other });
    return true;
  }

  return {
    activity: "",
    over: [
      {
        element,
        update(state, changed) {
          if (!["lineage", "other", "chosen", "trace"].some((key) => changed.has(/** @type {keyof State} */ (key)))) return;
          element.hidden = state.lineage !== "paths";
          if (!element.hidden) setText(words, sentence(state));
        },
        destroy() {},
      },
    ],
    click(x, y, { shiftKey }) {
      const now = scene();
      const { camera } = store.get();
      if (!shiftKey || !now) return false;
      const { node, group } = pick(now, camera, levelFor(now.trace.nodes.w[0] * camera.k, "near"), x, y) ?? NOTHING;
      return connect(node >= 0 ? now.trace.nodes.id[node] : now.trace.groups[group]?.key ?? "");
    },
    bindings: [
      {
        title: "Find",
        bindings: [
          {
            caps: ["⇧", "Enter"],
            says: "all paths to where Tab is; or ⇧ click",
            keys: { "Shift+Enter": () => connect(keyboardAt(store.get())) && undefined },
          },
        ],
      },
    ],
  };
}

/** @param {State} state */
function keyboardAt({ trace, focused, focusedGroup }) {
  return trace?.nodes.id[focused] ?? trace?.groups[focusedGroup]?.key ?? "";
}

/** "3 paths from b to e". @param {State} state */
export function sentence({ trace, chosen, other }) {
  if (!trace) return "";
  const book = bookOf(trace);
  const found = connection(book, chosen, other);
  const name = (/** @type {string} */ id) => book.groups[book.byKey.get(id) ?? -1]?.title ?? id;
  if (!found) return `No path between ${name(chosen)} and ${name(other)}`;
  const ends = `from ${name(found.from)} to ${name(found.to)}`;
  return found.count === null ? `The paths ${ends}` : `${countText(found.count)} ${ends}`;
}

/** "1 path", "1,440 paths", "about 1.2 × 10^18 paths". @param {bigint} count */
export function countText(count) {
  const digits = String(count);
  if (count === 1n) return "1 path";
  if (digits.length <= MOST_DIGITS) return `${grouped(count)} paths`;
  const [whole, rest] = [digits[0], digits[1]];
  return `about ${whole}.${rest} × 10^${digits.length - 1} paths`;
}
