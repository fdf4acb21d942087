// @ts-check
/** The path of scopes to what is selected or has the keyboard: where one is, and the way back out. */

/**
 * @typedef {import("./tools.js").Kit} Kit
 * @typedef {import("./tools.js").Tool} Tool
 * @typedef {import("./types.js").State} State
 * @typedef {import("./types.js").Trace} Trace
 * @typedef {{id: string, text: string}} Crumb
 */

import { bookOf, chain } from "./catalogue.js";
import { h } from "./dom.js";
import { openGroup } from "./groups.js";
import { createGuide } from "./guide.js";
import { nodeOf } from "./rearrange.js";

/** @param {Kit} kit @returns {Tool} */
export function createCrumbs(kit) {
  const { store, actions } = kit;
  const guide = createGuide(kit);
  const list = h("ol", {});
  const element = h("nav", { class: "xp-crumbs", "aria-label": "Scope", hidden: true }, list);
  let shown = "";

  /** Goes there and selects it, once it is drawn. @param {string} id */
  function visit(id) {
    const { trace } = store.get();
    if (!trace) return;
    guide.go(id);
    const [node, group] = [nodeOf(trace, id), openGroup(trace, id)];
    if (node >= 0) actions.select(node);
    else if (group >= 0) actions.selectGroup(group);
  }

  /** @param {Crumb} crumb @param {boolean} isLast */
  function item({ id, text }, isLast) {
    const go = () => (id ? visit(id) : actions.fit());
    const link = h("button", { type: "button", title: text, "aria-current": isLast ? "location" : null, click: go }, text);
    return h("li", {}, link);
  }

  return {
    activity: "",
    over: [
      {
        element,
        update(state, changed) {
          if (!["trace", "chosen", "focused", "focusedGroup"].some((key) => changed.has(/** @type {keyof State} */ (key)))) return;
          const crumbs = crumbsOf(state);
          const now = JSON.stringify(crumbs);
          if (now === shown) return;
          shown = now;
          element.hidden = crumbs.length < 2;
          list.replaceChildren(...crumbs.map((crumb, place) => item(crumb, place === crumbs.length - 1)));
        },
        destroy() {},
      },
    ],
  };
}

/** From the whole graph, "", to the thing itself; nothing where there are no groups around it. @param {State} state @returns {Crumb[]} */
export function crumbsOf({ trace, focused, focusedGroup, chosen }) {
  if (!trace) return [];
  const id = trace.nodes.id[focused] ?? trace.groups[focusedGroup]?.key ?? chosen;
  const book = bookOf(trace);
  const key = book.byKey.get(id);
  const node = book.byId.get(id);
  const groups = chain(book, key ?? (node === undefined ? -1 : book.group[node]));
  const crumbs = groups.map((group) => ({ id: book.groups[group].key, text: book.groups[group].title }));
  if (!crumbs.length) return [];
  const self = node === undefined || key !== undefined ? [] : [{ id, text: id }];
  return [{ id: "", text: trace.title }, ...crumbs, ...self];
}
