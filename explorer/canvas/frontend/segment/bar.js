// @ts-check
/** Over the canvas: buttons for cuts, and the line that says why a cut is where it is, or why it is not. */

/** @typedef {import("./types.js").Section} Section */

import { h, setAttribute, setText } from "../dom.js";
import { icon } from "../icons.js";

const BEGIN = "One segment so far. X cuts at the thinnest place in view, a double click beside the canvas where you want.";

/**
 * @param {object} acts
 * @param {() => void} acts.add
 * @param {() => void} acts.stroke
 * @param {() => void} acts.undo
 * @param {() => void} acts.redo
 */
export function createBar({ add, stroke, undo, redo }) {
  const button = (/** @type {string} */ title, /** @type {() => void} */ click, /** @type {(Node | string)[]} */ ...inside) =>
    h("button", { type: "button", class: "xp-cut-button", title, "aria-label": title, click }, ...inside);
  const plus = button("New cut (X)", add, icon("more"), h("span", {}, "Cut"));
  const free = button("Stroke: draw a cut freely across edges (S, or Alt and drag)", stroke, icon("stroke"), h("span", {}, "Stroke"));
  const back = button("Take back the last change of cuts (Z)", undo, icon("undo"));
  const forth = button("Do it again (Y)", redo, icon("redo"));
  const bar = h("div", { class: "xp-cut-bar", role: "toolbar", "aria-label": "Cuts", hidden: true }, plus, free, back, forth);
  const said = h("p", { class: "xp-cut-said", hidden: true });

  return {
    element: h("div", { class: "xp-cut-over" }, bar, said),
    /** @param {Section | null} section @param {boolean} isStroke @param {{text: string, refused: boolean}} hint  It goes before what Python said. */
    show(section, isStroke, hint) {
      bar.hidden = !section;
      const text = section ? hint.text || section.said || (section.cuts.length ? "" : BEGIN) : "";
      said.hidden = !text;
      if (!section) return;
      setText(said, text);
      setAttribute(said, "data-refused", String(hint.text ? hint.refused : section.refused));
      setAttribute(free, "aria-pressed", String(isStroke));
      setAttribute(plus, "aria-disabled", String(section.segments.length >= section.most));
      setAttribute(back, "aria-disabled", String(!section.undo));
      setAttribute(forth, "aria-disabled", String(!section.redo));
    },
  };
}
