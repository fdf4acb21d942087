// @ts-check
/** The card beside a cut in the hand: what crosses, and what each side holds. */

/**
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("./hold.js").Hold} Hold
 */

import { h, setText } from "../dom.js";
import { activationsOf } from "./memory.js";
import { holdsOf } from "./model.js";
import { hueOf, letterOf } from "./palette.js";
import { count, size, tensors, work } from "./units.js";

const GAP = 16;
const NAMED = 2;
const ROWS = /** @type {const} */ (["Parameters", "Work", "Memory"]);

export function createFigures() {
  const bytes = h("b", {});
  const names = h("div", { class: "xp-cut-names" });
  const [before, after] = [h("th", { scope: "col" }), h("th", { scope: "col" })];
  const cells = ROWS.map((title) => ({ title, cells: [h("td", {}), h("td", {})] }));
  const note = h("p", {});
  const element = h(
    "div",
    { class: "xp-cut-card", hidden: true, "aria-hidden": "true" },
    h("header", {}, bytes, h("span", {}, "crosses")),
    names,
    h("table", {}, h("tr", {}, h("td", {}), before, after), ...cells.map((row) => h("tr", {}, h("th", { scope: "row" }, row.title), ...row.cells))),
    note,
  );
  let shown = "";

  return {
    element,
    /** @param {Model} model @param {Hold | null} hold @param {import("../theme.js").Theme} theme @param {import("../types.js").Camera} camera @param {{width: number, height: number}} room */
    put(model, hold, theme, camera, room) {
      element.hidden = !hold;
      if (!hold) return;
      const key = `${model.trace.rev} ${hold.cut} ${hold.gap} ${hold.isOff} ${hold.isNew} ${theme.name}`;
      if (key !== shown) fill(model, hold, theme);
      shown = key;
      const along = hold.place * camera.k + (model.down ? camera.y : camera.x);
      const [w, tall] = [element.offsetWidth, element.offsetHeight];
      const x = model.down ? GAP : along + GAP + w > room.width ? along - GAP - w : along + GAP;
      const y = model.down ? (along - GAP - tall > 50 ? along - GAP - tall : Math.min(along + GAP, room.height - tall - 8)) : 60;
      element.style.transform = `translate(${Math.round(Math.max(8, x))}px, ${Math.round(Math.max(8, y))}px)`;
    },
  };

  /** @param {Model} model @param {Hold} hold @param {import("../theme.js").Theme} theme */
  function fill(model, hold, theme) {
    const { crossing, division, cut } = hold;
    setText(bytes, size(crossing.bytes));
    setText(names, namesOf(model, crossing.values));
    [before, after].forEach((cell, side) => {
      const segment = cut + side;
      setText(cell, `${letterOf(segment)} ${model.down ? ["above", "below"][side] : ["left", "right"][side]}`);
      cell.style.color = hueOf(theme, segment).text;
      const { parameters, flops, weights } = holdsOf(model, division, segment);
      const memory = weights + activationsOf(model, division, segment);
      [count(parameters), work(flops), size(memory)].forEach((text, row) => setText(cells[row].cells[side], text));
    });
    setText(note, noteOf(hold));
  }
}

/** @param {Model} model @param {number[]} values */
function namesOf({ section, trace }, values) {
  if (!values.length) return "nothing crosses";
  const largest = [...values].sort((a, b) => section.passingBytes[b] - section.passingBytes[a]);
  const named = largest.slice(0, NAMED).map((value) => nameOf(trace, section.passingNumber[value]));
  const more = values.length > NAMED ? [`and ${values.length - NAMED} more`] : [];
  return `${tensors(values.length)}: ${[...named, ...more].join(", ")}`;
}

/** What a value is called, with its shape. @param {import("../types.js").Trace} trace @param {number} number */
export function nameOf({ nodes, hidden }, number) {
  if (number < 0) return "a value inside a group";
  const [of, place] = number < nodes.count ? [nodes, number] : [hidden, number - nodes.count];
  return `${of.id[place]} ${of.shape[place]}`.trim();
}

/** @param {Hold} hold */
function noteOf({ isOff, isValid, isNew, bytesWere, crossing, was }) {
  if (isOff) return isNew ? "Let go: no cut." : "Let go to remove this cut.";
  if (!isValid) return "Nothing would be left on one side. Let go, and the cut goes back.";
  if (isNew || !was) return "Let go to cut here.";
  const [more, less] = [crossing.bytes / bytesWere, bytesWere / crossing.bytes];
  if (!Number.isFinite(more) || !Number.isFinite(less) || more === 1) return "As much as where it was.";
  return more > 1 ? `${factor(more)} more than where it was` : `${factor(less)} less than where it was`;
}

/** @param {number} x */
const factor = (x) => (x < 1.095 ? `${Math.max(1, Math.round((x - 1) * 100))} %` : `${Number(x.toPrecision(2))} ×`);
