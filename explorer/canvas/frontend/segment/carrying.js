// @ts-check
/** A node on its way to another segment, with what must follow it there. */

/**
 * @typedef {import("./model.js").Model} Model
 * @typedef {object} Carrying
 * @property {number} node
 * @property {number} dx  In the world.
 * @property {number} dy
 * @property {number} to  The segment under it.
 * @property {number[]} followers  Nodes that change their segment with it.
 */

/** Whether a node can be placed by hand. @param {Model} model @param {number} node */
export const isPlaced = ({ section: { item, at } }, node) => item[node] >= 0 && at[item[node]] < Infinity;

/** The nodes that must follow one to another segment: what it needs goes back with it, what it makes goes on. @param {Model} model @param {number} node @param {number} to @returns {number[]} */
export function followersOf({ trace: { edges, nodes }, section: { item, first, last, at } }, node, to) {
  const moved = new Uint8Array(at.length);
  const on = last[node] < to;
  moved[item[node]] = 1;
  const step = (/** @type {number} */ e) => {
    const [a, b] = [item[edges.source[e]], item[edges.target[e]]];
    if (a < 0 || b < 0 || a === b) return;
    const [from, next, goes] = on ? [a, b, last[edges.target[e]] < to] : [b, a, first[edges.source[e]] > to];
    if (moved[from] && goes) moved[next] = 1;
  };
  // Edges are ordered by target, and every source comes before its target.
  if (on) for (let e = 0; e < edges.count; e++) step(e);
  else for (let e = edges.count - 1; e >= 0; e--) step(e);
  const found = [];
  for (let other = 0; other < nodes.count; other++) if (other !== node && item[other] >= 0 && moved[item[other]]) found.push(other);
  return found;
}
