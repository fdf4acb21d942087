// @ts-check
/** The frames of open groups, behind everything: a border, a title, and rings where values cross it. */

/**
 * @typedef {import("./card.js").View} View
 * @typedef {import("./scene.js").Rect} Rect
 * @typedef {import("./types.js").Frame} Frame
 * @typedef {import("./types.js").Group} Group
 * @typedef {import("./types.js").Trace} Trace
 */

import { outline } from "./card.js";
import { glyph } from "./glyphs.js";
import { kindOf, short } from "./groups.js";
import { overlap } from "./scene.js";
import { shortened, ui, widthOf, write } from "./text.js";

const RADIUS = 12;
/** The height of the row that holds the title. */
export const TITLE = 30;
const RING = 4;
/** Titles are so large at zoom 1, and on screen never smaller than the second, which needs a row of the third. */
const [SIZE, SMALLEST, ROW] = [13, 10.5, 13];

/** @param {Frame} frame @returns {Rect} */
export const rectOf = ({ x, y, w, h }) => ({ left: x, top: y, right: x + w, bottom: y + h });

/** Of the frames of a trace those that meet a part of the world, outer ones first. @param {Trace} trace @param {Rect} rect @returns {[number, Frame][]} */
function framesIn({ groups }, rect) {
  return groups.flatMap(({ frames }, group) =>
    frames.filter((frame) => overlap(rectOf(frame), rect)).map((frame) => /** @type {[number, Frame]} */ ([group, frame])));
}

/** @param {View} view @param {Rect} rect */
export function drawFrames(view, rect) {
  for (const [group, frame] of framesIn(view.trace, rect)) drawFrame(view, view.trace.groups[group], frame);
}

/** @param {View} view @param {Group} group @param {Frame} frame */
function drawFrame(view, group, frame) {
  const { context, theme, k } = view;
  context.fillStyle = group.depth % 2 ? theme.sunken : theme.surface;
  outline(context, frame, 0, RADIUS);
  context.fill();
  context.strokeStyle = theme.line;
  context.lineWidth = Math.max(1, 1 / k);
  context.stroke();
  if (TITLE * k >= ROW) drawTitle(view, group, frame);
}

/** @param {View} view @param {Group} group @param {Frame} frame */
function drawTitle({ context, theme, k }, group, frame) {
  const size = Math.max(SIZE, SMALLEST / k);
  const unit = size / SIZE;
  const [x, middle] = [frame.title[0], frame.y + TITLE / 2];
  const end = frame.x + frame.w - 10;
  glyph(context, "open", x + 9 * unit, middle, 0.8 * unit, theme.text2);
  let left = x + 20 * unit;
  const parts = /** @type {[string, number, string][]} */ ([
    [group.title, 600, theme.text],
    [kindOf(group), 400, theme.text3],
    [group.parameters ? `${short(group.parameters)} params` : "", 400, theme.text3],
  ]);
  for (const [text, weight, color] of parts) {
    const font = (/** @type {number} */ s) => ui(theme, s, weight);
    const own = weight > 400 ? size : size * 0.92;
    if (!text || end - left < 3 * size) continue;
    const shown = shortened(context, font, own, text, end - left);
    write(context, shown, left, middle + size * 0.36, font(own), color);
    left += widthOf(context, font, own, shown) + 8 * unit;
  }
}

/** Rings where edges cross the frames, over the edges. @param {View} view @param {Rect} rect */
export function drawPorts(view, rect) {
  const { context, theme, k, level } = view;
  if (level === "far") return;
  context.beginPath();
  for (const [, { ports }] of framesIn(view.trace, rect)) {
    for (const [x, y] of ports) {
      context.moveTo(x + RING, y);
      context.arc(x, y, RING, 0, 2 * Math.PI);
    }
  }
  context.fillStyle = theme.surface;
  context.fill();
  context.strokeStyle = theme.edge;
  context.lineWidth = Math.max(1.3, 1 / k);
  context.stroke();
}

/** A ring around the frames of an open group. @param {View} view @param {number} group @param {string} color @param {number} width @param {number} offset */
export function drawFrameRing({ context, trace, k }, group, color, width, offset) {
  context.strokeStyle = color;
  context.lineWidth = width / Math.min(k, 1);
  for (const frame of trace.groups[group].frames) {
    outline(context, frame, offset, RADIUS + offset);
    context.stroke();
  }
}

/** The open group whose title row is under a point of the world, or -1; inner ones first. @param {Trace} trace @param {number} k @param {number} x @param {number} y */
export function titleAt({ groups }, k, x, y) {
  const height = Math.max(TITLE, Math.min(2 * TITLE, ROW / k));
  for (let group = groups.length - 1; group >= 0; group--) {
    if (groups[group].frames.some((f) => x >= f.x && x <= f.x + f.w && y >= f.y && y <= f.y + height)) return group;
  }
  return -1;
}

/** Whether a point in a title row is on its triangle. @param {Trace} trace @param {number} group @param {number} k @param {number} x */
export function onFrameTriangle({ groups }, group, k, x) {
  const reach = 20 * Math.max(1, SMALLEST / SIZE / k);
  return groups[group].frames.some((frame) => Math.abs(x - frame.title[0] - reach / 2) <= reach / 2 + 3);
}
