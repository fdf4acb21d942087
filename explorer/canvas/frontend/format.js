// @ts-check
/** How numbers and names are written on the canvas: the same as `number` in explorer/ops/typeset.py. */

const MINUS = "\u2212";

/**
 * At most `digits` significant digits, a true minus sign, no trailing zeros; `1.2e−7`, `NaN`, `∞`.
 * @param {number} x @param {number} [digits]
 */
export function number(x, digits = 6) {
  if (Number.isNaN(x)) return "NaN";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : `${MINUS}∞`;
  if (x === 0) return "0";
  const size = Math.floor(Math.log10(Math.abs(Number(x.toPrecision(digits)))));
  const text = size < -4 || size >= digits ? scientific(x, digits) : plain(x.toFixed(digits - 1 - size));
  return text.replaceAll("-", MINUS);
}

/** @param {string} text */
const plain = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);

/** @param {number} x @param {number} digits */
function scientific(x, digits) {
  const [mantissa, exponent] = x.toExponential(digits - 1).split("e");
  return `${plain(mantissa)}e${Number(exponent)}`;
}

/** "+ 2" or "− 3", as a contribution is written on an edge. @param {number} x @param {number} [digits] */
export function signed(x, digits = 6) {
  const text = number(x, digits);
  return text.startsWith(MINUS) ? `${MINUS} ${text.slice(1)}` : `+ ${text}`;
}
