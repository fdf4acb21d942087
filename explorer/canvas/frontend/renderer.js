// @ts-check
/**
 * Two canvases: the base holds the graph as it rests at a position, the overlay what is lit, held and hovered.
 * A step repaints on the base only what it changed, and panning slides the picture and paints what comes into view; the
 * overlay is small and is painted whole.
 */

/**
 * @typedef {import("./types.js").State} State
 * @typedef {import("./types.js").Trace} Trace
 * @typedef {import("./scene.js").Scene} Scene
 * @typedef {import("./scene.js").Rect} Rect
 * @typedef {import("./theme.js").Theme} Theme
 * @typedef {import("./card.js").View} View
 * @typedef {{theme: Theme, scene: Scene, was: ReadonlyMap<number, number>, scrub: View["scrub"], moving: Trace | null}} Surroundings  `moving`: the trace while its cards are on their way.
 */

import { aligned, exposed, onScreen, unscreened, visible } from "./camera.js";
import { lookOf, restingState } from "./card.js";
import { drawCard } from "./cards.js";
import { drawChips } from "./chips.js";
import { drawEdges } from "./edges.js";
import { drawFarCards } from "./far.js";
import { drawFrames, drawPorts } from "./frames.js";
import { levelFor } from "./look.js";
import { paintOverlay } from "./overlay.js";
import { litKin } from "./kin.js";
import { around, grown } from "./scene.js";
import { sheetOf } from "./sheet.js";
import { createSurface } from "./surface.js";
import { phaseAt, receiver } from "./timeline.js";
import { PHASE } from "./wire.js";

/** Chips and halos reach out of the boxes of what they belong to. */
const REACH = 90;
const SLOW_MS = 12;
const SHARPEN_MS = 140;

/**
 * @param {HTMLElement} stage
 * @param {() => import("./tools.js").Drawn} state
 * @param {() => Surroundings | null} surroundings
 * @param {() => import("./motion.js").Progress} progress
 * @param {() => import("./tools.js").Tool[]} tools  Those at work.
 */
export function createRenderer(stage, state, surroundings, progress, tools) {
  const base = createSurface("xp-base");
  const overlay = createSurface("xp-overlay");
  stage.append(base.element, overlay.element);
  /** @type {import("./look.js").Level} */
  let level = "near";
  /** @type {Uint8Array | null} */
  let lit = null;
  /** @type {Uint8Array | null} */
  let found = null;
  /** What of the base must be painted: nothing, a part of the world, or all. @type {Rect | "all" | null} */
  let stale = "all";
  /** From where the picture on the base is seen. @type {import("./types.js").Camera | null} */
  let painted = null;
  let scheduled = 0;
  let ahead = 0;
  let cost = 0;
  let blurred = false;
  let sharpening = 0;
  /** The first of the moments shown at once. */
  let from = 0;

  const size = () => ({ width: stage.clientWidth, height: stage.clientHeight });

  /** @param {CanvasRenderingContext2D} context @param {Surroundings} around @returns {View} */
  function viewOn(context, { theme, scene, was, scrub, moving }) {
    const { position, layers: chosen, camera, coloring } = state();
    const sheet = sheetOf(scene.trace, coloring);
    const layers = scene.trace.twin ? { ...chosen, values: false } : chosen;
    return { context, trace: moving ?? scene.trace, scene, theme, position, layers, level, sheet, k: camera.k, lit, found, was, scrub };
  }

  /** In this very frame. */
  function paint() {
    cancelAnimationFrame(scheduled);
    scheduled = 0;
    const around = surroundings();
    const { width, height } = size();
    if (!around || !width || !height) return;
    fitSurfaces(width, height);
    level = levelFor(around.scene.trace.nodes.w[0] * state().camera.k, level);
    const camera = aligned(state().camera, base.ratio());
    if (stale !== "all") slide(around, camera);
    if (stale) paintBase(around, camera, stale === "all" ? null : stale);
    stale = null;
    overlay.begin(camera, null);
    const view = viewOn(overlay.context, around);
    const now = state();
    paintOverlay(view, now, now.rests ? now.position : from, progress());
    for (const tool of tools()) tool.above?.(view, now);
    overlay.end();
  }

  /** @param {number} width @param {number} height */
  function fitSurfaces(width, height) {
    if (base.resize(width, height, blurred ? 1 : devicePixelRatio)) stale = "all";
    overlay.resize(width, height, devicePixelRatio);
  }

  /** The picture moves along with the camera; only the strips that come into view are painted. @param {Surroundings} around @param {import("./types.js").Camera} camera */
  function slide(around, camera) {
    if (!painted || painted.k !== camera.k) return void (stale = "all");
    const [dx, dy] = [camera.x - painted.x, camera.y - painted.y];
    const { width, height } = size();
    if (!dx && !dy) return;
    if (Math.abs(dx) * 2 > width || Math.abs(dy) * 2 > height) return void (stale = "all");
    base.slide(Math.round(dx * base.ratio()), Math.round(dy * base.ratio()));
    for (const strip of exposed(dx, dy, width, height)) paintBase(around, camera, unscreened(camera, strip));
  }

  /** @param {Surroundings} around @param {import("./types.js").Camera} camera @param {Rect | null} part  Of the world. */
  function paintBase(around, camera, part) {
    const since = performance.now();
    painted = camera;
    base.begin(camera, part && onScreen(camera, part));
    const view = viewOn(base.context, around);
    const rect = part ?? visible(camera, size());
    for (const tool of tools()) tool.beneath?.(view, rect);
    drawRegion(view, rect);
    for (const tool of tools()) tool.inscribe?.(view, rect);
    base.end();
    if (!part) cost = performance.now() - since;
  }

  function schedule() {
    if (!scheduled) scheduled = requestAnimationFrame(paint);
  }

  /** Ahead of the frame, which then has less to do; what more comes before it waits for it. */
  function paintAhead() {
    if (ahead) return schedule();
    ahead = requestAnimationFrame(() => void (ahead = 0));
    queueMicrotask(paint);
  }

  function refresh() {
    stale = "all";
    schedule();
  }

  /** While a slow camera zooms, one pixel a pixel is enough. */
  function cameraMoved() {
    if (painted?.k === state().camera.k) return schedule();
    if (cost > SLOW_MS && devicePixelRatio > 1) blurred = true;
    clearTimeout(sharpening);
    if (blurred) sharpening = window.setTimeout(sharpen, SHARPEN_MS);
    refresh();
  }

  function sharpen() {
    blurred = false;
    refresh();
  }

  /** @param {number} before @param {number} now */
  function positionMoved(before, now) {
    const around = surroundings();
    if (!around) return;
    from = firstShown(around.scene.trace, before, now);
    const changed = changedPart(around.scene, before, now);
    if (!changed || stale === "all") stale = "all";
    else stale = stale ? bothOf(stale, changed) : changed;
    paintAhead();
  }

  return {
    overlay: overlay.element,
    size,
    level: () => level,
    refresh,
    refreshOverlay: schedule,
    paint,
    cameraMoved,
    positionMoved,
    /** Other nodes stay lit, while the rest recedes: what is looked for goes before kin. @param {State} now */
    litChanged(now) {
      found = now.finding?.lit ?? null;
      lit = found ?? litKin(now);
      refresh();
    },
    /** Where a new trace begins to be shown. @param {number} position */
    show(position) {
      from = Math.max(0, position - 1);
    },
    cost: () => cost,
    destroy() {
      cancelAnimationFrame(scheduled);
      cancelAnimationFrame(ahead);
      clearTimeout(sharpening);
    },
  };
}

const bothOf = around;

/** @param {View} view @param {Rect} rect */
function drawRegion(view, rect) {
  const isMoving = view.trace !== view.scene.trace;
  const edges = isMoving ? [...view.trace.edges.source.keys()] : view.scene.edgesIn(grown(rect, REACH));
  const nodes = isMoving ? [...view.trace.nodes.id.keys()] : view.scene.nodesIn(grown(rect, REACH));
  drawFrames(view, rect);
  drawEdges(view, edges);
  drawPorts(view, rect);
  if (view.level === "far") drawFarCards(view, nodes);
  else for (const node of nodes) drawCard(view, node, resting(lookOf(view, node)));
  drawChips(view, edges);
}

/** The base knows no active card: the overlay lays it on top. @param {import("./card.js").Look} look */
function resting(look) {
  return { ...look, state: restingState(look.state) };
}

/** The first of the moments that a move shows together: all that one node hands out at once, else the last alone. @param {Trace} trace @param {number} before @param {number} now */
function firstShown({ moments }, before, now) {
  const last = now - 1;
  if (before >= last || before < 0) return Math.max(0, last);
  for (let m = before; m < last; m++) {
    if (moments.node[m] !== moments.node[last] || moments.phase[m] !== moments.phase[last]) return last;
  }
  return before;
}

/** The part of the world that looks different, or null for all of it. @param {Scene} scene @param {number} before @param {number} now @returns {Rect | null} */
function changedPart(scene, before, now) {
  const { trace } = scene;
  const forward = phaseAt(trace, before) <= PHASE.forward;
  if (forward !== phaseAt(trace, now) <= PHASE.forward || Math.abs(now - before) > 32) return null;
  /** @type {Rect | null} */
  let part = null;
  for (let m = Math.min(before, now); m < Math.max(before, now); m++) {
    const own = grown(momentRect(scene, m), REACH);
    part = part ? around(part, own) : own;
  }
  return part;
}

/** @param {Scene} scene @param {number} moment */
function momentRect(scene, moment) {
  const { trace } = scene;
  let rect = scene.nodeRect(receiver(trace, moment));
  const edge = trace.moments.edge[moment];
  if (edge >= 0) return around(rect, scene.edgeRect(edge));
  const [first, end] = scene.inputs(trace.moments.node[moment]);
  for (let e = first; e < end; e++) rect = around(rect, scene.edgeRect(e));
  return rect;
}
