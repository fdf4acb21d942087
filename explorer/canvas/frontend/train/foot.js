// @ts-check
/** The lowest part of a parameter's card: what the update makes of it. Lengths are those of the drawing at zoom 1. */

/**
 * @typedef {import("../card.js").View} View
 * @typedef {import("../card.js").Box} Box
 * @typedef {import("../types.js").Trace} Trace
 * @typedef {import("./types.js").Lane} Lane
 */

import { PAD, RADIUS, legible } from "../card.js";
import { number, signed } from "../format.js";
import { figure, shortened, ui, write } from "../text.js";
import { isUpdated, laneOf } from "./updates.js";

const LANE = 26;

/** How much higher the node's card is than others. @param {Trace} trace @param {number} node */
export function footOf({ train }, node) {
  return train?.ready && train.feet.includes(node) ? train.foot : 0;
}

/** @param {View} view @param {number} node @param {Box} box  The card without it. @param {Box} whole */
export function drawFoot(view, node, box, whole) {
  const { context, theme, trace } = view;
  const top = box.y + box.h;
  const lane = laneOf(trace, node);
  const there = updateAt(view, node);
  context.fillStyle = there ? theme.parameter.tint : theme.card;
  context.beginPath();
  context.roundRect(whole.x, top, whole.w, whole.h - box.h, [0, 0, RADIUS, RADIUS]);
  context.fill();
  context.fillStyle = theme.line;
  context.fillRect(whole.x + (there ? 0 : 10), top, whole.w - (there ? 0 : 20), 1);
  if (there) drawUpdate(view, there, whole, top);
  else drawWaiting(view, whole, top, lane ? "not yet" : "no step follows");
}

/** What the update has made of the node, once it has been there. @param {View} view @param {number} node */
export function updateAt({ trace, position }, node) {
  const lane = laneOf(trace, node);
  return lane && isUpdated(trace, node, position) ? lane : undefined;
}

/** The same on a card from further off: the new value, in sizes of the screen. @param {View} view @param {number} node @param {Box} box @param {number} height */
export function drawMidFoot(view, node, { x, y, w, h }, height) {
  const { context, theme, k } = view;
  const lane = updateAt(view, node);
  const [unit, top] = [1 / k, y + h - height];
  if (!lane) {
    context.fillStyle = theme.line;
    return context.fillRect(x + 7 * unit, top, w - 14 * unit, unit);
  }
  const role = typeof lane.new === "number" ? theme.parameter : theme.error;
  context.fillStyle = role.tint;
  context.beginPath();
  context.roundRect(x, top, w, height, [0, 0, 8 * unit, 8 * unit]);
  context.fill();
  const size = Math.min(11.5, Math.max(10, 0.75 * height * k)) * unit;
  figure(context, theme, number(Number(lane.new), 4), x + w - 7 * unit, top + height / 2 + 4 * unit, size, 600, role.text);
}

/** @param {View} view @param {Box} whole @param {number} top @param {string} words */
function drawWaiting(view, whole, top, words) {
  const { context, theme } = view;
  const font = ui(theme, legible(view, 11));
  write(context, "update", whole.x + PAD, top + 17, font, theme.text3);
  write(context, words, whole.x + whole.w - PAD, top + 17, font, theme.text3, "right");
}

/** The change, the new value, and below what the optimiser remembers. @param {View} view @param {Lane} lane @param {Box} whole @param {number} top */
function drawUpdate(view, lane, whole, top) {
  const { context, theme } = view;
  const role = typeof lane.new === "number" ? theme.parameter : theme.error;
  const right = whole.x + whole.w - PAD;
  write(context, signed(Number(lane.change), 3), whole.x + PAD, top + 17.5, ui(theme, legible(view, 12)), role.text);
  figure(context, theme, number(Number(lane.new)), right, top + 18, 14, 600, role.text);
  if (whole.y + whole.h - top <= LANE) return;
  const size = legible(view, 11);
  const font = (/** @type {number} */ s) => ui(theme, s);
  const text = shortened(context, font, size, remembered(view.trace, lane), whole.w - 2 * PAD);
  write(context, text, whole.x + PAD, top + LANE + 10, font(size), theme.text2);
}

/** What else went into the update. @param {Trace} trace @param {Lane} lane */
export function remembered({ train }, lane) {
  const words = [];
  if (train?.forgets && lane.summed !== null && lane.summed !== lane.gradient) words.push(`.grad ${number(Number(lane.summed), 3)}`);
  if (lane.used !== null && lane.used !== lane.summed) words.push(`clipped ${number(Number(lane.used), 3)}`);
  for (const [letter, value] of Object.entries(lane.state)) words.push(`${letter} ${number(Number(value), 3)}`);
  return words.join("   ");
}
