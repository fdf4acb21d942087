// @ts-check
/** Draws the labels of edges: left what the operation is, right what arrived; and the sum beside a card. */

/**
 * @typedef {import("./card.js").View} View
 * @typedef {import("./types.js").Trace} Trace
 * @typedef {{left: number, right: number, symbol: import("./text.js").Run[], local: string, figure: string}} Chip
 * @typedef {{chip: Chip, x: number, y: number, grow: number}} Placed
 */

import { FAINT, boxOf, legible } from "./card.js";
import { isFree, placesOf } from "./chiproom.js";
import { number, signed } from "./format.js";
import { localName } from "./labels.js";
import { isLabelled } from "./look.js";
import { overlap } from "./scene.js";
import { isScalar } from "./symbols.js";
import { figure, figureWidth, runsWidth, ui, widthOf, write, writeRuns } from "./text.js";
import { arrivalBefore, hasPassed, phaseAt, receiver, subject } from "./timeline.js";
import { EDGE, PHASE } from "./wire.js";

const HEIGHT = 24;
const RADIUS = 6;
const FIGURE_ROOM = 46;
const DIGITS = 4;

/** @param {View} view @param {number[]} list */
export function drawChips(view, list) {
  if (view.level !== "near" || !view.trace.labelled) return;
  for (const edge of list) drawChip(view, edge, false);
}

/** The label of one edge; solid while the edge is lit. @param {View} view @param {number} edge @param {boolean} active */
export function drawChip(view, edge, active) {
  const { context, trace, lit } = view;
  const placed = place(view, edge, active);
  if (!placed) return;
  const { chip, x, y, grow } = placed;
  context.save();
  if (lit && !(lit[trace.edges.source[edge]] && lit[trace.edges.target[edge]])) context.globalAlpha = FAINT;
  context.translate(x, y);
  context.scale(grow, grow);
  paint({ ...view, k: view.k * grow }, edge, chip, active);
  context.restore();
}

/** The label in as many words as cover no card. From near by, what arrived is shown in any case. @param {View} view @param {number} edge @param {boolean} active @returns {Placed | null} */
function place(view, edge, active) {
  if (view.level === "far" || !isLabelled(view.trace, edge, view.position)) return null;
  const grow = view.level === "mid" ? 0.9 / view.k : 1;
  const places = placesOf(view, edge, active);
  const chips = wordings(view, edge);
  for (const middle of places) {
    const chip = chips.find(({ left, right }) => isFree(view, middle, (left + right) * grow, HEIGHT * grow));
    if (chip) return { chip, ...middle, grow };
  }
  const last = chips[chips.length - 1];
  return view.level === "near" && last?.right ? { chip: last, ...places[0], grow } : null;
}

/** The label, then shorter ones; from further off what arrived alone. @param {View} view @param {number} edge @returns {Chip[]} */
function wordings(view, edge) {
  const whole = measured(view, edge);
  const short = { ...whole, symbol: [], local: whole.local.replace(" = ", "") };
  short.left = whole.left && localWidth(view, short);
  const chips = view.level === "near" ? [whole, short] : [];
  return [...chips, { ...whole, left: 0 }].filter(({ left, right }) => left + right > 0);
}

/** @param {View} view @param {Pick<Chip, "symbol" | "local">} chip */
function localWidth(view, { symbol, local }) {
  const { context, theme } = view;
  const size = legible(view, 12);
  return 20 + runsWidth(context, theme, symbol, size) + widthOf(context, (s) => ui(theme, s), size, local);
}

/** @param {View} view @param {number} edge @returns {Chip} */
function measured(view, edge) {
  const { context, theme, trace, layers } = view;
  const { flags, local, contribution } = trace.edges;
  const passed = hasPassed(trace, edge, view.position);
  const chip = { left: 0, right: 0, symbol: localName(trace, edge), local: "", figure: "" };
  if (layers.locals && flags[edge] & EDGE.local) {
    chip.local = ` = ${number(local[edge], DIGITS)}`;
    chip.left = localWidth(view, chip);
  }
  if (layers.gradients && passed) {
    chip.figure = arrivesScalar(trace, edge) ? signed(contribution[edge], DIGITS) : `norm ${number(contribution[edge], DIGITS)}`;
    chip.right = Math.max(FIGURE_ROOM, 20 + figureWidth(context, theme, chip.figure, 13, 600));
  }
  return chip;
}

/** Whether a single number arrives, or a tensor of which the norm is shown. @param {Trace} trace @param {number} edge */
function arrivesScalar(trace, edge) {
  return isScalar(trace, trace.mode === "forward" ? trace.edges.target[edge] : trace.edges.value[edge]);
}

/** Around the origin. @param {View} view @param {number} edge @param {Chip} chip @param {boolean} active */
function paint(view, edge, chip, active) {
  const { context, theme, trace } = view;
  const role = trace.edges.flags[edge] & EDGE.notFinite && chip.right ? theme.error : theme.gradient;
  const width = chip.left + chip.right;
  const left = -width / 2;
  const top = -HEIGHT / 2;
  frame(context, left - 2, top - 2, width + 4, HEIGHT + 4, RADIUS + 2, theme.surface);
  frame(context, left, top, width, HEIGHT, RADIUS, theme.card);
  if (chip.right) {
    const corners = chip.left ? [0, RADIUS, RADIUS, 0] : RADIUS;
    frame(context, left + chip.left, top, chip.right, HEIGHT, corners, active ? role.solid : role.tint);
    const x = left + chip.left + chip.right / 2 + figureWidth(context, theme, chip.figure, 13, 600) / 2;
    figure(context, theme, chip.figure, x, 4.6, 13, 600, active ? role.on : role.text);
  }
  if (chip.left) writeLocal(view, chip, left);
  context.strokeStyle = active ? role.mark : theme.line;
  context.lineWidth = active ? 1.5 : 1;
  context.setLineDash(chip.right || active ? [] : [3, 3]);
  context.beginPath();
  context.roundRect(left, top, width, HEIGHT, RADIUS);
  context.stroke();
  context.setLineDash([]);
}

/** @param {View} view @param {Chip} chip @param {number} left */
function writeLocal(view, chip, left) {
  const { context, theme } = view;
  const size = legible(view, 12);
  const color = chip.right ? theme.text2 : theme.text3;
  const x = left + 10;
  writeRuns(context, theme, chip.symbol, x, 4, size, color);
  write(context, chip.local, x + runsWidth(context, theme, chip.symbol, size), 4, ui(theme, size), color);
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} w @param {number} h @param {number | number[]} radius @param {string} color */
function frame(context, x, y, w, h, radius, color) {
  context.fillStyle = color;
  context.beginPath();
  context.roundRect(x, y, w, h, radius);
  context.fill();
}

/** "3 + 2 = 5" beside the card at which a further contribution has just arrived: where no edge leaves. @param {View} view */
export function drawSum(view) {
  const { context, theme, trace, position, layers } = view;
  if (view.level === "far" || !layers.gradients || phaseAt(trace, position) <= PHASE.forward) return;
  const moment = position - 1;
  const node = receiver(trace, moment);
  const edge = trace.moments.edge[moment];
  if (edge < 0 || !isScalar(trace, subject(trace, moment)) || arrivalBefore(trace, moment) < 0) return;
  const { before, after } = trace.moments;
  const text = `${number(before[moment], DIGITS)} ${signed(trace.edges.contribution[edge], DIGITS)} = ${number(after[moment], DIGITS)}`;
  const size = Math.max(13, 11 / view.k);
  const width = figureWidth(context, theme, text, size, 600);
  const { x, y, w, h } = boxOf(trace, node);
  const [left, high] = [x + w / 2 - width / 2 - 6, size * 1.35];
  const [above, below] = [y - 14 - size, y + h + 15];
  const tops = trace.orientation === "lr" ? [below, above] : [above, below];
  const top = tops.find((at) => isBare(view, node, { left, right: left + width + 12, top: at, bottom: at + high })) ?? tops[0];
  frame(context, left, top, width + 12, high, 5, theme.surface);
  figure(context, theme, text, left + 6 + width, top + size, size, 600, theme.gradient.text);
}

/** Whether neither a card nor the label of one of the node's edges is there. @param {View} view @param {number} node @param {import("./scene.js").Rect} rect */
function isBare(view, node, rect) {
  const { scene, trace, position } = view;
  if (scene.nodesIn(rect).length) return false;
  return scene.edgesOf(node).every((edge) => {
    const placed = place(view, edge, edge === trace.moments.edge[position - 1]);
    return !placed || !overlap(rect, chipRect(placed));
  });
}

/** @param {Placed} placed */
function chipRect({ chip, x, y, grow }) {
  const [across, down] = [((chip.left + chip.right) * grow) / 2, (HEIGHT * grow) / 2];
  return { left: x - across, right: x + across, top: y - down, bottom: y + down };
}
