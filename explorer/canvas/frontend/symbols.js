// @ts-check
/** What the nodes of a trace and their derivatives are called, as formulae. */

/** @typedef {import("./types.js").Trace} Trace */
/** @typedef {import("./types.js").Tree} Tree */

import { groupAt } from "./groups.js";
import { derivative, name, number } from "./mathml.js";
import { KIND, NODE } from "./wire.js";

/** @param {Trace} trace @param {number} value  A node, or, behind them, a hidden value. */
export function isScalar({ nodes, hidden }, value) {
  if (value >= nodes.count) return !hidden.shape[value - nodes.count];
  return (nodes.flags[value] & NODE.scalar) !== 0;
}

/** Whether what stands for a shape is one: an operation with several results has words there. @param {string} shape */
export function isShape(shape) {
  return shape.startsWith("[");
}

/** The op table's entry. @param {Trace} trace @param {number} node */
export function opOf(trace, node) {
  return trace.ops[trace.nodes.op[node]];
}

/**
 * Its variable, its number where it is a nameless constant, else its id, or a group's title, in plain letters.
 * @param {Trace} trace @param {number} at  A node, or, behind them, a hidden value. @returns {Tree}
 */
export function symbol(trace, at) {
  const { count, id, kind, value } = trace.nodes;
  const [of, place] = at < count ? [trace.nodes, at] : [trace.hidden, at - count];
  if (of.name[place]) return name(of.name[place]);
  if (at >= count) return word(name(of.id[place]));
  if (kind[at] === KIND.constant && isScalar(trace, at)) return number(value[at]);
  const group = groupAt(trace, at);
  if (group) return ["mtext", group.title];
  return trace.twin ? ["mtext", opOf(trace, at).label] : word(name(id[at]));
}

/** Plain letters set an operation's result apart from the function of that name. @param {Tree} tree @returns {Tree} */
function word(tree) {
  if (typeof tree === "string") return tree;
  return tree[0] === "mi" ? ["mtext", tree[1]] : tree.map(word);
}

/** The derivative that this trace gives a value: of the output by it (or of the number made from it), or, in forward mode, of it by the chosen input. @param {Trace} trace @param {number} value @returns {Tree} */
export function gradientSymbol(trace, value) {
  if (trace.mode === "forward") return derivative(symbol(trace, value), symbol(trace, trace.wrt), "d");
  const top = trace.objective ? name(trace.objective) : symbol(trace, trace.output);
  return derivative(top, symbol(trace, value));
}

/** The local derivative along an edge. @param {Trace} trace @param {number} edge @returns {Tree} */
export function localSymbol(trace, edge) {
  const { target, value } = trace.edges;
  return derivative(symbol(trace, target[edge]), symbol(trace, value[edge]));
}

/** The edges into a node, in the order of its ports. @param {Trace} trace @param {number} node @returns {number[]} */
export function edgesInto(trace, node) {
  const { target, count } = trace.edges;
  const found = [];
  for (let edge = firstEdge(trace, node); edge < count && target[edge] === node; edge++) found.push(edge);
  return found;
}

/** Edges are ordered by target. @param {Trace} trace @param {number} node */
function firstEdge({ edges }, node) {
  let low = 0;
  let high = edges.count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (edges.target[middle] < node) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A formula of the op at a node in the names around it. @param {Trace} trace @param {number} node @returns {Record<string, Tree>} */
export function namesAt(trace, node) {
  /** @type {Record<string, Tree>} */
  const names = { y: symbol(trace, node) };
  edgesInto(trace, node).forEach((edge, port) => (names[`x${port}`] = symbol(trace, trace.edges.value[edge])));
  return names;
}

/** The same in numbers, or null where something has a shape. @param {Trace} trace @param {number} node @param {number} [digits] @returns {Record<string, Tree> | null} */
export function numbersAt(trace, node, digits) {
  const sources = edgesInto(trace, node).map((edge) => trace.edges.value[edge]);
  if (![node, ...sources].every((at) => isScalar(trace, at))) return null;
  /** @type {Record<string, Tree>} */
  const numbers = { y: valueTerm(trace, node, digits) };
  sources.forEach((source, port) => (numbers[`x${port}`] = valueTerm(trace, source, digits)));
  return numbers;
}

/** The value as it is written out: a number, a truth value, or a small tensor. @param {Trace} trace @param {number} node @param {number} [digits] @returns {Tree} */
export function valueTerm({ nodes, hidden }, node, digits) {
  const shape = nodes.shape[node] ?? hidden.shape[node - nodes.count];
  if (node >= nodes.count) return shape ? ["mtext", shape] : number(hidden.value[node - nodes.count], digits);
  if (shape) return ["mtext", nodes.text[node] ?? shape];
  if (nodes.flags[node] & NODE.boolean) return ["mtext", nodes.value[node] ? "true" : "false"];
  return number(nodes.value[node], digits);
}
