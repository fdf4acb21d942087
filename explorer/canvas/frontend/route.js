// @ts-check
/** Walking along the route of an edge. */

/**
 * @typedef {import("./types.js").Edges} Edges
 * @typedef {{x: number, y: number}} Point
 */

const PIECES = 12;

/** Adds the edge's curve to the current path. @param {CanvasRenderingContext2D} context @param {Edges} edges @param {number} edge */
export function trace(context, { points, starts }, edge) {
  let p = 2 * starts[edge];
  const end = 2 * starts[edge + 1];
  context.moveTo(points[p], points[p + 1]);
  for (p += 2; p + 5 < end; p += 6) {
    context.bezierCurveTo(
      points[p], points[p + 1], points[p + 2], points[p + 3], points[p + 4], points[p + 5],
    );
  }
}

/** The edge as a polyline: x, y, x, y, ... @param {Edges} edges @param {number} edge @returns {number[]} */
export function flatten({ points, starts }, edge) {
  let p = 2 * starts[edge];
  const end = 2 * starts[edge + 1];
  const line = [points[p], points[p + 1]];
  for (; p + 7 < end; p += 6) {
    for (let i = 1; i <= PIECES; i++) line.push(...bezier(points, p, i / PIECES));
  }
  return line;
}

/** @param {Float32Array} c  Coordinates; the curve's begin at `p`. @param {number} p @param {number} t */
function bezier(c, p, t) {
  const s = 1 - t;
  const [a, b, d, e] = [s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t];
  return [
    a * c[p] + b * c[p + 2] + d * c[p + 4] + e * c[p + 6],
    a * c[p + 1] + b * c[p + 3] + d * c[p + 5] + e * c[p + 7],
  ];
}

/** @param {number[]} line */
export function lengthOf(line) {
  let length = 0;
  for (let i = 2; i < line.length; i += 2) length += Math.hypot(line[i] - line[i - 2], line[i + 1] - line[i - 1]);
  return length;
}

/** The point at a share (0 to 1) of the length. @param {number[]} line @param {number} share @returns {Point} */
export function along(line, share) {
  let left = share * lengthOf(line);
  for (let i = 0; i + 3 < line.length; i += 2) {
    const [dx, dy] = [line[i + 2] - line[i], line[i + 3] - line[i + 1]];
    const length = Math.hypot(dx, dy);
    if (left <= length && length) return { x: line[i] + (dx * left) / length, y: line[i + 1] + (dy * left) / length };
    left -= length;
  }
  return { x: line[line.length - 2], y: line[line.length - 1] };
}

/** The distance from a point to the polyline. @param {number[]} line @param {number} x @param {number} y */
export function distance(line, x, y) {
  let nearest = Infinity;
  for (let i = 2; i < line.length; i += 2) {
    const [ax, ay] = [line[i - 2], line[i - 1]];
    const [dx, dy] = [line[i] - ax, line[i + 1] - ay];
    const share = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
    nearest = Math.min(nearest, Math.hypot(x - ax - share * dx, y - ay - share * dy));
  }
  return nearest;
}

/**
 * An end of the route and the direction, of length 1, in which the route leaves the drawing there.
 * @param {Edges} edges @param {number} edge @param {"source" | "target"} which
 * @returns {{x: number, y: number, dx: number, dy: number}}
 */
export function tip({ points, starts }, edge, which) {
  const first = 2 * starts[edge];
  const last = 2 * (starts[edge + 1] - 1);
  const [end, step] = which === "target" ? [last, -2] : [first, 2];
  const stop = which === "target" ? first : last;
  const [x, y] = [points[end], points[end + 1]];
  let from = end;
  // Control points may coincide with the end; the first that differs gives the direction.
  while (from !== stop && points[from] === x && points[from + 1] === y) from += step;
  const length = Math.hypot(x - points[from], y - points[from + 1]) || 1;
  return { x, y, dx: (x - points[from]) / length, dy: (y - points[from + 1]) / length };
}
