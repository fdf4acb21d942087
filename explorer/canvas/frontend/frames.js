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
import { progressOf } from "./progress.js";
import { overlap } from "./scene.js";
import { shortened, ui, widthOf, write } from "./text.js";

const RADIUS = 12;
/** The height of the row that holds the title. */
export const TITLE = 30;
const RING = 4;
const TRIANGLE = 20;
const GAP = 8;
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
  const frames = framesIn(view.trace, rect);
  for (const [group, frame] of frames) drawFrame(view, view.trace.groups[group], frame);
  if (TITLE * view.k < ROW) for (const [group, frame] of frames) drawSign(view, view.trace.groups[group], frame);
}

/** From afar the title of an outermost frame stands beside it, where nothing else does. @param {View} view @param {Group} group @param {Frame} frame */
function drawSign({ context, theme, trace, scene, k }, group, frame) {
  if (group.depth > 1) return;
  const font = (/** @type {number} */ s) => ui(theme, s, 600);
  const [size, gap] = [SMALLEST / k, 5 / k];
  const width = widthOf(context, font, size, group.title);
  const [left, top] = trace.orientation === "tb" ? [frame.x + frame.w + gap, frame.y] : [frame.x, frame.y - gap - size];
  const place = { left, top, right: left + width, bottom: top + size };
  const isTaken = scene.nodesIn(place).length || trace.groups.some(({ frames }) => frames.some((other) => overlap(rectOf(other), place)));
  if (!isTaken) write(context, group.title, left, top + size * 0.85, font(size), theme.text2);
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
  drawProgress(view, group, frame);
}

/** While a pass is under way inside, a bar on the upper border says how far it has come. @param {View} view @param {Group} group @param {Frame} frame */
function drawProgress({ context, theme, trace, position, k }, group, frame) {
  const { done, total, back } = progressOf(trace, group.key, position);
  if (!done || done === total) return;
  context.fillStyle = (back ? theme.gradient : theme.forward).mark;
  context.fillRect(frame.x + RADIUS, frame.y - 1.5 / k, ((frame.w - 2 * RADIUS) * done) / total, 3 / k);
}

/** @param {View} view @param {Group} group @param {Frame} frame */
function drawTitle({ context, theme, k }, group, frame) {
  const size = Math.max(SIZE, SMALLEST / k);
  const unit = size / SIZE;
  const [x, middle] = [frame.title[0], frame.y + TITLE / 2];
  glyph(context, "open", x + 9 * unit, middle, 0.8 * unit, theme.text2);
  const parts = titleOf(theme, group).map((part) => ({ ...part, width: widthOf(context, part.font, SIZE, part.text) + GAP }));
  const end = Math.min(x + TRIANGLE + parts.reduce((sum, { width }) => sum + width, 0), frame.x + frame.w - GAP);
  let left = x + TRIANGLE * unit;
  parts.forEach(({ text, font, color, width }, place) => {
    // Larger letters take more than the room that the edges leave free: the last parts give way.
    if (place && left + width * unit > end + GAP * unit) return void (left = Infinity);
    const shown = place ? text : shortened(context, font, size, text, Math.max(end - left, 3 * size));
    write(context, shown, left, middle + size * 0.36, font(size), color);
    left += width * unit;
  });
}

/** @param {import("./theme.js").Theme} theme @param {Group} group */
function titleOf(theme, group) {
  const [bold, plain] = [(/** @type {number} */ s) => ui(theme, s, 600), (/** @type {number} */ s) => ui(theme, s * 0.92)];
  const rest = [kindOf(group), group.parameters ? `${short(group.parameters)} params` : ""].filter(Boolean);
  return [{ text: group.title, font: bold, color: theme.text }, ...rest.map((text) => ({ text, font: plain, color: theme.text3 }))];
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
