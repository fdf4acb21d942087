// @ts-check
/** What zero_grad and the update of a step of training say: titles, typeset lines, sentences. */

/**
 * @typedef {import("../types.js").Trace} Trace
 * @typedef {import("../types.js").Tree} Tree
 * @typedef {import("../cells.js").Cell} Cell
 * @typedef {import("../describe.js").Description} Description
 * @typedef {import("./types.js").Lane} Lane
 * @typedef {import("./types.js").Train} Train
 */

import { cell, norm, numbersPutIn, result, sign } from "../cells.js";
import { number as figure } from "../format.js";
import { groupAt } from "../groups.js";
import { number, operand, plain, row, tinted } from "../mathml.js";
import { gradientSymbol, isScalar, symbol } from "../symbols.js";

/** @type {Record<string, string>} */
const SENTENCES = {
  sgd: "Against the gradient, one small step.",
  momentum: "Old gradients keep pushing: the velocity v remembers them.",
  nesterov: "The velocity, corrected by the gradient that is here now.",
  rmsprop: "Each step is scaled by how large the gradients have been of late.",
  adam: "The mean of the gradients, over the root of the mean of their squares.",
  adamw: "Adam's step; weight decay shrinks the parameter beside it.",
};

/** What the next update does to the node. @param {Trace} trace @param {number} node @returns {Lane | undefined} */
export function laneOf({ train }, node) {
  return train?.lanes?.find((lane) => lane.node === node);
}

/** Whether the update has been at the node. @param {Trace} trace @param {number} node @param {number} position */
export function isUpdated({ moments }, node, position) {
  for (let m = moments.second; m < position; m++) if (moments.node[m] === node) return true;
  return false;
}

/** zero_grad, or that it was forgotten. @param {Trace} trace @returns {Description} */
export function zeroed(trace) {
  const train = /** @type {Train} */ (trace.train);
  const held = train.lanes.find((lane) => lane.before !== null);
  const sentence = train.forgets
    ? "Forgotten: what .grad holds stays there, and the new gradients are added to it."
    : "Every .grad is emptied, so that the gradients of this step stand alone.";
  const title = train.forgets ? "No zero_grad" : "zero_grad";
  return { title, place: `step ${train.step + 1}`, role: "gradient", cells: held ? heldCells(trace, held) : emptyCells(), sentence, spoken: sentence };
}

/** @param {Trace} trace @param {Lane} lane @returns {Cell[]} */
function heldCells(trace, lane) {
  const value = Number(lane.before);
  const kept = trace.train?.forgets ? result(number(value), "kept", "gradient") : result(["mtext", "none"], "emptied", "gradient");
  const term = row(symbol(trace, lane.node), ["mo", "."], ["mtext", "grad"]);
  return [cell(term, "held"), sign("="), cell(number(value), isScalar(trace, lane.node) ? "before" : "norm before"), sign("→"), kept];
}

/** @returns {Cell[]} */
function emptyCells() {
  return [cell(["mtext", ".grad"], "of every parameter"), sign("="), result(["mtext", "none"], "nothing was there", "gradient")];
}

/** A parameter was updated, or those of a closed group. @param {Trace} trace @param {number} moment @returns {Description} */
export function updated(trace, moment) {
  const node = trace.moments.node[moment];
  const train = /** @type {Train} */ (trace.train);
  const lane = laneOf(trace, node);
  const name = plain(symbol(trace, node));
  const sentence = SENTENCES[train.rule];
  const cells = lane && !groupAt(trace, node) ? cellsOf(trace, train, lane) : groupCells(trace, moment);
  return { title: "Update", place: ruleName(train), role: "update", cells, sentence, spoken: `${name} becomes ${figure(trace.moments.after[moment])}.` };
}

/** @param {Train} train */
function ruleName({ rule, label, maximise }) {
  if (rule === "sgd") return maximise ? "gradient ascent" : "gradient descent";
  return label;
}

/** @param {Trace} trace @param {number} moment @returns {Cell[]} */
function groupCells(trace, moment) {
  const { before, after, node } = trace.moments;
  const from = cell(number(before[moment]), "norm before");
  return [cell(symbol(trace, node[moment]), "its parameters"), sign("="), from, sign("→"), result(number(after[moment]), "norm after", "update")];
}

/** @param {Trace} trace @param {Train} train @param {Lane} lane @returns {Cell[]} */
function cellsOf(trace, train, lane) {
  if (lane.used === null) return [cell(symbol(trace, lane.node), "no gradient has come: it stays")];
  const w = symbol(trace, lane.node);
  const names = { w, g: gradientSymbol(trace, lane.node) };
  const head = [cell(tinted(w, "update"), "new"), sign("←"), ...symbols(train, lane, names)];
  const value = Number(lane.new);
  if (!isScalar(trace, lane.node)) return [...head, ...norm(value, trace.nodes.shape[lane.node], "update")];
  const numbers = numbersPutIn((digits) => numbersOf(train, lane, digits));
  return [...head, sign("=", "symbols"), numbers, sign("="), result(number(value), "", Number.isFinite(value) ? "update" : "error")];
}

/** @param {Train} train @param {Lane} lane @param {{w: Tree, g: Tree}} names @returns {Cell[]} */
function symbols(train, lane, { w, g }) {
  const { weight_decay: decay = 0 } = train.settings;
  const coupled = decay > 0 && train.rule !== "adamw";
  const [tree, note] = directionSymbol(train, coupled ? row(["mo", "("], g, ["mo", "+"], ["mi", "λ"], w, ["mo", ")"]) : g, lane);
  const shrunk = train.rule === "adamw" && decay > 0 ? row(["mo", "("], ["mn", "1"], ["mo", "−"], ["mi", "η"], ["mi", "λ"], ["mo", ")"], w) : w;
  return [
    cell(shrunk, shrunk === w ? "parameter" : "decayed", "symbols"),
    sign(climbs(train) ? "+" : "−", "symbols"),
    cell(["mi", "η"], "learning rate", "symbols"),
    sign("·", "symbols"),
    cell(tree, note, "symbols"),
  ];
}

/** Whether the rule has the plain gradient in it, whose sign turns where something is maximised; others remember it turned. @param {Train} train */
function climbs({ maximise, rule }) {
  return maximise && rule === "sgd";
}

/** What the learning rate multiplies, and what that is called. @param {Train} train @param {Tree} g @param {Lane} lane @returns {[Tree, string]} */
function directionSymbol(train, g, lane) {
  const hat = (/** @type {string} */ letter) => ["mover", ["mi", letter], ["mo", "^"]];
  const over = (/** @type {Tree} */ top, /** @type {Tree} */ below) => ["mfrac", top, row(["msqrt", below], ["mo", "+"], ["mi", "ε"])];
  if (train.rule === "adam" || train.rule === "adamw") return [over(hat("m"), hat("v")), "mean over root of squares"];
  if (train.rule === "rmsprop" && !("v" in lane.state)) return [over(g, ["mi", "s"]), "scaled gradient"];
  if (train.rule === "nesterov") return [row(["mo", "("], g, ["mo", "+"], ["mi", "μ"], ["mi", "v"], ["mo", ")"]), "gradient ahead"];
  if (train.rule === "sgd") return [tinted(g, "gradient"), gradientNote(train, lane)];
  return [["mi", "v"], "velocity"];
}

/** @param {Train} train @param {Lane} lane */
function gradientNote(train, lane) {
  if (lane.used !== lane.summed) return "clipped gradient";
  return train.forgets && lane.summed !== lane.gradient ? "summed gradient" : "gradient";
}

/** `1.071 − 0.2 × (−0.053)`: the step is what was really taken, over the learning rate. @param {Train} train @param {Lane} lane @param {number} digits @returns {Tree} */
function numbersOf(train, lane, digits) {
  const { lr, weight_decay: decay = 0 } = train.settings;
  const shrink = train.rule === "adamw" ? 1 - lr * decay : 1;
  const kept = Number(lane.old) * shrink;
  const direction = directionNumber(train, lane);
  return row(number(kept, digits), ["mo", climbs(train) ? "+" : "−"], number(lr, digits), ["mo", "×"], tinted(operand(direction, digits), "gradient"));
}

/** @param {Train} train @param {Lane} lane */
function directionNumber(train, lane) {
  const { settings, rule, maximise } = train;
  const { weight_decay: decay = 0, eps = 0, beta1 = 0, beta2 = 0, momentum = 0 } = settings;
  const turned = (maximise && rule !== "sgd" ? -1 : 1) * Number(lane.used);
  const g = turned + (climbs(train) ? -1 : 1) * decay * Number(lane.old) * (rule === "adamw" ? 0 : 1);
  const { v, m, s } = Object.fromEntries(Object.entries(lane.state).map(([letter, value]) => [letter, Number(value)]));
  if (rule === "adam" || rule === "adamw") {
    const t = lane.count ?? 1;
    return m / (1 - beta1 ** t) / (Math.sqrt(v / (1 - beta2 ** t)) + eps);
  }
  if (rule === "rmsprop" && v === undefined) return g / (Math.sqrt(s) + eps);
  if (rule === "nesterov") return g + momentum * v;
  return rule === "sgd" ? g : v;
}

