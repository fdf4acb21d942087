// @ts-check
/** The groups of a trace: which are seen, which is around what, and what they are called. Decides, draws nothing. */

/**
 * @typedef {import("./types.js").Trace} Trace
 * @typedef {import("./types.js").Group} Group
 * @typedef {{node: number, group: number}} Thing  A node, or an open group where `node` is -1.
 */

import { grouped } from "./format.js";
import { KIND } from "./wire.js";

/** @type {WeakMap<Trace, {byKey: Map<string, number>, byNode: Map<number, number>, things: Thing[]}>} */
const known = new WeakMap();

/** @param {Trace} trace */
function indexOf(trace) {
  let found = known.get(trace);
  if (!found) known.set(trace, (found = build(trace)));
  return found;
}

/** @param {Trace} trace */
function build(trace) {
  const byKey = new Map(trace.groups.map((group, place) => [group.key, place]));
  const byNode = new Map(trace.groups.map((group, place) => [group.node, place]));
  return { byKey, byNode, things: inOrder(trace) };
}

/** Nodes in execution order, each open group before the first of its nodes. @param {Trace} trace @returns {Thing[]} */
function inOrder(trace) {
  /** @type {Thing[]} */
  const things = [];
  const seen = new Set();
  for (let node = 0; node < trace.nodes.count; node++) {
    for (const group of groupsAround(trace, node)) {
      if (!seen.has(group)) things.push({ node: -1, group });
      seen.add(group);
    }
    things.push({ node, group: -1 });
  }
  return things;
}

/** What Tab walks through. @param {Trace} trace @returns {Thing[]} */
export const thingsOf = (trace) => indexOf(trace).things;

/** @param {Pick<Trace, "nodes">} trace @param {number} node */
export const isGroup = ({ nodes }, node) => nodes.kind[node] === KIND.group;

/** Whether the node is given rather than computed. @param {Pick<Trace, "nodes">} trace @param {number} node */
export const isLeaf = ({ nodes }, node) => nodes.kind[node] !== KIND.op && nodes.kind[node] !== KIND.group;

/** The closed group that a node is. @param {Trace} trace @param {number} node @returns {Group | undefined} */
export function groupAt(trace, node) {
  const place = indexOf(trace).byNode.get(node);
  return isGroup(trace, node) && place !== undefined ? trace.groups[place] : undefined;
}

/** The open group of a key, or -1. @param {Trace} trace @param {string} key */
export function openGroup(trace, key) {
  const place = indexOf(trace).byKey.get(key) ?? -1;
  return place >= 0 && trace.groups[place].node < 0 ? place : -1;
}

/** The open groups around a node, from the outermost in. @param {Trace} trace @param {number} node @returns {number[]} */
export const groupsAround = ({ nodes, groups }, node) => aroundGroup({ groups }, nodes.group[node]);

/** A group and those around it, from the outermost in; none for -1. @param {Pick<Trace, "groups">} trace @param {number} innermost @returns {number[]} */
export function aroundGroup({ groups }, innermost) {
  const found = [];
  for (let group = innermost; group >= 0; group = groups[group].parent) found.unshift(group);
  return found;
}

/** "Block" or, where there is no class, "". @param {Group} group */
export const kindOf = (group) => (group.kind === group.title ? "" : group.kind);

/** "12.7 k params · 66 ops"; of leaves only "12.7 k params" or "". @param {Group} group */
export function contents({ operations, parameters }) {
  const ops = operations === 1 ? "1 op" : `${grouped(operations)} ops`;
  return [parameters ? `${short(parameters)} params` : "", operations ? ops : ""].filter(Boolean).join(" · ");
}

/** "864", "12.7 k", "7.1 M". @param {number} count */
export function short(count) {
  for (const [size, unit] of /** @type {[number, string][]} */ ([[1e9, "G"], [1e6, "M"], [1e3, "k"]])) {
    if (count >= size) return `${Number((count / size).toPrecision(3))} ${unit}`;
  }
  return String(count);
}
