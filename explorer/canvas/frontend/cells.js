// @ts-check
/** The typeset line of a moment, term by term, each with what it is called. */

/** @typedef {import("./types.js").Trace} Trace */
/** @typedef {import("./types.js").Tree} Tree */

import { fill, number, operand, plain, row, tinted } from "./mathml.js";
import { edgesInto, gradientSymbol, isScalar, isShape, localSymbol, namesAt, numbersAt, opOf, symbol, valueTerm } from "./symbols.js";
import { isGroup } from "./groups.js";
import { arrivalBefore, isComplete, subject } from "./timeline.js";
import { EDGE, KIND } from "./wire.js";

/**
 * @typedef {"forward" | "gradient" | "update" | "error"} Role
 * @typedef {"" | "symbols" | "numbers" | "result"} Part  Where a line is too long, the symbols in its middle go
 *   first, then the numbers put in.
 * @typedef {{term: Tree, note: string, part: Part, short?: Tree}} Cell  `short` is the term in fewer digits.
 */

/** Digits of the numbers put in, where room is short and else. */
const FEW = 4;
const MOST = 6;

/** Letters of a tensor's entries that fit on the line. */
const ROOM = 32;

/** `c = a + b = 2 + 1 = 3`. @param {Trace} trace @param {number} node @param {Role} role @returns {Cell[]} */
export function valueCells(trace, node, role) {
  const { name, shape, text, value } = trace.nodes;
  const subject = name[node] ? [cell(tinted(symbol(trace, node), role), "")] : [];
  const line = equated([...subject, ...formulae(trace, node)]);
  const isOne = !shape[node] || isShape(shape[node]);
  if (shape[node] && isOne && !isShort(text[node])) return [...line, ...norm(value[node], shape[node], role)];
  const note = shape[node] && isOne ? `shape ${shape[node]}` : "";
  return [...line, ...(line.length ? [sign("=")] : []), result(valueTerm(trace, node), note, role)];
}

/** Whether the entries of a tensor find room on the line. @param {string | undefined} text */
function isShort(text) {
  return text !== undefined && text.length <= ROOM;
}

/** The formula in names, then in numbers. @param {Trace} trace @param {number} node @returns {Cell[]} */
function formulae(trace, node) {
  if (trace.nodes.kind[node] !== KIND.op) return [];
  const { formula } = opOf(trace, node);
  const numbers = numbersAt(trace, node);
  const symbols = cell(fill(formula, namesAt(trace, node)), "formula", trace.nodes.name[node] ? "symbols" : "");
  if (!numbers) return [symbols];
  return [symbols, numbersPutIn((digits) => fill(formula, numbersAt(trace, node, digits) ?? numbers))];
}

/** `∂e/∂e = 1`: what the backward pass, or forward mode, starts from; or how a closed group moves. @param {Trace} trace @param {number} moment @param {Role} role @returns {Cell[]} */
export function seedCells(trace, moment, role) {
  const value = subject(trace, moment);
  const given = trace.objective ? "upstream" : "with respect to itself";
  const note = isGroup(trace, value) && trace.mode === "forward" ? "tangent" : given;
  return [cell(tinted(gradientSymbol(trace, value), role), note), ...arrived(trace, moment, role)];
}

/**
 * `∂e/∂b ← 3 + ∂e/∂c · ∂c/∂b = 3 + 2 × 1 = 5`; in forward mode with `d` by the chosen input. An equation only where
 * one contribution is all there is.
 * @param {Trace} trace @param {number} moment @param {Role} role @returns {Cell[]}
 */
export function arrivalCells(trace, moment, role) {
  const before = arrivalBefore(trace, moment);
  const sum = tinted(gradientSymbol(trace, subject(trace, moment)), role);
  const isWhole = before < 0 && isComplete(trace, moment);
  const scalar = (trace.edges.flags[trace.moments.edge[moment]] & EDGE.local) !== 0;
  const subjectCell = cell(sum, isWhole ? (trace.mode === "forward" ? "tangent" : "gradient") : sumNote(trace, moment));
  if (handsOnMore(trace, trace.moments.node[moment])) return [subjectCell, ...arrived(trace, moment, role)];
  return [
    subjectCell,
    sign(isWhole ? "=" : "←", scalar ? "numbers" : "symbols"),
    ...soFar(trace, before, scalar),
    ...(scalar ? scalarProduct(trace, moment, before) : [shapedProduct(trace, moment)]),
    ...arrived(trace, moment, role),
  ];
}

/** Whether a node is a closed group with more than one result: what comes back through it is no single product. @param {Trace} trace @param {number} node */
function handsOnMore({ hidden }, node) {
  return hidden.node.includes(node);
}

/** @param {Trace} trace @param {number} moment */
function sumNote(trace, moment) {
  return isComplete(trace, moment) ? "running sum" : "running sum so far";
}

/** What had arrived before. @param {Trace} trace @param {number} before @param {boolean} scalar @returns {Cell[]} */
function soFar(trace, before, scalar) {
  if (before < 0) return [];
  const sum = scalar ? number(trace.moments.after[before]) : ["mtext", "so far"];
  const note = arrivalBefore(trace, before) < 0 ? `by way of ${plain(symbol(trace, upstreamOf(trace, before)))}` : "so far";
  return [cell(tinted(sum, "gradient"), note, "symbols"), sign("+", "symbols")];
}

/** Upstream times local, in symbols and in numbers. @param {Trace} trace @param {number} moment @param {number} before @returns {Cell[]} */
function scalarProduct(trace, moment, before) {
  const edge = trace.moments.edge[moment];
  const from = upstreamOf(trace, moment);
  const upstream = trace.nodes.grad[from] ?? trace.hidden.grad[from - trace.nodes.count];
  const sum = (/** @type {number} */ digits) => [tinted(number(trace.moments.after[before], digits), "gradient"), ["mo", "+"]];
  const factor = before < 0 ? number : operand;
  const symbols = [
    cell(gradientSymbol(trace, from), trace.mode === "forward" ? "tangent" : "upstream", "symbols"),
    sign("·", "symbols"),
    cell(localSymbol(trace, edge), slotNote(trace, edge), "symbols"),
    sign("=", "symbols"),
  ];
  const product = (/** @type {number} */ digits) => [tinted(factor(upstream, digits), "gradient"), ["mo", "×"], operand(trace.edges.local[edge], digits)];
  return [...symbols, numbersPutIn((digits) => row(...(before < 0 ? [] : sum(digits)), ...product(digits)))];
}

/** The numbers of a formula, in full and in few digits. @param {(digits: number) => Tree} write @returns {Cell} */
export function numbersPutIn(write) {
  return { ...cell(write(MOST), "numbers put in", "numbers"), short: write(FEW) };
}

/** The product of the upstream gradient and a Jacobian that nobody writes out. @param {Trace} trace @param {number} moment @returns {Cell} */
function shapedProduct(trace, moment) {
  const edge = trace.moments.edge[moment];
  const { source, target, port } = trace.edges;
  const from = gradientSymbol(trace, upstreamOf(trace, moment));
  if (trace.mode === "forward") {
    return cell(row(localSymbol(trace, edge), ["mo", "·"], from), "Jacobian–vector product", "symbols");
  }
  const { elementwise, vjp } = opOf(trace, target[edge]);
  const { shape } = trace.nodes;
  const broadcast = elementwise && shape[source[edge]] !== shape[target[edge]];
  const product = isGroup(trace, target[edge]) ? "through the block" : "vector–Jacobian product";
  const note = broadcast ? "summed over what was broadcast" : product;
  const names = { ...namesAt(trace, target[edge]), g: from };
  return cell(fill(vjp[port[edge]] ?? vjp[0], names), note, "symbols");
}

/** @param {Trace} trace @param {number} edge */
function slotNote(trace, edge) {
  const { value, target, port } = trace.edges;
  const twins = edgesInto(trace, target[edge]).filter((other) => value[other] === value[edge]);
  return twins.length > 1 ? `local, slot ${port[edge] + 1}` : "local";
}

/** Whose gradient or tangent is handed on: the consumer's in the backward pass, in forward mode the source's. @param {Trace} trace @param {number} moment */
function upstreamOf(trace, moment) {
  const edge = trace.moments.edge[moment];
  return trace.mode === "forward" && edge >= 0 ? trace.edges.value[edge] : trace.moments.node[moment];
}

/** The sum after the moment. @param {Trace} trace @param {number} moment @param {Role} role @returns {Cell[]} */
function arrived(trace, moment, role) {
  const { nodes, hidden } = trace;
  const value = subject(trace, moment);
  const after = trace.moments.after[moment];
  if (!isScalar(trace, value)) return norm(after, nodes.shape[value] ?? hidden.shape[value - nodes.count], role);
  return [sign("="), result(number(after), "", role)];
}

/** @param {Cell[]} cells @returns {Cell[]} with an equals sign before each but the first. */
function equated(cells) {
  return cells.flatMap((link, place) => (place ? [sign("=", link.part), link] : [link]));
}

/** @param {Tree} term @param {string} note @param {Part} [part] @returns {Cell} */
export function cell(term, note, part = "") {
  return { term, note, part };
}

/** @param {string} text @param {Part} [part] @returns {Cell} */
export function sign(text, part = "") {
  return cell(["mo", text], "", part);
}

/** @param {Tree} term @param {string} note @param {Role} role @returns {Cell} */
export function result(term, note, role) {
  return cell(tinted(term, role), note, "result");
}

/** A tensor by its size, a little apart: it is not what the formula equals. @param {number} x @param {string} shape @param {Role} role @returns {Cell[]} */
export function norm(x, shape, role) {
  const bars = row(["mtext", "\u2003"], ["mo", "‖"], ["mo", "·"], ["mo", "‖"], ["mo", "="]);
  return [cell(bars, ""), result(number(x), isShape(shape) ? `norm, shape ${shape}` : `norm of ${shape}`, role)];
}
