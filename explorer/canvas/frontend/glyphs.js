// @ts-check
/** The shapes that say a role without its colour. */

/**
 * @param {CanvasRenderingContext2D} context
 * @param {"input" | "parameter" | "constant" | "output" | "closed" | "open"} role
 * @param {number} x  The middle. @param {number} y @param {number} scale  1 on a tile of 28. @param {string} color
 */
export function glyph(context, role, x, y, scale, color) {
  context.fillStyle = context.strokeStyle = color;
  context.beginPath();
  SHAPES[role](context, x, y, scale);
}

/** @type {Record<string, (context: CanvasRenderingContext2D, x: number, y: number, s: number) => void>} */
const SHAPES = {
  input(context, x, y, s) {
    polygon(context, [x - 5.5 * s, y - 6.1 * s, x - 0.5 * s, y - 6.1 * s, x + 6.1 * s, y, x - 0.5 * s, y + 6.1 * s, x - 5.5 * s, y + 6.1 * s]);
  },
  parameter(context, x, y, s) {
    polygon(context, [x, y - 6.8 * s, x + 6.8 * s, y, x, y + 6.8 * s, x - 6.8 * s, y]);
  },
  closed(context, x, y, s) {
    polygon(context, [x - 3.6 * s, y - 5.4 * s, x + 5.2 * s, y, x - 3.6 * s, y + 5.4 * s]);
  },
  open(context, x, y, s) {
    polygon(context, [x - 5.4 * s, y - 3.6 * s, x + 5.4 * s, y - 3.6 * s, x, y + 5.2 * s]);
  },
  constant(context, x, y, s) {
    context.roundRect(x - 4.6 * s, y - 4.6 * s, 9.2 * s, 9.2 * s, s);
    context.fill();
  },
  output(context, x, y, s) {
    context.lineWidth = 1.6 * s;
    context.arc(x, y, 5.5 * s, 0, 2 * Math.PI);
    context.stroke();
    context.beginPath();
    context.arc(x, y, 2.2 * s, 0, 2 * Math.PI);
    context.fill();
  },
};

/** @param {CanvasRenderingContext2D} context @param {number[]} corners */
function polygon(context, corners) {
  for (let i = 0; i < corners.length; i += 2) context.lineTo(corners[i], corners[i + 1]);
  context.closePath();
  context.fill();
}
