// @ts-check
/** Starts the canvas in a page of its own: the traces lie in the page, and what Python would answer is answered here. */

import { createApp } from "../canvas/frontend/app.js";
import { decode } from "../canvas/frontend/wire.js";

/**
 * @typedef {import("../canvas/frontend/types.js").Trace} Trace
 * @typedef {{name: string, serial: number, key?: string, id?: string, n?: number, direction?: string}} Event
 * @typedef {Record<string, string>} Traces  By direction and depth, compressed, as base64; "start" is the depth of the
 *   page as it opens.
 * @typedef {{depths: number, direction: "lr" | "tb", traces: Traces, twin?: Traces}} Packed  `twin`: of the autograd graph.
 * @typedef {ReturnType<typeof createView>} View
 */

/** @param {string} id */
const textOf = (id) => document.getElementById(id)?.textContent ?? "";

/** @param {string} packed @returns {Promise<Uint8Array>} */
async function unpacked(packed) {
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * A canvas in the element of that id, and its traces.
 * @param {string} id @param {Traces} traces @param {(view: View, event: Event) => void} reply
 */
function createView(id, traces, reply) {
  const root = /** @type {HTMLElement} */ (document.getElementById(id)).attachShadow({ mode: "open" });
  const style = new CSSStyleSheet();
  style.replaceSync(textOf("sheet"));
  root.adoptedStyleSheets = [style];
  const app = createApp(root, true);
  /** @type {Map<string, Uint8Array>} */
  const known = new Map();
  let last = 0;

  /** @param {Record<string, unknown>[]} events */
  function answer(events) {
    for (const event of /** @type {Event[]} */ (events)) {
      if (event.serial <= last) continue;
      last = event.serial;
      reply(view, event);
    }
  }

  const view = {
    /** @param {string} key */
    async bytesOf(key) {
      let bytes = known.get(key);
      if (!bytes) known.set(key, (bytes = await unpacked(traces[key])));
      return bytes;
    },
    /** @param {string} key */
    async show(key) {
      app.receive(await view.bytesOf(key), answer);
    },
  };
  return view;
}

async function start() {
  /** @type {Packed} */
  const packed = JSON.parse(textOf("traces"));
  let shown = `${packed.direction}/start`;

  /** @param {string} key */
  async function show(key) {
    if (!(key in packed.traces)) return;
    shown = key;
    for (const view of views) await view.show(key);
  }

  /** @param {View} view @param {Event} event */
  async function reply(view, { name, key, id, n, direction }) {
    const [way, depth] = shown.split("/");
    if (name === "orient") return show(`${direction}/${depth}`);
    if (name === "depth") return show(`${way}/${n}`);
    if (name === "toggle") return show(`${way}/${toggled(decode(await view.bytesOf(shown)), String(key))}`);
    if (name === "reveal") return reveal(view, way, String(id));
  }

  /** Groups open level by level: a closed one with all of its depth, an open one closes with them. @param {Trace} trace @param {string} key */
  function toggled({ groups }, key) {
    const group = groups.find((each) => each.key === key);
    if (!group) return "";
    return Math.max(0, Math.min(packed.depths, group.node < 0 ? group.depth - 1 : group.depth));
  }

  /** The first level at which a node or a group is seen. @param {View} view @param {string} way @param {string} id */
  async function reveal(view, way, id) {
    for (let depth = 0; depth <= packed.depths; depth++) {
      const trace = decode(await view.bytesOf(`${way}/${depth}`));
      if (trace.nodes.id.includes(id) || trace.groups.some((group) => group.key === id)) return show(`${way}/${depth}`);
    }
  }

  const views = [createView("graph", packed.traces, reply), ...(packed.twin ? [createView("twin", packed.twin, reply)] : [])];
  await show(shown);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => show(shown));
}

start().catch((problem) => {
  const note = /** @type {HTMLElement} */ (document.getElementById("problem"));
  note.textContent = `The graph could not be shown: ${problem}. A browser of 2023 or later is needed.`;
  note.hidden = false;
});
