// @ts-check
/**
 * Leads through training. Whole steps are computed by Python: while it trains, the canvas asks for more as soon as it
 * has what it asked for, so that neither runs ahead of the other. Phases and operations of a step are shown here alone.
 */

/**
 * @typedef {import("../types.js").Actions} Actions
 * @typedef {import("../types.js").Part} Part
 * @typedef {import("../types.js").State} State
 * @typedef {import("../types.js").Trace} Trace
 * @typedef {import("../store.js").Store} Store
 * @typedef {import("../player.js").Move} Move
 * @typedef {ReturnType<typeof createDriver>} Driver
 * @typedef {"step" | "phase" | "operation"} Watch
 */

import { h } from "../dom.js";
import { move } from "../player.js";

export const WATCHES = /** @type {Watch[]} */ (["operation", "phase", "step"]);
/** Gradient steps a second to choose from; 0 is as many as there can be. */
export const RATES = [1, 2, 5, 10, 25, 100, 0];
/** An answer that takes longer than this is asked for again: Python answers once. */
const PATIENCE_MS = 4000;
/** Pictures come no faster than this. */
const FRAME_MS = 45;

/** @param {Store} store @param {Actions} actions */
export function createDriver(store, actions) {
  /** @type {Watch} */
  let watch = "step";
  let rate = 10;
  /** Where the next step's graph is entered. @type {"start" | "end" | null} */
  let entering = null;
  let timer = 0;
  let asked = 0;
  /** When the last steps came. */
  let last = 0;
  /** @type {Set<() => void>} */
  const listeners = new Set();
  const changed = () => listeners.forEach((listen) => listen());

  const train = () => {
    const { trace } = store.get();
    return trace?.activity === "train" && trace.train?.ready ? trace.train : null;
  };

  /** @param {string} what @param {Record<string, unknown>} [more] */
  function ask(what, more = {}) {
    clearTimeout(timer);
    actions.send("train", { do: what, ...more });
  }

  /** Where phases end. @param {Trace} trace */
  function stops({ moments }) {
    return [moments.zero, moments.forward, moments.second, moments.count].filter((at, place, all) => at > (all[place - 1] ?? 0));
  }

  /** Within the step, or null where it leads out of it. @param {Trace} trace @param {number} position @param {Move} kind @returns {number | null} */
  function within(trace, position, kind) {
    if (watch === "operation") {
      const to = move(trace, position, kind);
      return to === position ? null : to;
    }
    if (kind === "next") return stops(trace).find((at) => at > position) ?? null;
    if (kind === "previous") return position > 0 ? stops(trace).filter((at) => at < position).pop() ?? 0 : null;
    return move(trace, position, kind);
  }

  /** @param {Move} kind @returns {boolean} */
  function go(kind) {
    const { trace, position } = store.get();
    const now = train();
    if (!trace || !now) return false;
    if (store.get().playing) pause();
    if (kind === "loss") return false;
    if (watch === "step" && kind === "start") ask("show", { n: 0 });
    else if (watch === "step" && kind === "end") ask("show", { n: now.reached });
    else advance(trace, position, kind);
    return true;
  }

  /** @param {Trace} trace @param {number} position @param {Move} kind */
  function advance(trace, position, kind) {
    const back = kind === "previous" || kind === "previousNode";
    const to = watch === "step" && (back || position >= trace.moments.count) ? null : within(trace, position, watch === "step" ? "end" : kind);
    if (to !== null) return actions.setPosition(to);
    if (kind === "start" || kind === "end") return;
    if (back && trace.train?.step === 0) return;
    entering = back || watch === "step" ? "end" : "start";
    ask("step", { n: back ? -1 : 1 });
  }

  function pause() {
    store.set({ playing: false });
    if (train()?.playing) ask("pause");
  }

  function toggle() {
    const now = train();
    if (!now) return false;
    if (store.get().playing) pause();
    else if (watch === "step") {
      store.set({ playing: true });
      last = performance.now();
      ask("play");
    } else store.set({ playing: true });
    return true;
  }

  /** A clock for what is shown here: the next phase or operation. */
  function tick() {
    const { trace, position, speed, playing } = store.get();
    if (!trace || !playing || watch === "step") return;
    if (train()?.stopped && position >= trace.moments.count) return store.set({ playing: false });
    advance(trace, position, "next");
    timer = window.setTimeout(tick, 1000 / speed);
  }

  /** How many steps are due; null for as many as the time allows. */
  function due() {
    if (!rate) return null;
    const passed = performance.now() - last;
    return Math.max(1, Math.min(1000, Math.round((passed * rate) / 1000)));
  }

  /** Ask for what comes next, once it is due. */
  function pull() {
    clearTimeout(timer);
    const now = train();
    if (!now || !(now.playing || now.pending)) return;
    const gap = now.playing && rate ? Math.max(1000 / rate, FRAME_MS) - (performance.now() - last) : 0;
    timer = window.setTimeout(more, Math.max(0, gap));
  }

  function more() {
    const now = train();
    if (!now) return;
    asked = performance.now();
    actions.send("train", { do: "more", n: now.playing ? due() : null });
    last = performance.now();
    timer = window.setTimeout(pull, PATIENCE_MS);
    changed();
  }

  /** A trace has come. @param {State} state @param {Trace | null} before */
  function arrived(state, before) {
    asked = 0;
    const trace = /** @type {Trace} */ (state.trace);
    const now = train();
    if (!now) return;
    const isOther = before?.activity !== "train" || (watch === "step" && before.program !== trace.program);
    if (isOther) store.set({ position: trace.moments.count, playing: false });
    if (entering) store.set({ position: entering === "end" ? trace.moments.count : Math.min(1, trace.moments.count) });
    entering = null;
    if (watch === "step" || now.playing) {
      store.set({ playing: now.playing });
      if (now.playing && state.position < trace.moments.count) store.set({ position: trace.moments.count });
    }
    pull();
  }

  /** @type {Trace | null} */
  let before = null;
  /** @type {Part} */
  const part = {
    element: h("div", { hidden: true }),
    update(state, keys) {
      if (keys.has("trace")) {
        arrived(state, before);
        before = state.trace;
      }
      if ((keys.has("playing") || keys.has("speed")) && train() && watch !== "step") {
        clearTimeout(timer);
        if (state.playing) timer = window.setTimeout(tick, keys.has("playing") ? 0 : 1000 / state.speed);
      }
    },
    destroy: () => clearTimeout(timer),
  };

  return {
    part,
    pilot: { isAtWork: () => train() !== null, go, toggle },
    ask,
    toggle: () => void toggle(),
    watch: () => watch,
    rate: () => rate,
    /** Since when an answer has been waited for, or 0. */
    waiting: () => asked,
    /** @param {Watch} next */
    setWatch(next) {
      if (store.get().playing) pause();
      watch = next;
      changed();
    },
    watchNext() {
      this.setWatch(WATCHES[(WATCHES.indexOf(watch) + 1) % WATCHES.length]);
    },
    /** @param {number} next */
    setRate(next) {
      rate = next;
      changed();
    },
    /** @param {() => void} listen  Told when what is chosen here changes, or an answer is waited for. */
    subscribe: (listen) => void listeners.add(listen),
  };
}
