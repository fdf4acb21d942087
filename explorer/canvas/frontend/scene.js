// @ts-check
/** The geometry of a trace: what lies where. Built once per trace; draws nothing. */

/**
 * @typedef {import("./types.js").Trace} Trace
 * @typedef {{left: number, top: number, right: number, bottom: number}} Rect
 *
 * @typedef {object} Scene
 * @property {Trace} trace
 * @property {Rect} bounds  Around everything.
 * @property {(rect: Rect) => number[]} nodesIn  Ascending.
 * @property {(rect: Rect) => number[]} edgesIn  Ascending.
 * @property {(node: number) => Rect} nodeRect
 * @property {(edge: number) => Rect} edgeRect
 * @property {(node: number) => number[]} edgesOf  In and out, ascending.
 * @property {(node: number) => [number, number]} inputs  First edge into the node, and the first of the next.
 * @property {number} largest  The largest finite contribution, by size.
 */

const CELL = 512;
const MANY_CELLS = 64;

/** @param {Trace} trace @returns {Scene} */
export function buildScene(trace) {
  const { nodes, edges } = trace;
  const nodeBoxes = boxesOfNodes(trace);
  const edgeBoxes = boxesOfEdges(trace);
  const firstEdge = edgeStarts(trace);
  const [outStarts, outEdges] = outgoing(trace);

  /** @param {number} node */
  function edgesOf(node) {
    const found = [...outEdges.subarray(outStarts[node], outStarts[node + 1])];
    for (let e = firstEdge[node]; e < firstEdge[node + 1]; e++) found.push(e);
    return found.sort((a, b) => a - b);
  }

  return {
    trace,
    bounds: boundsOf(nodeBoxes, edgeBoxes),
    nodesIn: grid(nodeBoxes, nodes.count),
    edgesIn: grid(edgeBoxes, edges.count),
    nodeRect: (node) => rectAt(nodeBoxes, node),
    edgeRect: (edge) => rectAt(edgeBoxes, edge),
    edgesOf,
    inputs: (node) => [firstEdge[node], firstEdge[node + 1]],
    largest: largestContribution(trace),
  };
}

/** @param {Rect} rect @param {number} by @returns {Rect} */
export function grown(rect, by) {
  return { left: rect.left - by, top: rect.top - by, right: rect.right + by, bottom: rect.bottom + by };
}

/** @param {Rect} a @param {Rect} b @returns {Rect} around both */
export function around(a, b) {
  return {
    left: Math.min(a.left, b.left),
    top: Math.min(a.top, b.top),
    right: Math.max(a.right, b.right),
    bottom: Math.max(a.bottom, b.bottom),
  };
}

/** @param {Rect} a @param {Rect} b */
export function overlap(a, b) {
  return a.left <= b.right && b.left <= a.right && a.top <= b.bottom && b.top <= a.bottom;
}

/** @param {Float32Array} boxes @param {number} i @returns {Rect} */
function rectAt(boxes, i) {
  return { left: boxes[4 * i], top: boxes[4 * i + 1], right: boxes[4 * i + 2], bottom: boxes[4 * i + 3] };
}

/** @param {Float32Array[]} groups  Of boxes. @returns {Rect} */
function boundsOf(...groups) {
  const bounds = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const boxes of groups) {
    for (let i = 0; i < boxes.length; i += 4) Object.assign(bounds, around(bounds, rectAt(boxes, i / 4)));
  }
  return bounds;
}

/** @param {Trace} trace */
function boxesOfNodes({ nodes }) {
  const boxes = new Float32Array(4 * nodes.count);
  for (let i = 0; i < nodes.count; i++) {
    boxes.set([nodes.x[i], nodes.y[i], nodes.x[i] + nodes.w[i], nodes.y[i] + nodes.h[i]], 4 * i);
  }
  return boxes;
}

/** A Bézier curve lies within its control points. @param {Trace} trace */
function boxesOfEdges({ edges }) {
  const { points, starts } = edges;
  const boxes = new Float32Array(4 * edges.count);
  for (let e = 0; e < edges.count; e++) {
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let p = starts[e]; p < starts[e + 1]; p++) {
      left = Math.min(left, points[2 * p]);
      right = Math.max(right, points[2 * p]);
      top = Math.min(top, points[2 * p + 1]);
      bottom = Math.max(bottom, points[2 * p + 1]);
    }
    boxes.set([left, top, right, bottom], 4 * e);
  }
  return boxes;
}

/** @param {Trace} trace */
function edgeStarts({ nodes, edges }) {
  const starts = new Uint32Array(nodes.count + 1);
  for (let e = 0; e < edges.count; e++) starts[edges.target[e] + 1]++;
  for (let n = 0; n < nodes.count; n++) starts[n + 1] += starts[n];
  return starts;
}

/** @param {Trace} trace @returns {[Uint32Array, Uint32Array]} */
function outgoing({ nodes, edges }) {
  const starts = new Uint32Array(nodes.count + 1);
  for (let e = 0; e < edges.count; e++) starts[edges.source[e] + 1]++;
  for (let n = 0; n < nodes.count; n++) starts[n + 1] += starts[n];
  const next = starts.slice();
  const list = new Uint32Array(edges.count);
  for (let e = 0; e < edges.count; e++) list[next[edges.source[e]]++] = e;
  return [starts, list];
}

/** @param {Trace} trace */
function largestContribution({ edges }) {
  let largest = 0;
  for (const value of edges.contribution) {
    const size = Math.abs(value);
    if (size > largest && Number.isFinite(size)) largest = size;
  }
  return largest;
}

/**
 * A search over boxes by square cells; the few boxes that cover very many cells are kept aside.
 * @param {Float32Array} boxes @param {number} count @returns {(rect: Rect) => number[]}
 */
function grid(boxes, count) {
  /** @type {Map<number, number[]>} */
  const cells = new Map();
  /** @type {number[]} */
  const large = [];
  for (let i = 0; i < count; i++) {
    const rect = rectAt(boxes, i);
    if (cellCount(rect) > MANY_CELLS) large.push(i);
    else eachCell(rect, (cell) => (cells.get(cell) ?? created(cells, cell)).push(i));
  }
  const seen = new Uint32Array(count);
  let round = 0;
  return (rect) => {
    if (cellCount(rect) > cells.size) return sift(boxes, rect, count);
    round++;
    /** @type {number[]} */
    const found = [];
    /** @param {number} i */
    const take = (i) => {
      if (seen[i] === round) return;
      seen[i] = round;
      if (overlap(rect, rectAt(boxes, i))) found.push(i);
    };
    eachCell(rect, (cell) => cells.get(cell)?.forEach(take));
    large.forEach(take);
    return found.sort((a, b) => a - b);
  };
}

/** @param {Float32Array} boxes @param {Rect} rect @param {number} count */
function sift(boxes, rect, count) {
  /** @type {number[]} */
  const found = [];
  for (let i = 0; i < count; i++) {
    const inside = boxes[4 * i] <= rect.right && boxes[4 * i + 2] >= rect.left
      && boxes[4 * i + 1] <= rect.bottom && boxes[4 * i + 3] >= rect.top;
    if (inside) found.push(i);
  }
  return found;
}

/** @param {Map<number, number[]>} cells @param {number} cell */
function created(cells, cell) {
  /** @type {number[]} */
  const list = [];
  cells.set(cell, list);
  return list;
}

const at = (/** @type {number} */ x) => Math.floor(x / CELL);

/** @param {Rect} rect */
function cellCount(rect) {
  return (at(rect.right) - at(rect.left) + 1) * (at(rect.bottom) - at(rect.top) + 1);
}

/** @param {Rect} rect @param {(cell: number) => void} visit */
function eachCell(rect, visit) {
  for (let row = at(rect.top); row <= at(rect.bottom); row++) {
    for (let column = at(rect.left); column <= at(rect.right); column++) visit(row * 1e6 + column);
  }
}
