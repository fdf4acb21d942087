// @ts-check
/** From the page to the canvas, to the world, to a place along the flow. */

/**
 * @typedef {import("../route.js").Point} Point
 * @typedef {ReturnType<typeof createPlaces>} Places
 */

import { cutAt } from "./stand.js";

/** A line is taken hold of within so many pixels. */
const REACH = 8;
/** Pixels outside of the canvas, and across the strip, at which a cut is let go for good. */
const [OFF, OFF_STRIP] = [28, 170];
/** Cards narrower than this are too small to be carried by hand. */
const SMALLEST_CARD = 44;

/** @param {import("../tools.js").Kit} kit @param {import("./cutting.js").Cutting} cutting */
export function createPlaces(kit, cutting) {
  const isDown = () => cutting.stand()?.model.down ?? true;

  /** @param {MouseEvent} event @returns {Point} in CSS pixels of the canvas */
  function onStage(event) {
    const { left, top } = kit.stage.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  /** @param {Point} point  CSS pixels of the canvas. @returns {Point} */
  function world({ x, y }) {
    const { camera } = kit.store.get();
    return { x: (x - camera.x) / camera.k, y: (y - camera.y) / camera.k };
  }

  /** @param {Point} point  Of the world. */
  const along = ({ x, y }) => (isDown() ? y : x);

  /** The topmost card there, or -1. @param {Point} point  Of the world. */
  const cardAt = ({ x, y }) => kit.scene()?.nodesIn({ left: x, right: x, top: y, bottom: y }).pop() ?? -1;

  return {
    isDown,
    world,
    along,
    /** @param {MouseEvent} event */
    alongOf: (event) => along(world(onStage(event))),
    /** @param {Point} point  CSS pixels. */
    isOff({ x, y }) {
      const { width, height } = kit.size();
      const [right, bottom] = isDown() ? [OFF_STRIP, OFF] : [OFF, OFF_STRIP];
      return x < -OFF || y < -OFF || x > width + right || y > height + bottom;
    },
    onStage,
    middle: () => along(world({ x: kit.size().width / 2, y: kit.size().height / 2 })),
    /** The cut whose line is there, beside the cards; or -1. @param {Point} point  Of the world. */
    lineAt(point) {
      const stand = cutting.stand();
      return stand && cardAt(point) < 0 ? cutAt(stand, point.x, point.y, REACH / kit.store.get().camera.k) : -1;
    },
    /** The card there, if it is large enough to be carried; or -1. @param {Point} point  Of the world. */
    largeCardAt(point) {
      const node = cardAt(point);
      const trace = kit.scene()?.trace;
      return trace && node >= 0 && trace.nodes.w[node] * kit.store.get().camera.k >= SMALLEST_CARD ? node : -1;
    },
    /** Brings a place along the flow into view. @param {number} place */
    reveal(place) {
      const { camera } = kit.store.get();
      const { width, height } = kit.size();
      const [at, room] = isDown() ? [place * camera.k + camera.y, height] : [place * camera.k + camera.x, width];
      const by = at < 60 ? 60 - at : at > room - 40 ? room - 40 - at : 0;
      if (by) kit.actions.pan(isDown() ? 0 : by, isDown() ? by : 0);
    },
  };
}
