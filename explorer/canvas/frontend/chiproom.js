// @ts-check
/** Where the labels of edges go so that they cover no card. Decides, draws nothing. */

/**
 * @typedef {import("./card.js").View} View
 * @typedef {import("./scene.js").Rect} Rect
 * @typedef {{x: number, y: number}} Point
 */

import { boxOf } from "./card.js";
import { along, flatten } from "./route.js";

/** Left free between a label and a card. */
const CLEAR = 8;
/** Shares of an edge's way at which the label of the edge at work is tried too. */
const FURTHER = [0.5, 0.65, 0.35, 0.8, 0.2];

/** The place that the layout left free for an edge's label; for the edge at work others, too. @param {View} view @param {number} edge @param {boolean} active @returns {Point[]} */
export function placesOf({ trace }, edge, active) {
  const { chips } = trace.edges;
  const own = { x: chips[2 * edge], y: chips[2 * edge + 1] };
  if (!active) return [own];
  const way = flatten(trace.edges, edge);
  return [own, ...FURTHER.map((share) => along(way, share))];
}

/** Whether a label with its middle there keeps clear of all cards. @param {View} view @param {Point} middle @param {number} width @param {number} height */
export function isFree({ trace, scene }, { x, y }, width, height) {
  const [across, down] = [width / 2 + CLEAR, height / 2];
  const [left, right, top, bottom] = [x - across, x + across, y - down, y + down];
  return !scene.nodesIn({ left, right, top, bottom }).some((node) => {
    const box = boxOf(trace, node);
    return box.x < right && left < box.x + box.w && box.y < bottom && top < box.y + box.h;
  });
}
