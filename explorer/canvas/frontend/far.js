// @ts-check
/** A card from afar: a box in the colour of what has reached it. */

/**
 * @typedef {import("./card.js").View} View
 * @typedef {import("./card.js").Look} Look
 * @typedef {import("./card.js").Box} Box
 * @typedef {import("./types.js").Trace} Trace
 * @typedef {import("./theme.js").Theme} Theme
 * @typedef {import("./theme.js").Role} Role
 * @typedef {import("./look.js").CardState} CardState
 */

import { FAINT, boxOf, drawMark, isActive, restingState, roleOf } from "./card.js";
import { isBroken } from "./labels.js";
import { cardState } from "./look.js";
import { opOf } from "./symbols.js";
import { hasValue } from "./timeline.js";

/** A box in the colour of what has reached it. @param {View} view @param {number} node @param {Look} look */
export function drawFar(view, node, look) {
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

/** @param {Theme} theme @param {Trace} trace @param {number} node @param {boolean} known @param {CardState} state @returns {Role | null} */
function farRole(theme, trace, node, known, state) {
  if (known && isBroken(trace, node)) return theme.error;
  if (state === "unreached") return null;
  if (state === "done" || state === "backward") return theme.gradient;
  return roleOf(theme, trace, node) ?? theme.forward;
}
