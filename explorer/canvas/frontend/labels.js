// @ts-check
/** The words and figures of a card, by node and by edge. */

/**
 * @typedef {import("./types.js").Trace} Trace
 * @typedef {import("./text.js").Run} Run
 */

import { number } from "./format.js";
import { groupAt } from "./groups.js";
import { opOf, symbol } from "./symbols.js";
import { runs } from "./text.js";
import { KIND, NODE } from "./wire.js";

/** @type {WeakMap<Trace, Map<number, Run[]>>} */
const names = new WeakMap();

/** What the node is called, as letters to draw. @param {Trace} trace @param {number} node @returns {Run[]} */
export function nameOf(trace, node) {
  let ofTrace = names.get(trace);
  if (!ofTrace) names.set(trace, (ofTrace = new Map()));
  let name = ofTrace.get(node);
  if (!name) ofTrace.set(node, (name = runs(symbol(trace, node))));
  return name;
}

/** What a card is called: a group by its title, anything else as in formulae. @param {Trace} trace @param {number} node @returns {Run[]} */
export function titleOf(trace, node) {
  const group = groupAt(trace, node);
  return group ? runs(["mtext", group.title]) : nameOf(trace, node);
}

/** The letters of a name that there is no room for: of an autograd node without what all of them end in. @param {Trace} trace @param {Run[]} name */
export function lettersOf(trace, name) {
  const words = name.map((run) => run.text).join("");
  return trace.twin ? words.replace(/Backward\d*$/, "") : words;
}

/** The small line under the name, or "". @param {Trace} trace @param {number} node */
export function subtitle(trace, node) {
  if (trace.twin) return trace.twin.notes[node];
  if (trace.nodes.kind[node] === KIND.constant) return "constant";
  return trace.nodes.kind[node] === KIND.op ? opOf(trace, node).name : "";
}

/** Runs of the derivative that the lane shows: ∂e/∂b, or db/da in forward mode. @param {Trace} trace @param {number} node @returns {Run[]} */
export function gradientName(trace, node) {
  if (trace.mode === "forward") return ratio("d", nameOf(trace, node), nameOf(trace, trace.wrt));
  return ratio("∂", nameOf(trace, trace.output), nameOf(trace, node));
}

/** Runs of the local derivative along an edge. @param {Trace} trace @param {number} edge @returns {Run[]} */
export function localName(trace, edge) {
  return ratio("∂", nameOf(trace, trace.edges.target[edge]), nameOf(trace, trace.edges.value[edge]));
}

/** @param {string} d @param {Run[]} above @param {Run[]} below @returns {Run[]} */
function ratio(d, above, below) {
  return [sign(d), ...above, sign("/"), sign(d), ...below];
}

/** @param {string} text @returns {Run} */
const sign = (text) => ({ text, italic: true, sub: false });

/** The value as it stands on a card. @param {Trace} trace @param {number} node @param {number} [digits] */
export function valueText({ nodes, failed }, node, digits = 6) {
  if (failed === node) return "failed";
  const value = nodes.value[node];
  if (nodes.flags[node] & NODE.boolean) return value ? "true" : "false";
  return number(value, digits);
}

/** Whether a number that was computed is NaN or infinite, or none came because the operation raised. @param {Trace} trace @param {number} node */
export function isBroken({ nodes, failed }, node) {
  return failed === node || (nodes.flags[node] & NODE.valueNotFinite) !== 0;
}

