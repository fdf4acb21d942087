// @ts-check
/** Moves the camera: by the hand at once, by keys, steps and new graphs in a short flight. */

/**
 * @typedef {import("./types.js").Camera} Camera
 * @typedef {import("./types.js").State} State
 * @typedef {import("./types.js").Trace} Trace
 * @typedef {import("./scene.js").Scene} Scene
 * @typedef {import("./camera.js").Size} Size
 */

import { centred, fitted, opening, panned, revealed, showsClearly, visible, zoomed } from "./camera.js";
import { sameProgram } from "./carry.js";
import { around } from "./scene.js";
import { receiver } from "./timeline.js";

/** The share of the canvas that is left free on the side that the steps go to. */
const LOOK_AHEAD = 0.2;
/** Two cards further apart than this share of the canvas are not brought into view together. */
const TOGETHER = 0.6;
/** So much of a large frame is brought into view. */
const GLANCE = 240;

/**
 * @param {import("./store.js").Store} store
 * @param {ReturnType<typeof import("./motion.js").createMotion>} motion
 * @param {() => Size} size
 * @param {() => Scene | null} scene
 */
export function createViewpoint(store, motion, size, scene) {
  let opened = false;
  /** What the camera shows until it is told otherwise; the reader's own view is left alone. @type {"first" | "whole" | "own"} */
  let view = "first";
  /** @type {Size} */
  let room = { width: 0, height: 0 };
  /** Whether the camera was last sent after a step. */
  let follows = false;

  /** Keys that follow each other quickly build on where the camera will be. */
  const goal = () => motion.goal() ?? store.get().camera;

  /** @param {Camera} camera */
  function fly(camera) {
    follows = false;
    if (camera !== goal()) motion.fly(store.get().camera, camera);
  }

  /** The camera is taken out of its flight. @param {Camera} camera */
  function put(camera) {
    motion.land();
    store.set({ camera });
  }

  /** The reader chooses where to look. @param {(camera: Camera) => void} move  `fly` or `put`. @param {Camera} camera */
  function own(move, camera) {
    view = "own";
    move(camera);
  }

  /** @param {Scene} now */
  const ofProgram = (now) => (view === "whole" ? fitted(now.bounds, size()) : firstView(now, store.get().position, size()));

  /** The first view, as soon as there is something to see and room to see it in. */
  function open() {
    const now = scene();
    const { width, height } = size();
    if (opened || !now || !width || !height) return;
    opened = true;
    room = { width, height };
    put(ofProgram(now));
  }

  /** The canvas has another size: its own views are taken anew, the reader's keeps its middle. */
  function resize() {
    const now = scene();
    const { width, height } = size();
    if (!now || !opened) return open();
    const [dx, dy] = [(width - room.width) / 2, (height - room.height) / 2];
    if (!width || !height || (!dx && !dy)) return;
    room = { width, height };
    put(view === "own" ? panned(goal(), dx, dy) : ofProgram(now));
  }

  /** A step that would not be seen is brought into view, with room for those that follow. @param {number} position */
  function follow(position) {
    const now = scene();
    if (!now || position < 1) return;
    const rect = placeOf(now, position - 1, visible(goal(), size()));
    if (showsClearly(goal(), rect, size())) return;
    fly(revealed(goal(), rect, size(), LOOK_AHEAD));
    follows = true;
  }

  return {
    resize,
    follow,
    isOpen: () => opened,
    /** The ids of a trace's nodes, those whose corners are nearest to the middle of the canvas first. @param {Trace} trace */
    nearest({ nodes }) {
      const { left, right, top, bottom } = visible(store.get().camera, size());
      const away = (/** @type {number} */ node) => Math.hypot(nodes.x[node] - (left + right) / 2, nodes.y[node] - (top + bottom) / 2);
      const order = Array.from(nodes.id.keys(), (node) => ({ node, away: away(node) })).sort((a, b) => a.away - b.away);
      return order.map(({ node }) => nodes.id[node]);
    },
    fit() {
      const now = scene();
      view = "whole";
      if (now) fly(fitted(now.bounds, size()));
    },
    /** About the middle. @param {number} factor */
    zoom: (factor) => own(fly, zoomed(goal(), factor, size().width / 2, size().height / 2)),
    /** @param {number} k */
    zoomTo: (k) => own(fly, zoomed(goal(), k / goal().k, size().width / 2, size().height / 2)),
    /** @param {number} dx @param {number} dy */
    pan: (dx, dy) => own(fly, panned(goal(), dx, dy)),
    /** A point of the world in the middle, at once. @param {number} x @param {number} y */
    lookAt(x, y) {
      const { k } = store.get().camera;
      own(put, { k, x: size().width / 2 - k * x, y: size().height / 2 - k * y });
    },
    /** @param {number} dx @param {number} dy */
    drag: (dx, dy) => own(put, panned(store.get().camera, dx, dy)),
    /** @param {number} factor @param {number} x @param {number} y */
    zoomAt: (factor, x, y) => own(put, zoomed(store.get().camera, factor, x, y)),
    /** @param {number} node @param {number} [margin]  A share of the canvas. */
    reveal(node, margin) {
      const now = scene();
      if (now) fly(revealed(goal(), now.nodeRect(node), size(), margin));
    },
    /** The title of an open group. @param {number} group */
    revealGroup(group) {
      const frame = scene()?.trace.groups[group].frames[0];
      if (!frame) return;
      const { x, y } = frame;
      fly(revealed(goal(), { left: x, top: y, right: x + Math.min(frame.w, GLANCE), bottom: y + Math.min(frame.h, GLANCE) }, size()));
    },
    /** @param {number} node */
    centre(node) {
      const now = scene();
      if (now) own(fly, centred(goal(), now.nodeRect(node), size()));
    },
    /** A point of the world before stays where it is on screen, now that it is elsewhere. @param {{x: number, y: number}} shift  Of the world. */
    hold(shift) {
      const { camera, position } = store.get();
      const [to, followed] = [motion.goal(), follows];
      put(shifted(camera, shift));
      if (to) fly(shifted(to, shift));
      if (to && followed) follow(position);
    },
    /** Another program or another direction is shown anew; of an edited one the reader's own view stays, unless it would see nothing. @param {Trace | null} old */
    adopt(old) {
      const now = scene();
      if (!now || !opened || !old) return open();
      const turned = old.orientation !== now.trace.orientation;
      const isSeen = now.nodesIn(visible(store.get().camera, size())).length > 0;
      if (turned || !isSeen || !sameProgram(old, now.trace)) view = "first";
      if (view !== "own") fly(ofProgram(now));
    },
  };
}

/** @param {Camera} camera @param {{x: number, y: number}} shift  Of the world. */
const shifted = (camera, shift) => panned(camera, -shift.x * camera.k, -shift.y * camera.k);

/** @param {Scene} scene @param {number} position @param {Size} size */
function firstView({ bounds, nodeRect, trace }, position, size) {
  const start = nodeRect(position > 0 ? receiver(trace, position - 1) : 0);
  return opening(bounds, start, size, trace.nodes.count);
}

/** The card at work, with the one where the number lands unless they are too far apart. @param {Scene} scene @param {number} moment @param {import("./scene.js").Rect} room */
function placeOf({ trace, nodeRect }, moment, room) {
  const work = nodeRect(trace.moments.node[moment]);
  const both = around(work, nodeRect(receiver(trace, moment)));
  const isWide = both.right - both.left > TOGETHER * (room.right - room.left);
  const isHigh = both.bottom - both.top > TOGETHER * (room.bottom - room.top);
  return isWide || isHigh ? work : both;
}
