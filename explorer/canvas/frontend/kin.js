// @ts-check
/** What a node is made of, what it makes, and every path between two, over the whole graph: nothing is listed. */

/**
 * @typedef {import("./types.js").State} State
 * @typedef {import("./catalogue.js").Book} Book
 */

import { bookOf, drawnOf, membersOf } from "./catalogue.js";

/** Every source comes before what it goes into, so one sweep reaches everything. @param {Book} book @param {Uint8Array} from  1 where to begin; stays as it is. */
export function descendants({ count, starts, sources }, from) {
  const found = from.slice();
  for (let n = 0; n < count; n++) {
    for (let i = starts[n]; i < starts[n + 1]; i++) found[n] |= found[sources[i]];
  }
  return found;
}

/** @param {Book} book @param {Uint8Array} from  1 where to begin; stays as it is. */
export function ancestors({ count, starts, sources }, from) {
  const found = from.slice();
  for (let n = count - 1; n >= 0; n--) {
    if (found[n]) for (let i = starts[n]; i < starts[n + 1]; i++) found[sources[i]] = 1;
  }
  return found;
}

/** On a path from one of the first to one of the second, ends included; empty where there is none. @param {Book} book @param {Uint8Array} from @param {Uint8Array} to */
export function between(book, from, to) {
  const [below, above] = [descendants(book, from), ancestors(book, to)];
  return below.map((is, n) => is & above[n]);
}

/** How many paths there are from one node to another; an argument that is used twice counts twice. @param {Pick<Book, "starts" | "sources">} book @param {number} from @param {number} to @returns {bigint} */
export function paths({ starts, sources }, from, to) {
  const ways = new Map([[from, 1n]]);
  for (let n = from + 1; n <= to; n++) {
    let sum = 0n;
    for (let i = starts[n]; i < starts[n + 1]; i++) sum += ways.get(sources[i]) ?? 0n;
    if (sum) ways.set(n, sum);
  }
  return ways.get(to) ?? 0n;
}

/**
 * The paths between two things, the earlier one first whichever was named first; null where there is none.
 * @param {Book} book @param {string} one @param {string} other  Nodes or groups, by id.
 * @returns {{from: string, to: string, nodes: Uint8Array, count: bigint | null} | null}  `count`: of nodes only.
 */
export function connection(book, one, other) {
  for (const [from, to] of [[one, other], [other, one]]) {
    const nodes = between(book, membersOf(book, from), membersOf(book, to));
    if (!nodes.includes(1)) continue;
    const [first, last] = [book.byId.get(from), book.byId.get(to)];
    return { from, to, nodes, count: first === undefined || last === undefined ? null : paths(book, first, last) };
  }
  return null;
}

/** Of what is drawn, 1 for what stays lit while relatives are shown; null where all is. @param {State} state @returns {Uint8Array | null} */
export function litKin({ trace, chosen, lineage, other }) {
  if (!trace || !lineage || !chosen) return null;
  const book = bookOf(trace);
  const nodes = lineage === "paths" ? connection(book, chosen, other)?.nodes : SWEEPS[lineage](book, membersOf(book, chosen));
  return nodes ? drawnOf(book, nodes, trace.nodes.count) : null;
}

const SWEEPS = { ancestors, descendants };
