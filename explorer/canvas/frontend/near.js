// @ts-check
/** A card from near by: everything on it. Lengths are those of the drawing at zoom 1. */

/**
 * @typedef {import("./card.js").View} View
 * @typedef {import("./card.js").Look} Look
 * @typedef {import("./card.js").Box} Box
 */

import { LANE, PAD, RADIUS, TILE, boxOf, drawLanding, drawMark, drawOutline, legible, outline, roleOf, underline, valueColor } from "./card.js";
import { number } from "./format.js";
import { isBroken, lettersOf, nameOf, subtitle, valueText } from "./labels.js";
import { drawLane } from "./lane.js";
import { isScalar } from "./symbols.js";
import { figure, figureWidth, runsWidth, shortened, ui, widthOf, write, writeRuns } from "./text.js";
import { drawThumb } from "./thumbs.js";
import { drawFoot, footOf } from "./train/foot.js";

const SPINE = 4;
const THUMB = 40;

/** Sizes and digits of a value, the first that fits being taken. */
const VALUE_FITS = /** @type {[number, number][]} */ ([[18, 6], [16, 6], [14, 6], [14, 4], [12, 4], [11, 3]]);

/** @param {View} view @param {number} node @param {Look} look */
export function drawNear(view, node, look) {
  const { context, theme, trace } = view;
  const whole = boxOf(trace, node);
  const box = { ...whole, h: whole.h - footOf(trace, node) };
  context.fillStyle = theme.card;
  outline(context, whole, 0, RADIUS);
  context.fill();
  const broken = look.known && isBroken(trace, node);
  if (broken) drawHatch(view, box);
  drawLane(view, node, box, look);
  if (box.h < whole.h) drawFoot(view, node, box, whole);
  drawOutline(view, whole, look.state, broken, RADIUS, 1);
  drawSpine(view, node, box);
  if (isScalar(trace, node) || trace.twin) drawScalarHead(view, node, box, look);
  else drawTensorHead(view, node, box, look);
}

/** A band along the left edge, rounded as the card is. @param {View} view @param {number} node @param {Box} box */
export function drawSpine({ context, theme, trace }, node, { x, y, h }) {
  const role = roleOf(theme, trace, node);
  if (!role) return;
  context.fillStyle = role.mark;
  context.beginPath();
  context.arc(x + RADIUS, y + RADIUS, RADIUS, Math.PI + Math.acos((RADIUS - SPINE) / RADIUS), Math.PI, true);
  context.lineTo(x, y + h - LANE);
  context.lineTo(x + SPINE, y + h - LANE);
  context.fill();
}

/** Slanted lines under a value that is not finite. @param {View} view @param {Box} box */
export function drawHatch({ context, theme }, { x, y, w, h }) {
  const head = h - LANE;
  context.save();
  context.beginPath();
  context.roundRect(x, y, w, head, [RADIUS, RADIUS, 0, 0]);
  context.clip();
  context.fillStyle = theme.error.tint;
  context.fillRect(x, y, w, head);
  context.globalAlpha *= 0.22;
  context.strokeStyle = theme.error.mark;
  context.lineWidth = 1;
  context.beginPath();
  for (let left = x - head; left < x + w; left += 8) {
    context.moveTo(left, y + head);
    context.lineTo(left + head, y);
  }
  context.stroke();
  context.restore();
}

/** @param {View} view @param {number} node @param {Box} box @param {Look} look */
function drawScalarHead(view, node, box, look) {
  const left = box.x + (roleOf(view.theme, view.trace, node) ? 14 : 10);
  drawTile(view, node, left, box.y + 9, TILE);
  const from = left + TILE + 10;
  const value = drawValue(view, node, box, look, box.x + box.w - PAD - from);
  drawName(view, node, from, box.y, box.x + box.w - PAD - value - 6 - from, look);
}

/** @param {View} view @param {number} node @param {number} left @param {number} top @param {number} side */
function drawTile({ context, theme, trace }, node, left, top, side) {
  const role = roleOf(theme, trace, node);
  context.fillStyle = role ? role.tint : theme.sunken;
  context.beginPath();
  context.roundRect(left, top, side, side, 7);
  context.fill();
  drawMark({ context, theme, trace }, node, left + side / 2, top + side / 2, side);
}

/** The name, and under it the operation, or that the first number that is not finite came up here. @param {View} view @param {number} node @param {number} x @param {number} top @param {number} room @param {Look} look */
function drawName(view, node, x, top, room, look) {
  const { context, theme, trace } = view;
  const color = look.state === "unreached" ? theme.text3 : theme.text;
  const small = subtitle(trace, node);
  const isOrigin = trace.firstNonfinite === node && look.known;
  const baseline = top + (small ? 22 : 29);
  writeName(view, node, x, baseline, room, color);
  const font = (/** @type {number} */ size) => ui(theme, size, isOrigin ? 600 : 400);
  const size = legible(view, 11);
  if (isOrigin) write(context, `first ${valueText(trace, node)}`, x, top + 37, font(size), theme.error.text);
  else if (small) write(context, shortened(context, font, size, small, trace.twin ? room + PAD : room), x, top + 37, font(size), theme.text3);
}

/** As maths where there is room for it, else in plain letters, shortened. @param {View} view @param {number} node @param {number} x @param {number} baseline @param {number} room @param {string} color */
function writeName(view, node, x, baseline, room, color) {
  const { context, theme, trace } = view;
  const size = nameSize(view, node, room);
  if (size) {
    writeRuns(context, theme, nameOf(trace, node), x, baseline, size, color);
    underline(view, node, x, baseline, runsWidth(context, theme, nameOf(trace, node), size));
  } else drawPlainName(view, node, x, baseline, room, color);
}

/** The size at which a maths name fits, or 0. @param {View} view @param {number} node @param {number} room */
function nameSize({ context, theme, trace }, node, room) {
  const width = runsWidth(context, theme, nameOf(trace, node), 18);
  if (width <= room) return 18;
  const size = Math.floor((18 * room) / width);
  return size >= 12 ? size : 0;
}

/** @param {View} view @param {number} node @param {number} x @param {number} baseline @param {number} room @param {string} color */
function drawPlainName(view, node, x, baseline, room, color) {
  const { context, theme, trace } = view;
  if (room < 12) return;
  const words = lettersOf(trace, nameOf(trace, node));
  const font = (/** @type {number} */ size) => ui(theme, size, 600);
  const size = legible(view, 13);
  const text = shortened(context, font, size, words, room);
  write(context, text, x, baseline - 1, font(size), color);
  underline(view, node, x, baseline - 1, widthOf(context, font, size, text));
}

/** The value at the right of the head. @param {View} view @param {number} node @param {Box} box @param {Look} look @param {number} room @returns {number} the width it takes */
function drawValue(view, node, box, look, room) {
  const { context, theme, layers, scrub } = view;
  if (!layers.values) return 0;
  const right = box.x + box.w - PAD;
  if (!look.known) return drawNotYet(view, right, box.y + 28);
  const edited = scrub && scrub.node === node ? scrub.value : undefined;
  const [text, size] = fitValue(view, node, room, edited);
  drawLanding(context, look.landing, (drop) => {
    figure(context, theme, text, right, box.y + 30 - drop, size, 600, valueColor(view, node, look));
  });
  if (look.handle) drawHandle(view, node, box, figureWidth(context, theme, text, size, 600));
  else drawWas(view, node, right, box.y + 42);
  return figureWidth(context, theme, text, size, 600);
}

/** @param {View} view @param {number} right @param {number} baseline */
function drawNotYet(view, right, baseline) {
  const size = legible(view, 11);
  write(view.context, "not yet", right, baseline, ui(view.theme, size), view.theme.text3, "right");
  return widthOf(view.context, (s) => ui(view.theme, s), size, "not yet");
}

/** @param {View} view @param {number} node @param {number} room @param {number | undefined} edited @returns {[string, number]} */
function fitValue({ context, theme, trace }, node, room, edited) {
  const least = 20;
  /** @type {[string, number]} */
  let fit = ["", 0];
  for (const [size, digits] of VALUE_FITS) {
    fit = [edited === undefined ? valueText(trace, node, digits) : number(edited, digits), size];
    if (figureWidth(context, theme, fit[0], size, 600) <= room - least) break;
  }
  return fit;
}

/** What the value was before the last edit. @param {View} view @param {number} node @param {number} right @param {number} baseline */
function drawWas(view, node, right, baseline) {
  const was = view.was.get(node);
  if (was === undefined) return;
  write(view.context, `was ${number(was, 4)}`, right, baseline, ui(view.theme, legible(view, 10.5)), view.theme.text3, "right");
}

/** The box around a value that can be dragged, and the arrows above it. @param {View} view @param {number} node @param {Box} box @param {number} width */
function drawHandle({ context, theme, scrub }, node, box, width) {
  const held = scrub?.node === node;
  const w = Math.max(30, width + 14);
  const left = box.x + box.w - PAD + 6 - w;
  context.strokeStyle = theme.forward.mark;
  context.lineWidth = 1.5;
  context.setLineDash(held && scrub.waiting ? [3, 3] : []);
  context.beginPath();
  context.roundRect(left, box.y + 10, w, 27, 6);
  context.stroke();
  context.setLineDash([]);
  if (held && scrub.held) drawArrows(context, left + w / 2, box.y - 10, theme.text);
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {string} color */
function drawArrows(context, x, y, color) {
  context.strokeStyle = color;
  context.lineWidth = 1.5;
  context.lineCap = context.lineJoin = "round";
  context.beginPath();
  context.moveTo(x - 17, y);
  context.lineTo(x + 17, y);
  for (const side of [-1, 1]) {
    context.moveTo(x + side * 13, y - 4);
    context.lineTo(x + side * 17, y);
    context.lineTo(x + side * 13, y + 4);
  }
  context.stroke();
  context.lineCap = "butt";
  context.lineJoin = "miter";
}

/** @param {View} view @param {number} node @param {Box} box @param {Look} look */
function drawTensorHead(view, node, box, look) {
  const { context, theme, trace } = view;
  const left = box.x + (roleOf(theme, trace, node) ? 11 : 8);
  const thumb = look.known && view.layers.values ? trace.nodes.thumb[node] : -1;
  drawLanding(context, look.landing, () => drawThumb(context, theme, trace.thumbs, thumb, left, box.y + 7, THUMB));
  const from = left + THUMB + 9;
  const side = 22;
  drawTile(view, node, box.x + box.w - 8 - side, box.y + 8, side);
  const room = box.x + box.w - 8 - side - 4 - from;
  const color = look.state === "unreached" ? theme.text3 : theme.text;
  writeName(view, node, from, box.y + 24, room, color);
  drawShape(view, node, box, from, look);
}

/** @param {View} view @param {number} node @param {Box} box @param {number} x @param {Look} look */
function drawShape(view, node, box, x, look) {
  const { context, theme, trace } = view;
  const broken = look.known && isBroken(trace, node);
  const size = legible(view, 11);
  const first = trace.firstNonfinite === node ? "first " : "";
  const words = broken ? `${first}not finite ${trace.nodes.shape[node]}` : trace.nodes.shape[node] + (look.known ? "" : " not yet");
  const font = (/** @type {number} */ s) => ui(theme, s, broken ? 600 : 400);
  const text = shortened(context, font, size, words, box.x + box.w - PAD - x);
  write(context, text, x, box.y + 42, font(size), broken ? theme.error.text : theme.text3);
}
