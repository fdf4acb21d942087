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
 * @typedef {import("./types.js").SheetEntry} Entry
 */

import { FAINT, boxOf, drawMark, isActive, restingState, roleOf } from "./card.js";
import { isBroken } from "./labels.js";
import { cardState } from "./look.js";
import { opOf } from "./symbols.js";
import { ui, write } from "./text.js";
import { hasValue } from "./timeline.js";
import { colorsOf, entryAt, tinted } from "./tint.js";

/** A box in the colour of what has reached it. @param {View} view @param {number} node @param {Look} look */
export function drawFar(view, node, look) {
  const { context, theme, trace, k } = view;
  const role = farRole(theme, trace, node, look.known, look.state);
  const entry = entryAt(view, node);
  const isQuiet = entry && !isActive(look.state);
  context.fillStyle = entry ? colorsOf(theme, entry)[0] : role ? role.strong : theme.card;
  context.strokeStyle = role && !isQuiet ? role.mark : theme.strong;
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
  /** @type {Map<string, {role: Role | null, entry: Entry | null, faint: boolean, nodes: number[]}>} */
  const groups = new Map();
  for (const node of nodes) {
    const known = hasValue(trace, node, position);
    const role = farRole(theme, trace, node, known, restingState(cardState(trace, node, position)));
    const faint = lit !== null && !lit[node];
    const entry = entryAt(view, node);
    const key = `${entry ? entry.label : role?.mark}${faint}`;
    const group = groups.get(key);
    if (group) group.nodes.push(node);
    else groups.set(key, { role, entry, faint, nodes: [node] });
  }
  context.lineWidth = 1 / k;
  for (const { role, entry, faint, nodes: alike } of groups.values()) {
    context.globalAlpha = faint ? FAINT : 1;
    context.fillStyle = entry ? colorsOf(theme, entry)[0] : role ? role.strong : theme.card;
    context.strokeStyle = role && !entry ? role.mark : theme.strong;
    context.beginPath();
    for (const node of alike) addFar(context, boxOf(trace, node), k);
    context.fill();
    context.stroke();
  }
  context.globalAlpha = 1;
  for (const node of nodes) drawFarMark(view, node);
}

/** The glyph or symbol, where the box has room for it; of a category its letter. @param {View} plain @param {number} node */
function drawFarMark(plain, node) {
  const entry = entryAt(plain, node);
  const view = entry ? tinted(plain, entry) : plain;
  const { x, y, w, h } = boxOf(view.trace, node);
  if (entry?.mark) return drawFarLetter(view, entry.mark, { x, y, w, h });
  const isWord = !roleOf(view.theme, view.trace, node) && opOf(view.trace, node).symbol.length > 1;
  if (isWord || Math.min(w, 1.6 * h) * view.k < 22) return;
  if (view.lit && !view.lit[node]) view.context.globalAlpha = FAINT;
  drawMark(view, node, x + w / 2, y + h / 2, 16 / view.k);
  view.context.globalAlpha = 1;
}

/** @param {View} view @param {string} mark @param {Box} box */
function drawFarLetter({ context, theme, k }, mark, { x, y, w, h }) {
  if (Math.min(w, 1.6 * h) * k < 16) return;
  write(context, mark, x + w / 2, y + h / 2 + 3.7 / k, ui(theme, 10.5 / k, 700), theme.text, "center");
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
  if (state === "done" || state === "backward" || state === "update") return theme.gradient;
  return roleOf(theme, trace, node) ?? theme.forward;
}
