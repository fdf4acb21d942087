// @ts-check
/** What tests and extensions may rely on: attributes of the root element that are always true, and `explorer`. */

/**
 * @typedef {import("./types.js").State} State
 * @typedef {import("./types.js").Trace} Trace
 * @typedef {{x: number, y: number}} Point
 * @typedef {Point & {width: number, height: number}} PageBox
 */

import { setAttribute } from "./dom.js";
import { rectOf } from "./rearrange.js";
import { phaseName } from "./timeline.js";

/** @param {HTMLElement} root @param {State} state */
export function label(root, { trace, position, chosen }) {
  setAttribute(root, "data-rev", String(trace?.rev ?? ""));
  setAttribute(root, "data-activity", trace?.activity ?? "");
  setAttribute(root, "data-orientation", trace?.orientation ?? "");
  setAttribute(root, "data-mode", trace?.mode ?? "");
  setAttribute(root, "data-activity", trace?.activity ?? "");
  setAttribute(root, "data-step", String(position));
  setAttribute(root, "data-steps", trace ? String(trace.moments.count) : "");
  setAttribute(root, "data-phase", trace ? phaseName(trace, position) : "idle");
  setAttribute(root, "data-node", trace && position > 0 ? trace.nodes.id[trace.moments.node[position - 1]] : "");
  setAttribute(root, "data-selected", chosen);
}

/** @param {Trace} trace */
export function ariaLabel({ title, nodes, twin }) {
  return `${twin ? "Autograd" : "Computational"} graph of ${title}, ${nodes.count} ${nodes.count === 1 ? "node" : "nodes"}`;
}

/**
 * The `explorer` property. Places are in page coordinates, null for an id that no node has.
 * @param {() => State} state @param {HTMLElement} canvas
 */
export function createHandle(state, canvas) {
  /** @param {string} id @returns {PageBox | null} the node's card, or the open group's frame */
  function box(id) {
    const { trace, camera } = state();
    const found = trace && rectOf(trace, id);
    if (!found) return null;
    const { left, top } = canvas.getBoundingClientRect();
    return {
      x: found.x * camera.k + camera.x + left + window.scrollX,
      y: found.y * camera.k + camera.y + top + window.scrollY,
      width: found.w * camera.k,
      height: found.h * camera.k,
    };
  }

  return {
    box,
    /** @param {string} id @returns {Point | null} the middle of the node's card */
    position(id) {
      const found = box(id);
      return found && { x: found.x + found.width / 2, y: found.y + found.height / 2 };
    },
    /** @returns {import("./types.js").Camera} */
    camera: () => ({ ...state().camera }),
    /** @returns {string[]} in execution order */
    nodes: () => [...(state().trace?.nodes.id ?? [])],
    /** @returns {{key: string, open: boolean}[]} those that are seen, outer ones before inner ones */
    groups: () => (state().trace?.groups ?? []).map(({ key, node }) => ({ key, open: node < 0 })),
  };
}
