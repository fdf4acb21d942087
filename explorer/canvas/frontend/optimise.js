// @ts-check
/** Over the cards while a graph is optimised: the level of each, and what a pass makes or made of it. */

/**
 * @typedef {import("./tools.js").Kit} Kit
 * @typedef {import("./tools.js").Tool} Tool
 * @typedef {import("./card.js").View} View
 * @typedef {import("./theme.js").Theme} Theme
 */

import { visible } from "./camera.js";
import { RADIUS, boxOf, legible, outline } from "./card.js";
import { ui, widthOf, write } from "./text.js";

/** What becomes of a node; see `explorer/ui/optimise/section.py`. */
const MARK = { merged: 1, folded: 2, gone: 3, kept: 4 };
const TAG = { size: 11, pad: 6, height: 18 };
const VEIL = 0.55;

/** @param {Kit} kit @returns {Tool} */
export function createOptimise({ store, size }) {
  return {
    activity: "optimise",
    above(view) {
      const { optimise } = view.trace;
      if (!optimise) return;
      for (const node of view.scene.nodesIn(visible(store.get().camera, size()))) {
        if (optimise.mark[node]) drawMark(view, node, optimise.mark[node], optimise.tags[node] ?? "");
        if (optimise.showLevels) drawLevel(view, node, optimise.level[node], optimise.levels);
      }
    },
  };
}

/** Its number at the upper left corner; later levels are darker. @param {View} view @param {number} node @param {number} level @param {number} levels */
function drawLevel(view, node, level, levels) {
  const { context, theme } = view;
  const { x, y, w, h } = boxOf(view.trace, node);
  const share = levels > 1 ? level / (levels - 1) : 0;
  const dark = share >= 0.5;
  context.fillStyle = dark ? theme.constant.mark : theme.constant.strong;
  if (view.level === "far") {
    context.globalAlpha = 0.25 + 0.6 * share;
    outline(context, { x, y, w, h }, 0, RADIUS);
    context.fill();
    context.globalAlpha = 1;
    return;
  }
  const [left, top] = view.level === "near" ? [x + 8, y] : [x - 5 / view.k, y - 4 / view.k];
  drawTag(view, String(level), left, top, context.fillStyle, dark ? theme.constant.on : theme.text);
}

/** A veil over what goes, an outline around what changes, and a word on both. @param {View} view @param {number} node @param {number} mark @param {string} says */
function drawMark(view, node, mark, says) {
  const { context, theme, k } = view;
  const box = boxOf(view.trace, node);
  outline(context, box, 0, RADIUS);
  if (mark === MARK.gone) {
    context.globalAlpha = VEIL;
    context.fillStyle = theme.surface;
    context.fill();
    context.globalAlpha = 1;
  }
  context.strokeStyle = theme.ink;
  context.lineWidth = Math.max(1.75, 1 / k);
  context.setLineDash(mark === MARK.gone ? [2, 4] : mark === MARK.folded ? [6, 3] : []);
  context.stroke();
  context.setLineDash([]);
  if (says && view.level !== "far") drawTag(view, says, box.x + box.w - 8, box.y, theme.ink, theme.surface, true);
}

/** A pill that sits on the upper border. @param {View} view @param {string} text @param {number} x @param {number} y @param {string} ground @param {string} color @param {boolean} [fromRight] */
function drawTag(view, text, x, y, ground, color, fromRight = false) {
  const { context, theme } = view;
  const size = legible(view, TAG.size);
  const scale = size / TAG.size;
  const font = (/** @type {number} */ s) => ui(theme, s, 600);
  const width = Math.max(TAG.height * scale, widthOf(context, font, size, text) + 2 * TAG.pad * scale);
  const left = fromRight ? x - width : x;
  const height = TAG.height * scale;
  context.fillStyle = ground;
  context.strokeStyle = theme.surface;
  context.lineWidth = 1.5 * scale;
  context.beginPath();
  context.roundRect(left, y - height / 2, width, height, height / 2);
  context.fill();
  context.stroke();
  write(context, text, left + width / 2, y + size * 0.36, font(size), color, "center");
}
