// @ts-check
/** Small pictures of tensors: orange below zero, grey at it, blue above. */

/**
 * @typedef {import("./types.js").Thumbs} Thumbs
 * @typedef {import("./theme.js").Theme} Theme
 */

const CELLS = 64;

/** A square picture; an empty frame where `index` is -1. @param {CanvasRenderingContext2D} context @param {Theme} theme @param {Thumbs} thumbs @param {number} index @param {number} x @param {number} y @param {number} side */
export function drawThumb(context, theme, thumbs, index, x, y, side) {
  context.save();
  context.beginPath();
  context.roundRect(x, y, side, side, 4);
  context.clip();
  context.fillStyle = theme.sunken;
  context.fillRect(x, y, side, side);
  if (index >= 0) drawCells(context, theme, thumbs, index, x, y, side);
  context.restore();
}

/** @param {CanvasRenderingContext2D} context @param {Theme} theme @param {Thumbs} thumbs @param {number} index @param {number} x @param {number} y @param {number} side */
function drawCells(context, theme, { rows, cols, cells }, index, x, y, side) {
  const size = side / Math.max(rows[index], cols[index]);
  const left = x + (side - size * cols[index]) / 2;
  const top = y + (side - size * rows[index]) / 2;
  for (let row = 0; row < rows[index]; row++) {
    for (let col = 0; col < cols[index]; col++) {
      context.fillStyle = shade(theme, cells[CELLS * index + row * cols[index] + col]);
      context.fillRect(left + col * size, top + row * size, size + 0.2, size + 0.2);
    }
  }
}

/** @param {Theme} theme @param {number} value  In [-1, 1]. */
function shade({ diverging, error }, value) {
  if (Number.isNaN(value)) return error.mark;
  return diverging[Math.round(((value + 1) / 2) * (diverging.length - 1))];
}
