// @ts-check
/** The slider over all moments: one track for the values, one for what comes back (or moves along). */

/** @typedef {import("./types.js").Actions} Actions */
/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").Trace} Trace */
/** @typedef {import("./store.js").Store} Store */

import { h, setAttribute, setText } from "./dom.js";
import { grouped } from "./format.js";
import { phaseName } from "./timeline.js";

const MOST_TICKS = 40;
const PAGE = 0.1;

/** @typedef {ReturnType<typeof createTrack>} Track */

/** @param {Store} store @param {Actions} actions */
export function createScrubber(store, actions) {
  const thumb = h("span", { class: "xp-thumb" });
  const values = createTrack("forward");
  const second = createTrack("backward");
  const update = createTrack("update");
  const element = h("div", { class: "xp-scrubber", role: "slider", tabindex: 0, "aria-label": "Step", "aria-valuemin": 0 }, values.element, second.element, update.element);

  /** @param {number} position */
  function scrubTo(position) {
    store.set({ playing: false });
    actions.setPosition(position);
  }

  /** The position under a point. @param {number} x */
  function positionAt(x) {
    const { forward, second: end, count } = /** @type {Trace} */ (store.get().trace).moments;
    if (update.count() && x >= update.left()) return end + Math.round(update.part(x) * (count - end));
    if (second.count() && x >= second.left()) return forward + Math.round(second.part(x) * (end - forward));
    return Math.round(values.part(x) * forward);
  }

  /** @param {PointerEvent} event */
  function press(event) {
    if (event.button !== 0 || !store.get().trace) return;
    element.setPointerCapture(event.pointerId);
    scrubTo(positionAt(event.clientX));
  }

  /** @param {PointerEvent} event */
  function drag(event) {
    if (element.hasPointerCapture(event.pointerId)) scrubTo(positionAt(event.clientX));
  }

  /** The keys of a slider that are not also keys of the canvas. @param {KeyboardEvent} event */
  function type(event) {
    const { trace, position } = store.get();
    if (!trace || event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.round(trace.moments.count * PAGE));
    const by = { ArrowUp: 1, ArrowDown: -1, PageUp: page, PageDown: -page }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    scrubTo(Math.max(0, Math.min(trace.moments.count, position + by)));
  }

  element.addEventListener("pointerdown", press);
  element.addEventListener("pointermove", drag);
  element.addEventListener("keydown", type);

  /** @param {Trace} trace */
  function layOut(trace) {
    const { count, forward, second: end } = trace.moments;
    const tangents = trace.mode === "forward";
    values.setCount(forward, tangents ? "Values" : trace.moments.zero ? "zero_grad, forward" : "Forward", count < MOST_TICKS);
    second.setCount(end - forward, tangents ? "Tangents" : "Backward", count < MOST_TICKS);
    update.setCount(count - end, "Update", count < MOST_TICKS);
    setAttribute(element, "aria-valuemax", String(count));
  }

  /** @param {Trace} trace @param {number} position */
  function show(trace, position) {
    const { count, forward, second: end } = trace.moments;
    values.fill(Math.min(1, position / (forward || 1)));
    second.fill(Math.max(0, Math.min(end, position) - forward) / (end - forward || 1));
    update.fill(Math.max(0, position - end) / (count - end || 1));
    const track = position > end ? update : position > forward ? second : values;
    if (thumb.parentElement !== track.rail) track.rail.append(thumb);
    setAttribute(element, "aria-valuenow", String(position));
    setAttribute(element, "aria-valuetext", `${position} of ${count}, ${phaseName(trace, position)}`);
  }

  return {
    element,
    /** @param {State} state @param {ReadonlySet<keyof State>} changed */
    update({ trace, position }, changed) {
      if (trace && changed.has("trace")) layOut(trace);
      if (trace && (changed.has("trace") || changed.has("position"))) show(trace, position);
    },
  };
}

/** One part of the scrubber; that of updates stays short. @param {"forward" | "backward" | "update"} pass */
function createTrack(pass) {
  const filled = h("span", { class: "xp-fill" });
  const ticks = h("span", { class: "xp-ticks" });
  const rail = h("span", { class: "xp-rail" }, filled, ticks);
  const label = h("span", { class: "xp-pass" });
  const element = h("div", { class: "xp-track", "data-pass": pass }, rail, label);
  let count = -1;
  let ticked = false;

  return {
    element,
    rail,
    count: () => count,
    left: () => rail.getBoundingClientRect().left,
    /** How far along the rail a point is, from 0 to 1. @param {number} x */
    part(x) {
      const { left, width } = rail.getBoundingClientRect();
      return Math.max(0, Math.min(1, (x - left) / (width || 1)));
    },
    /** @param {number} part */
    fill(part) {
      rail.style.setProperty("--part", String(part));
    },
    /** @param {number} next @param {string} name @param {boolean} showTicks */
    setCount(next, name, showTicks) {
      setText(label, `${name} · ${grouped(next)}`);
      if (next === count && showTicks === ticked) return;
      [count, ticked] = [next, showTicks];
      element.hidden = next === 0;
      if (pass !== "update") element.style.flexGrow = String(next);
      ticks.replaceChildren(...(showTicks ? tickMarks(next) : []));
    },
  };
}

/** @param {number} count */
function tickMarks(count) {
  return Array.from({ length: Math.max(0, count - 1) }, (_, place) => {
    const tick = h("i", {});
    tick.style.left = `${(100 * (place + 1)) / count}%`;
    return tick;
  });
}
