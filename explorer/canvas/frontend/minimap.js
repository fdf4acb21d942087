// @ts-check
/** The whole graph, small, in a corner: where one is in it, and a way to get elsewhere. Not there where all is in view. */

/**
 * @typedef {import("./tools.js").Kit} Kit
 * @typedef {import("./tools.js").Tool} Tool
 * @typedef {import("./types.js").State} State
 * @typedef {import("./scene.js").Rect} Rect
 */

import { shows, visible } from "./camera.js";
import { h } from "./dom.js";
import { receiver } from "./timeline.js";
import { createSurface } from "./surface.js";
import { phaseAt } from "./timeline.js";
import { PHASE } from "./wire.js";

const MOST = { width: 150, height: 130 };
const LEAST = 44;
const PADDING = 6;
/** Smaller canvases have no room for it. */
const ROOM = { width: 560, height: 320 };
/** A node is so many pixels at least. */
const DOT = 1.5;

/** @param {Kit} kit @returns {Tool} */
export function createMinimap(kit) {
  const { store, actions, size, scene, theme } = kit;
  const graph = createSurface("xp-map-graph");
  const frame = createSurface("xp-map-frame");
  const element = h("div", { class: "xp-map", role: "img", "aria-label": "Map of the graph: the frame is what is in view", hidden: true }, graph.element, frame.element);
  let isOn = true;
  let isStale = true;
  let scheduled = 0;
  let held = false;

  function schedule() {
    if (!scheduled) scheduled = requestAnimationFrame(draw);
  }

  /** The scale and the place of the world on the map. @param {Rect} bounds */
  function fit({ left, top, right, bottom }) {
    const [w, h] = [Math.max(1, right - left), Math.max(1, bottom - top)];
    const k = Math.min(MOST.width / w, MOST.height / h);
    const [width, height] = [Math.max(LEAST, w * k), Math.max(LEAST, h * k)];
    return { width: width + 2 * PADDING, height: height + 2 * PADDING, k, x: PADDING + (width - w * k) / 2 - left * k, y: PADDING + (height - h * k) / 2 - top * k };
  }

  function isWanted() {
    const now = scene();
    const { width, height } = size();
    return isOn && now !== null && width >= ROOM.width && height >= ROOM.height && !shows(store.get().camera, now.bounds, { width, height });
  }

  function draw() {
    scheduled = 0;
    const now = scene();
    element.hidden = !isWanted() && !held;
    if (!now || element.hidden) return;
    const { width, height, ...camera } = fit(now.bounds);
    element.style.width = `${width}px`;
    element.style.height = `${height}px`;
    if (graph.resize(width, height, devicePixelRatio) || isStale) drawGraph(camera);
    frame.resize(width, height, devicePixelRatio);
    drawFrame(camera);
    isStale = false;
  }

  /** @param {import("./types.js").Camera} camera */
  function drawGraph(camera) {
    const now = scene();
    if (!now) return;
    const { nodes, groups } = now.trace;
    const { context } = graph;
    const { sunken, line, edge } = theme();
    graph.begin(camera, null);
    context.lineWidth = 1 / camera.k;
    context.fillStyle = sunken;
    context.strokeStyle = line;
    for (const { x, y, w, h } of groups.flatMap(({ frames }) => frames)) {
      context.fillRect(x, y, w, h);
      context.strokeRect(x, y, w, h);
    }
    context.fillStyle = edge;
    const least = DOT / camera.k;
    for (let n = 0; n < nodes.count; n++) context.fillRect(nodes.x[n], nodes.y[n], Math.max(least, nodes.w[n]), Math.max(least, nodes.h[n]));
    graph.end();
  }

  /** What is in view, and the node at work. @param {import("./types.js").Camera} camera */
  function drawFrame(camera) {
    const { trace, position, camera: main } = store.get();
    const now = scene();
    if (!trace || !now) return;
    const { context } = frame;
    const { forward, gradient, ink } = theme();
    frame.begin(camera, null);
    if (position > 0) {
      const { left, top, right, bottom } = now.nodeRect(receiver(trace, position - 1));
      const reach = 3 / camera.k;
      context.fillStyle = phaseAt(trace, position) === PHASE.forward ? forward.mark : gradient.mark;
      context.fillRect(left - reach / 2, top - reach / 2, Math.max(reach, right - left) + reach, Math.max(reach, bottom - top) + reach);
    }
    const { left, top, right, bottom } = clipped(visible(main, size()), now.bounds, PADDING / camera.k);
    context.strokeStyle = ink;
    context.lineWidth = 1.5 / camera.k;
    context.beginPath();
    context.roundRect(left, top, right - left, bottom - top, 2 / camera.k);
    context.stroke();
    frame.end();
  }

  /** @param {PointerEvent} event */
  function look(event) {
    const now = scene();
    if (!now || !held) return;
    const { left, top } = element.getBoundingClientRect();
    const { k, x, y } = fit(now.bounds);
    actions.lookAt((event.clientX - left - x) / k, (event.clientY - top - y) / k);
  }

  element.addEventListener("pointerdown", (event) => {
    held = true;
    element.setPointerCapture(event.pointerId);
    look(event);
  });
  element.addEventListener("pointermove", look);
  for (const end of /** @type {const} */ (["pointerup", "pointercancel"])) {
    element.addEventListener(end, () => {
      held = false;
      schedule();
    });
  }
  const resized = new ResizeObserver(schedule);
  resized.observe(kit.stage);

  return {
    activity: "",
    over: [
      {
        element,
        update(_, changed) {
          if (changed.has("trace") || changed.has("theme")) isStale = true;
          if (isStale || changed.has("camera") || changed.has("position")) schedule();
        },
        destroy() {
          cancelAnimationFrame(scheduled);
          resized.disconnect();
        },
      },
    ],
    bindings: [
      {
        title: "View",
        bindings: [
          {
            caps: ["H"],
            says: "map of the whole graph",
            keys: {
              h: () => {
                isOn = !isOn;
                schedule();
              },
            },
          },
        ],
      },
    ],
  };
}

/** The part of a rectangle that is on the map, which reaches a little beyond the graph. @param {Rect} rect @param {Rect} bounds @param {number} beyond @returns {Rect} */
function clipped(rect, bounds, beyond) {
  const inset = beyond * 0.4;
  const within = (/** @type {number} */ v, /** @type {number} */ low, /** @type {number} */ high) => Math.min(Math.max(v, low - inset), high + inset);
  return {
    left: within(rect.left, bounds.left, bounds.right),
    right: within(rect.right, bounds.left, bounds.right),
    top: within(rect.top, bounds.top, bounds.bottom),
    bottom: within(rect.bottom, bounds.top, bounds.bottom),
  };
}
