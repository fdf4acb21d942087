// @ts-check
/** The sheet of the keys that mean something now, and the line that points to it. */

/** @typedef {import("./types.js").Part} Part */
/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./types.js").Actions} Actions */
/** @typedef {import("./bindings.js").Group} Group */

import { actsOf, GROUPS } from "./bindings.js";
import { h } from "./dom.js";
import { atWork } from "./tools.js";

/**
 * @param {Store} store @param {Actions} _actions @param {HTMLElement} root @param {import("./tools.js").Tool[]} tools
 * @param {boolean} alone  Whether there is no Python that could answer.
 * @returns {Part}
 */
export function createHelp(store, _actions, root, tools, alone) {
  const shut = () => store.set({ help: false });
  const close = h("button", { type: "button", class: "xp-close", click: shut }, "Esc closes");
  const groups = h("div", { class: "xp-groups" });
  const sheet = h(
    "div",
    { class: "xp-sheet", role: "dialog", "aria-modal": "true", "aria-label": "Keys", tabindex: -1 },
    h("header", {}, h("h2", {}, "Keys"), close),
    groups,
  );
  const element = h("div", { class: "xp-scrim", hidden: true }, sheet);
  /** @type {Element | null} */
  let before = null;

  /** @param {boolean} open */
  function toggle(open) {
    if (open === !element.hidden) return;
    if (open) {
      before = /** @type {ShadowRoot | Document} */ (root.getRootNode()).activeElement;
      groups.replaceChildren(...shown(atWork(tools, store.get()), alone).map(groupElement));
    }
    element.hidden = !open;
    if (open) sheet.focus();
    else if (before instanceof HTMLElement) before.focus();
  }

  element.addEventListener("pointerdown", (event) => event.target === element && shut());
  sheet.addEventListener("keydown", (event) => {
    if (event.key !== "Tab") return;
    event.preventDefault();
    close.focus();
  });

  return {
    element,
    update(state, changed) {
      if (changed.has("help")) toggle(state.help);
    },
    destroy() {},
  };
}

/** The keys that matter most, at the canvas's corner; a press opens the sheet. @param {Store} store @returns {Part} */
export function createHints(store) {
  const element = h(
    "button",
    { type: "button", class: "xp-hints", click: () => store.set({ help: true }) },
    ...hint(["←", "→"], "step"),
    ...hint(["Space"], "play"),
    ...hint(["F"], "fit"),
    ...hint(["?"], "all keys"),
  );
  return { element, update() {}, destroy() {} };
}

/** @param {string[]} caps @param {string} says */
function hint(caps, says) {
  return [...caps.map(cap), h("span", {}, says)];
}

/** @param {string} text */
function cap(text) {
  return h("kbd", {}, text);
}

/** The keys of the canvas and of the tools at work; a key that one has taken is no longer another's. @param {import("./tools.js").Tool[]} tools @param {boolean} alone @returns {Group[]} */
function shown(tools, alone) {
  /** @type {Set<string>} */
  const taken = new Set();
  const kept = [...tools.map((tool) => tool.bindings ?? []), GROUPS].map((groups) => {
    const left = groups.map(({ title, bindings }) => ({ title, bindings: bindings.filter(({ keys, asks }) => !(asks && alone) && isFree(Object.keys(keys), taken)) }));
    for (const name of Object.keys(actsOf(groups))) taken.add(name);
    return left;
  });
  return merged([...(kept.pop() ?? []), ...kept.flat()]).filter(({ bindings }) => bindings.length);
}

/** @param {string[]} names @param {Set<string>} taken */
const isFree = (names, taken) => !names.length || names.some((name) => !taken.has(name));

/** Groups of one title become one. @param {Group[]} groups @returns {Group[]} */
function merged(groups) {
  const titles = [...new Set(groups.map(({ title }) => title))];
  return titles.map((title) => ({ title, bindings: groups.filter((group) => group.title === title).flatMap(({ bindings }) => bindings) }));
}

/** @param {Group} group */
function groupElement({ title, bindings }) {
  const rows = bindings.flatMap(({ caps, says }) => [h("dt", {}, ...caps.map(cap)), h("dd", {}, says)]);
  return h("section", {}, h("h3", {}, title), h("dl", {}, ...rows));
}
