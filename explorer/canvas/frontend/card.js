// @ts-check
/** What the cards of all levels of detail have in common. */

/**
 * @typedef {import("./types.js").Trace} Trace
 * @typedef {import("./theme.js").Theme} Theme
 * @typedef {import("./theme.js").Role} Role
 * @typedef {import("./look.js").CardState} CardState
 * @typedef {import("./look.js").Level} Level
 * @typedef {{x: number, y: number, w: number, h: number}} Box
 * @typedef {"input" | "parameter" | "constant" | "output"} RoleName
 *
 * @typedef {object} View  Everything that drawing needs to know.
 * @property {CanvasRenderingContext2D} context  Scaled to the world.
 * @property {Trace} trace
 * @property {import("./scene.js").Scene} scene
 * @property {Theme} theme
 * @property {number} position
 * @property {import("./types.js").State["layers"]} layers
 * @property {Level} level
 * @property {import("./types.js").Sheet | null} sheet  What cards are coloured by.
 * @property {number} k  CSS pixels per unit of the world.
 * @property {Uint8Array | null} lit  With a lineage shown: 1 for its nodes; the others recede.
 * @property {Uint8Array | null} found  While something is looked for: see find.js.
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

import { glyph } from "./glyphs.js";
import { isGroup } from "./groups.js";
import { isBroken } from "./labels.js";
import { cardState } from "./look.js";
import { opOf } from "./symbols.js";
import { ui, widthOf, write } from "./text.js";
import { gradientAt, hasValue } from "./timeline.js";
import { NODE } from "./wire.js";

export const RADIUS = 10;
export const LANE = 28;
export const TILE = 28;
/** Between a card's border and its figures. */
export const PAD = 12;
export const FAINT = 0.3;
const SMALLEST_TEXT = 10;
const DASH = [4, 3];

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

/** The line under the name of what was looked for. @param {View} view @param {number} node @param {number} x @param {number} baseline @param {number} width */
export function underline({ context, theme, found, k }, node, x, baseline, width) {
  if (!found || !(found[node] & 1)) return;
  const unit = Math.max(1, 1 / k);
  context.fillStyle = theme.forward.mark;
  context.fillRect(x, baseline + 3 * unit, width, 2 * unit);
}

/** The state a card is in when nothing is at work. @param {CardState} state @returns {CardState} */
export function restingState(state) {
  if (state === "forward") return "idle";
  return state === "backward" || state === "update" ? "done" : state;
}

/** The role whose spine and glyph the node wears; operations wear none. @param {Theme} theme @param {Trace} trace @param {number} node @returns {Role | null} */
export function roleOf(theme, trace, node) {
  const kind = roleName(trace, node);
  return kind ? theme[kind] : null;
}

/** What its role is called among the colours and glyphs. @param {Trace} trace @param {number} node @returns {RoleName | ""} */
function roleName({ nodes, twin }, node) {
  return (twin?.roles[node] || ROLE_NAMES[nodes.kind[node]]) ?? (nodes.flags[node] & NODE.output ? "output" : "");
}

/** A size that stays readable: never under 10 CSS pixels. @param {View} view @param {number} size */
export const legible = (view, size) => Math.max(size, SMALLEST_TEXT / view.k);

/** @param {CanvasRenderingContext2D} context @param {Box} box @param {number} offset @param {number} radius */
export function outline(context, { x, y, w, h }, offset, radius) {
  context.beginPath();
  context.roundRect(x - offset, y - offset, w + 2 * offset, h + 2 * offset, radius);
}

/** @param {View} view @param {Box} box @param {CardState} state @param {boolean} broken @param {number} radius @param {number} unit */
export function drawOutline({ context, theme }, box, state, broken, radius, unit) {
  context.lineWidth = (isActive(state) || broken ? 2 : 1) * unit;
  context.strokeStyle = theme.line;
  if (state === "unreached") context.strokeStyle = theme.strong;
  if (state === "forward") context.strokeStyle = theme.forward.mark;
  if (state === "backward") context.strokeStyle = theme.gradient.mark;
  if (state === "update") context.strokeStyle = theme.parameter.mark;
  if (broken) context.strokeStyle = theme.error.mark;
  context.setLineDash(state === "unreached" ? DASH.map((length) => length * unit) : []);
  outline(context, box, 0, radius);
  context.stroke();
  context.setLineDash([]);
}

/** @param {CardState} state */
export const isActive = (state) => state === "forward" || state === "backward" || state === "update";

/** The glyph of a role, or the symbol of an operation. @param {Pick<View, "context" | "theme" | "trace">} view @param {number} node @param {number} x @param {number} y @param {number} side */
export function drawMark({ context, theme, trace }, node, x, y, side) {
  const role = roleName(trace, node);
  if (isGroup(trace, node)) return glyph(context, "closed", x, y, side / TILE, theme.text2);
  if (role) return glyph(context, role, x, y, side / TILE, theme[role].mark);
  const symbol = trace.twin?.marks[node] || opOf(trace, node).symbol;
  const size = symbolSize(context, theme, symbol, TILE - 4) * (side / TILE);
  write(context, symbol, x, y + size * 0.34, ui(theme, size), theme.text, "center");
}

/** By kind. @type {(RoleName | undefined)[]} */
const ROLE_NAMES = [undefined, "input", "parameter", "constant", "constant"];

/** @param {CanvasRenderingContext2D} context @param {Theme} theme @param {string} symbol @param {number} room */
function symbolSize(context, theme, symbol, room) {
  const font = (/** @type {number} */ size) => ui(theme, size);
  const sizes = symbol.length === 1 ? [19] : [15, 13, 11, 9, 8];
  return sizes.find((size) => widthOf(context, font, size, symbol) <= room) ?? sizes[sizes.length - 1];
}

/** @param {View} view @param {number} node @param {Look} look */
export function valueColor({ theme, trace, scrub }, node, look) {
  if (isBroken(trace, node)) return theme.error.text;
  if (scrub && scrub.node === node && scrub.waiting) return theme.text2;
  return look.state === "unreached" ? theme.text3 : theme.forward.text;
}

/**
 * Draws a number that is still landing: from a little above its place, and faint.
 * @param {CanvasRenderingContext2D} context @param {number} landing  0 to 1. @param {(drop: number) => void} draw
 */
export function drawLanding(context, landing, draw) {
  const alpha = context.globalAlpha;
  context.globalAlpha = alpha * landing;
  draw(6 * (1 - landing));
  context.globalAlpha = alpha;
}
