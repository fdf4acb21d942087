// @ts-check
/** The same node and the same moment in a trace with other groups open. */

/** @typedef {import("./types.js").Trace} Trace */

import { groupsAround, isLeaf } from "./groups.js";
import { nodeOf } from "./rearrange.js";

/**
 * The node that shows a node of the trace before: itself, or the closed group that now holds it; -1 for neither.
 * @param {Trace} before @param {Trace} now @param {number} node
 */
export function holderOf(before, now, node) {
  const keys = [before.nodes.id[node], ...groupsAround(before, node).map((group) => before.groups[group].key).reverse()];
  return keys.map((key) => nodeOf(now, key)).find((found) => found >= 0) ?? -1;
}

/**
 * The moment that shows what a moment of the trace before showed: the same; where a group was closed, the group's;
 * where one was opened, the first one inside. -1 where nothing of it is there.
 * @param {Trace} before @param {Trace} now @param {number} moment
 */
export function momentIn(before, now, moment) {
  const same = find(now, keyOf(before, moment), moment);
  if (same >= 0) return same;
  const phase = before.moments.phase[moment];
  const node = before.moments.node[moment];
  const holder = holderOf(before, now, node);
  if (holder >= 0) return firstOf(now, phase, (each) => each === holder);
  const key = before.nodes.id[node];
  const isInside = (/** @type {number} */ each) => groupsAround(now, each).some((group) => now.groups[group].key === key);
  return firstOf(now, phase, (each) => !isLeaf(now, each) && isInside(each));
}

/** @param {Trace} trace @param {number} phase @param {(node: number) => boolean} wanted */
function firstOf({ moments }, phase, wanted) {
  for (let m = 0; m < moments.count; m++) if (moments.phase[m] === phase && wanted(moments.node[m])) return m;
  return -1;
}

/** What a moment is about, in words that mean the same in another trace. @param {Trace} trace @param {number} moment */
function keyOf({ nodes, edges, moments }, moment) {
  const edge = moments.edge[moment];
  const slot = edge < 0 ? "" : `${nodes.id[edges.source[edge]]} ${nodes.id[edges.target[edge]]} ${edges.port[edge]}`;
  return `${moments.phase[moment]} ${nodes.id[moments.node[moment]]} ${slot}`;
}

/** @param {Trace} trace @param {string} key @param {number} guess  Where it was before: mostly where it is now. */
function find(trace, key, guess) {
  if (guess < trace.moments.count && keyOf(trace, guess) === key) return guess;
  for (let m = 0; m < trace.moments.count; m++) if (keyOf(trace, m) === key) return m;
  return -1;
}
