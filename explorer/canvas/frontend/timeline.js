// @ts-check
/** When each value, gradient and contribution of a trace comes; every question "is it there yet?" is answered here. */

/** @typedef {import("./types.js").Trace} Trace */

import { isLeaf } from "./groups.js";
import { EDGE, NODE, PHASE } from "./wire.js";

/**
 * @typedef {object} Timeline
 * @property {Int32Array} valueAt  Per node the moment that brings its value.
 * @property {Int32Array} edgeAt  Per edge the moment at which its contribution arrives, or -1.
 * @property {Uint32Array} starts  Arrivals at value v: arrivals[starts[v]] to arrivals[starts[v + 1]]. A node's own
 *   value has its number; behind them are the hidden ones of closed groups.
 * @property {Uint32Array} arrivals  Moments, in order.
 */

/** @type {WeakMap<Trace, Timeline>} */
const known = new WeakMap();

/** The indices of a trace, built once. @param {Trace} trace @returns {Timeline} */
export function timeline(trace) {
  let found = known.get(trace);
  if (!found) known.set(trace, (found = build(trace)));
  return found;
}

/** @param {Trace} trace @returns {Timeline} */
function build(trace) {
  const { nodes, edges, moments } = trace;
  const valueAt = new Int32Array(nodes.count).fill(moments.count);
  const edgeAt = new Int32Array(edges.count).fill(-1);
  const starts = new Uint32Array(nodes.count + trace.hidden.count + 1);
  for (let m = 0; m < moments.count; m++) {
    if (moments.phase[m] === PHASE.forward) valueAt[moments.node[m]] = m;
    else if (isArrival(trace, m)) starts[subject(trace, m) + 1]++;
    if (moments.edge[m] >= 0) edgeAt[moments.edge[m]] = m;
  }
  for (let v = 1; v < starts.length; v++) starts[v] += starts[v - 1];
  return { valueAt, edgeAt, starts, arrivals: sorted(trace, starts) };
}

/** Whether the moment brings a gradient or a tangent. @param {Trace} trace @param {number} moment */
export function isArrival({ moments }, moment) {
  return moments.phase[moment] === PHASE.backward || moments.phase[moment] === PHASE.tangent;
}

/** @param {Trace} trace @param {Uint32Array} starts */
function sorted(trace, starts) {
  const next = starts.slice();
  const arrivals = new Uint32Array(starts[starts.length - 1]);
  for (let m = 0; m < trace.moments.count; m++) {
    if (isArrival(trace, m)) arrivals[next[subject(trace, m)]++] = m;
  }
  return arrivals;
}

/**
 * The node at which the moment's number lands: against the arrow in the backward pass, else the node at work.
 * @param {Trace} trace @param {number} moment
 */
export function receiver(trace, moment) {
  const edge = trace.moments.edge[moment];
  const backward = trace.moments.phase[moment] === PHASE.backward;
  return edge >= 0 && backward ? trace.edges.source[edge] : trace.moments.node[moment];
}

/** The value that the moment's number adds to: the receiver's own, or a hidden one. @param {Trace} trace @param {number} moment */
export function subject(trace, moment) {
  const edge = trace.moments.edge[moment];
  const backward = trace.moments.phase[moment] === PHASE.backward;
  return edge >= 0 && backward ? trace.edges.value[edge] : trace.moments.node[moment];
}

/** Whether the node's value is known: leaves are given, the rest is computed. @param {Trace} trace @param {number} node @param {number} position */
export function hasValue(trace, node, position) {
  return trace.twin !== undefined || isLeaf(trace, node) || timeline(trace).valueAt[node] < position;
}

/** Whether the forward pass has been at the node. @param {Trace} trace @param {number} node @param {number} position */
export function isReached(trace, node, position) {
  return timeline(trace).valueAt[node] < position;
}

/**
 * The last arrival at the value within the first `position` moments, or -1.
 * @param {Trace} trace @param {number} value  A node, or a hidden value. @param {number} position
 */
export function lastArrival(trace, value, position) {
  const { starts, arrivals } = timeline(trace);
  let low = starts[value];
  let high = starts[value + 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (arrivals[middle] < position) low = middle + 1;
    else high = middle;
  }
  return low > starts[value] ? arrivals[low - 1] : -1;
}

/** The moment just before that brought the same value something, or -1. @param {Trace} trace @param {number} moment */
export function arrivalBefore(trace, moment) {
  return lastArrival(trace, subject(trace, moment), moment);
}

/** Whether nothing more comes to the sum that the moment adds to. @param {Trace} trace @param {number} moment */
export function isComplete(trace, moment) {
  return lastArrival(trace, subject(trace, moment), trace.moments.count) === moment;
}

/** The sum that has arrived so far, or undefined before the first arrival. @param {Trace} trace @param {number} node @param {number} position */
export function gradientAt(trace, node, position) {
  const last = lastArrival(trace, node, position);
  return last < 0 ? undefined : trace.moments.after[last];
}

/** Whether any moment of this trace brings the node a gradient or tangent. @param {Trace} trace @param {number} node */
export function getsGradient(trace, node) {
  return (trace.nodes.flags[node] & NODE.grad) !== 0;
}

/** Whether any moment brings a contribution along the edge. @param {Trace} trace @param {number} edge */
export function contributes(trace, edge) {
  return (trace.edges.flags[edge] & EDGE.contribution) !== 0;
}

/** Whether the edge's contribution has arrived. @param {Trace} trace @param {number} edge @param {number} position */
export function hasPassed(trace, edge, position) {
  const at = timeline(trace).edgeAt[edge];
  return at >= 0 && at < position;
}

/** The phase of the moment just shown; 0 at the start. @param {Trace} trace @param {number} position */
export function phaseAt(trace, position) {
  return position <= 0 ? 0 : trace.moments.phase[Math.min(position, trace.moments.count) - 1];
}

/**
 * The name of the pass that the moment just shown belongs to. Tangents run forward.
 * @param {Trace} trace @param {number} position @returns {"idle" | "zero_grad" | "forward" | "backward" | "update"}
 */
export function phaseName(trace, position) {
  const phase = phaseAt(trace, position);
  if (!phase) return position > 0 && trace.moments.count ? "zero_grad" : "idle";
  if (phase === PHASE.update) return "update";
  return phase === PHASE.backward ? "backward" : "forward";
}
