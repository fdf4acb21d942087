// @ts-check
/** What comes over a cut without being sent by its maker: tied weights, inputs, masks. A double line, and a word. */

/**
 * @typedef {import("../card.js").View} View
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("./lines.js").Line} Line
 */

import { trace as addEdge } from "../route.js";
import { ui, widthOf, write } from "../text.js";
import { pointOn } from "./lines.js";
import { KIND } from "../wire.js";

const WORDS = { replicated: "copied", recomputed: "computed on both sides", given: "given to both", sent: "sent" };
const [OUTER, INNER] = [4, 1.6];

/** @param {View} view @param {Model} model @param {Line[]} lines */
export function drawWays(view, model, lines) {
  const { context, theme, trace, k } = view;
  const { ways, first } = model.section;
  for (const { number, first: from } of ways) {
    const edges = edgesOf(model, number).filter((e) => first[trace.edges.target[e]] > from);
    if (!edges.length) continue;
    const color = trace.nodes.kind[number] === KIND.parameter ? theme.parameter.mark : theme.text2;
    context.beginPath();
    for (const e of edges) addEdge(context, trace.edges, e);
    context.strokeStyle = color;
    context.lineWidth = Math.max(OUTER, OUTER / k / 1.4);
    context.stroke();
    context.strokeStyle = theme.card;
    context.lineWidth = Math.max(INNER, INNER / k / 1.4);
    context.stroke();
  }
}

/** A word for each, where it comes over a line. @param {View} view @param {Model} model @param {Line[]} lines */
export function drawWords(view, model, lines) {
  const { theme, trace } = view;
  const { ways, first } = model.section;
  for (const { number, way, first: from } of ways) {
    const edges = edgesOf(model, number).filter((e) => first[trace.edges.target[e]] > from);
    const color = trace.nodes.kind[number] === KIND.parameter ? theme.parameter.text : theme.text2;
    for (const line of lines) if (line.straight && line.cut >= from) chip(view, model, edges, line, WORDS[way], color);
  }
}

/** @type {WeakMap<Model, Map<number, number[]>>} */
const known = new WeakMap();

/** The edges that carry a value. @param {Model} model @param {number} number @returns {number[]} */
function edgesOf(model, number) {
  let found = known.get(model);
  if (!found) {
    found = new Map(model.section.ways.map((way) => [way.number, /** @type {number[]} */ ([])]));
    const { value, count } = model.trace.edges;
    for (let e = 0; e < count; e++) found.get(value[e])?.push(e);
    known.set(model, found);
  }
  return found.get(number) ?? [];
}

/** The word where the first of the edges comes over a line. @param {View} view @param {Model} model @param {number[]} edges @param {Line} line @param {string} word @param {string} color */
function chip({ context, theme, trace, k, level }, model, edges, line, word, color) {
  if (level === "far") return;
  const from = model.down ? trace.nodes.y : trace.nodes.x;
  const edge = edges.find((e) => from[trace.edges.source[e]] < line.place && from[trace.edges.target[e]] > line.place);
  if (edge === undefined) return;
  const [across, along] = pointOn(model, edge, line.place);
  const [x, y] = model.down ? [across, along] : [along, across];
  const letters = Math.max(11, 10.5 / k);
  const width = widthOf(context, (s) => ui(theme, s, 600), letters, word) + letters;
  context.fillStyle = theme.card;
  context.strokeStyle = color;
  context.lineWidth = 1 / Math.min(1, k);
  context.beginPath();
  context.roundRect(x - width / 2, y - 0.8 * letters, width, 1.6 * letters, 0.5 * letters);
  context.fill();
  context.stroke();
  write(context, word, x, y + 0.36 * letters, ui(theme, letters, 600), color, "center");
}
