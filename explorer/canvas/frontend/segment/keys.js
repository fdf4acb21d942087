// @ts-check
/** The keys of the activity Segment, as the help sheet lists them. */

/**
 * @typedef {object} Acts
 * @property {() => void} add
 * @property {(direction: -1 | 1, every: boolean) => void} step
 * @property {() => void} remove
 * @property {() => void} next
 * @property {() => void} stroke
 * @property {(direction: -1 | 1) => void} send
 * @property {() => void} rename
 * @property {() => void} undo
 * @property {() => void} redo
 */

/** @param {Acts} acts @returns {import("../bindings.js").Group[]} */
export function bindingsOf(acts) {
  const step = (/** @type {-1 | 1} */ direction, /** @type {boolean} */ every) => () => acts.step(direction, every);
  const still = () => {};
  return [
    {
      title: "Segment",
      bindings: [
        { caps: ["X"], says: "new cut here", keys: { x: acts.add } },
        { caps: ["K"], says: "next cut", keys: { k: acts.next } },
        {
          caps: ["↑", "↓"],
          says: "the cut from waist to waist",
          keys: { ArrowUp: step(-1, false), ArrowLeft: step(-1, false), ArrowDown: step(1, false), ArrowRight: step(1, false) },
        },
        {
          caps: ["⇧", "↑", "↓"],
          says: "by one level; ⇧ or Alt while dragging: freely",
          keys: { "Shift+ArrowUp": step(-1, true), "Shift+ArrowLeft": step(-1, true), "Shift+ArrowDown": step(1, true), "Shift+ArrowRight": step(1, true) },
        },
        { caps: ["Del"], says: "remove the cut", keys: { Delete: acts.remove, Backspace: acts.remove } },
        { caps: ["S"], says: "cut freely by a stroke, or Alt and drag", keys: { s: acts.stroke } },
        { caps: ["[", "]"], says: "the node to the segment before, after", keys: { "[": () => acts.send(-1), "]": () => acts.send(1) } },
        { caps: ["N"], says: "name the cut", keys: { n: acts.rename } },
        // Nothing is stepped through while cutting, and cards show neither gradients nor local derivatives.
        {
          caps: ["Z", "Y"],
          says: "undo, redo cuts",
          keys: { z: acts.undo, y: acts.redo, " ": still, Home: still, End: still, b: still, v: still, g: still, j: still, 5: still, i: still },
        },
      ],
    },
  ];
}
