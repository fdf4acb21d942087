// @ts-check
/** The line above the transport: what the step just shown did, typeset. It stays on one line. */

/** @typedef {import("./types.js").Part} Part */
/** @typedef {import("./cells.js").Cell} Cell */
/** @typedef {import("./describe.js").Description} Description */

import { describe } from "./describe.js";
import { h, setText } from "./dom.js";
import { math } from "./mathml.js";

/** What gives way to a narrow frame: the gaps, digits, the symbols, the sentence beside it, the numbers put in. */
const FITS = ["all", "tight", "short", "numbers", "alone", "ends"];

/** @returns {Part} */
export function createNarration() {
  const title = h("b", {});
  const place = h("span", {});
  const line = h("div", { class: "xp-line", "data-testid": "narration-line" });
  const promise = h("span", {});
  const keys = h("span", { class: "xp-idle-keys" }, h("kbd", {}, "→"), "step", h("kbd", {}, "Space"), "play");
  const idle = h("p", { class: "xp-idle" }, promise, keys);
  const frame = h("div", { class: "xp-line-frame" }, idle, line);
  const sentence = h("p", { class: "xp-sentence" });
  const element = h("section", { class: "xp-narration", "aria-label": "This step" }, h("div", { class: "xp-step" }, title, place), frame, sentence);

  /** @type {Cell[]} */
  let cells = [];
  let isShort = false;
  let fitting = 0;

  /** In the frame that shows it, where everything is measured once: no key waits for a layout. */
  function fitLater() {
    fitting ||= requestAnimationFrame(fit);
  }

  /** Leaves out as little as possible. */
  function fit() {
    fitting = 0;
    if (isShort) fill(false);
    for (const level of FITS) {
      element.dataset.fit = level;
      if (level === "short") fill(true);
      if (line.scrollWidth <= frame.clientWidth) break;
    }
    element.toggleAttribute("data-long", sentence.scrollHeight > sentence.clientHeight + 1);
  }

  /** @param {boolean} inShort  In fewer digits. */
  function fill(inShort) {
    isShort = inShort;
    line.replaceChildren(...cells.flatMap((cell) => cellElements(cell, inShort)));
  }

  const resized = new ResizeObserver(fitLater);
  resized.observe(element);

  /** @param {Description} step */
  function show(step) {
    element.dataset.role = step.role;
    setText(title, step.title);
    setText(place, step.place);
    setText(sentence, step.cells.length ? step.sentence : "");
    sentence.title = step.sentence;
    idle.hidden = step.cells.length > 0;
    line.hidden = !idle.hidden;
    setText(promise, step.sentence);
    cells = step.cells;
    element.dataset.fit = FITS[0];
    fill(false);
    queueMicrotask(fit);
  }

  return {
    element,
    update({ trace, position }, changed) {
      if (trace && (changed.has("trace") || changed.has("position"))) show(describe(trace, position));
    },
    destroy() {
      cancelAnimationFrame(fitting);
      resized.disconnect();
    },
  };
}

/** A term and, under it, its name. @param {Cell} cell @param {boolean} isShort */
function cellElements({ term, note, part, short }, isShort) {
  return [
    h("span", { class: "xp-term", "data-part": part }, math((isShort && short) || term)),
    h("span", { class: "xp-note", "data-part": part }, note),
  ];
}
