// @ts-check
/** Listens for the keys of bindings.js, and for Tab and Escape, which depend on where one is. */

/** @typedef {import("./types.js").Actions} Actions */
/** @typedef {import("./store.js").Store} Store */

import { ACTS, actsOf } from "./bindings.js";
import { thingsOf } from "./groups.js";

const TYPING = "input, textarea, select, [contenteditable]";
const PRESSED_BY = "button, a, summary";

/**
 * Keys reach the canvas from its own elements and, where nothing on the page has the focus, from the page.
 * @param {Store} store @param {Actions} actions @param {HTMLElement} root
 * @param {() => import("./tools.js").Tool[]} tools  Those at work; their keys go before those of the canvas.
 */
export function createKeys(store, actions, root, tools) {
  let leaving = false;

  /** Takes the event or leaves it alone. @param {KeyboardEvent} event @param {boolean} onRoot */
  function handle(event, onRoot) {
    if (event.defaultPrevented || hasModifier(event) || isForeign(event)) return;
    if (!act(event, onRoot)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {KeyboardEvent} event @param {boolean} onRoot @returns {boolean} whether the key meant something */
  function act(event, onRoot) {
    if (event.key === "Escape") return escape();
    if (event.key === "Tab") return onRoot && !store.get().help && walk(event.shiftKey ? -1 : 1);
    const name = nameOf(event);
    const run = tools().map((tool) => actsOf(tool.bindings ?? [])[name]).find(Boolean) ?? ACTS[name];
    if (!run || (store.get().help && name !== "?")) return false;
    return run({ store, actions, root }) !== false;
  }

  /** Tab goes from node to node and leaves at the ends. @param {-1 | 1} direction */
  function walk(direction) {
    const { trace } = store.get();
    const things = trace ? thingsOf(trace) : [];
    const next = things[placeIn(things) + direction];
    if (leaving || !next) {
      store.set({ focused: -1, focusedGroup: -1 });
      return false;
    }
    if (next.node >= 0) actions.focusNode(next.node);
    else actions.focusGroup(next.group);
    return true;
  }

  /** Where the keyboard is, else what is selected, among all things. @param {import("./groups.js").Thing[]} things */
  function placeIn(things) {
    const { focused, focusedGroup, selected, selectedGroup } = store.get();
    const [node, group] = focused >= 0 || focusedGroup >= 0 ? [focused, focusedGroup] : [selected, selectedGroup];
    return node < 0 && group < 0 ? -1 : things.findIndex((thing) => thing.node === node && thing.group === group);
  }

  /** Takes back one thing at a time. */
  function escape() {
    const { chosen, finding, focused, focusedGroup, help, lineage } = store.get();
    leaving = true;
    if (help) store.set({ help: false });
    else if (finding) store.set({ finding: null });
    else if (lineage) store.set({ lineage: "" });
    else if (chosen) actions.select(-1);
    else if (focused >= 0 || focusedGroup >= 0) store.set({ focused: -1, focusedGroup: -1 });
    else return false;
    return true;
  }

  /** @param {KeyboardEvent} event */
  const onRoot = (event) => handle(event, event.target === root);
  /** @param {KeyboardEvent} event */
  const onPage = (event) => {
    if (event.target === document.body && isInView(root)) handle(event, false);
  };
  const onFocus = () => {
    leaving = false;
  };
  /** @param {FocusEvent} event */
  const onBlur = (event) => {
    if (event.target === root) store.set({ focused: -1, focusedGroup: -1 });
  };

  root.addEventListener("keydown", onRoot);
  root.addEventListener("focusin", onFocus);
  root.addEventListener("focusout", onBlur);
  document.addEventListener("keydown", onPage);
  return {
    destroy() {
      root.removeEventListener("keydown", onRoot);
      root.removeEventListener("focusin", onFocus);
      root.removeEventListener("focusout", onBlur);
      document.removeEventListener("keydown", onPage);
    },
  };
}

/** AltGr is no modifier here: it types [ and ] on many keyboards. @param {KeyboardEvent} event */
function hasModifier(event) {
  if (event.metaKey) return true;
  return (event.ctrlKey || event.altKey) && !event.getModifierState("AltGraph");
}

/** Whether the key belongs to the element it was pressed on. @param {KeyboardEvent} event */
function isForeign(event) {
  const target = /** @type {Element} */ (event.target);
  if (target.closest(TYPING)) return true;
  return (event.key === " " || event.key === "Enter") && target.closest(PRESSED_BY) !== null;
}

/** The key's name in bindings.js. @param {KeyboardEvent} event */
function nameOf(event) {
  if (event.key.length === 1) return event.key.toLowerCase();
  return event.shiftKey ? `Shift+${event.key}` : event.key;
}

/** @param {HTMLElement} root */
function isInView(root) {
  const { top, bottom, width } = root.getBoundingClientRect();
  return width > 0 && bottom > 0 && top < window.innerHeight;
}
