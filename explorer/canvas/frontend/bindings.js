// @ts-check
/** Every key of the canvas, what it does and what the help sheet says of it. Streamlit keeps `r` and `c`. */

/** @typedef {import("./types.js").Actions} Actions */
/** @typedef {import("./types.js").State} State */
/** @typedef {import("./store.js").Store} Store */

import { groupAt } from "./groups.js";
import { toggleFullScreen } from "./fullscreen.js";
import { go, nextSpeed, togglePlay } from "./player.js";
import { NODE } from "./wire.js";

/**
 * @typedef {{store: Store, actions: Actions, root: HTMLElement}} Context
 * @typedef {(context: Context) => void | false} Act  False where the key meant nothing.
 * @typedef {object} Binding
 * @property {string[]} caps  The keys as they are printed.
 * @property {string} says
 * @property {boolean} [asks]  Whether only Python can answer it.
 * @property {Record<string, Act>} keys  By `KeyboardEvent.key`, letters in lower case, "Shift+" before named keys.
 * @typedef {{title: string, bindings: Binding[]}} Group
 */

const ZOOM = 1.25;
const PAN = 80;

/** @param {import("./player.js").Move} kind @returns {Act} */
const moving = (kind) => ({ store, actions }) => go(store, actions, kind);

/** @param {keyof State["layers"]} layer @returns {Act} */
const switching = (layer) => ({ store }) => switchLayer(store, layer);

/** @param {-1 | 1} direction @returns {Act} */
const hurrying = (direction) => ({ store }) => store.set({ speed: nextSpeed(store.get().speed, direction) });

/** @param {number} dx @param {number} dy @returns {Act} */
const panning = (dx, dy) => ({ actions }) => actions.pan(dx * PAN, dy * PAN);

/** @param {number} factor @returns {Act} */
const zooming = (factor) => ({ actions }) => actions.zoom(factor);

/** @param {number} direction @returns {Act} */
const nudging = (direction) => (context) => {
  const node = chosen(context.store.get());
  return isEditable(context.store.get(), node) && context.actions.nudge(node, direction);
};

/** @param {"ancestors" | "descendants"} relatives @returns {Act} */
const relating = (relatives) => ({ store, actions }) => {
  const { focused, focusedGroup, chosen: before, lineage } = store.get();
  if (!before && focused >= 0) actions.select(focused);
  else if (!before && focusedGroup >= 0) actions.selectGroup(focusedGroup);
  if (!store.get().chosen) return false;
  return store.set({ lineage: lineage === relatives ? "" : relatives });
};

/** @param {-1 | 1} direction @returns {Act} */
const levelling = (direction) => ({ store, actions }) => (store.get().trace?.depth.most ? actions.deepen(direction) : false);

/** @type {Group[]} */
export const GROUPS = [
  {
    title: "Step",
    bindings: [
      { caps: ["←", "→"], says: "back, forward", keys: { ArrowLeft: moving("previous"), ArrowRight: moving("next") } },
      { caps: ["⇧", "←", "→"], says: "by whole nodes", keys: { "Shift+ArrowLeft": moving("previousNode"), "Shift+ArrowRight": moving("nextNode") } },
      { caps: ["Home"], says: "start", keys: { Home: moving("start") } },
      { caps: ["End"], says: "end", keys: { End: moving("end") } },
      { caps: ["Space"], says: "play, pause", keys: { " ": ({ store, actions }) => togglePlay(store, actions) } },
      { caps: ["[", "]"], says: "slower, faster", keys: { "[": hurrying(-1), "]": hurrying(1) } },
      { caps: ["B"], says: "to the loss", keys: { b: moving("loss") } },
    ],
  },
  {
    title: "Layers",
    bindings: [
      { caps: ["V"], says: "values", keys: { v: switching("values") } },
      { caps: ["G"], says: "gradients", keys: { g: switching("gradients") } },
      { caps: ["J"], says: "local derivatives", keys: { j: switching("locals") } },
    ],
  },
  {
    title: "Graph",
    bindings: [
      { caps: ["Tab"], says: "next node; ⇧ Tab the one before", keys: {} },
      { caps: ["Enter"], says: "select; open, close a group", keys: { Enter: enter } },
      { caps: ["Enter", "Enter"], says: "type the value of an input", keys: {}, asks: true },
      { caps: ["U"], says: "close the group around", keys: { u: closeAround } },
      { caps: [",", "."], says: "fewer, more levels open", keys: { ",": levelling(-1), ".": levelling(1) } },
      { caps: ["↑", "↓"], says: "raise, lower an input", asks: true, keys: { ArrowUp: nudging(1), ArrowDown: nudging(-1) } },
      { caps: ["A", "D"], says: "what it is made of, what it makes", keys: { a: relating("ancestors"), d: relating("descendants") } },
      { caps: ["Esc"], says: "close, deselect; then Tab leaves", keys: {} },
    ],
  },
  {
    title: "View",
    bindings: [
      { caps: ["F"], says: "fit", keys: { f: ({ actions }) => actions.fit() } },
      { caps: ["+", "−"], says: "zoom", keys: { "+": zooming(ZOOM), "=": zooming(ZOOM), "-": zooming(1 / ZOOM) } },
      { caps: ["0"], says: "100 %", keys: { 0: ({ actions }) => actions.zoomTo(1) } },
      { caps: ["4", "6", "8", "2"], says: "pan", keys: { 4: panning(1, 0), 6: panning(-1, 0), 8: panning(0, 1), 2: panning(0, -1) } },
      { caps: ["L"], says: "turn the layout", keys: { l: ({ store, actions }) => turnLayout(store, actions) } },
      { caps: ["M"], says: "full screen", keys: { m: ({ root }) => toggleFullScreen(root) } },
      { caps: ["?"], says: "this sheet", keys: { "?": ({ store }) => store.set({ help: !store.get().help }) } },
    ],
  },
];

/** What each key does. @param {Group[]} groups @returns {Record<string, Act>} */
export const actsOf = (groups) => Object.assign({}, ...groups.flatMap((group) => group.bindings.map((binding) => binding.keys)));

export const ACTS = actsOf(GROUPS);

/** @param {Store} store @param {keyof State["layers"]} layer */
export function switchLayer(store, layer) {
  const { layers } = store.get();
  store.set({ layers: { ...layers, [layer]: !layers[layer] } });
}

/** Left to right becomes top to bottom, and back. @param {Store} store @param {Actions} actions */
export function turnLayout(store, actions) {
  const { trace } = store.get();
  if (trace) actions.send("orient", { direction: trace.orientation === "lr" ? "tb" : "lr" });
}

/** The open group that keys work on, or -1. @param {State} state */
function chosenGroup({ focused, focusedGroup, selectedGroup }) {
  return focused >= 0 ? -1 : focusedGroup >= 0 ? focusedGroup : selectedGroup;
}

/** Closes the open group that the keyboard is on, or the one around its node. @type {Act} */
function closeAround({ store, actions }) {
  const state = store.get();
  const node = chosen(state);
  const group = chosenGroup(state) >= 0 ? chosenGroup(state) : node >= 0 ? state.trace?.nodes.group[node] ?? -1 : -1;
  const key = state.trace?.groups[group]?.key;
  return key !== undefined && actions.toggle(key);
}

/** The node that keys work on: where the keyboard is, else the selected one. @param {State} state */
function chosen({ focused, focusedGroup, selected }) {
  return focused >= 0 || focusedGroup >= 0 ? focused : selected;
}

/** @param {State} state @param {number} node */
function isEditable({ trace }, node) {
  return trace !== null && node >= 0 && (trace.nodes.flags[node] & NODE.editable) !== 0;
}

/** Selects the node that the keyboard is on; on a selected input, opens the field for its value; opens or closes a group. @type {Act} */
function enter({ store, actions }) {
  const state = store.get();
  const node = chosen(state);
  const { trace } = state;
  const group = trace && (node >= 0 ? groupAt(trace, node) : trace.groups[chosenGroup(state)]);
  if (group) return actions.toggle(group.key);
  if (node < 0) return false;
  if (state.selected !== node) actions.select(node);
  else if (isEditable(state, node)) actions.type(node);
}
