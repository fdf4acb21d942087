// @ts-check
/** Below the transport while training: what is watched, how fast, the loss by step, the plane, and what went wrong. */

/**
 * @typedef {import("../types.js").Part} Part
 * @typedef {import("../tools.js").Kit} Kit
 * @typedef {import("./driver.js").Driver} Driver
 * @typedef {import("./types.js").Train} Train
 */

import { h, setAttribute, setText } from "../dom.js";
import { number } from "../format.js";
import { createSurface } from "../surface.js";
import { drawCurve, scaleOf, stepAt } from "./curve.js";
import { RATES, WATCHES } from "./driver.js";
import { axesOf, drawPlane, pointAt } from "./plane.js";
import { bindPoints } from "./points.js";

const CAMERA = { x: 0, y: 0, k: 1 };
const NAMES = { operation: "op", phase: "phase", step: "step" };
const KINDS = { boundary: "Boundary", fit: "Fit", surface: "Surface" };
/** While it trains the plane is painted no more often than this: it is the most to paint. */
const PLANE_MS = 120;
/** What takes longer is said, and can be stopped. */
const LONG_MS = 1000;

/** @param {Kit} kit @param {Driver} driver @returns {Part} */
export function createStrip(kit, driver) {
  const { store } = kit;
  const curve = createSurface("xp-curve");
  const plane = createSurface("xp-plane");
  const sheet = document.createElement("canvas");
  const title = h("b", {}, "Loss by step");
  const hint = h("span", { class: "xp-train-hint" });
  const watches = WATCHES.map((watch) => h("button", { type: "button", "data-watch": watch, click: () => driver.setWatch(watch) }, NAMES[watch]));
  const rate = rateChoice(driver);
  let wantsLog = true;
  const log = h("button", { type: "button", class: "xp-train-log", "aria-pressed": "true", title: "Loss on a scale of powers of ten", click: () => switchLog() }, "log");
  const kinds = h("span", { class: "xp-switch", role: "group", "aria-label": "Picture" });
  const words = h("span", { class: "xp-train-words" });
  const bar = h("progress", { max: 1, value: 0, "aria-label": "Steps" });
  const cancel = h("button", { type: "button", class: "xp-train-cancel", click: () => driver.ask("pause") }, "Cancel");
  const status = h("div", { class: "xp-train-status", role: "status", hidden: true }, bar, words, cancel);
  const planeTitle = h("span", {});
  const element = h(
    "section",
    { class: "xp-train", "aria-label": "Training", hidden: true },
    h("header", {}, title, log, hint, h("span", { class: "xp-switch", role: "group", "aria-label": "Watch" }, ...watches), rate),
    h("header", { class: "xp-plane-head" }, planeTitle, kinds),
    curve.element,
    plane.element,
    status,
  );
  Object.assign(curve.element, { tabIndex: 0 });
  curve.element.setAttribute("role", "slider");
  curve.element.setAttribute("aria-label", "Training step");
  let scheduled = 0;
  let late = 0;
  let planeAt = 0;

  const train = () => {
    const { trace } = store.get();
    return trace?.activity === "train" && trace.train ? trace.train : null;
  };

  function switchLog() {
    wantsLog = !wantsLog;
    log.setAttribute("aria-pressed", String(wantsLog));
    schedule();
  }

  function schedule() {
    if (!scheduled) scheduled = requestAnimationFrame(paint);
  }

  /** The scale that the curve was drawn at. @type {import("./curve.js").Scale | null} */
  let scale = null;
  /** @type {import("./plane.js").Axes | null} */
  let axes = null;

  function paint() {
    scheduled = 0;
    const now = train();
    if (!now?.ready || element.hidden) return;
    const theme = kit.theme();
    const [w, height] = [curve.element.clientWidth, curve.element.clientHeight];
    curve.resize(w, height, devicePixelRatio);
    curve.begin(CAMERA, null);
    scale = scaleOf(now, wantsLog, w, height);
    drawCurve(curve.context, theme, now, scale);
    curve.end();
    paintPlane(now, theme);
    setAttribute(curve.element, "data-painted", String(store.get().trace?.rev));
  }

  /** @param {Train} now @param {import("../theme.js").Theme} theme */
  function paintPlane(now, theme) {
    const isFresh = performance.now() - planeAt < PLANE_MS;
    if (!now.picture || (now.playing && isFresh)) return;
    planeAt = performance.now();
    const [width, height] = [plane.element.clientWidth, plane.element.clientHeight];
    plane.resize(width, height, devicePixelRatio);
    plane.begin(CAMERA, null);
    axes = axesOf(now.picture, width, height);
    drawPlane(plane.context, theme, now, now.picture, axes, sheet);
    plane.end();
    setAttribute(plane.element, "data-painted", String(store.get().trace?.rev));
  }

  function show() {
    const now = train();
    element.hidden = !now;
    kit.root.toggleAttribute("data-training", now !== null);
    if (!now) return;
    element.classList.toggle("xp-train-bare", !now.ready);
    element.classList.toggle("xp-train-alone", !now.picture);
    for (const button of watches) button.setAttribute("aria-pressed", String(button.dataset.watch === driver.watch()));
    kit.root.dataset.watch = driver.watch();
    kit.root.dataset.trainStep = String(now.step ?? "");
    rate.hidden = driver.watch() !== "step";
    rate.value = String(driver.rate());
    showStatus(now);
    if (!now.ready) return;
    setText(title, now.maximise ? "What is maximised, by step" : "Loss by step");
    setText(hint, now.reached ? "drag the line to rewind" : "T trains, N takes one step");
    curve.element.setAttribute("aria-valuemax", String(now.reached));
    curve.element.setAttribute("aria-valuenow", String(now.step));
    curve.element.setAttribute("aria-valuetext", `step ${now.step} of ${now.reached}, ${Number.isFinite(Number(now.loss)) ? number(Number(now.loss), 4) : now.loss}`);
    showKinds(now);
    schedule();
  }

  /** @param {Train} now */
  function showKinds(now) {
    setText(planeTitle, now.picture ? now.picture.title + (now.picture.kind === "surface" && now.picture.step !== now.step && now.playing ? `, at step ${now.picture.step}` : "") : "");
    plane.element.title = now.picture && now.picture.kind !== "surface" ? "Drag a point. Double-click adds one, with Shift of the other class; Alt-click removes." : "";
    const names = now.kinds.join();
    if (kinds.dataset.names !== names) {
      kinds.dataset.names = names;
      kinds.replaceChildren(...(now.kinds.length > 1 ? now.kinds.map((kind) => h("button", { type: "button", "data-kind": kind, click: () => driver.ask("picture", { kind }) }, KINDS[kind])) : []));
    }
    for (const button of kinds.children) button.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (button).dataset.kind === now.picture?.kind));
  }

  /** What stops it, or how far it is. @param {Train} now */
  function showStatus(now) {
    clearTimeout(late);
    const since = driver.waiting();
    const waited = since ? performance.now() - since : 0;
    const isLong = waited > LONG_MS;
    const wrong = now.stopped?.text ?? now.problem;
    const goal = now.playing && now.until !== null ? now.until : null;
    if (since && !isLong) late = window.setTimeout(show, LONG_MS - waited + 20);
    if (since && isLong) late = window.setTimeout(show, 500);
    status.hidden = !(wrong || goal !== null || isLong);
    status.classList.toggle("xp-error", Boolean(wrong));
    status.setAttribute("role", wrong ? "alert" : "status");
    bar.hidden = goal === null;
    if (goal !== null) Object.assign(bar, { max: goal, value: now.step });
    cancel.hidden = Boolean(wrong) || !(goal !== null || isLong);
    const task = now.playing ? `at work on step ${now.step + 1}` : "working out the surface";
    const working = isLong ? ` · ${task} for ${Math.round(waited / 1000)} s` : "";
    setText(words, wrong || (goal === null ? working.slice(3) : `step ${now.step} of ${goal}${working}`));
  }

  bindCurve();
  const unbind = bindPoints(plane.element, {
    axes: () => axes,
    train,
    pointAt: (x, y) => {
      const now = train();
      return now && axes ? pointAt(now, axes, x, y) : -1;
    },
    tell: (payload) => driver.ask("point", payload),
  });

  /** The line is dragged, or moved by keys. */
  function bindCurve() {
    const canvas = curve.element;
    let shown = -1;
    /** @param {PointerEvent} event @param {boolean} final */
    const rewind = (event, final) => {
      const now = train();
      if (!now?.ready || !scale) return;
      const step = stepAt(scale, event.offsetX, now.reached);
      if (step === shown && !final) return;
      shown = step;
      driver.ask("show", { n: step, final });
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      shown = -1;
      rewind(event, false);
    });
    canvas.addEventListener("pointermove", (event) => canvas.hasPointerCapture(event.pointerId) && rewind(event, false));
    canvas.addEventListener("pointerup", (event) => rewind(event, true));
    canvas.addEventListener("keydown", (event) => {
      const now = train();
      const by = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
      if (by === undefined || !now?.ready) return;
      event.preventDefault();
      event.stopPropagation();
      driver.ask("show", { n: Math.max(0, Math.min(now.reached, now.step + by)) });
    });
  }

  const resized = new ResizeObserver(schedule);
  resized.observe(element);
  driver.subscribe(show);
  return {
    element,
    update(_state, changed) {
      if (changed.has("trace")) show();
      if (changed.has("theme")) schedule();
    },
    destroy() {
      cancelAnimationFrame(scheduled);
      clearTimeout(late);
      resized.disconnect();
      unbind();
    },
  };
}

/** @param {Driver} driver */
function rateChoice(driver) {
  const options = RATES.map((rate) => h("option", { value: rate }, rate ? `${rate} ${rate > 1 ? "steps" : "step"}/s` : "as fast as it goes"));
  const choice = h("select", { class: "xp-speed", "aria-label": "Gradient steps a second" }, ...options);
  choice.addEventListener("change", () => driver.setRate(Number(choice.value)));
  return choice;
}
