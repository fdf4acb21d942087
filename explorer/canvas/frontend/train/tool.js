// @ts-check
/** Training on the canvas: the strip below the transport, and what keys, buttons and the clock do meanwhile. */

/** @typedef {import("../tools.js").Kit} Kit */
/** @typedef {import("../tools.js").Tool} Tool */

import { createDriver } from "./driver.js";
import { createStrip } from "./strip.js";

/** @param {Kit} kit @returns {Tool} */
export function createTraining(kit) {
  const driver = createDriver(kit.store, kit.actions);
  kit.actions.pilot = driver.pilot;
  return {
    activity: "train",
    under: [driver.part, createStrip(kit, driver)],
    bindings: [
      {
        title: "Train",
        bindings: [
          { caps: ["N", "P"], says: "a gradient step on, back", keys: { n: () => driver.ask("step", { n: 1 }), p: () => driver.ask("step", { n: -1 }) } },
          { caps: ["T"], says: "train, pause", keys: { t: () => driver.toggle() } },
          { caps: ["W"], says: "watch steps, phases, operations", keys: { w: () => driver.watchNext() } },
          { caps: ["X"], says: "back to the seeded start", keys: { x: () => driver.ask("reset") } },
        ],
      },
    ],
  };
}
