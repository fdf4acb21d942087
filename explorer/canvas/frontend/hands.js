// @ts-check
/** What gestures do: what lies under the pointer is selected, held, opened or moved past. */

/**
 * @typedef {import("./gestures.js").Hands} Hands
 * @typedef {import("./pick.js").Hit} Hit
 */

import { groupAt } from "./groups.js";

const COARSE = 10;
const FINE = 0.1;

/**
 * @param {object} app
 * @param {import("./store.js").Store} app.store
 * @param {import("./types.js").Actions} app.actions
 * @param {ReturnType<typeof import("./scrub.js").createScrub>} app.scrub
 * @param {ReturnType<typeof import("./viewpoint.js").createViewpoint>} app.viewpoint
 * @param {(x: number, y: number) => Hit} app.at
 * @param {() => void} app.touched  A gesture begins.
 * @param {(cursor: string) => void} app.cursor
 * @returns {Hands}
 */
export function createHands({ store, actions, scrub, viewpoint, at, touched, cursor }) {
  const forget = () => store.set({ hovered: -1, hoveredEdge: -1 });

  /** The group under the pointer, open or closed. @param {Hit} hit */
  function keyOf({ node, group }) {
    const { trace } = store.get();
    if (!trace) return undefined;
    return (group >= 0 ? trace.groups[group] : node >= 0 ? groupAt(trace, node) : undefined)?.key;
  }

  return {
    cursor,
    leave: forget,
    grab(x, y) {
      touched();
      const hit = at(x, y);
      store.set({ pressed: hit.node });
      if (!hit.value) return false;
      forget();
      scrub.grab(hit.node);
      return true;
    },
    drag: (dx, { shiftKey, altKey }) => scrub.drag(dx, shiftKey ? FINE : altKey ? COARSE : 1),
    drop: scrub.drop,
    pan(dx, dy) {
      forget();
      viewpoint.drag(dx, dy);
    },
    zoom: viewpoint.zoomAt,
    hover(x, y) {
      const hit = at(x, y);
      const { pressed } = store.get();
      store.set({ hovered: hit.node, hoveredEdge: hit.edge, pressed: hit.node === pressed ? pressed : -1 });
      cursor(hit.value ? "scrub" : hit.node >= 0 || hit.group >= 0 ? "pointer" : "");
    },
    click(x, y) {
      const hit = at(x, y);
      const key = keyOf(hit);
      if (hit.toggle && key) actions.toggle(key);
      else if (hit.group >= 0) actions.selectGroup(hit.group);
      else actions.select(hit.node);
    },
    doubleClick(x, y) {
      const hit = at(x, y);
      const key = keyOf(hit);
      if (hit.value) actions.type(hit.node);
      else if (key) actions.toggle(key);
      else if (hit.node >= 0) viewpoint.centre(hit.node);
      else viewpoint.fit();
    },
  };
}
