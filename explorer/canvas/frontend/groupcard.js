// @ts-check
/** The card of a closed group: what it is and holds, its result, and under it the edges of what is inside. */

/**
 * @typedef {import("./card.js").View} View
 * @typedef {import("./card.js").Look} Look
 * @typedef {import("./card.js").Box} Box
 * @typedef {import("./types.js").Group} Group
 * @typedef {import("./types.js").Trace} Trace
 */

import { LANE, PAD, RADIUS, boxOf, drawLanding, drawOutline, legible, outline, roleOf, underline, valueColor } from "./card.js";
import { glyph } from "./glyphs.js";
import { contents, groupAt, kindOf, short } from "./groups.js";
import { isBroken, nameOf, valueText } from "./labels.js";
import { drawLane } from "./lane.js";
import { drawHatch, drawSpine } from "./near.js";
import { isScalar } from "./symbols.js";
import { figure, figureWidth, runsWidth, shortened, ui, widthOf, write, writeRuns } from "./text.js";
import { drawThumb } from "./thumbs.js";
import { progressOf } from "./progress.js";

/** How much of the card's height shows the edges of those under it. */
const STACK = 6;
const TITLE_AT = 27;
const THUMB = 20;
/** The triangle at the left of the title is pressed from so far around it. */
const REACH = 13;

/** The card without the edges under it. @param {Box} box @returns {Box} */
const top = (box) => ({ ...box, h: box.h - STACK });

/** @param {View} view @param {number} node @param {Look} look @param {Group} group */
export function drawNearGroup(view, node, look, group) {
  const { context, theme, trace } = view;
  const whole = boxOf(trace, node);
  const box = top(whole);
  const broken = look.known && isBroken(trace, node);
  drawStack(view, whole, look, RADIUS);
  context.fillStyle = theme.card;
  outline(context, box, 0, RADIUS);
  context.fill();
  if (broken) drawHatch(view, box);
  drawLane(view, node, box, look);
  drawOutline(view, box, look.state, broken, RADIUS, 1);
  if (roleOf(theme, trace, node)) drawSpine(view, node, box);
  drawTitle(view, node, box, look, group);
  drawContents(view, box, group);
  drawProgress(view, box, group);
  drawResult(view, node, box, look);
}

/** The lower edges of two cards under this one. @param {View} view @param {Box} box @param {Look} look @param {number} radius */
function drawStack(view, box, look, radius) {
  for (const [inset, lift] of [[8, 0], [4, STACK / 2]]) {
    const under = { x: box.x + inset, y: box.y + box.h - lift - 3 * radius, w: box.w - 2 * inset, h: 3 * radius };
    view.context.fillStyle = view.theme.card;
    outline(view.context, under, 0, radius);
    view.context.fill();
    drawOutline({ ...view, theme: { ...view.theme, line: view.theme.strong } }, under, look.state === "unreached" ? "unreached" : "idle", false, radius, 1);
  }
}

/** @param {View} view @param {number} node @param {Box} box @param {Look} look @param {Group} group */
function drawTitle(view, node, box, look, group) {
  const { context, theme } = view;
  const color = look.state === "unreached" ? theme.text3 : theme.text;
  glyph(context, "closed", box.x + 16, box.y + 17, 0.8, theme.text2);
  const [bold, plain] = [(/** @type {number} */ s) => ui(theme, s, 600), (/** @type {number} */ s) => ui(theme, s)];
  const size = legible(view, 13);
  const room = box.w - TITLE_AT - PAD;
  const title = shortened(context, bold, size, group.title, room);
  write(context, title, box.x + TITLE_AT, box.y + 22, bold(size), color);
  underline(view, node, box.x + TITLE_AT, box.y + 22, widthOf(context, bold, size, title));
  const left = room - widthOf(context, bold, size, title) - 8;
  const small = legible(view, 11);
  if (left > 24) write(context, shortened(context, plain, small, kindOf(group), left), box.x + box.w - PAD, box.y + 21.5, plain(small), theme.text3, "right");
}

/** @param {View} view @param {Box} box @param {Group} group */
function drawContents(view, box, group) {
  const { context, theme } = view;
  const font = (/** @type {number} */ s) => ui(theme, s);
  const size = legible(view, 11);
  write(context, shortened(context, font, size, contents(group), box.w - 2 * PAD), box.x + PAD, box.y + 39, font(size), theme.text2);
  if (group.flops && !view.trace.twin) write(context, `${short(group.flops)} FLOPs`, box.x + PAD, box.y + 55, font(size), theme.text2);
}

/** How much of the group the pass that is shown has done: a bar over the lane, and in numbers. @param {View} view @param {Box} box @param {Group} group */
function drawProgress({ context, theme, trace, position, k }, box, group) {
  const { done, total, back } = progressOf(trace, group.key, position);
  if (!position || !total) return;
  const [left, room, y] = [box.x + PAD, box.w - 2 * PAD, box.y + box.h - LANE - 3];
  const role = back ? theme.gradient : theme.forward;
  context.fillStyle = theme.line;
  context.fillRect(left, y, room, 2);
  context.fillStyle = role.mark;
  context.fillRect(left, y, (room * done) / total, 2);
  const size = Math.max(11, 10 / k);
  if (total > 1) write(context, `${done} / ${total}`, box.x + box.w - PAD, box.y + 55, ui(theme, size), done ? role.text : theme.text3, "right");
}

/** The result: a number, or a tensor's shape and picture. @param {View} view @param {number} node @param {Box} box @param {Look} look */
function drawResult(view, node, box, look) {
  const { context, theme, trace, layers } = view;
  const small = legible(view, 11);
  const [right, baseline] = [box.x + box.w - PAD, box.y + 73];
  if (!isScalar(trace, node)) {
    const text = trace.nodes.shape[node] + (look.known ? "" : " not yet");
    const broken = look.known && isBroken(trace, node);
    write(context, broken ? `${trace.failed === node ? "failed inside" : "not finite"} ${text}` : text, box.x + PAD, baseline, ui(theme, small, broken ? 600 : 400), broken ? theme.error.text : theme.text3);
    const thumb = look.known && layers.values ? trace.nodes.thumb[node] : -1;
    return drawLanding(context, look.landing, () => drawThumb(context, theme, trace.thumbs, thumb, right - THUMB, box.y + 58, THUMB));
  }
  if (!layers.values) return;
  if (!look.known) return write(context, "not yet", right, baseline, ui(theme, small), theme.text3, "right");
  const text = valueText(trace, node, 6);
  drawLanding(context, look.landing, (drop) => figure(context, theme, text, right, baseline - drop, 16, 600, valueColor(view, node, look)));
  const room = box.w - 2 * PAD - figureWidth(context, theme, text, 16, 600) - 8;
  if (trace.nodes.name[node] && runsWidth(context, theme, nameOf(trace, node), 15) <= room) writeRuns(context, theme, nameOf(trace, node), box.x + PAD, baseline, 15, theme.text);
}

/** From further off: the edges under a card of the usual kind. @param {View} view @param {number} node @param {Look} look @param {(box: Box) => void} drawCard */
export function drawMidGroup(view, node, look, drawCard) {
  const box = boxOf(view.trace, node);
  drawStack(view, box, look, 6 / view.k);
  drawCard(top(box));
}

/** Whether a point of the world is on the triangle that opens a closed group. @param {Trace} trace @param {number} node @param {number} k @param {number} x @param {number} y */
export function onTriangle(trace, node, k, x, y) {
  if (!groupAt(trace, node)) return false;
  const box = boxOf(trace, node);
  const reach = Math.max(REACH, 10 / k);
  return Math.abs(x - box.x - 16) <= reach && Math.abs(y - box.y - 17) <= reach;
}
