// @ts-check
/** The choice of what cards are coloured by, and the legend of what is chosen, at the lower left of the stage. */

/**
 * @typedef {import("./tools.js").Kit} Kit
 * @typedef {import("./tools.js").Tool} Tool
 * @typedef {import("./types.js").State} State
 * @typedef {import("./types.js").Trace} Trace
 * @typedef {import("./types.js").Sheet} Sheet
 */

import { switchLayer } from "./bindings.js";
import { h, setAttribute } from "./dom.js";
import { inBytes, rangeOf } from "./load.js";
import { isComplete, sheetOf } from "./sheet.js";

/** On a stage of fewer pixels the legend is folded at first. */
const NARROW = 560;

/** @param {Kit} kit @returns {Tool} */
export function createColorBy({ store, actions, stage, refresh }) {
  const choice = h("select", { "aria-label": "Colour by", title: "Colour by (O)", change: () => choose(choice.value) });
  const wide = h("button", { type: "button", class: "xp-bytes", "aria-pressed": "false", title: "Edges as wide as the bytes that they carry (1)", click: switchWidths }, "Bytes");
  const bar = h("div", { class: "xp-colorbar" }, h("label", {}, h("span", {}, "Colour"), choice), wide);
  const legend = h("details", { class: "xp-colors", role: "group", "aria-label": "Legend of the colours", hidden: true });
  const widths = h("div", { class: "xp-widths", hidden: true });
  const element = h("div", { class: "xp-colorby", hidden: true }, legend, widths, bar);
  /** What was asked for until it is there. @type {string | null} */
  let asked = null;

  /** @param {string} key */
  function choose(key) {
    const { trace } = store.get();
    if (isComplete(trace)) return store.set({ coloring: key });
    asked = key;
    setAttribute(element, "aria-busy", "true");
    actions.send("overlay", { key });
  }

  /** The next of what there is, none after the last. */
  function next() {
    const { trace } = store.get();
    if (!trace?.overlays) return false;
    const keys = ["", ...trace.overlays.choices.map(({ key }) => key)];
    return choose(keys[(keys.indexOf(asked ?? store.get().coloring) + 1) % keys.length]);
  }

  function switchWidths() {
    return store.get().trace?.overlays ? switchLayer(store, "bytes") : false;
  }

  /** @param {State} state */
  function showChoices({ trace, coloring }) {
    element.hidden = !trace?.overlays;
    const choices = trace?.overlays?.choices ?? [];
    const listed = [["", "none"], ...choices.map(({ key, title }) => [key, title])];
    choice.replaceChildren(...listed.map(([key, title]) => h("option", { value: key }, title)));
    choice.value = coloring;
  }

  /** @param {State} state */
  function showLegend({ trace, coloring, theme }) {
    const sheet = sheetOf(trace, coloring);
    if (legend.hidden) legend.open = stage.clientWidth > NARROW;
    legend.hidden = !sheet;
    legend.replaceChildren(...(sheet ? lines(sheet, theme) : []));
    setAttribute(stage, "data-coloring", sheet ? sheet.key : "");
  }

  /** @param {State} state */
  function showWidths({ trace, layers }) {
    setAttribute(wide, "aria-pressed", String(layers.bytes));
    const [least, most] = trace?.overlays && layers.bytes ? rangeOf(trace) : [0, 0];
    widths.hidden = !most;
    const thin = least < most ? [h("i", { class: "xp-thin" }), inBytes(least)] : ["all edges"];
    widths.replaceChildren(...thin, h("i", { class: "xp-thick" }), inBytes(most));
  }

  return {
    activity: "",
    over: [
      {
        element,
        update(state, changed) {
          if (changed.has("trace")) {
            asked = null;
            element.removeAttribute("aria-busy");
            showChoices(state);
          }
          if (changed.has("coloring")) choice.value = state.coloring;
          if (changed.has("coloring") || changed.has("trace") || changed.has("theme")) showLegend(state);
          if (changed.has("layers") || changed.has("trace")) showWidths(state);
          if (changed.has("coloring")) refresh();
        },
        destroy() {},
      },
    ],
    bindings: [
      {
        title: "Colours",
        bindings: [
          { caps: ["O"], says: "colour by the next overlay", keys: { o: next } },
          { caps: ["1"], says: "edges as wide as their bytes", keys: { 1: switchWidths } },
        ],
      },
    ],
  };
}

/** Title, one swatch a class with its range or letter, and what is assumed. @param {Sheet} sheet @param {import("./types.js").ThemeName} theme */
function lines(sheet, theme) {
  const rows = sheet.entries.map((entry) => {
    const [ground, ink] = entry[theme];
    const swatch = h("i", {}, entry.mark);
    swatch.style.background = ground;
    swatch.style.color = ink;
    return h("li", {}, swatch, h("span", {}, entry.label));
  });
  const waits = sheet.after ? `shown once the ${sheet.after} is there` : "";
  const note = [sheet.note, waits].filter(Boolean).join("; ");
  return [h("summary", {}, sheet.title), rows.length ? h("ul", {}, ...rows) : h("p", {}, "nothing is known"), note && h("p", {}, note)].filter(Boolean);
}
