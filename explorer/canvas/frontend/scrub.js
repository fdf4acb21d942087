// @ts-check
/**
 * Editing an input's number on its own card. While a drag goes on, edits are sent one at a time: the next when the
 * answer to the last has come, or after a while (a new edit cuts off the answer to the one before, so a slow
 * machine gets more time); the last one is always sent, and marked as final. Until the run has answered, the
 * number shown is only what was sent; nothing else changes.
 */

/**
 * @typedef {import("./types.js").Trace} Trace
 * @typedef {import("./types.js").Actions["send"]} Send
 * @typedef {{node: number, value: number, held: boolean, waiting: boolean}} Held
 */

import { NODE } from "./wire.js";

const PATIENCE_MS = 250;
const MOST_PATIENCE_MS = 2000;
const GIVE_UP_MS = 4000;
/** Presses of a key that follow each other faster than this are one edit. */
const SETTLE_MS = 400;
/** Pixels of a drag, and units of one key press. */
const PRESS = 10;

/** @param {{trace: () => Trace | null, send: Send, changed: () => void}} app */
export function createScrub({ trace, send, changed }) {
  /** What is being edited. @type {{id: string, raw: number, value: number, unit: number, held: boolean} | null} */
  let edit = null;
  /** What waits to be sent. @type {{id: string, value: number, final: boolean} | null} */
  let next = null;
  let answered = true;
  let patience = 0;
  let end = 0;
  let settling = 0;
  let sentAt = 0;
  /** How long the last answer took. */
  let took = 0;

  /** @param {string} id @param {number} value @param {boolean} final */
  function submit(id, value, final) {
    next = { id, value, final };
    if (answered) flush();
    clearTimeout(end);
    if (final) end = window.setTimeout(giveUp, GIVE_UP_MS);
  }

  function flush() {
    clearTimeout(patience);
    if (!next) return;
    send("edit", next);
    next = null;
    answered = false;
    sentAt = performance.now();
    patience = window.setTimeout(release, Math.min(MOST_PATIENCE_MS, Math.max(PATIENCE_MS, 3 * took)));
  }

  function release() {
    answered = true;
    flush();
  }

  /** What is final makes the whole page follow; the number itself shall be quick. @param {string} id @param {number} value */
  function submitAndSettle(id, value) {
    submit(id, value, false);
    clearTimeout(settling);
    settling = window.setTimeout(() => submit(id, value, true), SETTLE_MS);
  }

  /** The run does not answer: its number stands. */
  function giveUp() {
    if (edit?.held) return;
    edit = null;
    changed();
  }

  /** @param {number} node */
  function open(node) {
    const now = /** @type {Trace} */ (trace());
    const pending = edit && edit.id === now.nodes.id[node] ? edit.value : now.nodes.value[node];
    edit = { id: now.nodes.id[node], raw: pending, value: pending, unit: unitOf(pending), held: false };
    return edit;
  }

  /** @param {number} units @param {number} scale  How coarse. @returns {boolean} whether that gives another number */
  function move(units, scale) {
    if (!edit) return false;
    const unit = edit.unit * scale;
    edit.raw += units * unit;
    const value = rounded(edit.raw, unit);
    if (value === edit.value) return false;
    edit.value = value;
    changed();
    return true;
  }

  return {
    /** Whether the node's number can be edited here. @param {number} node */
    accepts: (node) => node >= 0 && ((trace()?.nodes.flags[node] ?? 0) & NODE.editable) !== 0,
    /** @param {number} node */
    grab(node) {
      clearTimeout(settling);
      open(node).held = true;
      changed();
    },
    /** @param {number} pixels @param {number} scale */
    drag(pixels, scale) {
      if (edit && move(pixels, scale)) submit(edit.id, edit.value, false);
    },
    /** @param {boolean} moved  A mere click changes nothing. */
    drop(moved) {
      if (!edit) return;
      edit.held = false;
      if (moved) submit(edit.id, edit.value, true);
      else edit = null;
      changed();
    },
    /** One press of a key. @param {number} node @param {number} direction @param {number} [scale] */
    nudge(node, direction, scale = 1) {
      const { id } = open(node);
      if (edit && move(direction * PRESS, scale)) submitAndSettle(id, edit.value);
    },
    /** A number that was typed. @param {number} node @param {number} value */
    set(node, value) {
      const { id } = Object.assign(open(node), { raw: value, value });
      submitAndSettle(id, value);
      changed();
    },
    /** A trace has come. @param {Trace} now */
    answer(now) {
      if (!answered) took = performance.now() - sentAt;
      release();
      if (!edit || edit.held || next) return;
      const node = now.nodes.id.indexOf(edit.id);
      if (node < 0 || now.nodes.value[node] === edit.value) edit = null;
    },
    /** What a card shows instead of the run's number. @returns {Held | null} */
    held() {
      const now = trace();
      const node = edit && now ? now.nodes.id.indexOf(edit.id) : -1;
      if (!edit || !now || node < 0) return null;
      return { node, value: edit.value, held: edit.held, waiting: now.nodes.value[node] !== edit.value };
    },
    destroy() {
      clearTimeout(patience);
      clearTimeout(end);
      clearTimeout(settling);
    },
  };
}

/** What one pixel is worth: a hundredth of the number's power of ten. @param {number} value */
function unitOf(value) {
  const size = Math.abs(value);
  if (!Number.isFinite(value) || size < 1e-9) return 0.01;
  const power = Math.floor(Math.log10(size));
  return 10 ** ((power === -1 ? 0 : power) - 2);
}

/** To whole units, without the dust of binary fractions. @param {number} value @param {number} unit */
function rounded(value, unit) {
  return Number((Math.round(value / unit) * unit).toPrecision(12));
}
