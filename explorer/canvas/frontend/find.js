// @ts-check
/** Looks for nodes and groups by name, operation, scope and shape. Decides, draws nothing. */

/**
 * @typedef {import("./types.js").Trace} Trace
 * @typedef {import("./catalogue.js").Book} Book
 * @typedef {{id: string, drawn: number}} Hit  A node or a group; `drawn` is the drawn node that shows it, -1 for an open group.
 *
 * @typedef {object} Finding
 * @property {string} query
 * @property {Hit[]} hits  In execution order, a group before what is in it.
 * @property {number} at  The hit that one has come to, or -1.
 * @property {Uint8Array | null} lit  Per drawn node 1 for a hit, 2 for what hides one, 3 for both; null while nothing is asked for.
 * @property {Map<number, number>} inside  How many hits a closed group hides, by its node.
 */

import { bookOf, chain } from "./catalogue.js";
import { grouped } from "./format.js";

/** @type {Finding} */
export const NOTHING_YET = { query: "", hits: [], at: -1, lit: null, inside: new Map() };

/** What can be asked for by name. */
const FIELDS = /** @type {const} */ (["name", "op", "scope", "shape"]);
/** A term: a shape in brackets, or letters up to the next space. */
const TERM = /(?:\w+:)?\[[^\]]*\]?|\S+/g;

/** @typedef {Record<typeof FIELDS[number], string>} Text  In small letters. */
/** @typedef {{field: typeof FIELDS[number] | undefined, text: string}} Term */

/** @type {WeakMap<Book["ids"], {groups: Book["groups"], nodes: Text[], ofGroups: Text[]}>} */
const texts = new WeakMap();

/** Everything that all terms of the query are found in. @param {Trace} trace @param {string} query @param {number} [at] @returns {Finding} */
export function find(trace, query, at = -1) {
  const terms = termsOf(query);
  if (!terms.length) return { ...NOTHING_YET, query };
  const book = bookOf(trace);
  const { nodes, ofGroups } = textsOf(book);
  const drawnGroups = drawnGroupsOf(trace, book);
  /** @type {Hit[]} */
  const hits = [];
  const seen = new Set();
  for (let node = 0; node < book.count; node++) {
    for (const group of newOnes(book, book.group[node], seen)) {
      if (matches(terms, ofGroups[group])) hits.push({ id: book.groups[group].key, drawn: drawnGroups[group] });
    }
    if (matches(terms, nodes[node])) hits.push({ id: book.ids[node], drawn: book.shown[node] });
  }
  return { query, hits, at: Math.min(at, hits.length - 1), ...spread(trace, hits) };
}

/** The hit before or after; the first one asked for is the one of exactly that name, if there is one. @param {Finding} finding @param {-1 | 1} direction */
export function step({ query, hits, at }, direction) {
  if (!hits.length) return -1;
  if (at >= 0) return (at + direction + hits.length) % hits.length;
  const exact = hits.findIndex(({ id }) => id.toLowerCase() === query.trim().toLowerCase());
  if (exact >= 0) return exact;
  return direction > 0 ? 0 : hits.length - 1;
}

/** "3 of 12", "12 found", "nothing found". @param {Finding} finding */
export function countText({ query, hits, at }) {
  if (!query.trim()) return "";
  if (!hits.length) return "nothing found";
  const count = grouped(hits.length);
  return at < 0 ? `${count} found` : `${grouped(at + 1)} of ${count}`;
}

/** @param {Trace} trace @param {Hit[]} hits @returns {Pick<Finding, "lit" | "inside">} */
function spread(trace, hits) {
  const lit = new Uint8Array(trace.nodes.count);
  const inside = new Map();
  for (const { id, drawn } of hits) {
    if (drawn < 0) continue;
    const isItself = trace.nodes.id[drawn] === id;
    lit[drawn] |= isItself ? 1 : 2;
    if (!isItself) inside.set(drawn, (inside.get(drawn) ?? 0) + 1);
  }
  return { lit, inside };
}

/** @param {string} query @returns {Term[]} */
function termsOf(query) {
  return (query.toLowerCase().match(TERM) ?? []).map((term) => {
    const [, name, rest] = /^(\w+):(.*)$/.exec(term) ?? [];
    const field = FIELDS.find((each) => each === name);
    return { field, text: shapeOf(field ? rest : term) };
  }).filter(({ text }) => text);
}

/** A shape as it is written in a text: "8x64", "8×64" and "[8, 64" become "[8,64" or "8,64". @param {string} text */
function shapeOf(text) {
  return /^\d+([x×]\d+)+$/.test(text) ? text.replace(/[x×]/g, ",") : text.startsWith("[") ? text.replace(/\s/g, "") : text;
}

/** @param {Term[]} terms @param {Text} text */
function matches(terms, text) {
  return terms.every(({ field, text: part }) => (field ? text[field].includes(part) : FIELDS.some((each) => text[each].includes(part))));
}

/** @param {Book} book */
function textsOf(book) {
  const known = texts.get(book.ids);
  if (known && known.groups.length === book.groups.length) return known;
  const scopes = book.groups.map((_, group) => scopeText(book, group));
  const nodes = book.ids.map((id, node) => textOf(id, book.op(node).join(" "), scopes[book.group[node]] ?? "", book.shape(node)));
  const ofGroups = book.groups.map(({ title, kind, parent }) => textOf(title, kind, scopes[parent] ?? "", ""));
  const made = { groups: book.groups, nodes, ofGroups };
  texts.set(book.ids, made);
  return made;
}

/** @param {string} name @param {string} op @param {string} scope @param {string} shape @returns {Text} */
function textOf(name, op, scope, shape) {
  return { name: name.toLowerCase(), op: op.toLowerCase(), scope, shape: shape.replace(/\s/g, "") };
}

/** The path of a group, by titles and by classes. @param {Book} book @param {number} group */
function scopeText(book, group) {
  const around = chain(book, group).map((each) => book.groups[each]);
  return [around.map(({ title }) => title).join("."), ...around.map(({ kind }) => kind)].join(" ").toLowerCase();
}

/** Per group the drawn node that shows it: its own while it is closed, or the closed group around it; -1 where it is open. @param {Trace} trace @param {Book} book */
function drawnGroupsOf(trace, book) {
  const closed = new Map(trace.groups.map(({ key, node }) => [key, node]));
  /** @type {number[]} */
  const found = [];
  book.groups.forEach(({ key, parent }) => found.push(parent >= 0 && found[parent] >= 0 ? found[parent] : closed.get(key) ?? -1));
  return found;
}

/** The groups around a node that no node before was in, outer ones first. @param {Book} book @param {number} group @param {Set<number>} seen */
function newOnes(book, group, seen) {
  if (group < 0 || seen.has(group)) return [];
  const fresh = chain(book, group).filter((each) => !seen.has(each));
  fresh.forEach((each) => seen.add(each));
  return fresh;
}
