// @ts-check
/** Over the graph: the lines of cuts, the edges that cross them, the letters of segments, and what a hand holds. */

/**
 * @typedef {import("../card.js").View} View
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("./lines.js").Line} Line
 * @typedef {import("./hold.js").Hold} Hold
 * @typedef {import("../scene.js").Rect} Rect
 */

import { boxOf, outline } from "../card.js";
import { tip, trace as addEdge } from "../route.js";
import { ui, widthOf, write } from "../text.js";
import { addLine, pointOn } from "./lines.js";
import { hueOf, letterOf } from "./palette.js";
import { size } from "./units.js";

const BADGE = { radius: 13, left: 16, top: 74 };
const BAND = 9;
const GHOST_DASH = [2, 5];
const RADIUS = 10;
/** Widths of edges that cross, by the logarithm of their bytes: from so many to so many. */
const [THIN, THICK, FEW_BYTES, MANY_BYTES] = [2, 8, 64, 2 ** 26];

/** @param {number} bytes */
export function widthFor(bytes) {
  const share = Math.log(Math.max(FEW_BYTES, bytes) / FEW_BYTES) / Math.log(MANY_BYTES / FEW_BYTES);
  return THIN + (THICK - THIN) * Math.min(1, share);
}

/** Thick ink with heads: what crosses. @param {View} view @param {Model} model @param {number[]} edges @param {Map<number, number>} bytes  By edge. */
export function drawCrossing({ context, theme, k, trace }, model, edges, bytes) {
  const unit = Math.max(1, 0.6 / k);
  context.strokeStyle = context.fillStyle = theme.ink;
  context.lineJoin = "round";
  /** Edges as wide as each other share one stroke. @type {Map<number, number[]>} */
  const widths = new Map();
  for (const edge of edges) {
    const width = Math.round(2 * widthFor(bytes.get(edge) ?? 0)) / 2;
    widths.set(width, [...(widths.get(width) ?? []), edge]);
  }
  for (const [width, alike] of widths) {
    context.beginPath();
    for (const edge of alike) addEdge(context, trace.edges, edge);
    context.lineWidth = Math.max(width, 1.5 / k);
    context.stroke();
    context.beginPath();
    for (const edge of alike) addHead(context, trace, edge, (5 + 1.6 * width) * unit);
    context.fill();
  }
}

/** @param {CanvasRenderingContext2D} context @param {import("../types.js").Trace} trace @param {number} edge @param {number} length */
function addHead(context, trace, edge, length) {
  const { x, y, dx, dy } = tip(trace.edges, edge, "target");
  const [bx, by] = [x - dx * length, y - dy * length];
  const half = length * 0.46;
  context.moveTo(x, y);
  context.lineTo(bx - dy * half, by + dx * half);
  context.lineTo(bx + dy * half, by - dx * half);
  context.closePath();
}

/** @param {View} view @param {Model} model @param {Line} line @param {{width: number, color: string, dash?: number[]}} pen */
export function drawLine({ context, k }, model, line, { width, color, dash = [] }) {
  context.strokeStyle = color;
  context.lineWidth = width / k;
  context.setLineDash(dash.map((length) => length / k));
  context.beginPath();
  addLine(context, model, line.points, false);
  context.stroke();
  context.setLineDash([]);
}

/** The line in the hand: wide and soft under it, crimson and dashed where it cannot stay. @param {View} view @param {Model} model @param {Line} line @param {boolean} isValid */
export function drawHeld(view, model, line, isValid) {
  const { context, theme } = view;
  const color = isValid ? theme.ink : theme.error.mark;
  context.globalAlpha = 0.12;
  drawLine(view, model, line, { width: 2 * BAND, color });
  context.globalAlpha = 1;
  drawLine(view, model, line, { width: 2.25, color, dash: isValid ? [] : [6, 4] });
}

/** Where it was taken from. @param {View} view @param {Model} model @param {Line} line @param {number} bytes @param {Rect} seen */
export function drawGhost(view, model, line, bytes, seen) {
  const { context, theme, k } = view;
  drawLine(view, model, line, { width: 1.5, color: theme.text2, dash: GHOST_DASH });
  const text = `was here · ${size(bytes)}`;
  const font = (/** @type {number} */ s) => ui(theme, s);
  const width = widthOf(context, font, 11 / k, text);
  const [x, y] = model.down ? [seen.right - width - 10 / k, line.place - 5 / k] : [line.place + 5 / k, seen.bottom - 60 / k];
  write(context, text, x, y, font(11 / k), theme.text2);
}

/** A letter in the middle of what is seen of each segment, with what it is called. @param {View} view @param {Model} model @param {Line[]} lines @param {Rect} seen */
export function drawLetters(view, model, lines, seen) {
  const { context, theme, k } = view;
  const [low, high] = model.down ? [seen.top + 56 / k, seen.bottom] : [seen.left, seen.right];
  const radius = BADGE.radius / k;
  for (let segment = 0; segment <= lines.length; segment++) {
    const from = Math.max(low, lines[segment - 1]?.place ?? -Infinity);
    const to = Math.min(high, lines[segment]?.place ?? Infinity);
    if (to - from < 2 * radius + 6 / k) continue;
    const middle = (Math.max(from, low) + Math.min(to, high)) / 2;
    const [x, y] = model.down ? [seen.left + BADGE.left / k + radius, middle] : [middle, seen.top + BADGE.top / k];
    const hue = hueOf(theme, segment);
    context.fillStyle = hue.mark;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fill();
    write(context, letterOf(segment), x, y + 5 / k, ui(theme, 14 / k, 600), hue.on, "center");
    const label = model.section.segments.length === lines.length + 1 ? model.section.segments[segment].label : "";
    if (label && model.down) write(context, label, x + radius + 8 / k, y + 4.5 / k, ui(theme, 12 / k, 600), hue.text);
  }
}

/** A mark of its own segment on each card that lies in the ground of another. @param {View} view @param {Model} model @param {number[]} nodes @param {(node: number) => number} groundOf  The segment whose ground a card lies on. */
export function drawStrays({ context, theme, trace, k }, model, nodes, groundOf) {
  const { first, last } = model.section;
  for (const node of nodes) {
    if (first[node] === last[node] && groundOf(node) === first[node]) continue;
    const box = boxOf(trace, node);
    context.lineWidth = Math.max(1.5, 2 / k);
    context.strokeStyle = hueOf(theme, last[node]).mark;
    outline(context, box, 0, Math.min(RADIUS, box.h / 3));
    context.stroke();
    const letters = [...new Set([first[node], last[node]])].map(letterOf).join("–");
    const size = Math.max(10, 10 / k);
    const width = widthOf(context, (s) => ui(theme, s, 600), size, letters) + 0.7 * size;
    context.fillStyle = hueOf(theme, last[node]).mark;
    context.beginPath();
    context.roundRect(box.x + box.w - width / 2, box.y - 0.65 * size, width, 1.3 * size, 0.4 * size);
    context.fill();
    write(context, letters, box.x + box.w, box.y + 0.36 * size, ui(theme, size, 600), hueOf(theme, last[node]).on, "center");
  }
}

/** Edges that had to be cut as well: a ring with a plus on each. @param {View} view @param {Model} model @param {number[]} edges */
export function drawAdded(view, model, edges) {
  const { context, theme, k, trace } = view;
  context.strokeStyle = theme.ink;
  context.lineWidth = 1.5 / k;
  for (const edge of edges) {
    const { source, target } = trace.edges;
    const { item } = model.section;
    const [from, to] = [model.end[item[source[edge]]], model.begin[item[target[edge]]]];
    const [across, along] = pointOn(model, edge, (from + to) / 2);
    const [x, y] = model.down ? [across, along] : [along, across];
    const radius = 8 / k;
    context.fillStyle = theme.card;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
    context.beginPath();
    context.moveTo(x - radius / 2, y);
    context.lineTo(x + radius / 2, y);
    context.moveTo(x, y - radius / 2);
    context.lineTo(x, y + radius / 2);
    context.stroke();
  }
}

/** A stroke as it is drawn, and the edges that it has crossed and that can be cut. @param {View} view @param {Model} model @param {import("./stroke.js").Stroke} stroke */
export function drawStroke({ context, theme, k, trace }, { section: { item } }, { points, edges }) {
  context.strokeStyle = theme.ink;
  context.lineWidth = Math.max(3, 2.5 / k);
  context.beginPath();
  for (const edge of edges) if (item[trace.edges.source[edge]] >= 0) addEdge(context, trace.edges, edge);
  context.stroke();
  context.lineWidth = 2.25 / k;
  context.lineCap = context.lineJoin = "round";
  context.setLineDash([7 / k, 5 / k]);
  context.beginPath();
  points.forEach(({ x, y }, place) => (place ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.stroke();
  context.setLineDash([]);
  context.lineCap = "butt";
}

/** A card on its way to another segment, and those that it takes along. @param {View} view @param {import("./carrying.js").Carrying} carried */
export function drawCarried({ context, theme, trace, k }, { node, dx, dy, to, followers }) {
  const hue = hueOf(theme, to);
  context.strokeStyle = hue.mark;
  context.lineWidth = Math.max(2, 2 / k);
  context.setLineDash([5 / k, 3 / k]);
  for (const follower of followers) {
    outline(context, boxOf(trace, follower), 3 / k, RADIUS);
    context.stroke();
  }
  context.setLineDash([]);
  const box = boxOf(trace, node);
  context.globalAlpha = 0.85;
  context.fillStyle = hue.tint;
  outline(context, { ...box, x: box.x + dx, y: box.y + dy }, 0, RADIUS);
  context.fill();
  context.stroke();
  context.globalAlpha = 1;
  const size = Math.max(12, 12 / k);
  const words = `to ${letterOf(to)}${followers.length ? ` with ${followers.length} more` : ""}`;
  write(context, words, box.x + dx + box.w / 2, box.y + dy + box.h / 2 + 0.36 * size, ui(theme, size, 600), hue.text, "center");
}
