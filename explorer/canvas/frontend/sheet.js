// @ts-check
/** What the nodes are coloured by: which class a node is of, and what that says. Decides, draws nothing. */

/**
 * @typedef {import("./types.js").Trace} Trace
 * @typedef {import("./types.js").Sheet} Sheet
 * @typedef {import("./types.js").SheetEntry} Entry
 * @typedef {import("./look.js").CardState} CardState
 * @typedef {import("./card.js").Look} Look
 */

import { gradientAt, hasValue } from "./timeline.js";

const NONE = 255;

/** The sheet of an overlay, if the trace has it. @param {Trace | null} trace @param {string} key @returns {Sheet | null} */
export function sheetOf(trace, key) {
  return (key && trace?.overlays?.sheets.find((sheet) => sheet.key === key)) || null;
}

/** Whether all overlays that may be asked for travel with the trace, so that nobody has to be asked. @param {Trace | null} trace */
export function isComplete(trace) {
  const { choices = [], sheets = [] } = trace?.overlays ?? {};
  return choices.length > 0 && choices.every(({ key }) => sheets.some((sheet) => sheet.key === key));
}

/** What stays chosen when a new trace comes: the page's own choice where it may choose, else what was sent. @param {string} before @param {Trace} now @param {boolean} isFirst */
export function stillChosen(before, now, isFirst) {
  const sent = now.overlays?.chosen ?? "";
  if (isFirst || !isComplete(now)) return sent;
  return before === "" || sheetOf(now, before) ? before : sent;
}

/** The class of a node: a place among the entries, or -1. @param {Trace} trace @param {Sheet} sheet @param {number} node */
export function classOf({ nodes, overlays }, sheet, node) {
  const found = overlays.classes[overlays.sheets.indexOf(sheet) * nodes.count + node];
  return found === undefined || found === NONE ? -1 : found;
}

/** The class of a node as far as the steps have come: values and gradients show when they are there. @param {Trace} trace @param {Sheet} sheet @param {number} node @param {number} position */
export function classAt(trace, sheet, node, position) {
  if (sheet.after === "value" && !hasValue(trace, node, position)) return -1;
  if (sheet.after === "gradient" && gradientAt(trace, node, position) === undefined) return -1;
  return classOf(trace, sheet, node);
}

/** "1.2 ms", or "A: float32"; "" where nothing is known. @param {Trace} trace @param {Sheet} sheet @param {number} node */
export function sheetText(trace, sheet, node) {
  const entry = sheet.entries[classOf(trace, sheet, node)];
  if (!entry) return "";
  const text = sheet.texts[node];
  return entry.mark && entry.mark !== text ? `${entry.mark} ${text}` : text;
}
