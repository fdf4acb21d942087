// @ts-check
/** The clock of all movement on the canvas. With reduced motion everything is at its end at once. */

/**
 * @typedef {import("./types.js").Camera} Camera
 * @typedef {{pulse: number, landing: number, opening: number}} Progress  Each 0 to 1.
 */

import { between } from "./camera.js";

const STEP = 320;
const LAND = 140;
const OPEN = 160;
const CAMERA = 260;
const REARRANGE = 220;
/** Where a step follows another sooner, no pulse travels: at four steps a second one just does. */
const HURRY = 240;
/** Of the time between the last two steps a pulse takes so much at most: it has arrived before the next sets out. */
const PACE = 0.5;

const travelling = bezier(0.3, 0, 0.1, 1);
const landing = bezier(0.2, 0.9, 0.3, 1);
const opening = bezier(0.2, 0, 0, 1);

/** @type {Progress} */
const ENDED = { pulse: 1, landing: 1, opening: 1 };

/** @param {{frame: () => void, moveCamera: (camera: Camera) => void, rearrange: (share: number) => void}} draw */
export function createMotion({ frame, moveCamera, rearrange }) {
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let stepSince = -Infinity;
  /** How long its pulse takes. */
  let span = STEP;
  let lastStep = -Infinity;
  /** @type {{from: Camera, to: Camera, since: number} | null} */
  let flight = null;
  let rearrangedSince = -Infinity;
  let ticking = 0;

  /** @param {number} now */
  function tick(now) {
    ticking = 0;
    if (flight) {
      const share = clamped((now - flight.since) / CAMERA);
      const { from, to } = flight;
      if (share >= 1) flight = null;
      moveCamera(share >= 1 ? to : between(from, to, travelling(share)));
    }
    if (rearrangedSince > -Infinity) moveCards(now);
    frame();
    if (flight || rearrangedSince > -Infinity || now - stepSince < span) wake();
  }

  /** @param {number} now */
  function moveCards(now) {
    const share = clamped((now - rearrangedSince) / REARRANGE);
    if (share >= 1) rearrangedSince = -Infinity;
    rearrange(share >= 1 ? 1 : travelling(share));
  }

  function wake() {
    if (!ticking) ticking = requestAnimationFrame(tick);
  }

  function wakeNext() {
    if (!ticking) ticking = requestAnimationFrame(() => void (ticking = requestAnimationFrame(tick)));
  }

  return {
    /** A pulse sets out, unless the reader hurries; the frame of the step itself is painted without the clock. */
    step() {
      const now = performance.now();
      const isCalm = !still.matches && now - lastStep >= HURRY;
      span = Math.min(STEP, PACE * (now - lastStep));
      stepSince = isCalm ? now : -Infinity;
      lastStep = now;
      if (isCalm) wakeNext();
    },
    /** Everything is where it belongs, at once. */
    settle() {
      stepSince = -Infinity;
    },
    /** @returns {Progress} */
    progress() {
      const passed = ((performance.now() - stepSince) * STEP) / span;
      if (passed >= STEP) return ENDED;
      return {
        pulse: travelling(Math.min(1, passed / (STEP - LAND))),
        landing: landing(clamped((passed - STEP + LAND) / LAND)),
        opening: opening(clamped((passed - STEP + OPEN) / OPEN)),
      };
    },
    /** Cards set out for their new places. @returns {boolean} whether they move at all */
    rearrange() {
      if (still.matches) return false;
      rearrangedSince = performance.now();
      wake();
      return true;
    },
    /** Where the camera is going, or null while it rests. */
    goal: () => flight && flight.to,
    /** @param {Camera} from @param {Camera} to */
    fly(from, to) {
      if (still.matches) return moveCamera(to);
      flight = { from, to, since: performance.now() };
      wake();
    },
    /** The hand has taken the camera. */
    land() {
      flight = null;
    },
    destroy() {
      cancelAnimationFrame(ticking);
    },
  };
}

/** @param {number} t */
const clamped = (t) => Math.max(0, Math.min(1, t));

/** CSS's cubic-bezier easing, solved by bisection. @param {number} x1 @param {number} y1 @param {number} x2 @param {number} y2 @returns {(t: number) => number} */
function bezier(x1, y1, x2, y2) {
  const at = (/** @type {number} */ a, /** @type {number} */ b, /** @type {number} */ s) =>
    3 * a * s * (1 - s) ** 2 + 3 * b * s ** 2 * (1 - s) + s ** 3;
  return (t) => {
    let [low, high] = [0, 1];
    for (let i = 0; i < 16; i++) {
      const middle = (low + high) / 2;
      if (at(x1, x2, middle) < t) low = middle;
      else high = middle;
    }
    return at(y1, y2, (low + high) / 2);
  };
}
