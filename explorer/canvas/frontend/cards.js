// @ts-check
/** Draws the cards of nodes at the level of detail in force, and what surrounds a card. */

/**
 * @typedef {import("./card.js").View} View
 * @typedef {import("./card.js").Look} Look
 * @typedef {import("./card.js").Box} Box
 * @typedef {import("./types.js").Trace} Trace
 * @typedef {import("./look.js").CardState} CardState
 * @typedef {import("./look.js").Level} Level
 */

import { FAINT, LANE, RADIUS, boxOf, outline } from "./card.js";
import { drawFar } from "./far.js";
import { drawMidGroup, drawNearGroup } from "./groupcard.js";
import { groupAt } from "./groups.js";
import { drawMid } from "./mid.js";
import { drawNear } from "./near.js";
import { drawLetter, drawTag, entryAt, tinted } from "./tint.js";

/** How far from the card's right edge its number is taken hold of. */
const VALUE_REACH = 68;

/** Draws one card, in the colours of the overlay if there is one. @param {View} view @param {number} node @param {Look} look */
export function drawCard(view, node, look) {
  const { context } = view;
  const faint = view.lit && !view.lit[node];
  if (faint) fade(view, node);
  const entry = entryAt(view, node);
  drawPlain(entry ? tinted(view, entry) : view, node, look);
  if (entry && view.level === "near") drawTag(view, node, boxOf(view.trace, node), entry);
  else if (entry && view.level === "mid") drawLetter(view, boxOf(view.trace, node), entry);
  if (faint) context.globalAlpha = 1;
}

/** @param {View} view @param {number} node @param {Look} look */
function drawPlain(view, node, look) {
  const group = groupAt(view.trace, node);
  if (view.level === "far") drawFar(view, node, look);
  else if (view.level === "near") group ? drawNearGroup(view, node, look, group) : drawNear(view, node, look);
  else if (group) drawMidGroup(view, node, look, (box) => drawMid(view, node, look, box));
  else drawMid(view, node, look);
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
  context.strokeStyle = { forward: theme.forward, update: theme.parameter }[String(state)]?.mark ?? theme.gradient.mark;
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

/** Where the value of a near or mid card is, to be hit by the pointer. @param {Trace} trace @param {number} node @param {Level} level @returns {Box} */
export function valueBox(trace, node, level) {
  const { x, y, w, h } = boxOf(trace, node);
  if (level === "mid") return { x: x + w / 2, y, w: w / 2, h };
  return { x: x + w - VALUE_REACH, y: y + 4, w: VALUE_REACH, h: h - LANE - 6 };
}
