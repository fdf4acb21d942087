// @ts-check
/** From one drawing of a graph to the next, when groups open or close: cards slide, edges with them. */

/**
 * @typedef {import("./types.js").Trace} Trace
 * @typedef {import("./types.js").Frame} Frame
 * @typedef {{x: number, y: number}} Point
 * @typedef {{trace: Trace, put: (share: number) => void}} Rearrangement  `put` moves everything: 0 is where it was, 1 where it is.
 */

import { groupsAround, openGroup } from "./groups.js";

/** Larger drawings change at once. */
const MOST_NODES = 3000;

/**
 * Where something was drawn, as the upper left corner: a node, a group open or closed; or, where groups hid it, the
 * innermost group that was seen. @param {Trace} before @param {Trace} now @param {number} node @returns {Point | null}
 */
function cameFrom(before, now, node) {
  const keys = [now.nodes.id[node], ...groupsAround(now, node).map((group) => now.groups[group].key).reverse()];
  for (const key of keys) {
    const found = rectOf(before, key);
    if (found) return found;
  }
  return null;
}

/** @type {WeakMap<Trace, Map<string, number>>} */
const places = new WeakMap();

/** The node of an id, or -1. @param {Trace} trace @param {string} id */
export function nodeOf(trace, id) {
  let found = places.get(trace);
  if (!found) places.set(trace, (found = new Map(trace.nodes.id.map((each, node) => [each, node]))));
  return found.get(id) ?? -1;
}

/** A node's card, or the first frame of an open group. @param {Trace} trace @param {string} id @returns {{x: number, y: number, w: number, h: number} | null} */
export function rectOf(trace, id) {
  const node = nodeOf(trace, id);
  const { x, y, w, h } = trace.nodes;
  if (node >= 0) return { x: x[node], y: y[node], w: w[node], h: h[node] };
  return trace.groups[openGroup(trace, id)]?.frames[0] ?? null;
}

/**
 * The new trace in motion: its cards begin where they were, moved by `shift`, those of a group that opens on its card.
 * @param {Trace} before @param {Trace} now @param {Point} shift  From the world of `before` to the new one.
 * @returns {Rearrangement | null}
 */
export function rearrangement(before, now, shift) {
  if (now.nodes.count > MOST_NODES) return null;
  const offsets = offsetsOf(before, now, shift);
  const moving = copied(now);
  const frames = moving.groups.flatMap((group, place) => group.frames.map((frame, part) => ({ frame, to: now.groups[place].frames[part], from: frameBefore(before, group.key, shift) })));
  return {
    trace: moving,
    put(share) {
      const rest = 1 - share;
      putNodes(moving, now, offsets, rest);
      putEdges(moving, now, offsets, rest);
      for (const { frame, from, to } of frames) if (from) putFrame(frame, from, to, rest);
    },
  };
}

/** How far the world moves if the first of these ids that is in both traces, or in a group that is, stays in place. @param {Trace} before @param {Trace} now @param {string[]} ids @returns {Point | null} */
export function shiftOf(before, now, ids) {
  for (const id of ids) {
    const [from, to] = [rectOf(before, id), rectOf(now, id)];
    if (from && to) return { x: to.x - from.x, y: to.y - from.y };
  }
  return null;
}

/** Per node how far from its new place it begins: x, y, x, y, ... @param {Trace} before @param {Trace} now @param {Point} shift */
function offsetsOf(before, now, shift) {
  const offsets = new Float32Array(2 * now.nodes.count);
  for (let node = 0; node < now.nodes.count; node++) {
    const from = cameFrom(before, now, node);
    if (from) offsets.set([from.x + shift.x - now.nodes.x[node], from.y + shift.y - now.nodes.y[node]], 2 * node);
  }
  return offsets;
}

/** The trace with places of its own. @param {Trace} now @returns {Trace} */
function copied(now) {
  const { nodes, edges, groups } = now;
  return {
    ...now,
    nodes: { ...nodes, x: nodes.x.slice(), y: nodes.y.slice() },
    edges: { ...edges, points: edges.points.slice(), chips: edges.chips.slice() },
    groups: groups.map((group) => ({ ...group, frames: group.frames.map((frame) => ({ ...frame, ports: [] })) })),
  };
}

/** @param {Trace} moving @param {Trace} now @param {Float32Array} offsets @param {number} rest */
function putNodes({ nodes }, now, offsets, rest) {
  for (let node = 0; node < nodes.count; node++) {
    nodes.x[node] = now.nodes.x[node] + rest * offsets[2 * node];
    nodes.y[node] = now.nodes.y[node] + rest * offsets[2 * node + 1];
  }
}

/** An edge follows the cards at its ends, in between by its share of the way. @param {Trace} moving @param {Trace} now @param {Float32Array} offsets @param {number} rest */
function putEdges({ edges }, now, offsets, rest) {
  const { points, chips, starts, source, target } = edges;
  for (let edge = 0; edge < edges.count; edge++) {
    const [s, t] = [2 * source[edge], 2 * target[edge]];
    const last = starts[edge + 1] - starts[edge] - 1;
    for (let p = 0; p <= last; p++) {
      const share = last ? p / last : 0;
      const at = 2 * (starts[edge] + p);
      points[at] = now.edges.points[at] + rest * (offsets[s] + share * (offsets[t] - offsets[s]));
      points[at + 1] = now.edges.points[at + 1] + rest * (offsets[s + 1] + share * (offsets[t + 1] - offsets[s + 1]));
    }
    chips[2 * edge] = now.edges.chips[2 * edge] + (rest * (offsets[s] + offsets[t])) / 2;
    chips[2 * edge + 1] = now.edges.chips[2 * edge + 1] + (rest * (offsets[s + 1] + offsets[t + 1])) / 2;
  }
}

/** The frame or the card that a group was, or null. @param {Trace} before @param {string} key @param {Point} shift @returns {{x: number, y: number, w: number, h: number} | null} */
function frameBefore(before, key, shift) {
  const was = rectOf(before, key);
  return was ? { x: was.x + shift.x, y: was.y + shift.y, w: was.w, h: was.h } : null;
}

/** @param {Frame} frame @param {{x: number, y: number, w: number, h: number}} from @param {Frame} to @param {number} rest */
function putFrame(frame, from, to, rest) {
  for (const key of /** @type {const} */ (["x", "y", "w", "h"])) frame[key] = to[key] + rest * (from[key] - to[key]);
  frame.title = [frame.x + to.title[0] - to.x, frame.y + to.title[1] - to.y];
}
