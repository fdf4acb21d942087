// @ts-check
/** Every node of the graph, also those that closed groups hide, read from a trace when something is looked for. */

/**
 * @typedef {import("./types.js").Trace} Trace
 *
 * @typedef {object} Book
 * @property {number} count
 * @property {string[]} ids
 * @property {(node: number) => [string, string]} op  Name and label.
 * @property {(node: number) => string} shape
 * @property {ArrayLike<number>} group  The innermost group around a node, a place in `groups`, or -1.
 * @property {{key: string, title: string, kind: string, parent: number}[]} groups  Outer ones before inner ones.
 * @property {ArrayLike<number>} starts  The inputs of node n: sources[starts[n]] to sources[starts[n + 1]].
 * @property {ArrayLike<number>} sources
 * @property {ArrayLike<number>} shown  The drawn node that shows it.
 * @property {Map<string, number>} byId
 * @property {Map<string, number>} byKey
 */

/** @type {WeakMap<Trace, Book>} */
const books = new WeakMap();

/** @param {Trace} trace @returns {Book} */
export function bookOf(trace) {
  let found = books.get(trace);
  if (!found) books.set(trace, (found = trace.catalogue ? read(trace, trace.catalogue) : asDrawn(trace)));
  return found;
}

/** @param {Trace} trace @param {import("./types.js").Catalogue} catalogue @returns {Book} */
function read({ program }, { ids, ops, op, shapes, shape, group, groups, inputs, sources, shown }) {
  return {
    count: op.length,
    ...names(program, ids),
    op: (node) => ops[op[node]],
    shape: (node) => shapes[shape[node]],
    group,
    groups,
    starts: summed(inputs),
    sources,
    shown,
    byKey: new Map(groups.map((each, place) => [each.key, place])),
  };
}

/** The names of the graph read last: they stay the same while groups open and close. @type {{program: number, ids: string[], byId: Map<string, number>} | undefined} */
let last;

/** @param {number} program @param {Uint8Array} bytes */
function names(program, bytes) {
  if (last?.program !== program) {
    const ids = /** @type {string[]} */ (JSON.parse(new TextDecoder().decode(bytes)));
    last = { program, ids, byId: placesOf(ids) };
  }
  const { ids, byId } = last;
  return { ids, byId };
}

/** Nothing is hidden: the drawn nodes are all there are. @param {Trace} trace @returns {Book} */
function asDrawn({ nodes, edges, ops }) {
  const inputs = new Uint32Array(nodes.count);
  for (let edge = 0; edge < edges.count; edge++) inputs[edges.target[edge]]++;
  return {
    count: nodes.count,
    ids: nodes.id,
    byId: placesOf(nodes.id),
    op: (node) => [ops[nodes.op[node]].name, ops[nodes.op[node]].label],
    shape: (node) => nodes.shape[node],
    group: new Int32Array(nodes.count).fill(-1),
    groups: [],
    starts: summed(inputs),
    sources: edges.source,
    shown: Uint32Array.from(nodes.id.keys()),
    byKey: new Map(),
  };
}

/** @param {string[]} ids */
const placesOf = (ids) => new Map(ids.map((id, node) => [id, node]));

/** @param {Uint32Array} counts */
function summed(counts) {
  const starts = new Uint32Array(counts.length + 1);
  for (let n = 0; n < counts.length; n++) starts[n + 1] = starts[n] + counts[n];
  return starts;
}

/** A group and those around it, from the outermost in; none for -1. @param {Book} book @param {number} innermost @returns {number[]} */
export function chain({ groups }, innermost) {
  const found = [];
  for (let group = innermost; group >= 0; group = groups[group].parent) found.unshift(group);
  return found;
}

/** The nodes that an id means: one, or all in a group. 1 where a node is one. @param {Book} book @param {string} id @returns {Uint8Array} */
export function membersOf(book, id) {
  const found = new Uint8Array(book.count);
  const node = book.byId.get(id);
  const key = book.byKey.get(id);
  if (node !== undefined) found[node] = 1;
  else if (key !== undefined) {
    const inside = book.groups.map((_, group) => group === key);
    book.groups.forEach(({ parent }, group) => parent >= 0 && inside[parent] && (inside[group] = true));
    for (let n = 0; n < book.count; n++) if (book.group[n] >= 0 && inside[book.group[n]]) found[n] = 1;
  }
  return found;
}

/** Of what is drawn, all that shows one of these nodes. @param {Book} book @param {Uint8Array} nodes @param {number} count  Of drawn nodes. */
export function drawnOf({ shown }, nodes, count) {
  const found = new Uint8Array(count);
  for (let n = 0; n < nodes.length; n++) if (nodes[n]) found[shown[n]] = 1;
  return found;
}
