// @ts-check
/** What lies under the pointer. */

/**
 * @typedef {import("./types.js").Camera} Camera
 * @typedef {import("./scene.js").Scene} Scene
 * @typedef {import("./look.js").Level} Level
 * @typedef {{node: number, edge: number, group: number, value: boolean, toggle: boolean}} Hit  -1 where there is
 *   none; `group`: an open one, by its title; `value`: on a number that can be edited; `toggle`: on a group's triangle.
 */

import { valueBox } from "./cards.js";
import { onFrameTriangle, titleAt } from "./frames.js";
import { onTriangle } from "./groupcard.js";
import { grown, overlap } from "./scene.js";
import { distance, flatten } from "./route.js";
import { NODE } from "./wire.js";

const EDGE_REACH = 7;
const SMALLEST_TARGET = 24;

/** @type {Hit} */
export const NOTHING = { node: -1, edge: -1, group: -1, value: false, toggle: false };

/** @param {Scene} scene @param {Camera} camera @param {Level} level @param {number} x  CSS pixels. @param {number} y @returns {Hit} */
export function pick(scene, camera, level, x, y) {
  const wx = (x - camera.x) / camera.k;
  const wy = (y - camera.y) / camera.k;
  const node = nodeAt(scene, camera.k, wx, wy);
  if (node >= 0) {
    const toggle = level === "near" && onTriangle(scene.trace, node, camera.k, wx, wy);
    return { ...NOTHING, node, toggle, value: onValue(scene, node, level, wx, wy) };
  }
  const group = titleAt(scene.trace, camera.k, wx, wy);
  if (group >= 0) return { ...NOTHING, group, toggle: onFrameTriangle(scene.trace, group, camera.k, wx) };
  return { ...NOTHING, edge: edgeAt(scene, camera.k, wx, wy) };
}

/** The topmost card there; small cards are hit from a little outside too. @param {Scene} scene @param {number} k @param {number} x @param {number} y */
function nodeAt(scene, k, x, y) {
  const point = { left: x, right: x, top: y, bottom: y };
  const near = scene.nodesIn(grown(point, SMALLEST_TARGET / 2 / k));
  const exact = near.filter((node) => overlap(point, scene.nodeRect(node)));
  if (exact.length) return exact[exact.length - 1];
  return near.find((node) => overlap(point, enlarged(scene, node, k))) ?? -1;
}

/** @param {Scene} scene @param {number} node @param {number} k */
function enlarged(scene, node, k) {
  const rect = scene.nodeRect(node);
  const least = Math.min(rect.right - rect.left, rect.bottom - rect.top) * k;
  return grown(rect, Math.max(0, (SMALLEST_TARGET - least) / 2 / k));
}

/** @param {Scene} scene @param {number} k @param {number} x @param {number} y */
function edgeAt(scene, k, x, y) {
  let nearest = EDGE_REACH / k;
  let found = -1;
  for (const edge of scene.edgesIn(grown({ left: x, right: x, top: y, bottom: y }, nearest))) {
    const away = distance(flatten(scene.trace.edges, edge), x, y);
    if (away <= nearest) [nearest, found] = [away, edge];
  }
  return found;
}

/** @param {Scene} scene @param {number} node @param {Level} level @param {number} x @param {number} y */
function onValue({ trace }, node, level, x, y) {
  if (level === "far" || !(trace.nodes.flags[node] & NODE.editable)) return false;
  const box = valueBox(trace, node, level);
  return x >= box.x && x <= box.x + box.w && y >= box.y && y <= box.y + box.h;
}
