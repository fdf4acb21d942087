// @ts-check
/** Draws edges. Those that look alike share one path, so that ten thousand of them cost a handful of strokes. */

/**
 * @typedef {import("./card.js").View} View
 * @typedef {import("./types.js").Trace} Trace
 * @typedef {{source: number, target: number}} Heads  Lengths of the heads at both ends; 0 for none.
 */

import { FAINT } from "./card.js";
import { loadWidth } from "./load.js";
import { edgeState } from "./look.js";
import { flatten, lengthOf, tip, trace as draw } from "./route.js";
import { phaseAt } from "./timeline.js";
import { PHASE } from "./wire.js";

const WIDTH = { structure: 1.3, unreached: 1.2, active: 3.4, halo: 12, broken: 2, lineage: 2 };
const HEAD = { structure: 7, gradient: 9, active: 11, aspect: 0.92, growth: 1.2 };
/** The share of a head's length that a line stays away from its tip. */
const TRIM = 0.75;
const DASH = { unreached: [2, 5], broken: [6, 3] };
const WIDTH_STEPS = 7;
const PASSED_OPACITY = 0.85;
/** Thin lines from afar: where thousands run together they stay a texture. */
const FAR_LINE = 0.6;

/** 1.5 to 5 by the root of its share of the largest contribution; with the layer of bytes by what it carries. @param {View} view @param {number} edge */
export function gradientWidth({ trace, scene, layers }, edge) {
  if (layers.bytes) return loadWidth(trace, edge);
  const share = scene.largest ? Math.abs(trace.edges.contribution[edge]) / scene.largest : 0;
  return 1.5 + 3.5 * Math.sqrt(Math.min(1, share || 0));
}

/** Draws edges as they rest. @param {View} view @param {number[]} list */
export function drawEdges(view, list) {
  if (!view.lit) return drawLayer(view, list);
  const { lit, trace } = view;
  if (view.found) return drawFaint(view, list);
  const inside = (/** @type {number} */ e) => lit[trace.edges.source[e]] && lit[trace.edges.target[e]];
  drawFaint(view, list.filter((e) => !inside(e)));
  drawLineage(view, list.filter(inside));
}

/** @param {View} view @param {number[]} list */
function drawFaint(view, list) {
  view.context.globalAlpha = FAINT;
  drawLayer(view, list);
  view.context.globalAlpha = 1;
}

/** @param {View} view @param {number[]} list */
function drawLayer(view, list) {
  const by = sorted(view, list);
  drawUnreached(view, by.unreached);
  drawStructure(view, by.structure);
  byWidth(view, by.passed).forEach((edges, step) => drawPassed(view, edges, widthOfStep(view, step)));
  drawBroken(view, by.broken);
  drawHeads(view, by);
}

/** @param {Pick<View, "layers">} view @param {number} step */
const widthOfStep = ({ layers }, step) => (layers.bytes ? 1 : 1.5) + ((layers.bytes ? 7 : 3.5) * step) / (WIDTH_STEPS - 1);

/** Edges whose widths are about the same, by step. @param {View} view @param {number[]} list */
function byWidth(view, list) {
  const steps = Array.from({ length: WIDTH_STEPS }, () => /** @type {number[]} */ ([]));
  const [least, most] = [widthOfStep(view, 0), widthOfStep(view, WIDTH_STEPS - 1)];
  for (const edge of list) steps[Math.round(((gradientWidth(view, edge) - least) / (most - least)) * (WIDTH_STEPS - 1))].push(edge);
  return steps;
}

/** @param {View} view @param {number[]} list */
function sorted(view, list) {
  const by = {
    unreached: /** @type {number[]} */ ([]),
    structure: /** @type {number[]} */ ([]),
    broken: /** @type {number[]} */ ([]),
    passed: /** @type {number[]} */ ([]),
  };
  for (const edge of list) {
    by[edgeState(view.trace, edge, view.position, view.layers.gradients)].push(edge);
  }
  return by;
}

/** One stroke for all. @param {View} view @param {number[]} list @param {string} color @param {number} width @param {number[]} [dash] */
function strokeAll({ context, trace, k, level }, list, color, width, dash = []) {
  if (!list.length) return;
  context.beginPath();
  for (const edge of list) draw(context, trace.edges, edge);
  context.strokeStyle = color;
  context.lineWidth = Math.max(width, (level === "far" ? FAR_LINE : 1) / k);
  context.setLineDash(dash);
  context.stroke();
  context.setLineDash([]);
}

/**
 * One edge, ending where its heads begin: a thick line would blunt their tips.
 * @param {View} view @param {number} edge @param {string} color @param {number} width @param {Heads} heads
 */
function strokeBetween(view, edge, color, width, heads) {
  const length = lengthOf(flatten(view.trace.edges, edge));
  const [start, end] = [heads.source * TRIM, heads.target * TRIM];
  view.context.lineDashOffset = -start;
  strokeAll(view, [edge], color, width, [Math.max(0, length - start - end), length + start]);
  view.context.lineDashOffset = 0;
}

/** The heads of an edge that a gradient or tangent has passed. @param {View} view @param {number} width @param {number} size  Of the head where it lands. @returns {Heads} */
function headsOf({ trace }, width, size) {
  const extra = Math.max(0, width - 2.5) * HEAD.growth;
  if (trace.mode === "forward") return { source: 0, target: size + extra };
  return { source: size + extra, target: HEAD.structure + extra };
}

/** @param {View} view @param {number[]} list */
function drawUnreached(view, list) {
  // From afar dots only blur, and dashing thousands of curves is slow: a paler line says the same.
  if (view.layers.bytes) return drawStructure(view, list, view.theme.line);
  if (view.level === "far") return strokeAll(view, list, view.theme.line, WIDTH.unreached);
  view.context.lineCap = "round";
  strokeAll(view, list, view.theme.edge, WIDTH.unreached, DASH.unreached);
  view.context.lineCap = "butt";
}

/** @param {View} view @param {number[]} list @param {string} [color] */
function drawStructure(view, list, color = view.theme.edge) {
  if (!view.layers.bytes) return strokeAll(view, list, color, WIDTH.structure);
  byWidth(view, list).forEach((edges, step) => strokeAll(view, edges, color, widthOfStep(view, step)));
}

/** @param {View} view @param {number[]} list @param {number} width */
function drawPassed(view, list, width) {
  view.context.globalAlpha *= PASSED_OPACITY;
  const color = view.theme.gradient.mark;
  if (view.level === "far") strokeAll(view, list, color, width);
  else for (const edge of list) strokeBetween(view, edge, color, width, headsOf(view, width, HEAD.gradient));
  view.context.globalAlpha /= PASSED_OPACITY;
}

/** @param {View} view @param {number[]} list */
function drawBroken(view, list) {
  strokeAll(view, list, view.theme.error.mark, WIDTH.broken, DASH.broken);
}

/** Edges of a way that is picked out. @param {View} view @param {number[]} list */
export function drawWay(view, list) {
  strokeAll(view, list, view.theme.ink, Math.max(WIDTH.active, 2.5 / view.k));
  fillHeads(view, list, "target", view.theme.ink, HEAD.active);
}

/** @param {View} view @param {number[]} list */
function drawLineage(view, list) {
  strokeAll(view, list, view.theme.ink, WIDTH.lineage);
  fillHeads(view, list, "target", view.theme.ink, HEAD.structure);
}

/** The grey head at the consumer is the program and never turns; the gradient adds its own where it lands. @param {View} view @param {ReturnType<typeof sorted>} by */
function drawHeads(view, by) {
  const { theme, level } = view;
  if (level === "far") return;
  fillHeads(view, [...by.unreached, ...by.structure], "target", theme.edge, HEAD.structure);
  byWidth(view, by.passed).forEach((edges, step) => fillPassedHeads(view, edges, headsOf(view, widthOfStep(view, step), HEAD.gradient)));
  fillHeads(view, by.broken, "target", theme.error.mark, HEAD.structure);
  if (phaseAt(view.trace, view.position) === PHASE.backward) {
    fillHeads(view, by.broken, "source", theme.error.mark, HEAD.gradient);
  }
}

/** @param {View} view @param {number[]} list @param {Heads} heads */
function fillPassedHeads(view, list, heads) {
  const { theme, trace } = view;
  const against = trace.mode !== "forward";
  if (against) fillHeads(view, list, "target", theme.edge, heads.target);
  fillHeads(view, list, against ? "source" : "target", theme.gradient.mark, against ? heads.source : heads.target);
}

/** @param {View} view @param {number[]} list @param {"source" | "target"} end @param {string} color @param {number} size */
function fillHeads({ context, trace, k }, list, end, color, size) {
  if (!list.length) return;
  const length = size * Math.max(1, 0.6 / k);
  const half = (length * HEAD.aspect) / 2;
  context.beginPath();
  for (const edge of list) {
    const { x, y, dx, dy } = tip(trace.edges, edge, end);
    const [tx, ty] = [x - dx, y - dy];
    const [bx, by] = [tx - dx * length, ty - dy * length];
    context.moveTo(tx, ty);
    context.lineTo(bx - dy * half, by + dx * half);
    context.lineTo(bx + dy * half, by - dx * half);
    context.closePath();
  }
  context.fillStyle = color;
  context.fill();
}

/** Never thinner than it will be when it has passed. @param {View} view @param {number} edge @param {number} phase */
function litWidth(view, edge, phase) {
  return phase === PHASE.forward ? WIDTH.active : Math.max(WIDTH.active, gradientWidth(view, edge));
}

/** The edges that the step lights: halo, thick line and a head in the colour of what passes. @param {View} view @param {number[]} list */
export function drawLit(view, list) {
  const { context, theme, trace } = view;
  const phase = phaseAt(trace, view.position);
  const role = phase === PHASE.forward ? theme.forward : theme.gradient;
  context.globalAlpha = 0.16;
  context.lineCap = "round";
  strokeAll(view, list, role.mark, Math.max(WIDTH.halo, 7 / view.k));
  context.lineCap = "butt";
  context.globalAlpha = 1;
  for (const edge of list) drawLitEdge(view, edge, phase, role.mark);
}

/** @param {View} view @param {number} edge @param {number} phase @param {string} color */
function drawLitEdge(view, edge, phase, color) {
  const width = Math.max(litWidth(view, edge, phase), 2 / view.k);
  if (view.level === "far") return strokeAll(view, [edge], color, width);
  if (phase === PHASE.forward) {
    strokeBetween(view, edge, color, width, { source: 0, target: HEAD.active });
    return fillHeads(view, [edge], "target", color, HEAD.active);
  }
  const heads = headsOf(view, litWidth(view, edge, phase), HEAD.active);
  strokeBetween(view, edge, color, width, heads);
  fillPassedHeads(view, [edge], heads);
}

/** The edges of a hovered node, or a hovered edge: darker, with their heads. @param {View} view @param {number[]} list */
export function drawDarkened(view, list) {
  const passed = list.filter((e) => edgeState(view.trace, e, view.position, view.layers.gradients) === "passed");
  const others = list.filter((e) => !passed.includes(e));
  strokeAll(view, others, view.theme.ink, Math.max(1.8, 1.5 / view.k));
  if (view.level !== "far") fillHeads(view, others, "target", view.theme.ink, HEAD.structure);
  for (const edge of passed) {
    const heads = headsOf(view, gradientWidth(view, edge), HEAD.active);
    strokeBetween(view, edge, view.theme.gradient.mark, gradientWidth(view, edge) + 1, heads);
    if (view.level !== "far") fillPassedHeads(view, [edge], heads);
  }
}
