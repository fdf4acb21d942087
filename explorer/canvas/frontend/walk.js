// @ts-check
/** Goes with the play head: to the node of the next step, and, while that is switched on, into every group it comes to. */

/**
 * @typedef {import("./tools.js").Kit} Kit
 * @typedef {import("./tools.js").Tool} Tool
 * @typedef {import("./types.js").State} State
 * @typedef {import("./types.js").Trace} Trace
 */

import { bookOf } from "./catalogue.js";
import { isGroup } from "./groups.js";
import { receiver } from "./timeline.js";
import { PHASE } from "./wire.js";

/** @param {{store: import("./store.js").Store}} canvas */
export function switchWalking({ store }) {
  store.set({ walking: !store.get().walking });
}

/** @param {Kit} kit @returns {Tool} */
export function createWalk({ store, actions }) {
  /** The trace in which a group was asked to open: it is not asked twice. @type {Trace | null} */
  let answered = null;
  let going = false;

  /** Opens the closed group that a moment is at. @param {Trace} trace @param {number} moment @returns {boolean} whether there was one */
  function enter(trace, moment) {
    const node = trace.moments.node[moment];
    if (answered === trace || !isGroup(trace, node)) return false;
    const id = firstInside(trace, node, trace.moments.phase[moment]);
    if (id === null) return false;
    answered = trace;
    actions.send("reveal", { id });
    return true;
  }

  /** The node of the next step, or of the last one at the end. @returns {void | false} */
  function goNext() {
    const { trace, position } = store.get();
    if (!trace?.moments.count) return false;
    const moment = Math.min(position, trace.moments.count - 1);
    going = enter(trace, moment);
    if (!going) actions.focusNode(position < trace.moments.count ? trace.moments.node[moment] : receiver(trace, moment));
  }

  // A group that the reader closes around the play head stays closed: only steps open.
  store.subscribe(({ trace, position, walking }, changed) => {
    if (!trace) return;
    const stepped = changed.has("walking") || (changed.has("position") && !changed.has("trace"));
    if (changed.has("trace") && going) queueMicrotask(goNext);
    else if (walking && stepped && position > 0) enter(trace, position - 1);
  });

  return {
    activity: "",
    bindings: [
      {
        title: "Find",
        bindings: [
          { caps: ["5"], says: "to the node of the next step, opening groups", keys: { 5: goNext } },
          { caps: ["I"], says: "steps open the groups that they come to", keys: { i: switchWalking } },
        ],
      },
    ],
  };
}

/** The operation inside a closed group that a pass comes to first, as far as execution order tells; null where there is none. @param {Trace} trace @param {number} node @param {number} phase */
export function firstInside(trace, node, phase) {
  const { shown, ids, count, starts } = bookOf(trace);
  const backward = phase === PHASE.backward;
  for (let i = 0; i < count; i++) {
    const n = backward ? count - 1 - i : i;
    if (shown[n] === node && starts[n + 1] > starts[n]) return ids[n];
  }
  return null;
}
