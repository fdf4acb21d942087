// @ts-check
/** The pictograms of the chrome, drawn on a 16 x 16 grid in the colour of the text around them. */

import { svg } from "./dom.js";

const PATHS = {
  start: "M12 3.5 7 8l5 4.5M4 3.5v9",
  previous: "M10.5 3.5 5.5 8l5 4.5",
  next: "M5.5 3.5 10.5 8l-5 4.5",
  end: "M4 3.5 9 8l-5 4.5M12 3.5v9",
  play: "M5.5 3.2v9.6L13 8z",
  pause: "M4.5 3.5h2.6v9H4.5zM8.9 3.5h2.6v9H8.9z",
  across: "M3 5.5h2a1 1 0 0 1 1 1v3a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1v-3a1 1 0 0 1 1-1zM11 5.5h2a1 1 0 0 1 1 1v3a1 1 0 0 1-1 1h-2a1 1 0 0 1-1-1v-3a1 1 0 0 1 1-1zM6 8h4",
  down: "M6.5 2h3a1 1 0 0 1 1 1v2a1 1 0 0 1-1 1h-3a1 1 0 0 1-1-1V3a1 1 0 0 1 1-1zM6.5 10h3a1 1 0 0 1 1 1v2a1 1 0 0 1-1 1h-3a1 1 0 0 1-1-1v-2a1 1 0 0 1 1-1zM8 6v4",
  fit: "M2.5 3.5v9M13.5 3.5v9M4.8 8h6.4M6.6 6 4.8 8l1.8 2M9.4 6l1.8 2-1.8 2",
  full: "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
  window: "M6 2.5V6H2.5M13.5 6H10V2.5M10 13.5V10h3.5M2.5 10H6v3.5",
  help: "M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0zM6.2 6.3a1.8 1.8 0 1 1 2.5 1.8c-.5.2-.7.6-.7 1.1M8 11.4v.1",
  less: "M4 8h8",
  more: "M4 8h8M8 4v8",
  find: "M11.5 7a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0zM10.3 10.3l3.5 3.5",
  above: "M4 10l4-4 4 4",
  below: "M4 6l4 4 4-4",
  walk: "M13 5.5v-3H3v11h10v-3M14 8H6.5M9 5.5 6.5 8 9 10.5",
  stroke: "M2 11c3-6 4 3 7-2s3-5 5-4M5 2.5v2M11 11.5v2",
  undo: "M6 3 2.5 6.5 6 10M3 6.5h6a4 4 0 0 1 0 7H7",
  redo: "M10 3l3.5 3.5L10 10M13 6.5H7a4 4 0 0 0 0 7h2",
  close: "M4 4l8 8M12 4l-8 8",
};

/** @typedef {keyof typeof PATHS} IconName */

/** @param {IconName} name */
export function icon(name) {
  const path = svg("path", { d: PATHS[name] });
  return svg("svg", { class: `icon icon-${name}`, viewBox: "0 0 16 16", "aria-hidden": "true" }, path);
}
