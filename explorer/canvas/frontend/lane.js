// @ts-check
/** The lower part of a near card: its gradient, once it is there. Lengths are those of the drawing at zoom 1. */

/**
 * @typedef {import("./card.js").View} View
 * @typedef {import("./card.js").Look} Look
 * @typedef {import("./card.js").Box} Box
 * @typedef {import("./types.js").Trace} Trace
 */

import { LANE, PAD, RADIUS, drawLanding, legible } from "./card.js";
import { number } from "./format.js";
import { gradientName } from "./labels.js";
import { isScalar } from "./symbols.js";
import { figure, figureWidth, runsWidth, ui, widthOf, write, writeRuns } from "./text.js";
import { getsGradient } from "./timeline.js";

/** @param {View} view @param {number} node @param {Box} box @param {Look} look */
export function drawLane(view, node, box, look) {
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
  drawLanding(context, look.landing, (drop) => {
    figure(context, theme, text, box.x + box.w - PAD, top + 19 - drop, size, 600, role.text);
  });
  const room = box.w - 2 * PAD - figureWidth(context, theme, text, size, 600) - 8;
  drawLaneName(view, node, box, room, role.text);
}

/** Which gradient the lane is for; plainer words where the symbol does not fit. @param {View} view @param {number} node @param {Box} box @param {number} room @param {string} color */
function drawLaneName(view, node, box, room, color) {
  const { context, theme, trace } = view;
  const top = box.y + box.h - LANE;
  const symbol = gradientName(trace, node);
  const size = legible(view, 13);
  if (isScalar(trace, node) && !trace.twin && runsWidth(context, theme, symbol, size) <= room) {
    return writeRuns(context, theme, symbol, box.x + PAD, top + 18.5, size, color);
  }
  const small = legible(view, 11);
  const words = isScalar(trace, node) ? [laneWord(trace), "∂"] : [`${laneWord(trace)} norm`, "norm"];
  const text = words.find((each) => widthOf(context, (s) => ui(theme, s), small, each) <= room) ?? "";
  write(context, text, box.x + PAD, top + 18, ui(theme, small), color);
}

/** @param {Trace} trace */
const laneWord = (trace) => (trace.mode === "forward" ? "tangent" : "gradient");
