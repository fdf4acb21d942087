// @ts-check
/** Mouse, trackpad and fingers on the canvas. Knows where the pointer is, not what lies there. */

/**
 * @typedef {{shiftKey: boolean, altKey: boolean}} Keys
 * @typedef {object} Hands  What gestures ask of the app; all positions in CSS pixels of the canvas.
 * @property {(x: number, y: number, keys: Keys) => boolean} grab  Whether what lies there is held from now on.
 * @property {(dx: number, keys: Keys, x: number, y: number) => void} drag  What is held moves, by dx and to there.
 * @property {(moved: boolean) => void} drop
 * @property {(dx: number, dy: number) => void} pan
 * @property {(factor: number, x: number, y: number) => void} zoom
 * @property {(x: number, y: number) => void} hover
 * @property {() => void} leave
 * @property {(x: number, y: number, keys: Keys) => void} click
 * @property {(x: number, y: number) => void} doubleClick
 * @property {(cursor: string) => void} cursor
 */

const CLICK_SLOP = 4;
const WHEEL_STREAM_MS = 180;
const TRACKPAD_STEP = 40;
const LINE = 16;

/** @param {HTMLElement} element @param {Hands} hands */
export function bindGestures(element, hands) {
  /** @type {Map<number, {x: number, y: number}>} */
  const pointers = new Map();
  /** @type {"none" | "pan" | "held" | "pinch"} */
  let mode = "none";
  let travelled = 0;
  let lastClick = { time: -Infinity, x: 0, y: 0 };
  const wheel = wheelReader();

  /** @param {MouseEvent} event */
  function place(event) {
    const { left, top } = element.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  /** @param {PointerEvent} event */
  function down(event) {
    if (event.button !== 0) return;
    const { x, y } = place(event);
    pointers.set(event.pointerId, { x, y });
    element.setPointerCapture(event.pointerId);
    if (pointers.size === 2) return begin("pinch");
    if (pointers.size > 2) return;
    travelled = 0;
    begin(hands.grab(x, y, event) ? "held" : "pan");
  }

  /** @param {typeof mode} now */
  function begin(now) {
    if (mode === "held" && now !== "held") hands.drop(travelled > CLICK_SLOP);
    mode = now;
    hands.cursor(now === "held" ? "scrub" : "grabbing");
  }

  /** @param {PointerEvent} event */
  function moved(event) {
    const now = place(event);
    const before = pointers.get(event.pointerId);
    if (!before) return void (event.pointerType !== "touch" && hands.hover(now.x, now.y));
    const [dx, dy] = [now.x - before.x, now.y - before.y];
    if (mode === "pinch") pinch(event.pointerId, now);
    pointers.set(event.pointerId, now);
    travelled += Math.hypot(dx, dy);
    if (travelled <= CLICK_SLOP) return;
    if (mode === "held") hands.drag(dx, event, now.x, now.y);
    if (mode === "pan") hands.pan(dx, dy);
  }

  /** Two fingers: their middle pans, their distance zooms. @param {number} id @param {{x: number, y: number}} now */
  function pinch(id, now) {
    const [a, b] = [...pointers.values()];
    const after = [...pointers].map(([key, point]) => (key === id ? now : point));
    const [c, d] = after;
    const middle = { x: (c.x + d.x) / 2, y: (c.y + d.y) / 2 };
    hands.pan(middle.x - (a.x + b.x) / 2, middle.y - (a.y + b.y) / 2);
    const before = Math.hypot(a.x - b.x, a.y - b.y) || 1;
    hands.zoom(Math.hypot(c.x - d.x, c.y - d.y) / before, middle.x, middle.y);
  }

  /** @param {PointerEvent} event */
  function up(event) {
    if (!pointers.delete(event.pointerId)) return;
    if (mode === "held") hands.drop(travelled > CLICK_SLOP);
    const clicked = event.type === "pointerup" && mode !== "pinch" && travelled <= CLICK_SLOP;
    // After a pinch the finger that stays goes on panning.
    mode = pointers.size ? "pan" : "none";
    if (mode === "pan") travelled = Infinity;
    const { x, y } = place(event);
    if (clicked) click(x, y, event);
    if (event.pointerType === "touch") hands.leave();
    else if (!pointers.size) hands.hover(x, y);
  }

  /** @param {number} x @param {number} y @param {PointerEvent} event */
  function click(x, y, event) {
    const time = event.timeStamp;
    const again = time - lastClick.time < 350 && Math.hypot(x - lastClick.x, y - lastClick.y) < 12;
    lastClick = { time: again ? -Infinity : time, x, y };
    if (again) hands.doubleClick(x, y);
    else hands.click(x, y, event);
  }

  /** @param {WheelEvent} event */
  function turned(event) {
    event.preventDefault();
    const { x, y } = place(event);
    const { zoom, dx, dy } = wheel(event);
    if (zoom) hands.zoom(zoom, x, y);
    else hands.pan(dx, dy);
  }

  element.addEventListener("pointerdown", down);
  element.addEventListener("pointermove", moved);
  element.addEventListener("pointerup", up);
  element.addEventListener("pointercancel", up);
  element.addEventListener("pointerleave", hands.leave);
  element.addEventListener("wheel", turned, { passive: false });
}

/**
 * A wheel zooms, two fingers on a trackpad pan, a pinch on one (which comes as a wheel with Ctrl) zooms. Trackpads
 * begin with small steps; a stream of events stays what it began as.
 * @returns {(event: WheelEvent) => {zoom: number, dx: number, dy: number}}
 */
function wheelReader() {
  let last = -Infinity;
  let panning = false;
  return (event) => {
    const unit = event.deltaMode === 0 ? 1 : LINE;
    const [dx, dy] = [event.deltaX * unit, event.deltaY * unit];
    if (event.timeStamp - last > WHEEL_STREAM_MS) {
      panning = event.deltaMode === 0 && (Math.abs(dx) > 0 || Math.abs(dy) < TRACKPAD_STEP);
    }
    last = event.timeStamp;
    if (event.ctrlKey || event.metaKey) return { zoom: Math.exp(-dy * 0.01), dx: 0, dy: 0 };
    if (event.shiftKey && !dx) return { zoom: 0, dx: -dy, dy: 0 };
    if (panning) return { zoom: 0, dx: -dx, dy: -dy };
    return { zoom: Math.exp(-Math.max(-240, Math.min(240, dy)) * 0.0016), dx: 0, dy: 0 };
  };
}
