// @ts-check
/** What a moment says: a title, a typeset line and a sentence. */

/** @typedef {import("./types.js").Trace} Trace */
/** @typedef {import("./cells.js").Cell} Cell */

import { arrivalCells, seedCells, valueCells } from "./cells.js";
import { grouped, number as figure } from "./format.js";
import { groupAt } from "./groups.js";
import { name, plain } from "./mathml.js";
import { edgesInto, isScalar, opOf, symbol, valueTerm } from "./symbols.js";
import { arrivalBefore, subject } from "./timeline.js";
import { updated, zeroed } from "./train/updates.js";
import { KIND, NODE, PHASE } from "./wire.js";

/**
 * @typedef {object} Description
 * @property {string} title
 * @property {string} place  Where in the program.
 * @property {"" | "forward" | "gradient" | "update" | "error"} role  Whose colour the title takes.
 * @property {Cell[]} cells
 * @property {string} sentence
 * @property {string} spoken  The outcome in words, for those who hear the page.
 */

/** The moment just shown at a position. @param {Trace} trace @param {number} position @returns {Description} */
export function describe(trace, position) {
  if (position < 1) return ready(trace);
  const moment = Math.min(position, trace.moments.count) - 1;
  const phase = trace.moments.phase[moment];
  if (phase === PHASE.zero) return zeroed(trace);
  if (phase === PHASE.update) return updated(trace, moment);
  return trace.moments.phase[moment] === PHASE.forward ? computed(trace, moment) : arrived(trace, moment);
}

/** @param {Trace} trace @returns {Description} */
function ready(trace) {
  const { count, forward } = trace.moments;
  const first = trace.twin ? "Here come" : "First the values, then";
  const sentence = count > forward ? `${first} ${secondPass(trace)}.` : onlyValues(trace);
  const place = count === 1 ? "1 step" : `${grouped(count)} steps`;
  return { title: "Ready", place, role: "", cells: [], sentence, spoken: sentence };
}

/** @param {Trace} trace */
function secondPass(trace) {
  if (trace.mode === "forward") return `how each of them moves with ${called(trace, trace.wrt)}`;
  return `the gradients, from ${called(trace, trace.output)} back to the inputs`;
}

/** @param {Trace} trace */
function onlyValues(trace) {
  if (trace.failed >= 0) return `The values, up to ${called(trace, trace.failed)}, where the forward pass failed.`;
  return `The values, one by one. No gradient flows back from ${called(trace, trace.output)}.`;
}

/** A value was computed. @param {Trace} trace @param {number} moment @returns {Description} */
function computed(trace, moment) {
  const node = trace.moments.node[moment];
  const op = opOf(trace, node);
  const alarm = valueAlarm(trace, node);
  const role = alarm ? "error" : "forward";
  const computed = trace.nodes.kind[node] === KIND.op || groupAt(trace, node);
  return {
    title: titleOf(trace, node) + (computed ? ", forward" : ""),
    place: placeOf(trace, node),
    role,
    cells: valueCells(trace, node, role),
    sentence: alarm || insideOf(trace, node) || op.forwardSentence,
    spoken: `${called(trace, node)} is ${plain(valueTerm(trace, node))}. ${alarm}`,
  };
}

/** A gradient or a tangent has arrived. @param {Trace} trace @param {number} moment @returns {Description} */
function arrived(trace, moment) {
  const { after, edge, node, phase } = trace.moments;
  const pass = phase[moment] === PHASE.backward ? "backward" : "tangent";
  const seed = edge[moment] < 0;
  const alarm = arrivalAlarm(trace, moment);
  const role = alarm ? "error" : "gradient";
  return {
    title: `${isStart(trace, moment) ? "Start" : titleOf(trace, node[moment])}, ${pass}`,
    place: placeOf(trace, node[moment]),
    role,
    cells: seed ? seedCells(trace, moment, role) : arrivalCells(trace, moment, role),
    sentence: alarm || (seed ? seedSentence(trace, moment) : arrivalSentence(trace, moment)),
    spoken: `${spokenSum(trace, moment)} is ${figure(after[moment])}. ${alarm}`,
  };
}

/** @param {Trace} trace @param {number} moment */
function spokenSum(trace, moment) {
  const value = subject(trace, moment);
  const what = trace.mode === "forward" ? "Tangent" : "Gradient";
  return `${what} of ${called(trace, value)}${isScalar(trace, value) ? "" : ", its norm,"}`;
}

/** Whether the second pass starts there. A closed group that moves has a moment without an edge too. @param {Trace} trace @param {number} moment */
function isStart({ moments, mode, wrt }, moment) {
  return moments.edge[moment] < 0 && (mode === "reverse" || moments.node[moment] === wrt);
}

/** @param {Trace} trace @param {number} moment */
function seedSentence(trace, moment) {
  if (!isStart(trace, moment)) return insideOf(trace, trace.moments.node[moment]);
  const node = called(trace, subject(trace, moment));
  if (trace.mode === "forward") return `${node} itself moves; see what moves with it.`;
  return trace.objective ? objectiveSentence(trace, node) : `${node} with respect to itself is 1.`;
}

/** What the backward pass starts from where it is not the output. @param {Trace} trace @param {string} output */
function objectiveSentence(trace, output) {
  const letter = plain(name(trace.objective));
  if (isScalar(trace, trace.output)) return `${letter} is ${output} times the upstream gradient that was given.`;
  return `${letter} is the sum of ${output}'s entries, each times its upstream gradient.`;
}

/** @param {Trace} trace @param {number} moment */
function arrivalSentence(trace, moment) {
  const node = trace.moments.node[moment];
  const first = arrivalBefore(trace, moment) < 0;
  if (trace.mode === "forward") return first ? "The local derivative times how its input moves." : "Tangents add up.";
  const { backwardSentence } = opOf(trace, node);
  return first ? backwardSentence : `${backwardSentence} Gradients add up.`;
}

/** Why a value is not finite or not there, or "". @param {Trace} trace @param {number} node */
function valueAlarm(trace, node) {
  if (trace.failed === node) return `The forward pass failed ${groupAt(trace, node) ? "inside" : "here"}: ${trace.failure}`;
  if (!(trace.nodes.flags[node] & NODE.valueNotFinite)) return "";
  const { source } = trace.edges;
  const culprit = edgesInto(trace, node).find((edge) => trace.nodes.flags[source[edge]] & NODE.valueNotFinite);
  const what = notFinite(trace.nodes.value[node]);
  if (culprit !== undefined) return `${what} came in with ${called(trace, source[culprit])}.`;
  const place = groupAt(trace, node) ? "inside" : "here";
  return `${what} ${node === trace.firstNonfinite ? "first " : ""}arose ${place}.`;
}

/** Why a gradient is not finite, or "". @param {Trace} trace @param {number} moment */
function arrivalAlarm(trace, moment) {
  const { after, before, edge, node } = trace.moments;
  if (Number.isFinite(after[moment])) return "";
  const what = notFinite(after[moment]);
  if (arrivalBefore(trace, moment) >= 0 && !Number.isFinite(before[moment])) return `${what} was already in the sum.`;
  const giver = trace.mode === "forward" && edge[moment] >= 0 ? trace.edges.source[edge[moment]] : node[moment];
  const inherited = edge[moment] >= 0 && trace.nodes.flags[giver] & NODE.gradNotFinite;
  if (inherited) return `${what} came in from ${called(trace, giver)}.`;
  return groupAt(trace, giver) ? `${what} arose inside.` : `${what} arose here: the local derivative is not finite.`;
}

/** @param {number} x */
function notFinite(x) {
  if (Number.isNaN(x)) return "Not a number (NaN)";
  return Number.isFinite(x) ? "A value that is not finite" : `An infinity (${figure(x)})`;
}

/** What is at work: a group by its class. @param {Trace} trace @param {number} node */
function titleOf(trace, node) {
  const group = groupAt(trace, node);
  return group ? group.kind || group.title : capital(opOf(trace, node).label);
}

/** What a closed group does not show, or "". @param {Trace} trace @param {number} node */
function insideOf(trace, node) {
  const group = groupAt(trace, node);
  if (!group) return "";
  const { operations } = group;
  if (!operations) return "Open it to see them one by one.";
  return operations === 1 ? "1 operation inside; open it to see it." : `${grouped(operations)} operations inside; open it to see them.`;
}

/** @param {Trace} trace @param {number} node */
function placeOf(trace, node) {
  const group = groupAt(trace, node);
  if (group?.kind) return group.title;
  return trace.nodes.line[node] ? `line ${trace.nodes.line[node]}` : "";
}

/** @param {Trace} trace @param {number} value */
function called(trace, value) {
  return plain(symbol(trace, value));
}

/** @param {string} text */
function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
