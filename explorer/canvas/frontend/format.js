// @ts-check
/** How numbers and names are written on the canvas: the same as `number` in explorer/ops/typeset.py. */

const MINUS = "\u2212";
/** Enough to see whether what is cut off is exactly a half. */
const EXACT_DIGITS = 60;

/**
 * At most `digits` significant digits, a true minus sign, no trailing zeros; `1.2e−7`, `NaN`, `∞`. A whole number
 * that is not longer in full is written in full: `14641`, not `1.464e4`.
 * @param {number} x @param {number} [digits]
 */
export function number(x, digits = 6) {
  if (Number.isNaN(x)) return "NaN";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : `${MINUS}∞`;
  if (x === 0) return "0";
  const [mantissa, exponent] = rounded(x, digits).split("e");
  const size = Number(exponent);
  const scientific = size < -4 || size >= digits;
  const text = scientific ? shorter(x, `${plain(mantissa)}e${size}`) : plain(Number(`${mantissa}e${size}`).toFixed(digits - 1 - size));
  return text.replaceAll("-", MINUS);
}

/** @param {number} x @param {string} text  In scientific form. */
function shorter(x, text) {
  const whole = x.toFixed(0);
  return Number.isInteger(x) && whole.length <= text.length ? whole : text;
}

/** In scientific form; of two equally near the one that ends on an even digit, where JavaScript takes the larger. @param {number} x @param {number} digits */
function rounded(x, digits) {
  const text = x.toExponential(digits - 1);
  const [exact, exponent] = x.toExponential(EXACT_DIGITS).split("e");
  const kept = exact.length - EXACT_DIGITS + digits - 1;
  const isTie = /^50*$/.test(exact.slice(kept)) && Number(exact[kept - 1]) % 2 === 0;
  return isTie ? `${exact.slice(0, kept)}e${exponent}` : text;
}

/** @param {string} text */
const plain = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);

/** "+ 2" or "− 3", as a contribution is written on an edge. @param {number} x @param {number} [digits] */
export function signed(x, digits = 6) {
  const text = number(x, digits);
  return text.startsWith(MINUS) ? `${MINUS} ${text.slice(1)}` : `+ ${text}`;
}

/** "1,234". @param {number | bigint} count */
export const grouped = (count) => count.toLocaleString("en");
