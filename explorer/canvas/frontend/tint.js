// @ts-check
/** Cards in the colours of an overlay: the ground, ink that is read on it, and a tag with the number or the word. */

/**
 * @typedef {import("./card.js").View} View
 * @typedef {import("./card.js").Box} Box
 * @typedef {import("./theme.js").Theme} Theme
 * @typedef {import("./types.js").SheetEntry} Entry
 */

import { legible } from "./card.js";
import { classAt, sheetText } from "./sheet.js";
import { ui, widthOf, write } from "./text.js";

const TAG = { height: 15, pad: 5, size: 10.5, inset: 8, radius: 5 };
/** How far the tag reaches below the card. */
const BELOW = 9;

/** @type {WeakMap<Theme, WeakMap<Entry, Theme>>} */
const themes = new WeakMap();

/** The entry whose colour a card bears, or null. @param {View} view @param {number} node @returns {Entry | null} */
export function entryAt({ trace, sheet, position }, node) {
  return (sheet && sheet.entries[classAt(trace, sheet, node, position)]) || null;
}

/** The ground and the ink of an entry. @param {Theme} theme @param {Entry} entry */
export const colorsOf = (theme, entry) => entry[theme.name];

/** The view in which a card is drawn in the colours of an entry; all hues but that of the gradient give way. @param {View} view @param {Entry} entry @returns {View} */
export function tinted(view, entry) {
  let known = themes.get(view.theme);
  if (!known) themes.set(view.theme, (known = new WeakMap()));
  let theme = known.get(entry);
  if (!theme) known.set(entry, (theme = themeOf(view.theme, entry)));
  return { ...view, theme };
}

/** @param {Theme} theme @param {Entry} entry @returns {Theme} */
function themeOf(theme, entry) {
  const [ground, ink] = colorsOf(theme, entry);
  // One object each: a role is known by which it is.
  const plain = () => ({ mark: ink, text: ink, tint: ground, strong: ground, solid: ink, on: ground });
  return {
    ...theme,
    card: ground,
    sunken: ground,
    text: ink,
    text2: ink,
    text3: ink,
    line: theme.strong,
    forward: { ...theme.forward, text: ink },
    error: { ...theme.error, text: ink, tint: ground },
    parameter: plain(),
    constant: plain(),
    input: plain(),
    output: plain(),
  };
}

/** The tag at the lower left of a near card. @param {View} view  In the page's own colours. @param {number} node @param {Box} box @param {Entry} entry */
export function drawTag(view, node, box, entry) {
  const { context, theme, trace, sheet } = view;
  const text = sheet ? sheetText(trace, sheet, node) : "";
  if (!text) return;
  const [ground, ink] = colorsOf(theme, entry);
  const size = legible(view, TAG.size);
  const grow = size / TAG.size;
  const font = (/** @type {number} */ s) => ui(theme, s, 600);
  const width = widthOf(context, font, size, text) + 2 * TAG.pad * grow;
  const [left, top] = [box.x + TAG.inset, box.y + box.h + BELOW - TAG.height * grow];
  context.beginPath();
  context.roundRect(left, top, width, TAG.height * grow, TAG.radius * grow);
  context.fillStyle = ground;
  context.fill();
  context.lineWidth = 1.5;
  context.strokeStyle = theme.surface;
  context.stroke();
  write(context, text, left + TAG.pad * grow, top + 11 * grow, font(size), ink);
}

/** The letter of a category at the corner of a card from further off. @param {View} view @param {Box} box @param {Entry} entry */
export function drawLetter(view, box, entry) {
  if (!entry.mark) return;
  const { context, theme, k } = view;
  const [ground, ink] = colorsOf(theme, entry);
  const unit = 1 / k;
  const width = Math.max(14 * unit, widthOf(context, (s) => ui(theme, s, 700), 10.5 * unit, entry.mark) + 6 * unit);
  const [left, top] = [box.x - 4 * unit, box.y + box.h - 9 * unit];
  context.beginPath();
  context.roundRect(left, top, width, 14 * unit, 4 * unit);
  context.fillStyle = ground;
  context.fill();
  context.lineWidth = 1.5 * unit;
  context.strokeStyle = theme.surface;
  context.stroke();
  write(context, entry.mark, left + width / 2, top + 10.7 * unit, ui(theme, 10.5 * unit, 700), ink, "center");
}
