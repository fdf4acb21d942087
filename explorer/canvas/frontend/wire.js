// @ts-check
/** Reads what explorer/canvas/wire.py writes; the layout of the blob is described there. */

/** @typedef {import("./types.js").Trace} Trace */

export const VERSION = 3;
const MAGIC = "XPLR";

export const KIND = { op: 0, input: 1, parameter: 2, buffer: 3, constant: 4, group: 5 };
export const NODE = {
  scalar: 1,
  valueNotFinite: 2,
  grad: 4,
  requiresGrad: 8,
  editable: 16,
  output: 32,
  gradNotFinite: 64,
  boolean: 128,
};
export const EDGE = { contribution: 1, local: 2, notFinite: 4 };
export const PHASE = { zero: 0, forward: 1, backward: 2, tangent: 3, update: 4 };

const ARRAYS = {
  u1: Uint8Array,
  u2: Uint16Array,
  u4: Uint32Array,
  i4: Int32Array,
  f4: Float32Array,
  f8: Float64Array,
};

/** A trace that comes whole. @param {Uint8Array | ArrayBuffer} bytes @returns {Trace} whose columns are views into a buffer of its own. */
export const decode = (bytes) => /** @type {Trace} */ (decodeOnto(bytes, null));

/**
 * A trace that may come as what is new only.
 * @param {Uint8Array | ArrayBuffer} bytes
 * @param {Trace | null} base  The last that came whole.
 * @returns {Trace | null} null where it is new to another one.
 */
export function decodeOnto(bytes, base) {
  const buffer = aligned(bytes);
  const view = new DataView(buffer);
  const magic = String.fromCharCode(...new Uint8Array(buffer, 0, 4));
  if (magic !== MAGIC) throw new Error("This is not a trace of the explorer.");
  const version = view.getUint32(4, true);
  if (version !== VERSION) {
    throw new Error(`The trace is of version ${version}, the page of ${VERSION}: reload the page.`);
  }
  const length = view.getUint32(8, true);
  const { columns, since, kept, ...header } = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 12, length)));
  readColumns(buffer, padded(12 + length), columns, header);
  if (since === undefined) return { version, ...header };
  if (base?.rev !== since) return null;
  const before = /** @type {Record<string, any>} */ (base);
  for (const [group, name] of kept) header[group][name] = before[group][name];
  return { ...base, ...header };
}

/** @param {Uint8Array} a @param {Uint8Array} b */
export function isSame(a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** @param {number} offset */
const padded = (offset) => Math.ceil(offset / 8) * 8;

/**
 * A buffer of our own that starts with the blob, so that every column is aligned.
 * @param {Uint8Array | ArrayBuffer} bytes
 * @returns {ArrayBuffer}
 */
function aligned(bytes) {
  return bytes instanceof ArrayBuffer ? bytes : new Uint8Array(bytes).buffer;
}

/**
 * @param {ArrayBuffer} buffer
 * @param {number} offset
 * @param {[string, string, keyof typeof ARRAYS, number][]} columns
 * @param {Record<string, Record<string, unknown>>} header  Gets the columns, group by group.
 */
function readColumns(buffer, offset, columns, header) {
  for (const [group, name, type, count] of columns) {
    const column = new ARRAYS[type](buffer, offset, count);
    header[group][name] = column;
    offset = padded(offset + column.byteLength);
  }
}
