// @ts-check
/** What a position makes of every card and edge. Decides, draws nothing. */

/**
 * @typedef {import("./types.js").Trace} Trace
 * @typedef {import("./types.js").State} State
 * @typedef {"idle" | "unreached" | "forward" | "backward" | "update" | "done"} CardState
 * @typedef {"structure" | "unreached" | "passed" | "broken"} EdgeState
 * @typedef {"far" | "mid" | "near"} Level
 */

import { contributes, getsGradient, hasPassed, isReached, lastArrival, phaseAt, receiver } from "./timeline.js";
import { EDGE, NODE, PHASE } from "./wire.js";

const FAR_BELOW = 44;
const NEAR_ABOVE = 110;
const HYSTERESIS = 6;

/**
 * How much a card shows, by its width on screen. Within the hysteresis the level stays as it was.
 * @param {number} width @param {Level} before @returns {Level}
 */
export function levelFor(width, before) {
  const slack = HYSTERESIS / 2;
  const far = FAR_BELOW + (before === "far" ? slack : -slack);
  const near = NEAR_ABOVE + (before === "near" ? -slack : slack);
  if (width < far) return "far";
  return width > near ? "near" : "mid";
}

/** @param {Trace} trace @param {number} node @param {number} position @returns {CardState} */
export function cardState(trace, node, position) {
  const phase = phaseAt(trace, position);
  if (phase && receiver(trace, position - 1) === node) return phase === PHASE.forward ? "forward" : phase === PHASE.update ? "update" : "backward";
  if (phase <= PHASE.forward) return isReached(trace, node, position) ? "idle" : "unreached";
  if (!getsGradient(trace, node)) return "idle";
  return lastArrival(trace, node, position) < 0 ? "unreached" : "done";
}

/** @param {Trace} trace @param {number} edge @param {number} position @param {boolean} gradients  Whether their layer is on. @returns {EdgeState} */
export function edgeState(trace, edge, position, gradients) {
  const { source, target, flags } = trace.edges;
  if (phaseAt(trace, position) > PHASE.forward && gradients) {
    if (!hasPassed(trace, edge, position)) return "unreached";
    return flags[edge] & EDGE.notFinite ? "broken" : "passed";
  }
  if (!isReached(trace, target[edge], position)) return "unreached";
  return trace.nodes.flags[source[edge]] & NODE.valueNotFinite ? "broken" : "structure";
}

/**
 * The edges that the moment just shown lights: all inputs of a node whose value comes, or the one that is passed.
 * @param {Trace} trace @param {import("./scene.js").Scene} scene @param {number} position @returns {number[]}
 */
export function litEdges(trace, scene, position) {
  const phase = phaseAt(trace, position);
  if (!phase) return [];
  const { node, edge } = trace.moments;
  if (phase !== PHASE.forward) return edge[position - 1] < 0 ? [] : [edge[position - 1]];
  const [first, end] = scene.inputs(node[position - 1]);
  return Array.from({ length: end - first }, (_, i) => first + i);
}

/** Whether the edge ever carries a label in the pass that the position is in. @param {Trace} trace @param {number} edge @param {number} position */
export function isLabelled(trace, edge, position) {
  return phaseAt(trace, position) > PHASE.forward && contributes(trace, edge);
}
