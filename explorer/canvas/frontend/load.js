// @ts-check
/** How much an edge carries: bytes, as widths and in words. */

/** @typedef {import("./types.js").Trace} Trace */

const THIN = 1;
const THICK = 8;
const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/** @type {WeakMap<Trace["overlays"], [number, number]>} */
const ranges = new WeakMap();

/** The bytes of the value that an edge carries, or 0 where they are not known. @param {Trace} trace @param {number} edge */
export const bytesOf = ({ overlays }, edge) => overlays?.bytes[edge] ?? 0;

/** 1 to 8 pixels by the logarithm of the bytes, from the least to the most of the trace. @param {Trace} trace @param {number} edge */
export function loadWidth(trace, edge) {
  const bytes = bytesOf(trace, edge);
  if (!bytes) return THIN;
  const [least, most] = rangeOf(trace);
  const share = most > least ? Math.log(bytes / least) / Math.log(most / least) : 0.3;
  return THIN + (THICK - THIN) * share;
}

/** The least and the most bytes that any edge carries. @param {Trace} trace @returns {[number, number]} */
export function rangeOf({ overlays }) {
  let range = ranges.get(overlays);
  if (!range) {
    const known = overlays.bytes.filter((bytes) => bytes > 0);
    ranges.set(overlays, (range = [known.reduce((a, b) => Math.min(a, b), Infinity), known.reduce((a, b) => Math.max(a, b), 0)]));
  }
  return range;
}

/** "256 KiB", as explorer/segment/wording.py says it. @param {number} bytes */
export function inBytes(bytes) {
  let power = 0;
  while (bytes >= 1000 && power < UNITS.length - 1) [bytes, power] = [bytes / 1024, power + 1];
  return `${Number(bytes.toPrecision(3))} ${UNITS[power]}`;
}
