// @ts-check
/** A card from further off: symbol, name, value, and its gradient as there is room. Text has the size of the screen. */

/**
 * @typedef {import("./card.js").View} View
 * @typedef {import("./card.js").Look} Look
 * @typedef {import("./card.js").Box} Box
 */

import { boxOf, drawLanding, drawMark, drawOutline, outline, roleOf, underline, valueColor } from "./card.js";
import { number } from "./format.js";
import { isBroken, lettersOf, titleOf, valueText } from "./labels.js";
import { isScalar } from "./symbols.js";
import { figure, figureWidth, runsWidth, shortened, ui, write, writeRuns } from "./text.js";
import { drawMidFoot, footOf, updateAt } from "./train/foot.js";

/** A card of so many pixels has room for its gradient, and of so many for its update below that. */
const LANE_ABOVE = 30;
const FOOT_ABOVE = 44;
const DIGITS = [4, 3, 2];

/** Symbol, name and value in sizes of the screen; the gradient where there is room for it, else a dot. @param {View} view @param {number} node @param {Look} look @param {Box} [box] */
export function drawMid(view, node, look, box = boxOf(view.trace, node)) {
  const { context, theme, trace, k } = view;
  const unit = 1 / k;
  const broken = look.known && isBroken(trace, node);
  context.fillStyle = broken ? theme.error.tint : theme.card;
  outline(context, box, 0, 8 * unit);
  context.fill();
  const updates = footOf(trace, node) > 0;
  const foot = updates && box.h * k >= FOOT_ABOVE ? 0.3 * box.h : 0;
  const lane = box.h * k >= LANE_ABOVE ? (foot ? 0.3 : 0.45) * box.h : 0;
  const head = { ...box, h: box.h - lane - foot };
  if (lane) drawMidLane(view, { ...box, h: box.h - foot }, look, lane, foot ? 0 : 8 * unit);
  const update = updates ? updateAt(view, node) : undefined;
  if (foot) drawMidFoot(view, node, box, foot);
  const role = roleOf(theme, trace, node);
  if (role) drawMidSpine(context, head, role.mark, unit);
  drawOutline({ ...view, theme: { ...theme, line: theme.strong } }, box, look.state, broken, 8 * unit, unit);
  drawMidText(view, node, head, look, unit);
  if (!lane && look.gradient !== undefined && view.layers.gradients) drawDot(view, box, unit, theme.gradient.mark);
  if (!foot && update) drawDot(view, { ...box, y: box.y + box.h }, unit, theme.parameter.mark);
}

/** @param {View} view @param {Box} box @param {Look} look @param {number} height @param {number} radius  Of its lower corners. */
function drawMidLane({ context, theme, k, layers }, { x, y, w, h }, look, height, radius) {
  if (look.gradient === undefined || !layers.gradients) return;
  const unit = 1 / k;
  const role = Number.isFinite(look.gradient) ? theme.gradient : theme.error;
  context.fillStyle = role.tint;
  context.beginPath();
  context.roundRect(x, y + h - height, w, height, [0, 0, radius, radius]);
  context.fill();
  const text = number(look.gradient, 4);
  const baseline = y + h - height / 2 + 4 * unit;
  const size = Math.min(11.5, Math.max(10, 0.75 * height * k)) * unit;
  drawLanding(context, look.landing, (drop) => {
    figure(context, theme, text, x + w - 7 * unit, baseline - drop, size, 600, role.text);
  });
}

/** @param {CanvasRenderingContext2D} context @param {Box} box @param {string} color @param {number} unit */
function drawMidSpine(context, { x, y, h }, color, unit) {
  context.fillStyle = color;
  context.beginPath();
  context.roundRect(x, y + h / 2 - Math.min(9 * unit, h / 3), 3 * unit, Math.min(18 * unit, (2 * h) / 3), unit);
  context.fill();
}

/** @param {View} view @param {Box} box @param {number} unit @param {string} color */
function drawDot({ context, theme }, { x, y, w }, unit, color) {
  context.beginPath();
  context.arc(x + w, y, 4 * unit, 0, 2 * Math.PI);
  context.fillStyle = color;
  context.fill();
  context.lineWidth = 1.5 * unit;
  context.strokeStyle = theme.surface;
  context.stroke();
}

/** Symbol, name and value; digits give way first, then the symbol, then the name, or of a tensor the shape. @param {View} view @param {number} node @param {Box} box @param {Look} look @param {number} unit */
function drawMidText(view, node, box, look, unit) {
  const { context, theme, trace } = view;
  const size = Math.max(10.5, Math.min(14, box.w * view.k * 0.14)) * unit;
  const baseline = box.y + box.h / 2 + size * 0.36;
  const name = titleOf(trace, node);
  const nameWidth = runsWidth(context, theme, name, size * 1.15);
  let room = box.w - 14 * unit;
  const isNumber = isScalar(trace, node);
  const symbol = 23 * unit;
  const beside = nameWidth + 5 * unit;
  const kept = [symbol + beside, beside, ...(isNumber ? [0] : [])];
  const [value, valueWidth] = midValue(view, node, look, size, kept.map((width) => room - width));
  if (value) {
    const right = box.x + box.w - 7 * unit;
    drawLanding(context, look.landing, (drop) => {
      figure(context, theme, value, right, baseline - drop, size, 600, valueColor(view, node, look));
    });
    room -= valueWidth + 5 * unit;
  }
  const shown = nameWidth <= room - (trace.twin ? symbol : 0);
  const both = nameWidth + symbol <= room;
  if (both || (!shown && symbol <= room)) drawMark(view, node, box.x + 15 * unit, box.y + box.h / 2, 22 * unit);
  const color = look.state === "unreached" ? theme.text3 : theme.text;
  if (!shown && (!isNumber || trace.twin)) writeShortened(view, node, box, baseline, size, color);
  const left = box.x + 7 * unit + (both ? symbol : 0);
  if (shown) writeRuns(context, theme, name, left, baseline, size * 1.15, color);
  underline(view, node, left, baseline, shown ? nameWidth : box.w - 14 * unit);
}

/** A tensor's name, as much of it as there is room for beside its mark. @param {View} view @param {number} node @param {Box} box @param {number} baseline @param {number} size @param {string} color */
function writeShortened({ context, theme, trace, k }, node, box, baseline, size, color) {
  const font = (/** @type {number} */ s) => ui(theme, s, 600);
  const words = lettersOf(trace, titleOf(trace, node));
  const left = box.x + 28 / k;
  write(context, shortened(context, font, size, words, box.x + box.w - 7 / k - left), left, baseline, font(size), color);
}

/** The value in as many digits as fit the first room that holds any. @param {View} view @param {number} node @param {Look} look @param {number} size @param {number[]} rooms @returns {[string, number]} */
function midValue(view, node, look, size, rooms) {
  if (!view.layers.values || !look.known) return ["", 0];
  const texts = DIGITS.map((digits) => midText(view, node, digits));
  /** @type {[string, number][]} */
  const sized = texts.map((text) => [text, figureWidth(view.context, view.theme, text, size, 600)]);
  for (const room of rooms) {
    const fit = sized.find(([, width]) => width <= room);
    if (fit) return fit;
  }
  return ["", 0];
}

/** @param {View} view @param {number} node @param {number} digits */
function midText({ trace, scrub }, node, digits) {
  if (!isScalar(trace, node)) return trace.nodes.shape[node];
  return scrub?.node === node ? number(scrub.value, digits) : valueText(trace, node, digits);
}
