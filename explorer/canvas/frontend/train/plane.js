// @ts-check
/** The plane beside the curve: the boundary between classes, a fitted line, or the loss over two parameters. */

/**
 * @typedef {import("../theme.js").Theme} Theme
 * @typedef {import("./types.js").Train} Train
 * @typedef {import("./types.js").Picture} Picture
 * @typedef {{left: number, top: number, right: number, bottom: number}} Frame
 * @typedef {{x: (value: number) => number, y: (value: number) => number, toX: (at: number) => number, toY: (at: number) => number, frame: Frame}} Axes
 */

import { number } from "../format.js";
import { ui, write } from "../text.js";

const FINER = 3;
const BANDS = 12;
const REACH = 9;

/** @param {Picture} picture @param {number} width @param {number} height @returns {Axes} */
export function axesOf({ x, y }, width, height) {
  const frame = { left: 34, top: 4, right: width - 4, bottom: height - 20 };
  const [wide, high] = [frame.right - frame.left, frame.bottom - frame.top];
  return {
    frame,
    x: (value) => frame.left + ((value - x[0]) / (x[1] - x[0])) * wide,
    y: (value) => frame.bottom - ((value - y[0]) / (y[1] - y[0])) * high,
    toX: (at) => x[0] + ((at - frame.left) / wide) * (x[1] - x[0]),
    toY: (at) => y[0] + ((frame.bottom - at) / high) * (y[1] - y[0]),
  };
}

/** The number of the point that lies under a place, or -1. @param {Train} train @param {Axes} axes @param {number} x @param {number} y */
export function pointAt({ pointX, pointY }, axes, x, y) {
  let [nearest, best] = [-1, REACH];
  for (let i = 0; i < pointX.length; i++) {
    const distance = Math.hypot(axes.x(pointX[i]) - x, axes.y(pointY[i]) - y);
    if (distance < best) [nearest, best] = [i, distance];
  }
  return nearest;
}

/** @param {CanvasRenderingContext2D} context @param {Theme} theme @param {Train} train @param {Picture} picture @param {Axes} axes @param {HTMLCanvasElement} sheet  To make pictures on. */
export function drawPlane(context, theme, train, picture, axes, sheet) {
  const { left, top, right, bottom } = axes.frame;
  context.save();
  context.beginPath();
  context.roundRect(left, top, right - left, bottom - top, 4);
  context.clip();
  context.fillStyle = theme.sunken;
  context.fillRect(left, top, right - left, bottom - top);
  if (picture.kind === "fit") drawFit(context, theme, train, picture, axes);
  else {
    paint(sheet, theme, train.plane, picture);
    context.imageSmoothingEnabled = true;
    context.drawImage(sheet, left, top, right - left, bottom - top);
  }
  if (picture.kind === "surface") drawPath(context, theme, train, axes);
  else drawPoints(context, theme, train, picture, axes);
  context.restore();
  drawTicks(context, theme, picture, axes);
}

/** The cells as pixels, finer than they came; bands where it is a loss. @param {HTMLCanvasElement} sheet @param {Theme} theme @param {Float32Array} plane @param {Picture} picture */
function paint(sheet, theme, plane, { kind, rows, columns }) {
  const [width, height] = [(columns - 1) * FINER + 1, (rows - 1) * FINER + 1];
  if (sheet.width !== width || sheet.height !== height) Object.assign(sheet, { width, height });
  const context = /** @type {CanvasRenderingContext2D} */ (sheet.getContext("2d"));
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const isLoss = kind === "surface";
  const colors = (isLoss ? bandsOf(theme) : theme.diverging.map(rgb)).map(([r, g, b]) => ((isLoss ? 255 : 190) << 24) | (b << 16) | (g << 8) | r);
  const [scale, shift] = isLoss ? [-colors.length, colors.length] : [colors.length / 2, colors.length / 2];
  for (let row = 0; row < height; row++) {
    const r = Math.min(rows - 2, Math.floor(row / FINER));
    const down = row / FINER - r;
    let at = (height - 1 - row) * width;
    for (let column = 0; column < width; column++, at++) {
      const c = Math.min(columns - 2, Math.floor(column / FINER));
      const along = column / FINER - c;
      const i = r * columns + c;
      const upper = plane[i] + along * (plane[i + 1] - plane[i]);
      const lower = plane[i + columns] + along * (plane[i + columns + 1] - plane[i + columns]);
      const value = upper + down * (lower - upper);
      if (value === value) pixels[at] = colors[Math.max(0, Math.min(colors.length - 1, Math.floor(value * scale + shift)))];
    }
  }
  context.putImageData(image, 0, 0);
}

/** From the highest loss to the lowest. @param {Theme} theme */
function bandsOf(theme) {
  const [from, to] = [rgb(theme.surface), rgb(theme.output.mark)];
  const most = theme.name === "dark" ? 0.75 : 0.6;
  return Array.from({ length: BANDS }, (_, band) => from.map((part, i) => part + (to[i] - part) * most * (0.08 + (0.92 * band) / (BANDS - 1))));
}

/** @param {string} hex */
function rgb(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

/** @param {CanvasRenderingContext2D} context @param {Theme} theme @param {Train} train @param {Picture} picture @param {Axes} axes */
function drawFit(context, theme, train, picture, axes) {
  context.beginPath();
  train.plane.forEach((y, i) => {
    const x = picture.x[0] + ((picture.x[1] - picture.x[0]) * i) / (picture.columns - 1);
    context.lineTo(axes.x(x), axes.y(y));
  });
  context.strokeStyle = theme.forward.mark;
  context.lineWidth = 2;
  context.stroke();
}

/** Round ones and dark diamonds: classes do not rest on hue. @param {CanvasRenderingContext2D} context @param {Theme} theme @param {Train} train @param {Picture} picture @param {Axes} axes */
function drawPoints(context, theme, train, { classes }, axes) {
  const radius = train.pointX.length > 150 ? 2.4 : 3.4;
  context.lineWidth = 1.4;
  for (let i = 0; i < train.pointX.length; i++) {
    const [x, y, kind] = [axes.x(train.pointX[i]), axes.y(train.pointY[i]), classes ? train.pointT[i] : 0];
    context.beginPath();
    if (kind % 3 === 1) diamond(context, x, y, radius * 1.25);
    else if (kind % 3 === 2) context.rect(x - radius, y - radius, 2 * radius, 2 * radius);
    else context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fillStyle = kind % 3 === 1 ? theme.ink : theme.card;
    context.strokeStyle = kind % 3 === 1 ? theme.card : theme.ink;
    context.fill();
    context.stroke();
  }
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} r */
function diamond(context, x, y, r) {
  context.moveTo(x, y - r);
  context.lineTo(x + r, y);
  context.lineTo(x, y + r);
  context.lineTo(x - r, y);
  context.closePath();
}

/** @param {CanvasRenderingContext2D} context @param {Theme} theme @param {Train} train @param {Axes} axes */
function drawPath(context, theme, { pathX, pathY }, axes) {
  context.beginPath();
  pathX.forEach((x, i) => context.lineTo(axes.x(x), axes.y(pathY[i])));
  context.strokeStyle = theme.ink;
  context.lineWidth = 1.4;
  context.lineJoin = "round";
  context.stroke();
  context.fillStyle = theme.ink;
  if (pathX.length < 80) pathX.forEach((x, i) => dot(context, axes.x(x), axes.y(pathY[i]), 1.8));
  const last = pathX.length - 1;
  if (last < 0) return;
  context.fillStyle = theme.card;
  dot(context, axes.x(pathX[last]), axes.y(pathY[last]), 4.5);
  context.strokeStyle = theme.parameter.mark;
  context.lineWidth = 2.5;
  context.stroke();
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} radius */
function dot(context, x, y, radius) {
  if (!Number.isFinite(x) || !Number.isFinite(y)) return;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

/** @param {CanvasRenderingContext2D} context @param {Theme} theme @param {Picture} picture @param {Axes} axes */
function drawTicks(context, theme, { x, y, names }, { frame }) {
  const font = ui(theme, 10.5);
  write(context, number(x[0], 2), frame.left, frame.bottom + 14, font, theme.text2);
  write(context, number(x[1], 2), frame.right, frame.bottom + 14, font, theme.text2, "right");
  write(context, names[0], (frame.left + frame.right) / 2, frame.bottom + 14, ui(theme, 10.5, 600), theme.text, "center");
  write(context, number(y[1], 2), frame.left - 5, frame.top + 9, font, theme.text2, "right");
  write(context, number(y[0], 2), frame.left - 5, frame.bottom, font, theme.text2, "right");
  write(context, names[1].length > 5 ? `${names[1].slice(0, 4)}…` : names[1], frame.left - 5, (frame.top + frame.bottom) / 2 + 4, ui(theme, 10.5, 600), theme.text, "right");
}
