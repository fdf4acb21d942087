// @ts-check
/** What lies over the graph: the step at work, its pulse, what is selected, hovered or on the keyboard. */

/**
 * @typedef {import("./card.js").View} View
 * @typedef {import("./types.js").State} State
 * @typedef {import("./motion.js").Progress} Progress
 */

import { lookOf } from "./card.js";
import { drawCard, drawHalo, drawRing, drawShadow } from "./cards.js";
import { drawChip, drawChips, drawSum } from "./chips.js";
import { drawDarkened, drawLit } from "./edges.js";
import { litEdges } from "./look.js";
import { along, flatten } from "./route.js";
import { drawFrameRing, drawPorts } from "./frames.js";
import { isLeaf } from "./groups.js";
import { arrivalBefore, isArrival, phaseAt, receiver, subject } from "./timeline.js";
import { NODE, PHASE } from "./wire.js";

const SELECTION = { width: 1.75, offset: 5 };
const FOCUS = { width: 2, offset: 4 };

/** @param {View} view @param {State} state @param {number} from  The first moment shown. @param {Progress} progress */
export function paintOverlay(view, state, from, progress) {
  const lit = shownEdges(view, from);
  drawHovered(view, state);
  drawLit(view, lit);
  for (const edge of lit) drawPorts(view, view.scene.edgeRect(edge));
  drawActive(view, state, from, lit, progress);
  if (state.hovered >= 0) drawLifted(view, state.hovered);
  drawHandled(view, state);
  if (state.hovered >= 0) drawChips(view, view.scene.edgesOf(state.hovered));
  lit.forEach((edge) => drawChip(view, edge, true));
  if (state.hoveredEdge >= 0) drawChip(view, state.hoveredEdge, lit.includes(state.hoveredEdge));
  if (progress.landing > 0) drawSum(view);
  drawRings(view, state);
  if (progress.pulse < 1) drawPulses(view, lit, progress.pulse);
}

/** @param {View} view @param {number} from @returns {number[]} */
function shownEdges({ trace, scene, position, layers }, from) {
  if (phaseAt(trace, position) > PHASE.forward && !layers.gradients) return [];
  const edges = [];
  for (let moment = from; moment < position; moment++) edges.push(...litEdges(trace, scene, moment + 1));
  return edges;
}

/** @param {View} view @param {State} state */
function drawHovered(view, { hovered, hoveredEdge }) {
  if (hovered >= 0) drawDarkened(view, view.scene.edgesOf(hovered));
  if (hoveredEdge >= 0) drawDarkened(view, [hoveredEdge]);
}

/** The cards at both ends of what is lit, and those where numbers land. @param {View} view @param {State} state @param {number} from @param {number[]} lit @param {Progress} progress */
function drawActive(view, state, from, lit, progress) {
  const { trace, position } = view;
  const receivers = new Set();
  for (let moment = from; moment < position; moment++) if (trace.moments.phase[moment] !== PHASE.zero) receivers.add(receiver(trace, moment));
  const ends = new Set(lit.flatMap((edge) => [trace.edges.source[edge], trace.edges.target[edge]]));
  for (const node of ends) if (!receivers.has(node) && view.level !== "far") drawResting(view, node);
  for (const node of receivers) drawReceiver(view, state, node, progress);
}

/** @param {View} view @param {number} node */
function drawResting(view, node) {
  drawCard(view, node, lookOf(view, node));
}

/** At full strength, whatever lineage is shown. @param {View} lineage @param {State} state @param {number} node @param {Progress} progress */
function drawReceiver(lineage, state, node, progress) {
  const view = { ...lineage, lit: null };
  const phase = phaseAt(view.trace, view.position);
  const forward = phase === PHASE.forward;
  const kind = forward ? "forward" : phase === PHASE.update ? "update" : "backward";
  if (node !== state.selected) drawHalo(view, node, kind);
  const look = { ...lookOf(view, node), ...landingOf(view, node, forward, progress) };
  // When one step shows several arrivals, each of their nodes is at work, not the last alone.
  drawCard(view, node, { ...look, state: kind });
}

/** What the card shows while its newest number is still on its way. @param {View} view @param {number} node @param {boolean} forward @param {Progress} progress @returns {Partial<import("./card.js").Look>} */
function landingOf({ trace, position }, node, forward, progress) {
  if (forward) return progress.landing > 0 ? { landing: progress.landing } : { known: isLeaf(trace, node) };
  if (!isArrival(trace, position - 1) || subject(trace, position - 1) >= trace.nodes.count) return {};
  const before = arrivalBefore(trace, position - 1);
  const first = before < 0 || receiver(trace, position - 1) !== node;
  if (progress.landing > 0) return { landing: progress.landing, opening: first ? progress.opening : 1 };
  return { gradient: first ? undefined : trace.moments.after[before] };
}

/** @param {View} view @param {number} node */
function drawLifted(view, node) {
  if (view.level === "far") return;
  drawShadow(view, node);
  const lifted = { ...view, lit: null, theme: { ...view.theme, line: view.theme.strong } };
  drawCard(lifted, node, lookOf(view, node));
}

/** The box around a number that can be dragged. @param {View} view @param {State} state */
function drawHandled(view, { hovered, selected }) {
  const node = view.scrub ? view.scrub.node : [hovered, selected].find((n) => n >= 0 && isEditable(view, n)) ?? -1;
  if (node >= 0 && view.level === "near") drawCard(view, node, { ...lookOf(view, node), handle: true });
}

/** @param {View} view @param {number} node */
function isEditable({ trace }, node) {
  return (trace.nodes.flags[node] & NODE.editable) !== 0;
}

/** @param {View} view @param {State} state */
function drawRings(view, { selected, focused, selectedGroup, focusedGroup }) {
  if (selectedGroup >= 0) drawFrameRing(view, selectedGroup, view.theme.ink, SELECTION.width, 0);
  if (focusedGroup >= 0) drawFrameRing(view, focusedGroup, view.theme.forward.mark, FOCUS.width, FOCUS.offset);
  if (selected >= 0) drawRing(view, selected, view.theme.ink, SELECTION.width, SELECTION.offset);
  if (focused < 0) return;
  const offset = focused === selected ? SELECTION.offset + 4 : FOCUS.offset;
  drawRing(view, focused, view.theme.forward.mark, FOCUS.width, offset);
}

/** A bead on each lit edge; gradients run against the arrow. @param {View} view @param {number[]} lit @param {number} share */
function drawPulses(view, lit, share) {
  const { context, theme, trace } = view;
  const phase = phaseAt(trace, view.position);
  const role = phase === PHASE.forward ? theme.forward : theme.gradient;
  const unit = Math.max(1, 0.6 / view.k);
  for (const edge of lit) {
    const { x, y } = along(flatten(trace.edges, edge), phase === PHASE.backward ? 1 - share : share);
    bead(context, x, y, 10 * unit, role.mark, 0.25);
    bead(context, x, y, 5 * unit, role.mark, 1);
    bead(context, x, y, 2 * unit, theme.surface, 1);
  }
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} radius @param {string} color @param {number} alpha */
function bead(context, x, y, radius, color, alpha) {
  context.globalAlpha = alpha;
  context.fillStyle = color;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
  context.globalAlpha = 1;
}
