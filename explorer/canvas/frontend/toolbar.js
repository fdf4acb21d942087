// @ts-check
/** Over the canvas: which layers are shown, which way the graph runs, and how much of it is seen. */

/** @typedef {import("./types.js").Actions} Actions */
/** @typedef {import("./types.js").Part} Part */
/** @typedef {import("./types.js").State} State */
/** @typedef {import("./store.js").Store} Store */
/** @typedef {keyof State["layers"]} Layer */

import { switchLayer, turnLayout } from "./bindings.js";
import { h, setAttribute, setText } from "./dom.js";
import { openFind } from "./findbar.js";
import { isFullScreen, toggleFullScreen } from "./fullscreen.js";
import { icon } from "./icons.js";
import { switchWalking } from "./walk.js";

/** @type {[Layer, string, string][]} */
const LAYERS = [
  ["values", "Values", "V"],
  ["gradients", "Gradients", "G"],
  ["locals", "Local derivatives", "J"],
];

/** @param {Store} store @param {Actions} actions @param {HTMLElement} root @returns {Part} */
export function createToolbar(store, actions, root) {
  const chips = LAYERS.map(([layer, label, key]) => layerChip(store, layer, label, key));
  const across = turner(store, actions, "lr");
  const down = turner(store, actions, "tb");
  const depth = depthControl(actions);
  const look = h("button", { type: "button", class: "xp-tool", title: "Find (/)", "aria-label": "Find", click: () => openFind({ store, root }) }, icon("find"));
  const walk = h("button", { type: "button", class: "xp-tool", title: "Steps open the groups that they come to (I)", "aria-label": "Steps open groups", "aria-pressed": "false", hidden: true, click: () => switchWalking({ store }) }, icon("walk"));
  const fit = h("button", { type: "button", class: "xp-tool", title: "Fit (F)", "aria-label": "Fit", click: actions.fit }, icon("fit"));
  const full = fullScreenButton(root);
  const element = h(
    "div",
    { class: "xp-toolbar", role: "toolbar", "aria-label": "Canvas" },
    h("div", { class: "xp-chips" }, ...chips),
    h("div", { class: "xp-tools" }, look, walk, depth.element, h("div", { class: "xp-turn" }, across, down), fit, full.element),
  );

  return {
    element,
    update({ layers, trace, walking }, changed) {
      if (changed.has("walking")) setAttribute(walk, "aria-pressed", String(walking));
      if (changed.has("layers")) chips.forEach((chip, place) => setAttribute(chip, "aria-pressed", String(layers[LAYERS[place][0]])));
      if (!changed.has("trace") || !trace) return;
      depth.show(trace);
      walk.hidden = !trace.depth.most;
      setAttribute(across, "aria-pressed", String(trace.orientation === "lr"));
      setAttribute(down, "aria-pressed", String(trace.orientation === "tb"));
    },
    destroy: full.destroy,
  };
}

/** @param {Store} store @param {Layer} layer @param {string} label @param {string} key */
function layerChip(store, layer, label, key) {
  const [first, ...rest] = label.split(" ");
  return h(
    "button",
    { type: "button", class: "xp-chip", "data-layer": layer, "aria-pressed": "true", "aria-label": label, title: `${label} (${key})`, click: () => switchLayer(store, layer) },
    h("i", {}),
    h("span", {}, first, h("span", { class: "xp-wide" }, ...rest.map((word) => ` ${word}`))),
  );
}

/** How many levels of groups are open; nothing where there are no groups. @param {Actions} actions */
function depthControl(actions) {
  const change = (/** @type {-1 | 1} */ direction) => () => actions.deepen(direction);
  const less = h("button", { type: "button", class: "xp-tool", title: "Fewer levels open (,)", "aria-label": "Fewer levels open", click: change(-1) }, icon("less"));
  const more = h("button", { type: "button", class: "xp-tool", title: "More levels open (.)", "aria-label": "More levels open", click: change(1) }, icon("more"));
  const level = h("output", {});
  const slider = /** @type {HTMLInputElement} */ (h("input", { type: "range", class: "xp-level", min: 0, step: 1, "aria-label": "Open down to level", title: "Open down to level (, .)" }));
  slider.addEventListener("input", () => actions.send("depth", { n: Number(slider.value) }));
  const element = h("div", { class: "xp-depth", role: "group", "aria-label": "Levels of groups", hidden: true }, less, slider, more, level);
  return {
    element,
    /** @param {import("./types.js").Trace} trace */
    show({ depth: { full, deepest, most } }) {
      element.hidden = !most;
      slider.max = String(most);
      slider.value = String(deepest);
      setText(level, `${full === deepest ? full : `${full}–${deepest}`} / ${most}`);
      setAttribute(level, "title", full === deepest ? `Groups are open down to level ${full} of ${most}` : `All groups are open down to level ${full}, some down to ${deepest} of ${most}`);
      setAttribute(less, "aria-disabled", String(deepest <= 0));
      setAttribute(more, "aria-disabled", String(full >= most));
    },
  };
}

/** @param {Store} store @param {Actions} actions @param {"lr" | "tb"} direction */
function turner(store, actions, direction) {
  const label = direction === "lr" ? "Left to right (L)" : "Top to bottom (L)";
  const turn = () => {
    if (store.get().trace?.orientation !== direction) turnLayout(store, actions);
  };
  return h("button", { type: "button", class: "xp-tool", title: label, "aria-label": label, "aria-pressed": "false", click: turn }, icon(direction === "lr" ? "across" : "down"));
}

/** The button for the whole screen; none where the browser does not allow it. @param {HTMLElement} root */
function fullScreenButton(root) {
  const element = h(
    "button",
    { type: "button", class: "xp-tool", hidden: !document.fullscreenEnabled, click: () => toggleFullScreen(root) },
    icon("full"),
    icon("window"),
  );

  function show() {
    const label = isFullScreen(root) ? "Leave full screen (M)" : "Full screen (M)";
    setAttribute(element, "title", label);
    setAttribute(element, "aria-label", label);
    element.classList.toggle("xp-full", isFullScreen(root));
  }

  document.addEventListener("fullscreenchange", show);
  show();
  return { element, destroy: () => document.removeEventListener("fullscreenchange", show) };
}
