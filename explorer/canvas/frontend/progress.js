// @ts-check
/** How far the pass that is shown has come within a group. */

/** @typedef {import("./types.js").Trace} Trace */

import { aroundGroup } from "./groups.js";
import { phaseAt } from "./timeline.js";
import { PHASE } from "./wire.js";

/** @typedef {{ahead: number[], back: number[]}} Passes  The moments of the forward and of the second pass, in order. */

/** By the moments of a trace, which it shares with its copies in motion. @type {WeakMap<Trace["moments"], Map<string, Passes>>} */
const known = new WeakMap();

/** @param {Trace} trace @returns {Map<string, Passes>} by the keys of groups */
function passesOf(trace) {
  let found = known.get(trace.moments);
  if (!found) known.set(trace.moments, (found = build(trace)));
  return found;
}

/** @param {Trace} trace */
function build(trace) {
  const passes = trace.groups.map(() => ({ ahead: /** @type {number[]} */ ([]), back: /** @type {number[]} */ ([]) }));
  const closed = new Map(trace.groups.map((group, place) => [group.node, place]));
  const chains = trace.groups.map((_, place) => aroundGroup(trace, place));
  const { node, phase, count } = trace.moments;
  for (let m = 0; m < count; m++) {
    const place = closed.get(node[m]) ?? trace.nodes.group[node[m]];
    for (const group of place < 0 ? [] : chains[place]) passes[group][phase[m] === PHASE.forward ? "ahead" : "back"].push(m);
  }
  return new Map(trace.groups.map((group, place) => [group.key, passes[place]]));
}

/**
 * Of all steps of a group in the pass that the position is in, those that were taken.
 * @param {Trace} trace @param {string} key @param {number} position @returns {{done: number, total: number, back: boolean}}
 */
export function progressOf(trace, key, position) {
  const back = phaseAt(trace, position) > PHASE.forward;
  const moments = passesOf(trace).get(key)?.[back ? "back" : "ahead"] ?? [];
  let [low, high] = [0, moments.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (moments[middle] < position) low = middle + 1;
    else high = middle;
  }
  return { done: low, total: moments.length, back };
}
