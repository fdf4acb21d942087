// @ts-check
/** Where the lines of cuts lie: straight across the flow where they can, else bent from edge to edge that they cut. */

/**
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("./types.js").Division} Division
 * @typedef {[number, number]} Point  Across the flow and along it.
 * @typedef {object} Line
 * @property {number} cut
 * @property {boolean} straight
 * @property {number} place  Along the flow; of a bent line where its grip is.
 * @property {number} gap  Of the profile, -1 for a bent line.
 * @property {Point[]} points  In order across the flow.
 */

import { flatten } from "../route.js";
import { gapAt } from "./model.js";

/** Further out than any drawing reaches. */
const FAR = 1e7;
const PIECES = 8;
/** The share of an edge's way between two cards that a line keeps away from either. */
const MARGIN = 0.3;
/** Points of a bent line that are nearer to each other are one. */
const NEAR = 6;

/** @param {Model} model @param {Division} division @param {number} cut @returns {Line} */
export function lineOf(model, division, cut) {
  const { at } = model.section;
  let [low, high, through] = [-Infinity, Infinity, NaN];
  for (let i = 0; i < at.length; i++) {
    const [isAhead, isBehind] = [division.first[i] <= cut, division.last[i] > cut];
    if (isAhead && isBehind) through = at[i];
    else if (isAhead) low = Math.max(low, at[i]);
    else high = Math.min(high, at[i]);
  }
  // A cut through a closed group lies on its card.
  if (low < through && through < high) return level(cut, through, gapAt(model, through));
  if (low >= high || !Number.isNaN(through)) return bent(model, division, cut);
  const gap = gapAt(model, low);
  return level(cut, model.gaps[gap], gap);
}

/** A straight line. @param {number} cut @param {number} place @param {number} gap @returns {Line} */
export const level = (cut, place, gap) => ({ cut, straight: true, place, gap, points: [[-FAR, place], [FAR, place]] });

/** @param {Model} model @param {Division} division @param {number} cut @returns {Line} */
function bent(model, division, cut) {
  const spans = cutEdges(model, division, cut);
  const middles = spans.map(({ from, to }) => (from + to) / 2).sort((a, b) => a - b);
  const usual = middles[middles.length >> 1] ?? 0;
  const points = spans.map(({ edge, from, to }) => {
    const margin = (to - from) * MARGIN;
    return pointOn(model, edge, Math.max(from + margin, Math.min(to - margin, usual)));
  });
  const joined = smooth(apart(points.sort((a, b) => a[0] - b[0])), usual);
  return { cut, straight: false, place: joined[joined.length - 1][1], gap: -1, points: joined };
}

/** The edges between both sides, with the stretch along the flow that lies between their cards. @param {Model} model @param {Division} division @param {number} cut */
function cutEdges({ trace: { edges }, section: { item }, begin, end }, { first, last }, cut) {
  const found = [];
  for (let edge = 0; edge < edges.count; edge++) {
    const [source, target] = [item[edges.source[edge]], item[edges.target[edge]]];
    if (source < 0 || target < 0 || last[source] > cut || first[target] <= cut) continue;
    found.push({ edge, from: Math.min(end[source], begin[target]), to: Math.max(end[source], begin[target]) });
  }
  return found;
}

/** Where an edge comes by a place along the flow. @param {Model} model @param {number} edge @param {number} place @returns {Point} */
export function pointOn({ trace: { edges }, down }, edge, place) {
  const line = flatten(edges, edge);
  const [along, across] = down ? [1, 0] : [0, 1];
  for (let p = 2; p < line.length; p += 2) {
    const [a, b] = [line[p - 2 + along], line[p + along]];
    if (b < place && p + 2 < line.length) continue;
    const share = b > a ? Math.max(0, Math.min(1, (place - a) / (b - a))) : 0;
    return [line[p - 2 + across] + share * (line[p + across] - line[p - 2 + across]), place];
  }
  return [line[across], place];
}

/** @param {Point[]} points  In order. */
function apart(points) {
  /** @type {Point[]} */
  const kept = [];
  for (const point of points) {
    const before = kept[kept.length - 1];
    if (!before || point[0] - before[0] > NEAR) kept.push(point);
    else before[1] = (before[1] + point[1]) / 2;
  }
  return kept;
}

/** Level around every point, with a soft step in the middle between two. @param {Point[]} points @param {number} usual @returns {Point[]} */
function smooth(points, usual) {
  /** @type {Point[]} */
  const line = [[-FAR, points[0]?.[1] ?? usual]];
  points.forEach(([x, y], place) => {
    const [px, py] = points[place - 1] ?? [x, y];
    for (let i = 0; i <= PIECES && py !== y; i++) {
      const t = i / PIECES;
      line.push([px + ((x - px) * (1 + t)) / 3, py + (y - py) * (t * t * (3 - 2 * t))]);
    }
    line.push([x, y]);
  });
  line.push([FAR, line[line.length - 1][1]]);
  return line;
}

/** Adds the line to the current path, as a whole or going on from what is there. @param {CanvasRenderingContext2D} context @param {Model} model @param {Point[]} points @param {boolean} goesOn */
export function addLine(context, { down }, points, goesOn) {
  points.forEach(([across, along], place) => {
    const [x, y] = down ? [across, along] : [along, across];
    if (place || goesOn) context.lineTo(x, y);
    else context.moveTo(x, y);
  });
}

/** How far a point of the world is from a line, along the flow. @param {Model} model @param {Line} line @param {number} x @param {number} y */
export function distanceTo({ down }, { points }, x, y) {
  const [across, along] = down ? [x, y] : [y, x];
  for (let p = 1; p < points.length; p++) {
    const [[a, from], [b, to]] = [points[p - 1], points[p]];
    if (across > b) continue;
    return Math.abs(along - (from + ((to - from) * (across - a)) / (b - a || 1)));
  }
  return Infinity;
}
