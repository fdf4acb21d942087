// @ts-check
/** Starts the canvas in a page of its own: the traces lie in the page, and what Python would answer is answered here. */

import { createApp } from "../canvas/frontend/app.js";
import { decode } from "../canvas/frontend/wire.js";

/**
 * @typedef {import("../canvas/frontend/types.js").Trace} Trace
 * @typedef {{name: string, serial: number, key?: string, id?: string, n?: number, direction?: string}} Event
 * @typedef {{depths: number, direction: "lr" | "tb", traces: Record<string, string>}} Packed  Traces by direction and
 *   depth, compressed, as base64; "start" is the depth of the page as it opens.
 */

/** @param {string} id */
const textOf = (id) => document.getElementById(id)?.textContent ?? "";

/** @param {string} packed @returns {Promise<Uint8Array>} */
async function unpacked(packed) {
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function start() {
  const host = /** @type {HTMLElement} */ (document.getElementById("graph"));
  const root = host.attachShadow({ mode: "open" });
  const style = new CSSStyleSheet();
  style.replaceSync(textOf("sheet"));
  root.adoptedStyleSheets = [style];

  /** @type {Packed} */
  const packed = JSON.parse(textOf("traces"));
  /** @type {Map<string, Uint8Array>} */
  const known = new Map();
  let shown = `${packed.direction}/start`;
  let last = 0;

  /** @param {string} key */
  async function bytesOf(key) {
    let bytes = known.get(key);
    if (!bytes) known.set(key, (bytes = await unpacked(packed.traces[key])));
    return bytes;
  }

  /** @param {string} key */
  async function show(key) {
    if (!(key in packed.traces)) return;
    shown = key;
    app.receive(await bytesOf(key), answer);
  }

  /** @param {Record<string, unknown>[]} events */
  function answer(events) {
    for (const event of /** @type {Event[]} */ (events)) {
      if (event.serial <= last) continue;
      last = event.serial;
      void reply(event);
    }
  }

  /** @param {Event} event */
  async function reply({ name, key, id, n, direction }) {
    const [way, depth] = shown.split("/");
    if (name === "orient") return show(`${direction}/${depth}`);
    if (name === "depth") return show(`${way}/${n}`);
    if (name === "toggle") return show(`${way}/${toggled(decode(await bytesOf(shown)), String(key))}`);
    if (name === "reveal") return reveal(way, String(id));
  }

  /** Groups open level by level: a closed one with all of its depth, an open one closes with them. @param {Trace} trace @param {string} key */
  function toggled({ groups }, key) {
    const group = groups.find((each) => each.key === key);
    if (!group) return "";
    return Math.max(0, Math.min(packed.depths, group.node < 0 ? group.depth - 1 : group.depth));
  }

  /** The first level at which a node or a group is seen. @param {string} way @param {string} id */
  async function reveal(way, id) {
    for (let depth = 0; depth <= packed.depths; depth++) {
      const trace = decode(await bytesOf(`${way}/${depth}`));
      if (trace.nodes.id.includes(id) || trace.groups.some((group) => group.key === id)) return show(`${way}/${depth}`);
    }
  }

  const app = createApp(root, true);
  await show(shown);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => show(shown));
}

start().catch((problem) => {
  const note = /** @type {HTMLElement} */ (document.getElementById("problem"));
  note.textContent = `The graph could not be shown: ${problem}. A browser of 2023 or later is needed.`;
  note.hidden = false;
});
