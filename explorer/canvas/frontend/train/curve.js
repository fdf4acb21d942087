// @ts-check
/** The loss by step: what was, where it is, and where the run went before; drag it to go back. */

/**
 * @typedef {import("../theme.js").Theme} Theme
 * @typedef {import("./types.js").Train} Train
 * @typedef {{left: number, top: number, right: number, bottom: number}} Frame
 * @typedef {{x: (step: number) => number, y: (loss: number) => number, at: (y: number) => number, frame: Frame, most: number, isLog: boolean}} Scale
 */

import { number } from "../format.js";
import { ui, write } from "../text.js";

const LEFT = 52;
const FEW = 40;
const LEAST_STEPS = 10;

/** @param {Train} train @param {boolean} wantsLog @param {number} width @param {number} height @returns {Scale} */
export function scaleOf(train, wantsLog, width, height) {
  const frame = { left: LEFT, top: 12, right: width - 14, bottom: height - 20 };
  const all = [train.lossValues, train.laterValues, train.ghostValues].flatMap((values) => [...values]).filter(Number.isFinite);
  const isLog = wantsLog && all.length > 0 && all.every((loss) => loss > 0);
  const sizes = isLog ? all.map(Math.log10) : all;
  const [low, high] = padded(Math.min(...sizes), Math.max(...sizes));
  const most = niceCount(Math.max(LEAST_STEPS, train.reached, train.ghostValues.length - 1, train.until ?? 0));
  return {
    frame,
    most,
    isLog,
    x: (step) => frame.left + (step / most) * (frame.right - frame.left),
    at: (y) => 10 ** (low + ((frame.bottom - y) / (frame.bottom - frame.top)) * (high - low)),
    y: (loss) => frame.bottom - (((isLog ? Math.log10(loss) : loss) - low) / (high - low)) * (frame.bottom - frame.top),
  };
}

/** @param {number} low @param {number} high @returns {[number, number]} */
function padded(low, high) {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  const room = (high - low) * 0.08 || Math.abs(high) * 0.1 || 1;
  return [low - room, high + room];
}

/** The axis grows in jumps, so that the curve does not shrink with every step. @param {number} count */
function niceCount(count) {
  const power = 10 ** Math.floor(Math.log10(count));
  return [1, 1.5, 2, 3, 4, 5, 7.5, 10].map((digit) => digit * power).find((nice) => nice >= count) ?? count;
}

/** The step under a place. @param {Scale} scale @param {number} x @param {number} reached */
export function stepAt({ frame, most }, x, reached) {
  const step = Math.round(((x - frame.left) / (frame.right - frame.left)) * most);
  return Math.max(0, Math.min(reached, step));
}

/** @param {CanvasRenderingContext2D} context @param {Theme} theme @param {Train} train @param {Scale} scale */
export function drawCurve(context, theme, train, scale) {
  drawAxes(context, theme, scale);
  context.lineJoin = "round";
  trace(context, scale, train.ghostSteps, train.ghostValues, theme.strong, 1.25, [2, 3]);
  trace(context, scale, train.laterSteps, train.laterValues, theme.text2, 1.25, [2, 3]);
  trace(context, scale, train.lossSteps, train.lossValues, theme.output.mark, 2, []);
  if (train.lossValues.length <= FEW) drawDots(context, theme, train, scale);
  nameGhost(context, theme, train, scale);
  drawNow(context, theme, train, scale);
}

/** @param {CanvasRenderingContext2D} context @param {Theme} theme @param {Scale} scale */
function drawAxes(context, theme, scale) {
  const { frame, most, isLog } = scale;
  const font = ui(theme, 11);
  context.lineWidth = 1;
  for (const loss of lossTicks(scale)) {
    const y = Math.round(scale.y(loss)) + 0.5;
    context.fillStyle = theme.line;
    context.fillRect(frame.left, y - 0.5, frame.right - frame.left, 1);
    write(context, number(loss, 3), frame.left - 8, y + 4, font, theme.text2, "right");
  }
  if (isLog) write(context, "log", frame.left - 8, frame.bottom + 14, ui(theme, 10), theme.text3, "right");
  const parts = (frame.right - frame.left) / 90;
  const gap = Math.max(1, niceGap(most / parts));
  for (let step = 0; step <= most; step += gap) write(context, number(step), scale.x(step), frame.bottom + 15, font, theme.text2, "center");
}

/** @param {number} size */
function niceGap(size) {
  const power = 10 ** Math.floor(Math.log10(size));
  return [1, 2, 5, 10].map((digit) => digit * power).find((nice) => nice >= size) ?? size;
}

/** @param {Scale} scale @returns {number[]} */
function lossTicks(scale) {
  const { y, frame, isLog } = scale;
  const room = (/** @type {number} */ loss) => y(loss) >= frame.top - 1 && y(loss) <= frame.bottom + 1;
  if (isLog) {
    const decades = Array.from({ length: 41 }, (_, place) => 10 ** (place - 20)).filter(room);
    if (decades.length >= 2) return decades.filter((_, place) => place % Math.ceil(decades.length / 4) === 0);
    const finer = Array.from({ length: 41 }, (_, place) => [1, 2, 5].map((digit) => digit * 10 ** (place - 20))).flat().filter(room);
    return finer.length >= 2 ? finer : [0.1, 0.5, 0.9].map((share) => scale.at(frame.bottom - share * (frame.bottom - frame.top)));
  }
  const low = inverse(y, frame.bottom);
  const high = inverse(y, frame.top);
  const gap = niceGap((high - low) / 4);
  const first = Math.ceil(low / gap) * gap;
  return Array.from({ length: 6 }, (_, place) => first + place * gap).filter(room);
}

/** The loss at a height, of a scale that is even. @param {(loss: number) => number} y @param {number} at */
function inverse(y, at) {
  const [zero, one] = [y(0), y(1)];
  return (at - zero) / (one - zero);
}

/** A line through what is finite. @param {CanvasRenderingContext2D} context @param {Scale} scale @param {Float64Array} steps @param {Float64Array} losses @param {string} color @param {number} width @param {number[]} dash */
function trace(context, scale, steps, losses, color, width, dash) {
  context.beginPath();
  let open = false;
  for (let i = 0; i < steps.length; i++) {
    const y = scale.y(losses[i]);
    if (!Number.isFinite(y)) open = false;
    else if (open) context.lineTo(scale.x(steps[i]), y);
    else context.moveTo(scale.x(steps[i]), y);
    if (Number.isFinite(y)) open = true;
  }
  context.setLineDash(dash);
  context.strokeStyle = color;
  context.lineWidth = width;
  context.stroke();
  context.setLineDash([]);
}

/** @param {CanvasRenderingContext2D} context @param {Theme} theme @param {Train} train @param {Scale} scale */
function drawDots(context, theme, train, scale) {
  context.fillStyle = theme.output.mark;
  train.lossValues.forEach((loss, i) => disc(context, scale.x(train.lossSteps[i]), scale.y(loss), 2.2));
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} radius */
function disc(context, x, y, radius) {
  if (!Number.isFinite(y)) return;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

/** @param {CanvasRenderingContext2D} context @param {Theme} theme @param {Train} train @param {Scale} scale */
function nameGhost(context, theme, train, scale) {
  const [steps, losses] = train.laterSteps.length > 1 ? [train.laterSteps, train.laterValues] : [train.ghostSteps, train.ghostValues];
  const at = Math.floor(steps.length * 0.75);
  if (steps.length < 3 || !Number.isFinite(scale.y(losses[at]))) return;
  const x = Math.min(scale.x(steps[at]), scale.frame.right - 70);
  if (Math.abs(scale.x(train.step) - x) < 130) return;
  write(context, "where the last run went", x, Math.max(scale.frame.top + 8, scale.y(losses[at]) - 8), ui(theme, 11), theme.text2, "center");
}

/** The moment that is shown. @param {CanvasRenderingContext2D} context @param {Theme} theme @param {Train} train @param {Scale} scale */
function drawNow(context, theme, train, scale) {
  const { frame } = scale;
  const loss = Number(train.loss);
  const [x, y] = [scale.x(train.step), scale.y(loss)];
  const role = train.stopped ? theme.error : theme.output;
  context.fillStyle = train.stopped ? role.mark : theme.ink;
  context.fillRect(Math.round(x) - 0.5, frame.top - 8, 1, frame.bottom - frame.top + 8);
  const height = Number.isFinite(y) ? y : frame.top;
  context.fillStyle = theme.card;
  disc(context, x, height, 5.5);
  context.strokeStyle = role.mark;
  context.lineWidth = 2.5;
  context.stroke();
  const left = x > frame.right - 110;
  const text = `L = ${Number.isFinite(loss) ? number(loss, 4) : String(train.loss)}`;
  write(context, text, left ? x - 10 : x + 10, Math.max(frame.top + 4, height - 9), ui(theme, 12.5, 600), train.stopped ? role.text : theme.text, left ? "right" : "left");
}
