// @ts-check
/** A free stroke across edges: which of them it has crossed so far. */

/**
 * @typedef {import("../route.js").Point} Point
 * @typedef {{points: Point[], edges: Set<number>}} Stroke
 */

import { flatten } from "../route.js";

/** World units that the hand must move before another point is taken, at zoom 1. */
const STEP = 3;

/** @param {Point} from @returns {Stroke} */
export const begun = (from) => ({ points: [from], edges: new Set() });

/** The stroke drawn on to a point. @param {import("../scene.js").Scene} scene @param {Stroke} stroke @param {Point} to @param {number} k */
export function drawnOn(scene, stroke, to, k) {
  const from = stroke.points[stroke.points.length - 1];
  if (Math.hypot(to.x - from.x, to.y - from.y) * k < STEP) return stroke;
  const box = { left: Math.min(from.x, to.x), right: Math.max(from.x, to.x), top: Math.min(from.y, to.y), bottom: Math.max(from.y, to.y) };
  for (const edge of scene.edgesIn(box)) if (meets(flatten(scene.trace.edges, edge), from, to)) stroke.edges.add(edge);
  stroke.points.push(to);
  return stroke;
}

/** Whether a polyline crosses the way between two points. @param {number[]} line @param {Point} a @param {Point} b */
function meets(line, a, b) {
  for (let p = 2; p < line.length; p += 2) {
    const [cx, cy, dx, dy] = [line[p - 2], line[p - 1], line[p], line[p + 1]];
    if (side(a, b, cx, cy) !== side(a, b, dx, dy) && side({ x: cx, y: cy }, { x: dx, y: dy }, a.x, a.y) !== side({ x: cx, y: cy }, { x: dx, y: dy }, b.x, b.y)) return true;
  }
  return false;
}

/** @param {Point} a @param {Point} b @param {number} x @param {number} y */
const side = (a, b, x, y) => (b.x - a.x) * (y - a.y) - (b.y - a.y) * (x - a.x) > 0;
