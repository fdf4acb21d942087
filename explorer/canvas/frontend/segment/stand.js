// @ts-check
/** How the cuts of a trace stand: their lines, what crosses each, and the cards that lie in the ground of another segment. */

/**
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("./lines.js").Line} Line
 * @typedef {import("./hold.js").Hold} Hold
 * @typedef {object} Stand
 * @property {Model} model
 * @property {Line[]} lines
 * @property {number[]} edges  Across any cut.
 * @property {Map<number, number>} bytes  By edge.
 * @property {number[]} strays
 */

import { distanceTo, level, lineOf } from "./lines.js";
import { createModel, crossingEdges, crossingOf } from "./model.js";

/** @param {import("../types.js").Trace} trace @returns {Stand | null} */
export function standOf(trace) {
  const model = createModel(trace);
  if (!model) return null;
  const lines = model.section.cuts.map((_, cut) => lineOf(model, model.resting, cut));
  /** @type {Map<number, number>} */
  const bytes = new Map();
  for (const { cut } of lines) {
    const crossing = crossingOf(model, model.resting, cut);
    addBytes(bytes, model, crossingEdges(model, model.resting, cut, crossing), crossing.values);
  }
  return { model, lines, edges: [...bytes.keys()], bytes, strays: straysOf(model, lines) };
}

/** @param {Map<number, number>} bytes @param {Model} model @param {number[]} edges @param {number[]} values */
function addBytes(bytes, { carriers, section }, edges, values) {
  const across = new Set(edges);
  for (const value of values) for (const e of carriers[value]) if (across.has(e)) bytes.set(e, section.passingBytes[value]);
}

/** The same while a cut is in the hand: its own line, and what crosses it there. @param {Stand} stand @param {Hold | null} hold @returns {Stand} */
export function standing(stand, hold) {
  if (!hold) return stand;
  const { model } = stand;
  const bytes = new Map(stand.bytes);
  const others = hold.isNew ? stand.lines : stand.lines.filter(({ cut }) => cut !== hold.cut);
  if (!hold.isNew) {
    bytes.clear();
    for (const { cut } of others) {
      const crossing = crossingOf(model, hold.division, cut);
      addBytes(bytes, model, crossingEdges(model, hold.division, cut, crossing), crossing.values);
    }
  }
  addBytes(bytes, model, hold.edges, hold.crossing.values);
  const lines = others.map((line) => ({ ...line, cut: hold.isNew && line.cut >= hold.cut ? line.cut + 1 : line.cut }));
  lines.splice(hold.cut, 0, level(hold.cut, hold.place, hold.gap));
  return { model, lines, edges: [...bytes.keys()], bytes, strays: [] };
}

/** @param {Model} model @param {Line[]} lines */
function straysOf(model, lines) {
  const { nodes } = model.trace;
  const { first, last } = model.section;
  const found = [];
  for (let node = 0; lines.length && node < nodes.count; node++) {
    if (first[node] !== last[node] || groundOf(model, lines, node) !== first[node]) found.push(node);
  }
  return found;
}

/** The segment in whose ground a card's middle lies. @param {Model} model @param {Line[]} lines @param {number} node */
export function groundOf({ trace: { nodes }, down }, lines, node) {
  const [x, y] = [nodes.x[node] + nodes.w[node] / 2, nodes.y[node] + nodes.h[node] / 2];
  return groundAt(down, lines, x, y);
}

/** @param {boolean} down @param {Line[]} lines @param {number} x @param {number} y */
export function groundAt(down, lines, x, y) {
  const [across, along] = down ? [x, y] : [y, x];
  return lines.filter((line) => placeAcross(line, across) < along).length;
}

/** Where a line is along the flow, at a place across it. @param {Line} line @param {number} across */
function placeAcross({ points }, across) {
  let p = 1;
  while (p < points.length - 1 && across > points[p][0]) p++;
  const [[a, from], [b, to]] = [points[p - 1], points[p]];
  return from + ((to - from) * Math.max(0, Math.min(1, (across - a) / (b - a || 1))));
}

/** The cut whose line comes within `reach` of a point of the world, or -1. @param {Stand} stand @param {number} x @param {number} y @param {number} reach */
export function cutAt({ model, lines }, x, y, reach) {
  return lines.find((line) => distanceTo(model, line, x, y) <= reach)?.cut ?? -1;
}
