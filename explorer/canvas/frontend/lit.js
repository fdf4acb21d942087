// @ts-check
/** A way through the graph that something else on the page picked out: its edges and cards in ink, over everything. */

/**
 * @typedef {import("./tools.js").Kit} Kit
 * @typedef {import("./tools.js").Tool} Tool
 * @typedef {import("./card.js").View} View
 */

import { drawRing } from "./cards.js";
import { setAttribute } from "./dom.js";
import { drawWay } from "./edges.js";

const RING = { width: 2, offset: 3 };

/** @param {Kit} kit @returns {Tool} */
export function createLit({ root }) {
  return {
    activity: "",
    above(view) {
      const { lit } = view.trace;
      setAttribute(root, "data-lit", lit?.nodes.length ? String(lit.nodes.length) : "");
      if (!lit) return;
      drawWay(view, [...lit.edges]);
      for (const node of lit.nodes) drawRing(view, node, view.theme.ink, RING.width, RING.offset);
    },
  };
}
