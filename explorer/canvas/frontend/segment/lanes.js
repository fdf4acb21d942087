// @ts-check
/** The lane of a near card while cutting: the work of its operation and the bytes of its value. */

/**
 * @typedef {import("../card.js").View} View
 * @typedef {import("./model.js").Model} Model
 */

import { LANE, PAD, boxOf, legible } from "../card.js";
import { figure, ui, write } from "../text.js";
import { size, work } from "./units.js";

/** @param {View} view @param {Model} model @param {import("../scene.js").Rect} rect */
export function drawLanes(view, { section }, rect) {
  if (view.level !== "near" || view.trace !== view.scene.trace || view.sheet) return;
  const { context, theme } = view;
  for (const node of view.scene.nodesIn(rect)) {
    const box = boxOf(view.trace, node);
    if (box.h < 2 * LANE) continue;
    const [baseline, letters] = [box.y + box.h - LANE + 18, legible(view, 11)];
    const flops = section.item[node] >= 0 ? section.flops[section.item[node]] : 0;
    if (flops) write(context, work(flops), box.x + PAD, baseline, ui(theme, letters), theme.text3);
    figure(context, theme, size(section.bytes[node]), box.x + box.w - PAD, baseline, letters, 600, theme.text2);
  }
}
