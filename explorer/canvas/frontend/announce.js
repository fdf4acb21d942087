// @ts-check
/** Says each step, and the node that the keyboard is on, to those who hear the page. */

/** @typedef {import("./types.js").Part} Part */
/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").Trace} Trace */

import { describe } from "./describe.js";
import { h } from "./dom.js";
import { number as figure } from "./format.js";
import { contents, groupAt } from "./groups.js";
import { plain } from "./mathml.js";
import { opOf, symbol, valueTerm } from "./symbols.js";
import { gradientAt, hasValue } from "./timeline.js";

/** While steps follow each other faster than this, only the last is said. */
const PAUSE_MS = 400;

/** @returns {Part} */
export function createAnnouncer() {
  const element = h("div", { class: "xp-unseen", "data-testid": "announcer", "aria-live": "polite", role: "status" });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  /** @param {() => string} words */
  function say(words) {
    clearTimeout(timer);
    timer = setTimeout(() => (element.textContent = words()), PAUSE_MS);
  }

  return {
    element,
    update({ trace, position, focused, focusedGroup }, changed) {
      if (!trace) return;
      // Of two linked graphs the forward one says the step.
      if (changed.has("position") && !trace.twin) say(() => stepWords(trace, position));
      else if (changed.has("focusedGroup") && focusedGroup >= 0) say(() => groupWords(trace.groups[focusedGroup]));
      else if (changed.has("focused") && focused >= 0) say(() => nodeWords(trace, focused, position));
    },
    destroy: () => clearTimeout(timer),
  };
}

/** @param {Trace} trace @param {number} position */
function stepWords(trace, position) {
  const { title, spoken } = describe(trace, position);
  return `Step ${position} of ${trace.moments.count}. ${title}. ${spoken}`;
}

/** @param {import("./types.js").Group} group */
function groupWords(group) {
  return `${[group.title, "open group", contents(group)].filter(Boolean).join(", ")}.`;
}

/** @param {Trace} trace @param {number} node @param {number} position */
function nodeWords(trace, node, position) {
  const value = hasValue(trace, node, position) ? plain(valueTerm(trace, node)) : "not yet computed";
  const gradient = gradientAt(trace, node, position);
  const arrived = gradient === undefined ? "" : ` Gradient ${figure(gradient)}.`;
  const group = groupAt(trace, node);
  const what = group ? [group.title, "closed group", contents(group)].filter(Boolean).join(", ") : `${plain(symbol(trace, node))}, ${opOf(trace, node).label}`;
  return `${what}. Value ${value}.${arrived}`;
}
