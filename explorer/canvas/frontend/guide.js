// @ts-check
/** Takes the reader to a node or a group by its id, also where closed groups hide it: Python then opens those around. */

/** @typedef {import("./tools.js").Kit} Kit */

import { openGroup } from "./groups.js";
import { nodeOf } from "./rearrange.js";

/** Cards narrower than this on screen are gone up to. */
const READABLE = 60;
/** What was looked for stands so far from the edges of the canvas, as a share of it. */
const MARGIN = 0.2;

/** @param {Kit} kit */
export function createGuide({ store, actions }) {
  let wanted = "";

  /** @param {string} id @returns {boolean} whether it is drawn */
  function show(id) {
    const { trace, camera } = store.get();
    if (!trace) return false;
    const [node, group] = [nodeOf(trace, id), openGroup(trace, id)];
    if (node >= 0) {
      actions.focusNode(node, MARGIN);
      if (trace.nodes.w[node] * camera.k < READABLE) actions.centre(node);
    } else if (group >= 0) actions.focusGroup(group);
    return node >= 0 || group >= 0;
  }

  // What was waited for is shown when the canvas has taken the new trace over.
  store.subscribe((_, changed) => {
    if (!wanted || !changed.has("trace")) return;
    const id = wanted;
    wanted = "";
    queueMicrotask(() => show(id));
  });

  return {
    /** @param {string} id */
    go(id) {
      wanted = show(id) ? "" : id;
      if (wanted) actions.send("reveal", { id });
    },
  };
}
