// @ts-check
/** Draws the cards of nodes, at three levels of detail. Lengths are those of the drawing at zoom 1. */

/**
 * @typedef {import("./types.js").Trace} Trace
 * @typedef {import("./theme.js").Theme} Theme
 * @typedef {import("./theme.js").Role} Role
 * @typedef {import("./look.js").CardState} CardState
 * @typedef {import("./look.js").Level} Level
 * @typedef {{x: number, y: number, w: number, h: number}} Box
 *
 * @typedef {object} View  Everything that drawing needs to know.
 * @property {CanvasRenderingContext2D} context  Scaled to the world.
 * @property {Trace} trace
 * @property {import("./scene.js").Scene} scene
 * @property {Theme} theme
 * @property {number} position
 * @property {import("./types.js").State["layers"]} layers
 * @property {Level} level
 * @property {number} k  CSS pixels per unit of the world.
 * @property {Uint8Array | null} lit  With a lineage shown: 1 for its nodes; the others recede.
 * @property {ReadonlyMap<number, number>} was  Values before the last edit.
 * @property {{node: number, value: number, held: boolean, waiting: boolean} | null} scrub  The value being edited.
 *
 * @typedef {object} Look  How one card stands.
 * @property {CardState} state
 * @property {boolean} known  Whether its value is there.
 * @property {number | undefined} gradient  What has arrived of it.
 * @property {number} landing  How far its newest number has landed, 0 to 1.
 * @property {number} opening  How far its lane has opened, 0 to 1.
 * @property {boolean} handle  Whether to show that its value can be dragged.
 */

import { number } from "./format.js";
import { glyph } from "./glyphs.js";
import { gradientName, isBroken, nameOf, subtitle, valueText } from "./labels.js";
import { cardState } from "./look.js";
import { isScalar, opOf } from "./symbols.js";
import { figure, figureWidth, runsWidth, shortened, ui, widthOf, write, writeRuns } from "./text.js";
import { drawThumb } from "./thumbs.js";
import { getsGradient, gradientAt, hasValue } from "./timeline.js";
import { KIND, NODE } from "./wire.js";

const RADIUS = 10;
const LANE = 28;
const SPINE = 4;
const TILE = 28;
const SMALLEST_TEXT = 10;
const PAD = 12;
const THUMB = 40;
const DASH = [4, 3];
/** How far from the card's right edge its number is taken hold of. */
const VALUE_REACH = 68;
const FAINT = 0.3;
/** A mid card of so many pixels has room for its gradient. */
const MID_LANE_ABOVE = 30;
const MID_DIGITS = [4, 3, 2];

/** Sizes and digits of a value, the first that fits being taken. */
const VALUE_FITS = /** @type {[number, number][]} */ ([[18, 6], [16, 6], [14, 6], [14, 4], [12, 4], [11, 3]]);

/** @param {Trace} trace @param {number} node @returns {Box} */
export function boxOf({ nodes }, node) {
  return { x: nodes.x[node], y: nodes.y[node], w: nodes.w[node], h: nodes.h[node] };
}

/** The resting look of a card. @param {View} view @param {number} node @returns {Look} */
export function lookOf({ trace, position }, node) {
  return {
    state: cardState(trace, node, position),
    known: hasValue(trace, node, position),
    gradient: gradientAt(trace, node, position),
    landing: 1,
    opening: 1,
    handle: false,
  };
}

/** The role whose spine and glyph the node wears; operations wear none. @param {Theme} theme @param {Trace} trace @param {number} node @returns {Role | null} */
export function roleOf(theme, { nodes }, node) {
  if (nodes.kind[node] === KIND.input) return theme.input;
  if (nodes.kind[node] === KIND.parameter) return theme.parameter;
  if (nodes.kind[node] !== KIND.op) return theme.constant;
  return nodes.flags[node] & NODE.output ? theme.output : null;
}

/** A size that stays readable: never under 10 CSS pixels. @param {View} view @param {number} size */
export const legible = (view, size) => Math.max(size, SMALLEST_TEXT / view.k);

/** Draws one card. @param {View} view @param {number} node @param {Look} look */
export function drawCard(view, node, look) {
  const { context } = view;
  const faint = view.lit && !view.lit[node];
  if (faint) fade(view, node);
  if (view.level === "near") drawNear(view, node, look);
  else if (view.level === "mid") drawMid(view, node, look);
  else drawFar(view, node, look);
  if (faint) context.globalAlpha = 1;
}

/** What lies under a faint card must not show through. @param {View} view @param {number} node */
function fade({ context, theme, trace }, node) {
  context.fillStyle = theme.surface;
  outline(context, boxOf(trace, node), 1, RADIUS);
  context.fill();
  context.globalAlpha = FAINT;
}

/** The halo of the card at work. @param {View} view @param {number} node @param {CardState} state */
export function drawHalo({ context, trace, theme, k, level }, node, state) {
  const box = boxOf(trace, node);
  const unit = level === "near" ? 1 : Math.min(1, 0.6 / k);
  context.strokeStyle = state === "forward" ? theme.forward.mark : theme.gradient.mark;
  context.globalAlpha = 0.18;
  context.lineWidth = 8 * unit;
  outline(context, box, 5 * unit, RADIUS + 4 * unit);
  context.stroke();
  context.globalAlpha = 1;
}

/** A ring around a card. @param {View} view @param {number} node @param {string} color @param {number} width @param {number} offset  In CSS pixels where the card is small. */
export function drawRing({ context, trace, k }, node, color, width, offset) {
  const unit = Math.max(1, 1 / k) * (k < 1 ? Math.max(0.7, k) : 1);
  context.strokeStyle = color;
  context.lineWidth = width * unit;
  outline(context, boxOf(trace, node), offset * unit, RADIUS + offset * unit - 1);
  context.stroke();
}

/** The shadow of a lifted card. @param {View} view @param {number} node */
export function drawShadow({ context, trace, theme, k }, node) {
  context.save();
  context.shadowColor = theme.name === "dark" ? "rgba(0,0,0,.5)" : "rgba(20,24,40,.18)";
  context.shadowBlur = 10 * k * devicePixelRatio;
  context.shadowOffsetY = 4 * k * devicePixelRatio;
  context.fillStyle = theme.card;
  outline(context, boxOf(trace, node), 0, RADIUS);
  context.fill();
  context.restore();
}

/** @param {CanvasRenderingContext2D} context @param {Box} box @param {number} offset @param {number} radius */
function outline(context, { x, y, w, h }, offset, radius) {
  context.beginPath();
  context.roundRect(x - offset, y - offset, w + 2 * offset, h + 2 * offset, radius);
}

/** @param {View} view @param {number} node @param {Look} look */
function drawNear(view, node, look) {
  const { context, theme, trace } = view;
  const box = boxOf(trace, node);
  context.fillStyle = theme.card;
  outline(context, box, 0, RADIUS);
  context.fill();
  const broken = look.known && isBroken(trace, node);
  if (broken) drawHatch(view, box);
  drawLane(view, node, box, look);
  drawOutline(view, box, look.state, broken, RADIUS, 1);
  drawSpine(view, node, box);
  if (isScalar(trace, node)) drawScalarHead(view, node, box, look);
  else drawTensorHead(view, node, box, look);
}

/** @param {View} view @param {Box} box @param {CardState} state @param {boolean} broken @param {number} radius @param {number} unit */
function drawOutline({ context, theme }, box, state, broken, radius, unit) {
  context.lineWidth = (isActive(state) || broken ? 2 : 1) * unit;
  context.strokeStyle = theme.line;
  if (state === "unreached") context.strokeStyle = theme.strong;
  if (state === "forward") context.strokeStyle = theme.forward.mark;
  if (state === "backward") context.strokeStyle = theme.gradient.mark;
  if (broken) context.strokeStyle = theme.error.mark;
  context.setLineDash(state === "unreached" ? DASH.map((length) => length * unit) : []);
  outline(context, box, 0, radius);
  context.stroke();
  context.setLineDash([]);
}

/** @param {CardState} state */
const isActive = (state) => state === "forward" || state === "backward";

/** A band along the left edge, rounded as the card is. @param {View} view @param {number} node @param {Box} box */
function drawSpine({ context, theme, trace }, node, { x, y, h }) {
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
function drawHatch({ context, theme }, { x, y, w, h }) {
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
function drawLane(view, node, box, look) {
  if (!view.layers.gradients) return drawRule(view, box, 0);
  if (!getsGradient(view.trace, node)) return drawWithout(view, box);
  if (look.gradient === undefined) return drawWaiting(view, node, box);
  drawRule(view, box, 10);
  drawGradient(view, node, box, look, look.gradient);
}

/** @param {View} view @param {Box} box @param {number} inset */
function drawRule({ context, theme }, { x, y, w, h }, inset) {
  context.fillStyle = theme.line;
  context.fillRect(x + inset, y + h - LANE, w - 2 * inset, 1);
}

/** @param {View} view @param {Box} box */
function drawWithout(view, box) {
  drawRule(view, box, 0);
  const size = legible(view, 11);
  const baseline = box.y + box.h - LANE + 18;
  write(view.context, `no ${laneWord(view.trace)}`, box.x + PAD, baseline, ui(view.theme, size), view.theme.text3);
}

/** @param {View} view @param {number} node @param {Box} box */
function drawWaiting(view, node, box) {
  const { context, theme } = view;
  drawRule(view, box, 10);
  const size = legible(view, 11);
  const top = box.y + box.h - LANE;
  write(context, "not yet", box.x + box.w - PAD, top + 18, ui(theme, size), theme.text3, "right");
  const room = box.w - 2 * PAD - widthOf(context, (s) => ui(theme, s), size, "not yet") - 8;
  drawLaneName(view, node, box, room, theme.text3);
}

/** @param {View} view @param {number} node @param {Box} box @param {Look} look @param {number} gradient */
function drawGradient(view, node, box, look, gradient) {
  const { context, theme } = view;
  const role = Number.isFinite(gradient) ? theme.gradient : theme.error;
  const top = box.y + box.h - LANE;
  const height = LANE * look.opening;
  context.fillStyle = role.tint;
  context.beginPath();
  context.roundRect(box.x, top + LANE - height, box.w, height, [0, 0, RADIUS, RADIUS]);
  context.fill();
  const size = isScalar(view.trace, node) ? 14 : 13;
  const text = number(gradient);
  const drop = land(context, look.landing);
  figure(context, theme, text, box.x + box.w - PAD, top + 19 - drop, size, 600, role.text);
  landed(context, look.landing);
  const room = box.w - 2 * PAD - figureWidth(context, theme, text, size, 600) - 8;
  drawLaneName(view, node, box, room, role.text);
}

/** Which gradient the lane is for; plainer words where the symbol does not fit. @param {View} view @param {number} node @param {Box} box @param {number} room @param {string} color */
function drawLaneName(view, node, box, room, color) {
  const { context, theme, trace } = view;
  const top = box.y + box.h - LANE;
  const symbol = gradientName(trace, node);
  const size = legible(view, 13);
  if (isScalar(trace, node) && runsWidth(context, theme, symbol, size) <= room) {
    return writeRuns(context, theme, symbol, box.x + PAD, top + 18.5, size, color);
  }
  const small = legible(view, 11);
  const words = isScalar(trace, node) ? [laneWord(trace), "∂"] : [`${laneWord(trace)} norm`, "norm"];
  const text = words.find((each) => widthOf(context, (s) => ui(theme, s), small, each) <= room) ?? "";
  write(context, text, box.x + PAD, top + 18, ui(theme, small), color);
}

/** @param {Trace} trace */
const laneWord = (trace) => (trace.mode === "forward" ? "tangent" : "gradient");

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

/** The glyph of a role, or the symbol of an operation. @param {Pick<View, "context" | "theme" | "trace">} view @param {number} node @param {number} x @param {number} y @param {number} side */
function drawMark({ context, theme, trace }, node, x, y, side) {
  const role = roleOf(theme, trace, node);
  if (role) return glyph(context, role === theme.output ? "output" : KIND_NAMES[trace.nodes.kind[node]], x, y, side / TILE, role.mark);
  const { symbol } = opOf(trace, node);
  const size = symbolSize(context, theme, symbol, TILE - 4) * (side / TILE);
  write(context, symbol, x, y + size * 0.34, ui(theme, size), theme.text, "center");
}

const KIND_NAMES = /** @type {const} */ (["output", "input", "parameter", "constant", "constant"]);

/** @param {CanvasRenderingContext2D} context @param {Theme} theme @param {string} symbol @param {number} room */
function symbolSize(context, theme, symbol, room) {
  const font = (/** @type {number} */ size) => ui(theme, size);
  const sizes = symbol.length === 1 ? [19] : [15, 13, 11, 9, 8];
  return sizes.find((size) => widthOf(context, font, size, symbol) <= room) ?? sizes[sizes.length - 1];
}

/** The name, and under it the operation, or that the first number that is not finite came up here. @param {View} view @param {number} node @param {number} x @param {number} top @param {number} room @param {Look} look */
function drawName(view, node, x, top, room, look) {
  const { context, theme, trace } = view;
  const color = look.state === "unreached" ? theme.text3 : theme.text;
  const small = subtitle(trace, node);
  const isOrigin = trace.firstNonfinite === node && look.known;
  const baseline = top + (small ? 22 : 29);
  writeName(view, node, x, baseline, room, color);
  const font = ui(theme, legible(view, 11), isOrigin ? 600 : 400);
  if (isOrigin) write(context, `first ${valueText(trace, node)}`, x, top + 37, font, theme.error.text);
  else if (small) write(context, small, x, top + 37, font, theme.text3);
}

/** As maths where there is room for it, else in plain letters, shortened. @param {View} view @param {number} node @param {number} x @param {number} baseline @param {number} room @param {string} color */
function writeName(view, node, x, baseline, room, color) {
  const { context, theme, trace } = view;
  const size = nameSize(view, node, room);
  if (size) writeRuns(context, theme, nameOf(trace, node), x, baseline, size, color);
  else drawPlainName(view, node, x, baseline, room, color);
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
  const words = nameOf(trace, node).map((run) => run.text).join("");
  const font = (/** @type {number} */ size) => ui(theme, size, 600);
  const size = legible(view, 13);
  write(context, shortened(context, font, size, words, room), x, baseline - 1, font(size), color);
}

/** The value at the right of the head. @param {View} view @param {number} node @param {Box} box @param {Look} look @param {number} room @returns {number} the width it takes */
function drawValue(view, node, box, look, room) {
  const { context, theme, layers, scrub } = view;
  if (!layers.values) return 0;
  const right = box.x + box.w - PAD;
  if (!look.known) return drawNotYet(view, right, box.y + 28);
  const edited = scrub && scrub.node === node ? scrub.value : undefined;
  const [text, size] = fitValue(view, node, room, edited);
  const drop = land(context, look.landing);
  figure(context, theme, text, right, box.y + 30 - drop, size, 600, valueColor(view, node, look));
  landed(context, look.landing);
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

/** @param {View} view @param {number} node @param {Look} look */
function valueColor({ theme, trace, scrub }, node, look) {
  if (isBroken(trace, node)) return theme.error.text;
  if (scrub && scrub.node === node && scrub.waiting) return theme.text2;
  return look.state === "unreached" ? theme.text3 : theme.forward.text;
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
  context.globalAlpha *= look.landing;
  drawThumb(context, theme, trace.thumbs, thumb, left, box.y + 7, THUMB);
  landed(context, look.landing);
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

/** Begins a number that is still landing; returns how far above its place it is. @param {CanvasRenderingContext2D} context @param {number} landing */
function land(context, landing) {
  if (landing < 1) context.globalAlpha *= landing;
  return 6 * (1 - landing);
}

/** @param {CanvasRenderingContext2D} context @param {number} landing */
function landed(context, landing) {
  if (landing < 1) context.globalAlpha /= Math.max(landing, 1e-6);
}

/** Symbol, name and value in sizes of the screen; the gradient where there is room for it, else a dot. @param {View} view @param {number} node @param {Look} look */
function drawMid(view, node, look) {
  const { context, theme, trace, k } = view;
  const unit = 1 / k;
  const box = boxOf(trace, node);
  const broken = look.known && isBroken(trace, node);
  context.fillStyle = broken ? theme.error.tint : theme.card;
  outline(context, box, 0, 8 * unit);
  context.fill();
  const lane = box.h * k >= MID_LANE_ABOVE ? 0.45 * box.h : 0;
  const head = { ...box, h: box.h - lane };
  if (lane) drawMidLane(view, box, look, lane);
  const role = roleOf(theme, trace, node);
  if (role) drawMidSpine(context, head, role.mark, unit);
  drawOutline({ ...view, theme: { ...theme, line: theme.strong } }, box, look.state, broken, 8 * unit, unit);
  drawMidText(view, node, head, look, unit);
  if (!lane && look.gradient !== undefined && view.layers.gradients) drawDot(view, box, unit);
}

/** @param {View} view @param {Box} box @param {Look} look @param {number} height */
function drawMidLane({ context, theme, k, layers }, { x, y, w, h }, look, height) {
  if (look.gradient === undefined || !layers.gradients) return;
  const unit = 1 / k;
  const role = Number.isFinite(look.gradient) ? theme.gradient : theme.error;
  context.fillStyle = role.tint;
  context.beginPath();
  context.roundRect(x, y + h - height, w, height, [0, 0, 8 * unit, 8 * unit]);
  context.fill();
  const drop = land(context, look.landing);
  const baseline = y + h - height / 2 + 4 * unit - drop;
  const size = Math.min(11.5, Math.max(10, 0.75 * height * k)) * unit;
  figure(context, theme, number(look.gradient, 4), x + w - 7 * unit, baseline, size, 600, role.text);
  landed(context, look.landing);
}

/** @param {CanvasRenderingContext2D} context @param {Box} box @param {string} color @param {number} unit */
function drawMidSpine(context, { x, y, h }, color, unit) {
  context.fillStyle = color;
  context.beginPath();
  context.roundRect(x, y + h / 2 - Math.min(9 * unit, h / 3), 3 * unit, Math.min(18 * unit, (2 * h) / 3), unit);
  context.fill();
}

/** @param {View} view @param {Box} box @param {number} unit */
function drawDot({ context, theme }, { x, y, w }, unit) {
  context.beginPath();
  context.arc(x + w, y, 4 * unit, 0, 2 * Math.PI);
  context.fillStyle = theme.gradient.mark;
  context.fill();
  context.lineWidth = 1.5 * unit;
  context.strokeStyle = theme.surface;
  context.stroke();
}

/** The value first; then the name, where it fits; then the symbol. @param {View} view @param {number} node @param {Box} box @param {Look} look @param {number} unit */
function drawMidText(view, node, box, look, unit) {
  const { context, theme, trace } = view;
  const size = Math.max(10.5, Math.min(14, box.w * view.k * 0.14)) * unit;
  const baseline = box.y + box.h / 2 + size * 0.36;
  const name = nameOf(trace, node);
  const nameWidth = runsWidth(context, theme, name, size * 1.15);
  let room = box.w - 14 * unit;
  const [value, valueWidth] = midValue(view, node, look, size, room, nameWidth + 5 * unit);
  if (value) {
    const drop = land(context, look.landing);
    const right = box.x + box.w - 7 * unit;
    figure(context, theme, value, right, baseline - drop, size, 600, valueColor(view, node, look));
    landed(context, look.landing);
    room -= valueWidth + 5 * unit;
  }
  const symbol = 23 * unit;
  const shown = nameWidth <= room;
  const both = nameWidth + symbol <= room;
  if (both || (!shown && symbol <= room)) drawMark(view, node, box.x + 15 * unit, box.y + box.h / 2, 22 * unit);
  const color = look.state === "unreached" ? theme.text3 : theme.text;
  if (shown) writeRuns(context, theme, name, box.x + 7 * unit + (both ? symbol : 0), baseline, size * 1.15, color);
}

/** The value in as many digits as leave room for the name, or alone where nothing does. @param {View} view @param {number} node @param {Look} look @param {number} size @param {number} room @param {number} name @returns {[string, number]} */
function midValue(view, node, look, size, room, name) {
  if (!view.layers.values || !look.known) return ["", 0];
  const texts = MID_DIGITS.map((digits) => midText(view, node, digits));
  /** @type {[string, number][]} */
  const sized = texts.map((text) => [text, figureWidth(view.context, view.theme, text, size, 600)]);
  return sized.find(([, width]) => width + name <= room) ?? sized.find(([, width]) => width <= room) ?? ["", 0];
}

/** @param {View} view @param {number} node @param {number} digits */
function midText({ trace, scrub }, node, digits) {
  if (!isScalar(trace, node)) return trace.nodes.shape[node];
  return scrub?.node === node ? number(scrub.value, digits) : valueText(trace, node, digits);
}

/** A box in the colour of what has reached it. @param {View} view @param {number} node @param {Look} look */
function drawFar(view, node, look) {
  const { context, theme, trace, k } = view;
  const role = farRole(theme, trace, node, look.known, look.state);
  context.fillStyle = role ? role.strong : theme.card;
  context.strokeStyle = role ? role.mark : theme.strong;
  context.lineWidth = (isActive(look.state) ? 2 : 1) / k;
  context.beginPath();
  addFar(context, boxOf(trace, node), k);
  context.fill();
  context.stroke();
  drawFarMark(view, node);
}

/** Boxes alike share one path. @param {View} view @param {number[]} nodes */
export function drawFarCards(view, nodes) {
  const { context, theme, trace, k, position, lit } = view;
  /** @type {Map<string, {role: Role | null, faint: boolean, nodes: number[]}>} */
  const groups = new Map();
  for (const node of nodes) {
    const known = hasValue(trace, node, position);
    const role = farRole(theme, trace, node, known, restingState(cardState(trace, node, position)));
    const faint = lit !== null && !lit[node];
    const key = `${role?.mark}${faint}`;
    const group = groups.get(key);
    if (group) group.nodes.push(node);
    else groups.set(key, { role, faint, nodes: [node] });
  }
  context.lineWidth = 1 / k;
  for (const { role, faint, nodes: alike } of groups.values()) {
    context.globalAlpha = faint ? FAINT : 1;
    context.fillStyle = role ? role.strong : theme.card;
    context.strokeStyle = role ? role.mark : theme.strong;
    context.beginPath();
    for (const node of alike) addFar(context, boxOf(trace, node), k);
    context.fill();
    context.stroke();
  }
  context.globalAlpha = 1;
  for (const node of nodes) drawFarMark(view, node);
}

/** The glyph or symbol, where the box has room for it. @param {View} view @param {number} node */
function drawFarMark(view, node) {
  const { x, y, w, h } = boxOf(view.trace, node);
  const isWord = !roleOf(view.theme, view.trace, node) && opOf(view.trace, node).symbol.length > 1;
  if (isWord || Math.min(w, 1.6 * h) * view.k < 22) return;
  if (view.lit && !view.lit[node]) view.context.globalAlpha = FAINT;
  drawMark(view, node, x + w / 2, y + h / 2, 16 / view.k);
  view.context.globalAlpha = 1;
}

/** @param {CanvasRenderingContext2D} context @param {Box} box @param {number} k */
function addFar(context, { x, y, w, h }, k) {
  if (w * k < 14) context.rect(x, y, w, h);
  else context.roundRect(x, y, w, h, Math.min(4 / k, h / 4));
}

/** The state a card is in when nothing is at work. @param {CardState} state @returns {CardState} */
export function restingState(state) {
  if (state === "forward") return "idle";
  return state === "backward" ? "done" : state;
}

/** @param {Theme} theme @param {Trace} trace @param {number} node @param {boolean} known @param {CardState} state @returns {Role | null} */
function farRole(theme, trace, node, known, state) {
  if (known && isBroken(trace, node)) return theme.error;
  if (state === "unreached") return null;
  if (state === "done" || state === "backward") return theme.gradient;
  return roleOf(theme, trace, node) ?? theme.forward;
}

/** Where the value of a near or mid card is, to be hit by the pointer. @param {Trace} trace @param {number} node @param {Level} level @returns {Box} */
export function valueBox(trace, node, level) {
  const { x, y, w, h } = boxOf(trace, node);
  if (level === "mid") return { x: x + w / 2, y, w: w / 2, h };
  return { x: x + w - VALUE_REACH, y: y + 4, w: VALUE_REACH, h: h - LANE - 6 };
}
