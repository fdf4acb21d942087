// @ts-check
/** Two views of one computation on a page: what is chosen and stepped to in one is chosen and stepped to in the other. */

/**
 * @typedef {import("./tools.js").Kit} Kit
 * @typedef {import("./tools.js").Tool} Tool
 * @typedef {import("./types.js").State} State
 * @typedef {import("./types.js").Trace} Trace
 * @typedef {{from: object, chosen?: string, at?: string}} Word  Ids of the forward graph; `at`: the node at work in the
 *   backward pass, "" before it.
 */

import { setAttribute } from "./dom.js";
import { openGroup } from "./groups.js";
import { nodeOf } from "./rearrange.js";
import { receiver } from "./timeline.js";
import { PHASE } from "./wire.js";

const EVENT = "explorer-twin";

/** @param {Kit} kit @returns {Tool} */
export function createTwin({ store, actions, root }) {
  const me = {};
  let listening = false;

  /** @param {Omit<Word, "from">} word */
  const tell = (word) => window.dispatchEvent(new CustomEvent(EVENT, { detail: { from: me, ...word } }));

  /** @param {Event} event */
  function hear(event) {
    const { from, chosen, at } = /** @type {CustomEvent<Word>} */ (event).detail;
    const { trace } = store.get();
    if (from === me || !trace) return;
    listening = true;
    if (chosen !== undefined) choose(trace, chosen);
    if (at !== undefined) stepTo(trace, at);
    listening = false;
  }

  /** @param {Trace} trace @param {string} id */
  function choose(trace, id) {
    const node = ownNode(trace, id);
    const group = openGroup(trace, id);
    if (node < 0 && group >= 0) return actions.selectGroup(group);
    actions.select(node);
    if (node < 0 || !trace.twin) return;
    actions.focusNode(node);
    store.set({ focused: -1 });
  }

  /** @param {Trace} trace @param {string} id */
  function stepTo(trace, id) {
    const { count, forward, node, phase } = trace.moments;
    if (!id) return trace.twin && store.set({ playing: false, position: 0 });
    const passes = Array.from({ length: count - forward }, (_, place) => count - 1 - place).filter((m) => phase[m] === PHASE.backward);
    // One that hands nothing on, such as a group at the inputs, is reached when its gradient is.
    const found = passes.find((m) => forwardId(trace, node[m]) === id) ?? passes.find((m) => forwardId(trace, receiver(trace, m)) === id);
    if (found !== undefined) actions.setPosition(found + 1);
  }

  window.addEventListener(EVENT, hear);
  return {
    activity: "",
    over: [
      {
        element: document.createElement("span"),
        /** @param {State} state @param {ReadonlySet<keyof State>} changed */
        update(state, changed) {
          const { trace } = state;
          if (changed.has("trace")) setAttribute(root, "data-twin", trace?.twin ? "autograd" : "");
          if (!trace || listening || changed.has("trace")) return;
          if (changed.has("chosen")) tell({ chosen: chosenId(trace, state) });
          if (changed.has("position")) tellPosition(trace, state.position);
        },
        destroy: () => window.removeEventListener(EVENT, hear),
      },
    ],
  };

  /** @param {Trace} trace @param {number} position */
  function tellPosition(trace, position) {
    const { node, phase } = trace.moments;
    if (position > 0 && phase[position - 1] === PHASE.backward) tell({ at: forwardId(trace, node[position - 1]) });
    else if (!trace.twin) tell({ at: "" });
  }
}

/** What a node is called in the forward graph. @param {Trace} trace @param {number} node */
const forwardId = ({ nodes, twin }, node) => (twin ? twin.ids[node] : nodes.id[node]);

/** @param {Trace} trace @param {State} state */
function chosenId(trace, { chosen, selected }) {
  return trace.twin && selected >= 0 ? forwardId(trace, selected) : chosen;
}

/** The node that stands for one of the forward graph, or -1; of several the one that the backward pass comes to first. @param {Trace} trace @param {string} id */
function ownNode(trace, id) {
  return trace.twin && id ? trace.twin.ids.lastIndexOf(id) : nodeOf(trace, id);
}
