// @ts-check
/** What a cut would do, worked out in the browser from the columns of section.py. Decides, draws nothing. */

/**
 * @typedef {import("../types.js").Trace} Trace
 * @typedef {import("./types.js").Section} Section
 * @typedef {import("./types.js").Division} Division
 * @typedef {import("./types.js").Crossing} Crossing
 *
 * @typedef {object} Model
 * @property {Trace} trace
 * @property {Section} section
 * @property {boolean} down  Whether values flow downward, rather than to the right.
 * @property {Float64Array} begin  Per item where its cards begin along the flow.
 * @property {Float64Array} end
 * @property {Float64Array} gaps  Per gap of the profile the place where a line through it is drawn.
 * @property {Division} resting
 * @property {number[][]} carriers  Per value that passes the edges that carry it.
 */

/** @param {Trace} trace @returns {Model | null} */
export function createModel(trace) {
  const section = sectionOf(trace);
  if (!section) return null;
  const down = trace.orientation === "tb";
  const [begin, end] = extents(trace, section, down);
  const gaps = gapPlaces(section, begin, end);
  return { trace, section, down, begin, end, gaps, resting: restingOf(section), carriers: carriersOf(trace, section) };
}

/** @param {Trace | null} trace @returns {Section | null} */
export function sectionOf(trace) {
  const { segment } = /** @type {{segment?: Section}} */ (/** @type {unknown} */ (trace ?? {}));
  return trace?.activity === "segment" && segment ? segment : null;
}

/** @param {Trace} trace @param {Section} section @param {boolean} down */
function extents({ nodes }, { item, at }, down) {
  const [begin, end] = [new Float64Array(at.length).fill(Infinity), new Float64Array(at.length).fill(-Infinity)];
  const [from, size] = down ? [nodes.y, nodes.h] : [nodes.x, nodes.w];
  for (let node = 0; node < nodes.count; node++) {
    const i = item[node];
    if (i < 0) continue;
    begin[i] = Math.min(begin[i], from[node]);
    end[i] = Math.max(end[i], from[node] + size[node]);
  }
  return [begin, end];
}

/** In the free space between the cards of both sides, else between their middles. @param {Section} section @param {Float64Array} begin @param {Float64Array} end */
function gapPlaces({ at, profileAt }, begin, end) {
  const order = [...at.keys()].sort((a, b) => at[a] - at[b]);
  const nearest = new Float64Array(order.length + 1).fill(Infinity);
  for (let i = order.length - 1; i >= 0; i--) nearest[i] = Math.min(nearest[i + 1], begin[order[i]]);
  const places = new Float64Array(Math.max(0, profileAt.length - 1));
  let [next, furthest] = [0, -Infinity];
  for (let gap = 0; gap < places.length; gap++) {
    for (; next < order.length && at[order[next]] <= profileAt[gap]; next++) furthest = Math.max(furthest, end[order[next]]);
    const isFree = furthest <= nearest[next] && Number.isFinite(nearest[next]);
    places[gap] = isFree ? (furthest + nearest[next]) / 2 : (profileAt[gap] + profileAt[gap + 1]) / 2;
  }
  return places;
}

/** @param {Section} section @returns {Division} */
function restingOf({ item, first, last, at, segments }) {
  const [low, high] = [new Uint8Array(at.length).fill(255), new Uint8Array(at.length)];
  for (let node = 0; node < item.length; node++) {
    const i = item[node];
    if (i < 0) continue;
    low[i] = Math.min(low[i], first[node]);
    high[i] = Math.max(high[i], last[node]);
  }
  return { first: low, last: high, parts: segments.length };
}

/** @param {Trace} trace @param {Section} section */
function carriersOf({ edges }, { passingNumber, item }) {
  const place = new Map([...passingNumber].map((number, value) => [number, value]));
  /** @type {number[][]} */
  const carriers = Array.from(passingNumber, () => []);
  for (let e = 0; e < edges.count; e++) {
    const value = place.get(edges.value[e]);
    if (value !== undefined && item[edges.target[e]] >= 0) carriers[value].push(e);
  }
  return carriers;
}

/** The gap of the profile that a place along the flow is in: -1 before the first item, as many as there are after the last. @param {Model} model @param {number} place */
export function gapAt({ section: { profileAt } }, place) {
  let [low, high] = [0, profileAt.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (profileAt[middle] <= place) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** What Python is told of a line in a gap. @param {Model} model @param {number} gap */
export function thresholdOf({ section: { profileAt } }, gap) {
  if (gap < 0) return profileAt[0] - 1;
  return gap + 1 < profileAt.length ? (profileAt[gap] + profileAt[gap + 1]) / 2 : profileAt[gap] + 1;
}

/** Bytes that cross a line in a gap. @param {Model} model @param {number} gap */
export const bytesAt = ({ section: { profileBytes } }, gap) => profileBytes[gap] ?? 0;

/** The division with a cut dragged into a gap, between its neighbours. @param {Model} model @param {number} cut @param {number} gap @returns {Division} */
export function dragged(model, cut, gap) {
  const { section: { at }, resting } = model;
  const threshold = thresholdOf(model, gap);
  const [first, last] = [resting.first.slice(), resting.last.slice()];
  for (let i = 0; i < at.length; i++) {
    const side = at[i] <= threshold ? cut : cut + 1;
    if (first[i] === cut || first[i] === cut + 1) first[i] = side;
    if (last[i] === cut || last[i] === cut + 1) last[i] = side;
    if (first[i] > last[i]) first[i] = last[i];
  }
  return { first, last, parts: resting.parts };
}

/** The division with a new cut in a gap, and the number of that cut. @param {Model} model @param {number} gap @returns {{division: Division, cut: number}} */
export function divided(model, gap) {
  const { section: { at }, resting } = model;
  const threshold = thresholdOf(model, gap);
  let cut = 0;
  for (let i = 0; i < at.length; i++) if (at[i] <= threshold) cut = Math.max(cut, resting.last[i]);
  const [first, last] = [resting.first.slice(), resting.last.slice()];
  for (let i = 0; i < at.length; i++) {
    const isBehind = at[i] > threshold;
    if (first[i] > cut || (first[i] === cut && isBehind)) first[i]++;
    if (last[i] > cut || (last[i] === cut && isBehind)) last[i]++;
  }
  return { division: { first, last, parts: resting.parts + 1 }, cut };
}

/** Whether every segment holds an item. @param {Model} model @param {Division} division */
export function isFilled({ section: { flops, at } }, { first, last, parts }) {
  const held = new Uint8Array(parts);
  for (let i = 0; i < flops.length; i++) {
    if (at[i] === Infinity) continue;
    held[first[i]] = held[last[i]] = 1;
  }
  return held.every(Boolean);
}

/** What crosses a cut. @param {Model} model @param {Division} division @param {number} cut @returns {Crossing} */
export function crossingOf({ section }, { first, last }, cut) {
  const { passingOwner, passingBytes, passingSent, passingStarts, passingReaders } = section;
  let bytes = 0;
  const values = [];
  for (let value = 0; value < passingOwner.length; value++) {
    if (!passingSent[value]) continue;
    let low = last[passingOwner[value]];
    let high = first[passingOwner[value]];
    for (let r = passingStarts[value]; r < passingStarts[value + 1]; r++) {
      low = Math.min(low, last[passingReaders[r]]);
      high = Math.max(high, first[passingReaders[r]]);
    }
    if (low > cut || high <= cut) continue;
    bytes += passingBytes[value];
    values.push(value);
  }
  return { bytes, values };
}

/** The edges that carry values over a cut. @param {Model} model @param {Division} division @param {number} cut @param {Crossing} crossing */
export function crossingEdges({ carriers, trace, section: { item } }, { first }, cut, { values }) {
  const found = [];
  for (const value of values) for (const e of carriers[value]) if (first[item[trace.edges.target[e]]] > cut) found.push(e);
  return found;
}

/** What a segment holds: what it does itself, and its own copy of all that it reads. @param {Model} model @param {Division} division @param {number} segment @returns {{parameters: number, flops: number, weights: number}} */
export function holdsOf({ section }, { first }, segment) {
  const { flops, heldNumbers, heldBytes, heldFlops, heldStarts, heldReaders } = section;
  const sum = { parameters: 0, flops: 0, weights: 0 };
  for (let i = 0; i < flops.length; i++) if (first[i] === segment) sum.flops += flops[i];
  for (let h = 0; h < heldNumbers.length; h++) {
    const end = heldStarts[h + 1];
    let isRead = segment === 0 && heldStarts[h] === end;
    for (let r = heldStarts[h]; r < end && !isRead; r++) isRead = first[heldReaders[r]] === segment;
    if (!isRead) continue;
    sum.parameters += heldNumbers[h];
    sum.flops += heldFlops[h];
    sum.weights += heldBytes[h];
  }
  return sum;
}
