// @ts-check
/** What stays when a new trace comes: the node that was selected, the moment that was shown. */

/**
 * @typedef {import("./types.js").Trace} Trace
 * @typedef {import("./types.js").State} State
 */

import { find } from "./find.js";
import { aroundGroup, openGroup } from "./groups.js";
import { nodeOf, rectOf } from "./rearrange.js";
import { holderOf, momentIn } from "./resume.js";
import { stillChosen } from "./sheet.js";
import { hasValue, phaseAt } from "./timeline.js";
import { NODE, PHASE } from "./wire.js";

/** Below this share of nodes known from before, a trace is another program. */
const SAME_PROGRAM = 0.5;

/** Whether the nodes are the same, in the same places. @param {Trace} before @param {Trace} now */
export function sameDrawing(before, now) {
  if (before.nodes === now.nodes) return true;
  if (before.nodes.count !== now.nodes.count || before.edges.count !== now.edges.count) return false;
  if (before.orientation !== now.orientation || before.width !== now.width || before.height !== now.height) return false;
  return before.nodes.id.every((id, i) => id === now.nodes.id[i]) && equal(before.edges.source, now.edges.source)
    && equal(before.edges.target, now.edges.target);
}

/** @param {Uint32Array} a @param {Uint32Array} b */
const equal = (a, b) => a.every((value, i) => value === b[i]);

/** Whether both are of one graph, with other groups open perhaps, or of one that was edited. @param {Trace} before @param {Trace} now */
export function sameProgram(before, now) {
  if (before.program === now.program) return true;
  const known = new Set(before.nodes.id);
  const shared = now.nodes.id.filter((id) => known.has(id)).length;
  return shared >= SAME_PROGRAM * Math.max(now.nodes.count, before.nodes.count);
}

/** The part of the state that speaks of nodes and moments, for the new trace. @param {State} state @param {Trace} now @returns {Partial<State>} */
export function carried(state, now) {
  const { trace: before } = state;
  const coloring = stillChosen(state.coloring, now, !before);
  if (!before) return { trace: now, position: 0, coloring };
  const node = (/** @type {number} */ i) => (i < 0 ? -1 : nodeOf(now, before.nodes.id[i]));
  return {
    trace: now,
    coloring,
    position: positionIn(before, now, state.position),
    playing: state.playing && sameProgram(before, now),
    ...selection(state, before, now),
    ...focus(state, before, now),
    finding: state.finding && find(now, state.finding.query, before.program === now.program ? state.finding.at : -1),
    hovered: node(state.hovered),
    hoveredEdge: -1,
    pressed: node(state.pressed),
  };
}

/** What is selected stays so while a closed group hides it; then the group stands for it. @param {State} state @param {Trace} before @param {Trace} now @returns {Partial<State>} */
function selection({ chosen, chosenIn }, before, now) {
  const node = nodeOf(now, chosen);
  const group = openGroup(now, chosen);
  if (node >= 0 || group >= 0) return { selected: node, selectedGroup: group, chosenIn: keysAround(now, chosen) };
  if (before.program !== now.program) return { selected: -1, selectedGroup: -1, chosen: "", chosenIn: [], lineage: "" };
  const known = rectOf(before, chosen) ? keysAround(before, chosen) : chosenIn;
  const holder = known.map((key) => nodeOf(now, key)).find((found) => found >= 0) ?? -1;
  return { selected: holder, selectedGroup: -1, chosenIn: known };
}

/** The keys of the open groups around a node or a group. @param {Trace} trace @param {string} id @returns {string[]} */
function keysAround({ nodes, groups }, id) {
  const open = groups.find((group) => group.key === id && group.node < 0);
  const innermost = open ? open.parent : nodes.group[nodes.id.indexOf(id)] ?? -1;
  return aroundGroup({ groups }, innermost).map((group) => groups[group].key);
}

/** A group has the keyboard, open or closed; a node hands it to the group that closes over it. @param {State} state @param {Trace} before @param {Trace} now @returns {Partial<State>} */
function focus({ focused, focusedGroup }, before, now) {
  const id = focusedGroup >= 0 ? before.groups[focusedGroup].key : before.nodes.id[focused] ?? "";
  const group = openGroup(now, id);
  const node = focused >= 0 && group < 0 ? holderOf(before, now, focused) : nodeOf(now, id);
  return { focused: node, focusedGroup: group };
}

/** The end stays the end; otherwise the same moment, or the nearest in the same pass. @param {Trace} before @param {Trace} now @param {number} position */
function positionIn(before, now, position) {
  if (position <= 0 || !sameProgram(before, now)) return 0;
  if (position >= before.moments.count) return now.moments.count;
  if (position === before.moments.forward) return now.moments.forward;
  const same = momentIn(before, now, position - 1);
  return same >= 0 ? same + 1 : clamped(before, now, position);
}

/** @param {Trace} before @param {Trace} now @param {number} position */
function clamped(before, now, position) {
  const { forward, count } = now.moments;
  if (phaseAt(before, position) === PHASE.forward) return Math.min(position, forward);
  const intoPass = position - before.moments.forward;
  return Math.min(forward + intoPass, count);
}

/**
 * Values before an edit, per node whose value it changed; during one edit, `earlier` ones stay. In training all move.
 * @param {Trace} before @param {Trace} now  With the same nodes. @param {number} position
 * @param {ReadonlyMap<number, number>} earlier @returns {Map<number, number>}
 */
export function rememberedValues({ nodes: before }, now, position, earlier) {
  const was = new Map();
  if (now.activity === "train") return was;
  for (let node = 0; node < now.nodes.count; node++) {
    if (!isFigure(now, node) || !hasValue(now, node, position)) continue;
    const old = earlier.get(node) ?? before.value[node];
    if (!Object.is(old, now.nodes.value[node])) was.set(node, old);
  }
  return was;
}

/** @param {Trace} trace @param {number} node */
function isFigure({ nodes }, node) {
  return (nodes.flags[node] & NODE.scalar) !== 0 && !(nodes.flags[node] & NODE.boolean);
}
