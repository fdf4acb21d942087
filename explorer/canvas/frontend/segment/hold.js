// @ts-check
/** A cut in the hand, or on its way to Python's answer: where it is, and what it would do there. */

/**
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("./lines.js").Line} Line
 * @typedef {object} Hold
 * @property {number} cut  Among the cuts with this one.
 * @property {boolean} isNew
 * @property {Line | null} was  Where it was taken from.
 * @property {number} bytesWere
 * @property {number} gap
 * @property {number} place
 * @property {number} waist  The gap that it has snapped to, or -1.
 * @property {boolean} isOff  Outside of the canvas: let go, it is removed.
 * @property {boolean} isValid
 * @property {import("./types.js").Division} division
 * @property {import("./types.js").Crossing} crossing
 * @property {number[]} edges
 */

import { lineOf } from "./lines.js";
import { crossingEdges, crossingOf, divided, dragged, gapAt, isFilled } from "./model.js";

/** Pixels in which a waist takes hold of a cut, and beyond which it lets go. */
const [CAPTURE, RELEASE] = [10, 16];

/** @param {Model} model @param {number} cut @param {number} place  Along the flow. @returns {Hold} */
export function taken(model, cut, place) {
  const was = lineOf(model, model.resting, cut);
  const hold = { cut, isNew: false, was, bytesWere: model.section.cuts[cut].bytes, gap: -1, place, waist: -1, isOff: false, ...nothing(model) };
  return at(model, hold, was.gap, was.place);
}

/** @param {Model} model @param {number} gap @returns {Hold} */
export function fresh(model, gap) {
  const hold = { cut: 0, isNew: true, was: null, bytesWere: 0, gap: -1, place: 0, waist: -1, isOff: false, ...nothing(model) };
  return at(model, hold, gap, model.gaps[gap] ?? 0);
}

/** @param {Model} model */
const nothing = (model) => ({ isValid: true, division: model.resting, crossing: { bytes: 0, values: [] }, edges: [] });

/** The same cut in another gap, drawn at a place. @param {Model} model @param {Hold} hold @param {number} gap @param {number} place @returns {Hold} */
export function at(model, hold, gap, place) {
  const moved = { ...hold, gap, place };
  if (gap === hold.gap && hold.edges.length) return moved;
  if (hold.isNew) Object.assign(moved, divided(model, gap));
  else moved.division = dragged(model, hold.cut, gap);
  moved.isValid = isFilled(model, moved.division);
  moved.crossing = crossingOf(model, moved.division, moved.cut);
  moved.edges = crossingEdges(model, moved.division, moved.cut, moved.crossing);
  return moved;
}

/**
 * To where the hand is: into a waist nearby, unless `free`.
 * @param {Model} model @param {Hold} hold @param {number} place  Along the flow. @param {number} k @param {boolean} free @returns {Hold}
 */
export function movedTo(model, hold, place, k, free) {
  const waist = free ? -1 : waistAt(model, hold.waist, place, k);
  const gap = waist >= 0 ? waist : gapAt(model, place);
  return { ...at(model, hold, gap, waist >= 0 ? model.gaps[waist] : place), waist };
}

/** @param {Model} model @param {number} held @param {number} place @param {number} k */
function waistAt({ section: { waists }, gaps }, held, place, k) {
  const away = (/** @type {number} */ gap) => Math.abs(gaps[gap] - place) * k;
  if (held >= 0 && away(held) <= RELEASE) return held;
  let nearest = -1;
  for (const gap of waists) if (away(gap) <= CAPTURE && (nearest < 0 || away(gap) < away(nearest))) nearest = gap;
  return nearest;
}

/** The next gap in a direction: of all, or of the waists; -1 where there is none. @param {Model} model @param {Hold} hold @param {-1 | 1} direction @param {boolean} every @returns {number} */
export function nextGap(model, hold, direction, every) {
  const { waists, profileBytes } = model.section;
  const gaps = every ? [...profileBytes.keys()] : [...waists];
  const further = gaps.filter((gap) => (hold.gap < 0 ? Math.sign(model.gaps[gap] - hold.place) === direction : Math.sign(gap - hold.gap) === direction));
  for (const gap of direction > 0 ? further : further.reverse()) {
    if (at(model, hold, gap, model.gaps[gap]).isValid) return gap;
  }
  return -1;
}
