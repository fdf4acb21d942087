// @ts-check
/** Figures with their units, as explorer/segment/wording.py says them. */

import { grouped, number } from "../format.js";

const SIZES = ["B", "KiB", "MiB", "GiB", "TiB"];
const COUNTS = ["", "k", "M", "G", "T", "P"];

/** "256 KiB": three significant digits, in powers of 1024. @param {number} bytes */
export function size(bytes) {
  let power = 0;
  for (; Math.abs(bytes) >= 1000 && power < SIZES.length - 1; power++) bytes /= 1024;
  return `${number(bytes, 3)} ${SIZES[power]}`;
}

/** "3.6 MFLOP". @param {number} flops */
export function work(flops) {
  let power = 0;
  for (; Math.abs(flops) >= 1000 && power < COUNTS.length - 1; power++) flops /= 1000;
  return `${number(flops, 3)} ${COUNTS[power]}FLOP`;
}

/** "396,544". @param {number} value */
export const count = (value) => grouped(Math.round(value));

/** "1 tensor", "2 tensors". @param {number} value */
export const tensors = (value) => `${value} tensor${value === 1 ? "" : "s"}`;
