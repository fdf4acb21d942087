// @ts-check
/** Words and figures on a 2D canvas. Sizes are in the units of the context's own scale. */

/**
 * @typedef {import("./types.js").Tree} Tree
 * @typedef {import("./theme.js").Theme} Theme
 * @typedef {CanvasRenderingContext2D} Context
 * @typedef {{text: string, italic: boolean, sub: boolean, words?: boolean}} Run
 * @typedef {"left" | "right" | "center"} Align
 */

const SUBSCRIPT = 0.7;
const DROP = 0.22;
const WORDS = 0.78;
const KNOWN_WIDTHS = 20000;

/** Widths at 100 units, by font and text. @type {Map<string, number>} */
let widths = new Map();

/** @param {Theme} theme @param {number} size @param {number} [weight] */
export const ui = (theme, size, weight = 400) => `${weight} ${size}px ${theme.font}`;

/** @param {Theme} theme @param {number} size @param {boolean} [italic] */
export const maths = (theme, size, italic = true) => `${italic ? "italic " : ""}400 ${size}px ${theme.math}`;

/** Forgets measured widths: a font has arrived. */
export function forgetWidths() {
  widths = new Map();
}

/** The width of a text in a font of the given size. @param {Context} context @param {(size: number) => string} font @param {number} size @param {string} text */
export function widthOf(context, font, size, text) {
  const key = `${font(100)}\n${text}`;
  let width = widths.get(key);
  if (width === undefined) {
    if (widths.size > KNOWN_WIDTHS) forgetWidths();
    context.font = font(100);
    width = context.measureText(text).width;
    widths.set(key, width);
  }
  return (width * size) / 100;
}

/**
 * Draws one line, its baseline at y.
 * @param {Context} context @param {string} text @param {number} x @param {number} y
 * @param {string} font @param {string} color @param {Align} [align]
 */
export function write(context, text, x, y, font, color, align = "left") {
  context.font = font;
  context.fillStyle = color;
  context.textAlign = align;
  context.fillText(text, x, y);
}

/**
 * Draws a figure with every digit as wide as a 0, so that it does not jump while it changes.
 * @param {Context} context @param {Theme} theme @param {string} text @param {number} x @param {number} y
 * @param {number} size @param {number} weight @param {string} color @param {"left" | "right"} [align]
 */
export function figure(context, theme, text, x, y, size, weight, color, align = "right") {
  const font = (/** @type {number} */ s) => ui(theme, s, weight);
  if (hasTabularDigits(context, font)) return write(context, text, x, y, font(size), color, align);
  let left = align === "right" ? x - figureWidth(context, theme, text, size, weight) : x;
  for (const letter of text) {
    const advance = advanceOf(context, font, size, letter);
    write(context, letter, left + advance / 2, y, font(size), color, "center");
    left += advance;
  }
}

/** The width that `figure` takes. @param {Context} context @param {Theme} theme @param {string} text @param {number} size @param {number} weight */
export function figureWidth(context, theme, text, size, weight) {
  const font = (/** @type {number} */ s) => ui(theme, s, weight);
  if (hasTabularDigits(context, font)) return widthOf(context, font, size, text);
  let width = 0;
  for (const letter of text) width += advanceOf(context, font, size, letter);
  return width;
}

/** @param {Context} context @param {(size: number) => string} font @param {number} size @param {string} letter */
function advanceOf(context, font, size, letter) {
  return widthOf(context, font, size, letter >= "0" && letter <= "9" ? "0" : letter);
}

/** @param {Context} context @param {(size: number) => string} font */
function hasTabularDigits(context, font) {
  return Math.abs(widthOf(context, font, 100, "1111") - widthOf(context, font, 100, "0000")) < 0.5;
}

/** A typeset name as runs of letters. @param {Tree} tree @param {boolean} [sub] @returns {Run[]} */
export function runs(tree, sub = false) {
  if (typeof tree === "string") return [{ text: tree, italic: false, sub }];
  const [tag, ...children] = tree;
  if (tag === "msub") return [...runs(children[0], sub), ...runs(children[1], true)];
  if (tag === "mi") return [{ text: children[0], italic: true, sub }];
  if (tag === "mtext") return [{ text: children[0], italic: false, sub, words: true }];
  return children.flatMap((child) => runs(child, sub));
}

/** Words stand in the page's own font, a little smaller: it runs larger than the maths one. @param {Theme} theme @param {Run} run @returns {(size: number) => string} */
const fontOf = (theme, run) => (size) => (run.words ? ui(theme, size * WORDS, 600) : maths(theme, size, run.italic));

/** @param {Context} context @param {Theme} theme @param {Run[]} line @param {number} size */
export function runsWidth(context, theme, line, size) {
  let width = 0;
  for (const run of line) width += widthOf(context, fontOf(theme, run), run.sub ? size * SUBSCRIPT : size, run.text);
  return width;
}

/** Draws runs from x on. @param {Context} context @param {Theme} theme @param {Run[]} line @param {number} x @param {number} y @param {number} size @param {string} color */
export function writeRuns(context, theme, line, x, y, size, color) {
  for (const run of line) {
    const own = run.sub ? size * SUBSCRIPT : size;
    write(context, run.text, x, run.sub ? y + size * DROP : y, fontOf(theme, run)(own), color);
    x += widthOf(context, fontOf(theme, run), own, run.text);
  }
}

/** The text, or as much of it as fits, with an ellipsis. @param {Context} context @param {(size: number) => string} font @param {number} size @param {string} text @param {number} room */
export function shortened(context, font, size, text, room) {
  if (widthOf(context, font, size, text) <= room) return text;
  let length = text.length - 1;
  while (length > 1 && widthOf(context, font, size, `${text.slice(0, length)}…`) > room) length--;
  return `${text.slice(0, length)}…`;
}
